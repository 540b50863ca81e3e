"""`python -m benchmarks.ear`: prints one JSON object; trust its ratio more than its times, which are the machine's."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import sys
from pathlib import Path
from typing import Any

import structlog

from benchmarks.ear import ours, rival
from benchmarks.ear.material import calls, seconds_of
from pipeline.asr.declaration import WEIGHTS
from pipeline.asr.engine import ProcessEngine
from pipeline.asr.models.registry import ensure
from pipeline.asr.options import DecodeOptions, EarOptions, usable_cores
from pipeline.run.ear import words_file
from pipeline.settings import Settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ear", description=__doc__)
    parser.add_argument("recordings", nargs="*", type=Path, help="two-channel recordings; the sample calls by default")
    parser.add_argument("--model", type=Path, help="folder of the weights; the default model's by default")
    parser.add_argument("--calls", type=int, nargs="*", default=[4], help="two-party calls at once, ours")
    parser.add_argument("--rival-calls", type=int, nargs="*", default=[1, 2], help="idem, the rival's; none = skip it")
    parser.add_argument("--seconds", type=float, default=30.0, help="length of a live run")
    parser.add_argument("--short", choices=["auto", "yes", "no"], default="auto", help="read windows at true length")
    return parser.parse_args()


def _folder(given: Path | None) -> Path:
    settings = Settings.model_validate({})
    folder = given or ensure(settings.asr_model, settings.models, strength=settings.asr_adapter_strength)
    if not (folder / WEIGHTS).is_file():
        raise SystemExit(f"no weights in {folder}: name a folder with --model")
    return folder


async def _ours(folder: Path, options: EarOptions, given: argparse.Namespace) -> dict[str, Any]:
    engine = ProcessEngine(str(folder), options)
    await engine.start()
    found: dict[str, Any] = {"card": {"compute": engine.card.compute, "short_windows": engine.card.short_windows}}
    paths = given.recordings or sorted(Path(rival.__file__).parents[2].glob("pipeline/samples/calls/*.wav"))[:2]
    found["offline"] = await ours.offline(engine, paths, options) | {"audio_s": round(seconds_of(paths), 1)}
    await engine.stop()
    found["live"] = [
        await ours.live(folder, calls(given.recordings, count, given.seconds), options) for count in given.calls
    ]
    return found


def _speed(offline: dict[str, Any]) -> float:
    """Seconds of sound per second."""
    return float(offline["audio_s"]) / float(offline["seconds"])


def main() -> None:
    given = _arguments()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # the output is the report's alone
    folder = _folder(given.model)
    short = {"auto": None, "yes": True, "no": False}[given.short]
    options = EarOptions(decode=DecodeOptions(short_windows=short, words=words_file(Settings.model_validate({}))))
    mine = asyncio.run(_ours(folder, options, given))
    report: dict[str, Any] = {
        "machine": {"cores": usable_cores(), "processor": platform.processor() or platform.machine()},
        "model": folder.name,
        "ours": mine,
    }
    if given.rival_calls:
        model = rival.load(folder, mine["card"]["compute"], usable_cores())
        legs = calls(given.recordings, 1, given.seconds)
        report["rival"] = {
            "offline": rival.offline(model, legs) | {"audio_s": sum(leg.seconds for leg in legs)},
            "live": [rival.live(model, calls(given.recordings, n, given.seconds)) for n in given.rival_calls],
        }
        report["ratio"] = {"audio_per_second": round(_speed(mine["offline"]) / _speed(report["rival"]["offline"]), 1)}
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
