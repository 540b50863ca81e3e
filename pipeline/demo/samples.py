"""The sample calls, as calls a switch would fork: who rings, and at whose desk."""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec

from pipeline.demo.history import Familiar
from pipeline.play.source import PlayedCall
from pipeline.samples.script import Earlier

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "calls"
DESKS = ("agent1", "agent1", "agent2", None)  # in turn; None: the call waits to be claimed


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside a recording; the references in it are for tests and are never read by the demo."""

    name: str
    title: str
    file: str
    seconds: float
    calling_number: str
    earlier: Earlier | None = None


def samples() -> list[Sample]:
    """All shipped sample calls, by name. Raises ValueError when there are none."""
    found = [msgspec.json.decode(file.read_bytes(), type=Sample) for file in sorted(FOLDER.glob("*.json"))]
    if not found:
        raise ValueError(f"no sample calls in {FOLDER}")
    return found


def callers_before(chosen: list[Sample]) -> list[Familiar]:
    """Those of the callers who have called before, and about what."""
    return [
        Familiar(
            number=sample.calling_number,
            category=sample.earlier.category,
            place=sample.earlier.street,
            times=sample.earlier.times,
        )
        for sample in chosen
        if sample.earlier
    ]


def as_calls(chosen: list[Sample], desks: tuple[str | None, ...] = DESKS) -> list[PlayedCall]:
    """The samples as calls; each play has call ids of its own."""
    return [
        PlayedCall(
            path=FOLDER / sample.file,
            source=f"demo-{sample.name}-{uuid.uuid4().hex[:8]}",
            ani=sample.calling_number,
            agent=desks[n % len(desks)],
        )
        for n, sample in enumerate(chosen)
    ]
