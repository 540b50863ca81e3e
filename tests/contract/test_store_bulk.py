"""However the log's events are cut into transactions, the record and the desks come out the same, in few statements."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, column, event, func, select, table

from pipeline.store import commands
from pipeline.store.recording import note, note_all, noted, record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import suggestions
from schemas import calls as c
from schemas.commands import Actor, EditField
from schemas.draft import DraftUpdated, SuggestionsOffered
from schemas.ids import matter_id
from tests.contract import a_call
from tests.contract.a_call import CALL, T0, a_matter, draft, heard, notice, offered, started, whole_call
from tests.contract.a_story import Cut, each, each_kept, in_one, lived, stories, without_versions
from tests.contract.quick import quick_folder
from tests.contract.test_store import STORES, empty_database
from tests.system.world import until
from tests.unit.console.deciding import CITY

NOW = T0 + timedelta(minutes=2)
FEW, MANY = 15, 25  # statements: of what one utterance brings about, of 200 events of 50 calls
TOLD_OFTEN = ("push", "streams", "counters")  # tell how often a desk was told, not what


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[SqlStore]:
    with quick_folder() as folder:
        on_server = request.param == "postgres"
        where = empty_database(request.getfixturevalue("postgres")) if on_server else folder / "record.db"
        made = SqlStore(where, CITY, key=b"k" * 32)
        yield made
        await made.close()


@contextmanager
def counted(store: SqlStore) -> Iterator[list[str]]:
    """The statements the writer sends meanwhile, but for those at the edges of every transaction."""
    sent: list[str] = []

    def hear(_: Connection, __: Any, statement: str, *___: Any) -> None:
        if "BEGIN" not in statement and "pg_notify" not in statement:
            sent.append(statement)

    event.listen(store._engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(store._engine, "before_cursor_execute", hear)


# how many statements


async def test_what_one_utterance_brings_about_takes_few_statements(store: SqlStore) -> None:
    await store.write(lambda tx: record_events(tx, whole_call()))
    news = [heard(3, "再说一句"), draft(3, a_matter(title="路灯不亮")), offered(2, "s-9", basis=f"{CALL}-utt-3")]

    def act(tx: Any) -> None:
        record_events(tx, news)
        note(tx, "reader", {"calls": 9, "drafts": 4})

    with counted(store) as sent:
        await store.write(act)
    assert len(sent) <= FEW, sent


async def test_many_events_of_many_calls_take_hardly_more(store: SqlStore) -> None:
    ids = [f"call-{n:04}" for n in range(50)]
    await store.write(lambda tx: record_events(tx, [e for call in ids for e in whole_call(call)]))
    news = [e for call in ids for e in (heard(3, "三", call), heard(4, "四", call))]
    news += [draft(3, a_matter(call, title="路灯不亮"), call=call) for call in ids]
    news += [offered(2, f"{call}-s9", call=call, basis=f"{call}-utt-3") for call in ids]
    assert len(news) == 200

    def act(tx: Any) -> None:
        record_events(tx, news)
        note_all(tx, {f"reader-{n}": {"calls": n, "drafts": n + 1} for n in range(8)})

    with counted(store) as sent:
        await store.write(act)
    assert len(sent) <= MANY, sent
    assert await store.read(lambda connection: noted(connection, "reader-5")) == {"calls": 5, "drafts": 6}
    view = await store.call(await store.ensure_user("zhao", "赵主任", "supervisor", "hash"), ids[49])
    assert view is not None and len(view.utterances) == 4 and view.matters[0].version == 3


# however it is cut


async def compare(places: Callable[[str], Any], cut: Cut) -> None:
    bulk = await lived(places("bulk"), cut, in_one)
    single = await lived(places("single"), cut, each_kept)
    for name in bulk.keys() - {*TOLD_OFTEN, "meta"}:
        assert bulk[name] == single[name], name
    whole = await lived(places("whole"), cut, each)
    assert without_versions(bulk) == without_versions(whole)
    assert {e.call for e in stories()} == {row["id"] for row in bulk["calls"]}


numbers = st.lists(st.integers(0, 10_000), max_size=12)


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(numbers, numbers, numbers)
def test_however_the_story_is_cut_the_record_and_the_desks_are_the_same(
    acts: list[int], ends: list[int], again: list[int]
) -> None:
    with quick_folder() as folder:
        asyncio.run(compare(lambda name: folder / f"{name}.db", Cut(acts, ends, again)))


@pytest.mark.postgres
def test_on_postgresql_too(postgres: str) -> None:
    cut = Cut((40, 75, 111), (3, 21, 60, 90, 91, 92, 140), (10, 50, 51, 80, 100, 120))
    asyncio.run(compare(lambda _: empty_database(postgres), cut))


def test_the_story_has_all_that_matters() -> None:
    bodies = [e.body for e in stories()]
    for kind in (c.CallStarted, c.UtteranceHeard, c.GapFound, c.AssistSwitched, DraftUpdated, SuggestionsOffered):
        assert any(isinstance(body, kind) for body in bodies), kind


# beside other processes


@pytest.mark.postgres
async def test_a_draft_waits_for_the_decision_under_way_and_builds_on_it(postgres: str) -> None:
    where = empty_database(postgres)
    recorder, console = SqlStore(where, CITY, key=b"k" * 32), SqlStore(where, CITY, key=b"k" * 32)
    agent: Actor = await console.ensure_user("wang", "王敏", "agent", "hash", "8001")
    await recorder.write(lambda tx: record_events(tx, [started(), notice(), draft(1)]))
    decided, go_on = threading.Event(), threading.Event()
    edit = EditField(command_id="command-1", call=CALL, matter=matter_id(CALL, 0), field="title", value="人写的")

    def decide(tx: Any) -> None:
        commands.execute(tx, agent, edit, NOW)
        decided.set()
        go_on.wait(30)

    deciding = asyncio.create_task(console.write(decide))
    assert await asyncio.to_thread(decided.wait, 30)
    news = [draft(2, a_matter(title="机器写的", content="另一段话"))]
    recording = asyncio.create_task(recorder.write(lambda tx: record_events(tx, news)))
    waiting = select(func.count()).select_from(table("pg_locks", column("granted"))).where(~column("granted"))
    await until(lambda: recorder.read(lambda connection: bool(connection.scalar(waiting))), "the recorder to wait")
    go_on.set()
    await deciding
    await recording
    view = await console.call(agent, CALL)
    assert view is not None
    held = view.matters[0]
    assert (held.matter.fields["title"].value, held.matter.fields["content"].value) == ("人写的", "另一段话")
    assert held.version == 4  # first draft, edit, second draft
    await recorder.close()
    await console.close()


async def test_a_matter_that_comes_back_goes_on_counting(store: SqlStore) -> None:
    agent = await store.ensure_user("wang", "王敏", "agent", "hash", "8001")
    both = (a_matter(), a_matter(n=1, title="路灯"))
    for told in (started(), notice(), draft(1, *both), draft(2), draft(3, a_matter(), a_matter(n=1, title="路灯不亮"))):
        await store.write(lambda tx, told=told: record_events(tx, [told]))
    view = await store.call(agent, CALL)
    assert view is not None and [m.version for m in view.matters] == [2, 2]


async def test_the_newest_snapshot_stays_with_the_draft_that_stays(store: SqlStore) -> None:
    bare = draft(2)
    bare = msgspec.structs.replace(bare, body=msgspec.structs.replace(bare.body, snapshot=b""))
    await store.write(lambda tx: record_events(tx, [started(), notice(), draft(1), bare]))
    assert await store.snapshot(CALL) == (2, b"state")


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_correction_from_another_door_is_kept(store: SqlStore, at_once: bool) -> None:
    agent = await store.ensure_user("wang", "王敏", "agent", "hash", "8001")
    mended = a_call.event(c.UtteranceCorrected(utterance=f"{CALL}-utt-1", text="更正", by="8001"), 9)
    told = [started(), notice(), heard(1, "听错"), mended]
    for some in [told] if at_once else [told[:3], told[3:], told[3:]]:
        await store.write(lambda tx, some=some: record_events(tx, some))
    view = await store.call(agent, CALL)
    assert view is not None
    assert [(u.text, u.corrected_by) for u in view.utterances] == [("更正", "王敏")]
    epoch, _ = await store.position(f"call:{CALL}")
    pushed = await store.rows_of(f"call:{CALL}", epoch, 0) or []
    assert [r.data["text"] for r in pushed if r.kind == "utterance"] == ["听错", "更正"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_suggestions_that_waited_are_shown_to_the_agent_who_comes(store: SqlStore, at_once: bool) -> None:
    agent = await store.ensure_user("wang", "王敏", "agent", "hash", "8001")
    assigned = a_call.event(c.AgentAssigned(agent="8001", by="switch"), 30)
    told = [started(agent=None), notice(), offered(1, "s-1"), assigned]
    for some in [told] if at_once else [told[:3], told[3:]]:
        await store.write(lambda tx, some=some: record_events(tx, some))
    to = await store.read(lambda connection: connection.scalar(select(suggestions.c.shown_to)))
    assert to == agent.user
