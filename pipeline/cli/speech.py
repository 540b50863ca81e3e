"""`hotline speech`: the recipe of the telephone adapter, step by step. Needs the training extra (torch)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from pipeline.cli.output import console, existing, fail, print_json, progress, settings

app = typer.Typer(
    help="The telephone adapter: synth, train, merge, evaluate; and the sample calls.", no_args_is_help=True
)

VOICES = "kokoro-82m"
BASE = "whisper-base"
Work = Annotated[Path, typer.Option(help="Folder of clips and checkpoints.")]
WORK = Path(".cache/speech")


@app.command()
def synth(
    clips: Annotated[int, typer.Option(min=1, help="Clips to have in all; what exists is kept.")] = 3000,
    held_out: Annotated[
        bool, typer.Option(help="The held-out sentences in the held-out voices, to measure on.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the plan; every clip is drawn from (seed, number).")] = 2,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    work: Work = WORK,
) -> None:
    """Speaks sentences of the demo city in many voices. Can be stopped and goes on where it was."""
    _need_training()
    from pipeline.asr.training.synth import SynthOptions, run_synth
    from routing.city.load import city_dir

    out = work / ("held_out" if held_out else "train")
    options = SynthOptions(
        out=out,
        voices=_model(VOICES),
        city=city_dir(settings().city),
        clips=clips,
        seed=seed,
        workers=workers,
        held_out=held_out,
    )
    made = _watched("speaking", lambda show: run_synth(options, show))
    console.print(f"{made} clips in {out}", highlight=False)


@app.command()
def train(
    steps: Annotated[int, typer.Option(min=1, help="Length of the schedule.")] = 1800,
    minutes: Annotated[float, typer.Option(help="Size the schedule to this time instead; 0 = by steps.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Of the order and the disturbances.")] = 7,
    work: Work = WORK,
    out: Annotated[Path, typer.Option(help="Folder of checkpoint, log and adapter.")] = Path(".cache/adapter"),
    start: Annotated[
        Path | None, typer.Option(help="An adapter to begin with, such as the shipped one; default: stock weights.")
    ] = None,
) -> None:
    """Trains the adapter on the spoken clips; on a GPU where there is one. Goes on from its last checkpoint."""
    _need_training()
    from pipeline.asr.training.synth import spoken_folders
    from pipeline.asr.training.train import TrainOptions, run_train

    options = TrainOptions(
        base=_model(BASE),
        clips=spoken_folders(existing(work)),
        out=out,
        start=start and existing(start),
        steps=steps,
        seed=seed,
        until=time.time() + minutes * 60 if minutes else None,
    )
    adapter = _watched("training", lambda show: run_train(options, show))
    console.print(f"adapter: {adapter}", highlight=False)


@app.command()
def merge(
    out: Annotated[Path, typer.Option(help="Folder of the merged model; made if need be.")],
    adapter: Annotated[Path, typer.Option(help="The adapter.")] = Path(".cache/adapter/adapter.npz"),
    strength: Annotated[float, typer.Option(min=0.0, max=1.0, help="0 = stock weights, 1 = all of it.")] = 0.5,
) -> None:
    """Merges an adapter into the stock weights (numpy alone) and writes a model the ear can be given by its path."""
    from pipeline.asr.models.merged import write_merged

    out.mkdir(parents=True, exist_ok=True)
    write_merged(_model(BASE), existing(adapter), strength, out)
    console.print(f"merged at strength {strength:g}; use it with HOTLINE_ASR_MODEL={out}", highlight=False)


@app.command()
def evaluate(
    strengths: Annotated[str, typer.Option(help="Strengths to compare, comma-separated.")] = "0,0.3,0.5,0.7,1",
    adapter: Annotated[Path, typer.Option(help="The adapter.")] = Path(".cache/adapter/adapter.npz"),
    people: Annotated[Path | None, typer.Option(help="Folder of real recordings: NAME.wav with NAME.txt.")] = None,
    nonspeech: Annotated[int, typer.Option(min=0, help="Clips of silence, noise, tones and music to try.")] = 60,
    beam: Annotated[int, typer.Option(min=1, help="Width of the search; 1 = greedy.")] = 1,
    padded: Annotated[bool, typer.Option(help="Pad windows to 30 s, as stock Whisper needs it.")] = False,
    words: Annotated[bool, typer.Option(help="Choose words by the city's lexicon, made without held-out ones.")] = True,
    work: Work = WORK,
) -> None:
    """CER on held-out sentences and voices and on people, and text where nobody speaks; one JSON line per strength."""
    from pipeline.asr.training.evaluate import EvaluateOptions, run_evaluate
    from pipeline.run.opening import city_folder

    try:
        chosen = [float(part) for part in strengths.split(",")]
    except ValueError:
        fail(f"--strengths {strengths}: numbers between 0 and 1, comma-separated", code=2)
    held_out = work / "held_out"
    options = EvaluateOptions(
        base=_model(BASE),
        adapter=existing(adapter),
        strengths=chosen,
        padded=padded,
        beam=beam,
        clips=held_out if held_out.is_dir() else None,
        people=people and existing(people),
        nonspeech=nonspeech,
        city=city_folder(settings()) if words else None,
    )
    for row in _watched("measuring", lambda show: run_evaluate(options, show)):
        print_json(row)


@app.command()
def samples(
    only: Annotated[list[str] | None, typer.Argument(help="Names of scripts; default: all.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the recordings; default: the shipped ones, anew.")] = None,
) -> None:
    """Makes the sample calls from their scripts."""
    _need_training()
    from pipeline.samples.generate import SampleOptions, run_samples

    options = SampleOptions(voices=_model(VOICES), only=list(only or []))
    if out is not None:
        options.out = out
    for path in _watched("speaking", lambda show: run_samples(options, show)):
        console.print(path.name, highlight=False)


@app.command()
def calls(
    out: Annotated[Path, typer.Argument(help="Folder of the recordings, each NAME.wav with its reference NAME.json.")],
    count: Annotated[int, typer.Option(min=1, help="Made-up calls to have in all; what exists is kept.")] = 30,
    life: Annotated[int, typer.Option(min=0, help="Besides: calls that tell of danger to life.")] = 0,
    seed: Annotated[int, typer.Option(help="Of the calls.")] = 1,
    split: Annotated[
        str, typer.Option(help="Pool of words: tune, test, probe (rules were tuned on them), or exam.")
    ] = "test",
) -> None:
    """Speaks made-up calls with known fields, for `hotline evaluate fields FOLDER`."""
    from pipeline.calls.made import Split

    if split not in get_args(Split):
        fail("--split: tune, test, probe or exam", code=2)
    _need_training()
    from pipeline.calls.generate import Plan, made_up
    from pipeline.calls.record import record
    from routing.city.index import CityIndex
    from routing.city.load import city_dir, load_city

    index = CityIndex(load_city(city_dir(settings().city)))
    plan = Plan(talks=count, life=life, seed=seed, split=split)  # type: ignore[arg-type]
    made = _watched("speaking", lambda show: record(list(made_up(plan, index)), _model(VOICES), out, show))
    console.print(f"{len(made)} calls in {out}", highlight=False)


def _model(name: str) -> Path:
    from pipeline.asr.models.registry import ensure

    return ensure(name, settings().models)


def _watched(what: str, work: Callable[[Callable[[int, int], None]], Any]) -> Any:
    with progress() as bar:
        row = bar.add_task(what, total=None)
        return work(lambda done, whole: bar.update(row, completed=done, total=whole))


def _need_training() -> None:
    from importlib.util import find_spec

    for package in ("torch", "peft", "misaki"):
        if find_spec(package) is None:
            fail(f"{package} is not installed: pip install -c constraints.txt -e '.[training]'")
