"""The sample calls, as calls a switch would fork: who rings, and at whose desk."""

from __future__ import annotations

import uuid
from pathlib import Path

import msgspec

from pipeline.play.source import PlayedCall

FOLDER = Path(__file__).resolve().parents[1] / "samples" / "calls"
DESKS = ("agent1", "agent1", "agent2", None)  # in turn; None: the call waits to be claimed


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside a recording; the references in it are for tests and are never read by the demo."""

    name: str
    title: str
    file: str
    seconds: float
    calling_number: str


def samples() -> list[Sample]:
    """All shipped sample calls, by name. Raises ValueError when there are none."""
    found = [msgspec.json.decode(file.read_bytes(), type=Sample) for file in sorted(FOLDER.glob("*.json"))]
    if not found:
        raise ValueError(f"no sample calls in {FOLDER}")
    return found


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
