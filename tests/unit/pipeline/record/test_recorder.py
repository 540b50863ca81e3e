"""The recorder writes once what the log says, however often it is stopped; the relay says what was decided."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from console.ports import Unavailable
from pipeline.log.memory import MemoryLog
from pipeline.record.recorder import GROUP, TOPICS, Recorder
from pipeline.record.relay import Relay
from pipeline.store.recording import noted
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas.codec import decode, encode
from schemas.commands import Actor, ClaimCall, EditField
from schemas.draft import AlertRaised
from schemas.ids import matter_id
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, SUGGESTIONS
from tests.contract import a_call
from tests.contract.a_call import CALL, T0, draft, ended, heard, notice, offered, started, whole_call
from tests.contract.quick import quick_folder
from tests.unit.console.deciding import CITY

NOW = T0 + timedelta(minutes=2)


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    with quick_folder() as folder:
        made = SqlStore(folder / "record.db", CITY, key=b"k" * 32)
        await made.ensure_user("wang", "王敏", "agent", "hash", "8001")
        yield made
        await made.close()


@pytest.fixture
async def log() -> AsyncIterator[MemoryLog]:
    made = MemoryLog()
    yield made
    await made.close()


async def say(log: MemoryLog, *events: Event) -> None:
    topics = {"draft.updated": DRAFTS, "suggestions.offered": SUGGESTIONS, "alert.raised": ALERTS}
    for event in events:
        await log.append(topics.get(event.type, CALLS), event.call, encode(event))


async def agent_of(store: SqlStore) -> Actor:
    record = await store.user_by_login("wang")
    assert record is not None
    return record.actor


async def seen(store: SqlStore, call: str = CALL) -> Any:
    return await store.call(await agent_of(store), call)


async def test_all_topics_reach_the_record_and_the_offsets_both_notes(log: MemoryLog, store: SqlStore) -> None:
    alert = a_call.event(AlertRaised(alert="a1", level="critical", label="燃气泄漏", line="119"), 4)
    await say(log, *whole_call(), alert)
    assert await Recorder(log, store).drain() == 8
    view = await seen(store)
    assert len(view.utterances) == 2 and len(view.suggestions) == 2 and view.summary.state == "ended"
    positions = await store.read(lambda c: noted(c, GROUP))
    assert positions == {t: await log.end(t) for t in TOPICS if await log.end(t)}
    assert {t: await log.committed(GROUP, t) for t in positions} == positions
    kinds = [r.kind for r in await store.rows_after(0)]
    assert kinds.count("alert") == 2  # to the call and to the agent's desk


async def test_many_small_batches_make_the_same_record_as_one(log: MemoryLog, store: SqlStore) -> None:
    await say(log, *whole_call())
    await Recorder(log, store, most=1).drain()
    one = await seen(store)
    assert [u.text for u in one.utterances] == ["工地半夜还在干活", "还有路灯也坏了"]
    assert one.matters[0].may_confirm and one.summary.state == "ended"


async def test_a_restart_goes_on_where_the_record_is_not_where_the_log_thinks(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started(), notice(), heard(1, "一"))
    await Recorder(log, store).drain()
    await log.commit(GROUP, CALLS, 0)  # killed between the record's commit and the log's
    rows = await store.newest_row()
    await say(log, heard(2, "二"))
    assert await Recorder(log, store).drain() == 1
    assert [u.text for u in (await seen(store)).utterances] == ["一", "二"]
    assert await store.newest_row() == rows + 1


async def test_a_log_replaced_by_an_empty_one_is_read_from_its_start(store: SqlStore) -> None:
    old, new = MemoryLog(), MemoryLog()
    await say(old, *whole_call())
    await Recorder(old, store).drain()
    await say(new, started(call="call-0002"), notice("call-0002"))
    assert await Recorder(new, store).drain() == 2
    assert (await seen(store, "call-0002")).summary.state == "live"


@pytest.mark.parametrize("bad", [b"", b"\xff\xfe", b"{}", b'{"id":"x"}', b"[1,2]", b"null", b"{" * 100_000])
async def test_bytes_that_are_no_event_are_parked_and_the_rest_goes_on(
    log: MemoryLog, store: SqlStore, bad: bytes
) -> None:
    await say(log, started(), notice())
    await log.append(CALLS, CALL, bad)
    await log.append(DRAFTS, CALL, bad)
    await say(log, heard(1, "接着说"))
    await Recorder(log, store).drain()
    view = await seen(store)
    assert [u.text for u in view.utterances] == ["接着说"] and view.degraded == ("parked",)
    parked = [decode(r.value).body for r in await log.read(DEAD, 0)]
    assert {(p.topic, p.offset, p.stage, p.data) for p in parked} == {(CALLS, 3, GROUP, bad), (DRAFTS, 1, GROUP, bad)}


async def test_an_event_that_can_not_be_recorded_is_parked_alone(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started(), heard(1, "太早"), notice(), heard(2, "按时"))
    await say(log, started(call="call-0002"), notice("call-0002"), draft(1, call="call-0002"))
    await Recorder(log, store).drain()
    assert [u.text for u in (await seen(store)).utterances] == ["按时"]
    assert (await seen(store, "call-0002")).matters[0].may_confirm
    (letter,) = [decode(r.value).body for r in await log.read(DEAD, 0)]
    assert letter.offset == 2 and "before the caller was told" in letter.reason


async def test_a_dead_letter_that_can_not_be_read_starts_no_circle(log: MemoryLog, store: SqlStore) -> None:
    await log.append(DEAD, CALL, b"garbage")
    assert await Recorder(log, store).drain() == 1
    assert await log.end(DEAD) == 1


async def test_it_waits_while_the_database_is_away_and_loses_nothing(log: MemoryLog, store: SqlStore) -> None:
    recorder, stop, real = Recorder(log, store), asyncio.Event(), store.write
    failures = 3

    async def away(act: Any) -> Any:
        nonlocal failures
        if failures:
            failures -= 1
            raise Unavailable("database: away")
        return await real(act)

    store.write = away  # type: ignore[method-assign]
    running = asyncio.ensure_future(recorder.run(stop))
    await say(log, *whole_call())
    row = 0
    while (await seen(store)) is None or (await seen(store)).summary.state != "ended":
        await asyncio.wait_for(store.wait_rows(row), 5)
        row = await store.newest_row()
    stop.set()
    await asyncio.wait_for(running, 5)
    assert failures == 0 and len((await seen(store)).utterances) == 2


async def test_run_records_what_comes_while_it_runs_and_stops_when_told(log: MemoryLog, store: SqlStore) -> None:
    stop = asyncio.Event()
    running = asyncio.ensure_future(Recorder(log, store).run(stop))
    await say(log, started(), notice())
    await asyncio.wait_for(store.wait_rows(0), 5)
    newest = await store.newest_row()
    await say(log, heard(1, "说着话"))
    await asyncio.wait_for(store.wait_rows(newest), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert [u.text for u in (await seen(store)).utterances] == ["说着话"]


async def test_decisions_reach_the_log_in_order_and_once(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started("nobody"), notice(), draft(1))
    await Recorder(log, store).drain()
    agent = await agent_of(store)
    await store.execute(agent, ClaimCall(command_id="cmd-claim", call=CALL), NOW)
    edit = EditField(command_id="cmd-edit", call=CALL, matter=matter_id(CALL, 0), field="title", value="改过")
    await store.execute(agent, edit, NOW)
    relay = Relay(log, store)
    assert await relay.drain() == 2 and await relay.drain() == 0
    said = [decode(r.value) for r in await log.read_key(CALLS, CALL)]
    assert [e.type for e in said[-2:]] == ["call.agent_assigned", "field.edited"]
    assert said[-1].body.value == "改过" and said[-1].at == NOW
    newest = await store.newest_row()
    await Recorder(log, store).drain()  # its own words come back and change nothing
    assert await store.newest_row() == newest


async def test_what_goes_out_twice_has_the_same_id(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started("nobody"), notice())
    await Recorder(log, store).drain()
    await store.execute(await agent_of(store), ClaimCall(command_id="cmd-claim", call=CALL), NOW)
    (waiting,) = await store.waiting_events()
    await log.append(waiting.topic, waiting.key, waiting.data)  # killed before it was marked
    await Relay(log, store).drain()
    first, second = [decode(r.value) for r in await log.read(CALLS, 2)]
    assert first == second


async def test_a_decision_wakes_the_relay(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started("nobody"), notice())
    await Recorder(log, store).drain()
    stop = asyncio.Event()
    running = asyncio.ensure_future(Relay(log, store).run(stop))
    await store.execute(await agent_of(store), ClaimCall(command_id="cmd-claim", call=CALL), NOW)
    await asyncio.wait_for(log.wait(CALLS, 2), 5)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert decode((await log.read(CALLS, 2))[0].value).type == "call.agent_assigned"


async def test_the_newest_draft_of_a_batch_speaks_for_those_before_it(log: MemoryLog, store: SqlStore) -> None:
    await say(log, started(), notice(), *(draft(n, a_call.a_matter(title=f"第{n}稿")) for n in range(1, 40)))
    await say(log, offered(1, "s1"), ended())
    await Recorder(log, store).drain()
    assert (await seen(store)).matters[0].matter.fields["title"].value == "第39稿"
    rows = [r for r in await store.rows_after(0) if r.kind == "draft"]
    assert [r.data["revision"] for r in rows] == [39]
