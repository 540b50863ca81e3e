"""From a closed segment to the text we keep: read, read again when doubtful, guarded, held against what was shown."""

from __future__ import annotations

import asyncio

import msgspec

from pipeline.asr.agreement import Agreement, reconcile
from pipeline.asr.engine import Engine
from pipeline.asr.guards import better, guarded, looks_wrong
from pipeline.asr.readings import Reading, Unreadable, Window
from pipeline.asr.stream import Ended


class Final(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment holds."""

    text: str  # "" = nothing was said
    reading: Reading
    flags: tuple[str, ...] = ()


async def final_of(
    engine: Engine, ended: Ended, first: asyncio.Future[Reading], heard: Agreement, worst_logprob: float
) -> Final | None:
    """The final of a segment whose reading is under way; None when it was withdrawn. Raises Unreadable."""
    window = ended.window
    reading = await _read(engine, window, first, worst_logprob)
    if reading is None:
        return None
    found = guarded(reading, window.seconds, ended.certainty)
    text, kept = reconcile(found.text, "repetition" in found.flags, heard)
    return Final(text=text, reading=reading, flags=(*found.flags, "partial_kept") if kept else found.flags)


async def _read(engine: Engine, window: Window, first: asyncio.Future[Reading], worst_logprob: float) -> Reading | None:
    reading = await settled(first)
    if reading is None or not engine.card.retries or not looks_wrong(reading, window.seconds, worst_logprob):
        return reading
    try:
        second = await settled(engine.submit(window, careful=True))
    except Unreadable:
        return reading
    return None if second is None else better(reading, second, window.seconds)


async def settled(future: asyncio.Future[Reading]) -> Reading | None:
    """The result; None when it was cancelled. Cancelling the waiter leaves the future alone. Raises Unreadable."""
    await asyncio.wait({future})
    return None if future.cancelled() else future.result()
