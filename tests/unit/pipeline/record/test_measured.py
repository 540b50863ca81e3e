"""What is watched of record and relay: dead letters by kind, and how long a decision waits."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.log.memory import MemoryLog
from pipeline.record.recorder import Recorder
from pipeline.record.relay import Relay
from pipeline.record.writing import kind_of
from pipeline.store.outbox_age import oldest_waiting_s
from pipeline.store.sql_store import SqlStore
from schemas.codec import encode
from schemas.commands import ClaimCall
from schemas.draft import DeadLettered
from schemas.topics import CALLS, DEAD
from tests.contract.a_call import CALL, draft, event, notice, started
from tests.unit.pipeline.record.test_recorder import NOW, agent_of, log, say, store

__all__ = ["log", "store"]  # fixtures


async def test_each_dead_letter_is_told_once_with_its_stage_and_the_kind_of_its_reason(
    log: MemoryLog, store: SqlStore
) -> None:
    told: list[tuple[str, str]] = []
    recorder = Recorder(log, store, dead=lambda stage, reason: told.append((stage, reason)))
    assert recorder.done == {}
    body = DeadLettered(topic=CALLS, offset=1, stage="suggest", reason="KeyError in agents.suggest:12", data=b"")
    await say(log, started(), notice())
    await log.append(DEAD, CALL, encode(event(body, 3)))
    await recorder.drain()
    await recorder.drain()
    assert told == [("suggest", "KeyError")]
    assert recorder.done[DEAD] == await log.end(DEAD)


def test_reasons_have_few_kinds() -> None:
    reasons = ["bad event: Object missing required field `call`", "no answer after 4 retries: away", "poison: 张三"]
    assert [kind_of(reason) for reason in reasons] == ["bad event", "no answer", "poison"]


async def test_the_oldest_decision_not_published_gives_the_age(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started("nobody"), notice(), draft(1))
    await Recorder(log, store).drain()

    async def age(now: datetime) -> float:
        return await store.read(lambda connection: oldest_waiting_s(connection, now))

    assert await age(NOW) == 0.0
    await store.execute(await agent_of(store), ClaimCall(command_id="cmd-claim", call=CALL), NOW)
    assert await age(NOW + timedelta(seconds=42)) == 42.0
    await Relay(log, store).drain()
    assert await age(NOW + timedelta(seconds=42)) == 0.0
