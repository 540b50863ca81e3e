"""kill -9 of the whole house in mid-call: nothing acknowledged is lost, and the next life finishes the call."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from pipeline.log.onlooker import Onlooker
from pipeline.log.ports import LogUnavailable
from pipeline.play.player import play
from pipeline.run.opening import LOG
from schemas.audio import frame_from
from schemas.calls import CallEnded, CallHeard, UtteranceHeard
from schemas.codec import decode
from schemas.draft import DraftUpdated
from schemas.event import Event
from schemas.ids import call_id
from schemas.topics import AUDIO, CALLS, DRAFTS
from tests.system.world import SUPERVISOR, TOKEN, played, scripted_house, until

SOURCE = "killed-call"
CALL = call_id("ws", SOURCE)
ENOUGH = 250  # audio records of the caller after which the house is killed
ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def living(home: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The house as a child; killed at the end if it still lives."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.system.child_house", str(home), SOURCE, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        yield child, json.loads(await child.stdout.readline())["door"]
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGKILL)
        await child.wait()


async def events(log: Onlooker, topic: str) -> list[Event]:
    return [decode(record.value) for record in await log.read_key(topic, CALL)]


async def sound(log: Onlooker) -> dict[str, list[tuple[int, int]]]:
    """Leg → (position, samples) of each record."""
    found = {}
    for leg in ("caller", "agent"):
        records = await log.read_key(AUDIO, f"{CALL}/{leg}", limit=100_000)
        frames = [frame_from(r.key, r.head, r.value) for r in records]
        found[leg] = [(frame.sample_pos, frame.samples) for frame in frames]
    return found


async def test_after_kill_9_the_next_life_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    async with living(tmp_path) as (child, door):
        playing = asyncio.create_task(play([played(SOURCE)], door, TOKEN, at_once=1, pace="fast"))

        async def enough() -> bool:
            try:
                log = Onlooker(tmp_path / LOG)
            except LogUnavailable:
                return False
            try:
                return len((await sound(log))["caller"]) >= ENOUGH
            finally:
                await log.close()

        await until(enough, f"{ENOUGH} records of sound")
        child.send_signal(signal.SIGKILL)
        await child.wait()
        assert (await playing).failed, "the switch lost its door"

    log = Onlooker(tmp_path / LOG)
    kept = await sound(log)
    before = {e.id for e in await events(log, CALLS)}
    await log.close()

    async with living(tmp_path):
        log = Onlooker(tmp_path / LOG)

        async def finished() -> bool:
            return any(isinstance(e.body, CallHeard) for e in await events(log, CALLS))

        await until(finished, "the ear to finish the call")

        async def understood() -> bool:
            drafts = [e.body for e in await events(log, DRAFTS)]
            return any(isinstance(d, DraftUpdated) and d.ended for d in drafts)

        await until(understood, "the draft of the ended call")
        assert await sound(log) == kept, "no record of sound lost, none added"
        stream = await events(log, CALLS)
        assert before <= {e.id for e in stream}, "no event lost"
        assert len({e.id for e in stream}) == len(stream), "no event twice"
        await log.close()

    ended = [e.body for e in stream if isinstance(e.body, CallEnded)]
    assert [body.reason for body in ended] == ["lost"]
    for leg, records in kept.items():
        assert all(a + n == b for (a, n), (b, _) in pairwise(records)), "no hole without a gap"
        last = records[-1][0] + records[-1][1]
        spans = sorted(
            (e.body.first_sample, e.body.last_sample)
            for e in stream
            if isinstance(e.body, UtteranceHeard) and e.body.leg == leg
        )
        assert spans, f"the {leg} was heard"
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))
        assert spans[-1][1] <= last

    house = scripted_house(tmp_path, SOURCE)
    await house.recorder.drain()
    view = await house.store.call(SUPERVISOR, CALL)
    assert view is not None and view.matters, "the draft is at the desk"
    await house.store.close()
    await house.log.close()
