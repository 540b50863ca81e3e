"""Many calls at once: a list of recordings, so many sources beside each other, one summary."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path

import msgspec

from pipeline.play.source import Outcome, Pace, PlayedCall, play_call
from schemas.audio import Codec


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What was played."""

    outcomes: list[Outcome]

    @property
    def played(self) -> int:
        return sum(outcome.ok for outcome in self.outcomes)

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if not outcome.ok]

    @property
    def seconds(self) -> float:
        """Seconds of audio sent."""
        return sum(outcome.sent_s for outcome in self.outcomes)


def calls_of(
    files: Sequence[Path],
    calls: int,
    *,
    codec: Codec = "PCMA",
    rate: int = 8000,  # Hz
    ani: str = "",
    agent: str | None = None,
    queue: str = "",
) -> list[PlayedCall]:
    """One call per file, files taken again from the front until there are `calls`; each with an id of its own."""
    wanted = max(len(files), calls)
    return [
        PlayedCall(path=path, source=str(uuid.uuid4()), codec=codec, rate=rate, ani=ani, agent=agent, queue=queue)
        for path in islice(cycle(files), wanted if files else 0)
    ]


async def play(
    calls: Sequence[PlayedCall],
    url: str,
    token: str,
    *,
    at_once: int,  # sources beside each other
    pace: Pace = "real",
    progress: Callable[[PlayedCall, float, float], None] = lambda call, sent, whole: None,  # seconds sent, of seconds
    done: Callable[[Outcome], None] = lambda outcome: None,
) -> Summary:
    """Plays all calls, `at_once` at a time, in order."""
    room = asyncio.Semaphore(max(1, at_once))

    async def one(call: PlayedCall) -> Outcome:
        async with room:
            outcome = await play_call(call, url, token, pace=pace, on_sent=progress)
            done(outcome)
            return outcome

    return Summary(outcomes=list(await asyncio.gather(*(one(call) for call in calls))))
