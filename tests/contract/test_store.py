"""What every store of the record keeps, whichever database is behind it (invariants I4–I9 of a call's record)."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.ddl import DDLElement

from console.ports import RoutingQuery, TicketQuery, TrendQuery, Unavailable
from pipeline.store.recording import record_events
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas import calls as c
from schemas.codec import decode
from schemas.commands import (
    Actor,
    AddMatter,
    ClaimCall,
    ConfirmMatter,
    CreateTicket,
    DecideSuggestion,
    EditField,
    NoteTicket,
    OverruleDispatch,
    SwitchAssist,
    TransferEmergency,
)
from schemas.draft import Risk
from tests.contract import a_call
from tests.contract.a_call import CALL, T0, a_matter, draft, heard, notice, offered, started, whole_call
from tests.contract.quick import quick_folder
from tests.unit.console.deciding import CITY

NOW = T0 + timedelta(minutes=2)
STORES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=STORES)
async def store(request: pytest.FixtureRequest) -> AsyncIterator[SqlStore]:
    with quick_folder() as folder:
        on_server = request.param == "postgres"
        where = empty_database(request.getfixturevalue("postgres")) if on_server else folder / "record.db"
        made = SqlStore(where, CITY, key=b"k" * 32)
        yield made
        await made.close()


def empty_database(server: str) -> str:
    """URL of a new database on a PostgreSQL server."""
    name = f"record_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(CreateDatabase(name))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


class CreateDatabase(DDLElement):
    """CREATE DATABASE, with its name quoted."""

    def __init__(self, name: str) -> None:
        self.name = name


@compiles(CreateDatabase)
def _create(element: CreateDatabase, compiler: Any, **_: Any) -> str:
    return f"CREATE DATABASE {compiler.preparer.quote(element.name)}"


class Desk:
    """People and a store, as a test speaks to them."""

    def __init__(self, store: SqlStore, people: dict[str, Actor]) -> None:
        self.store = store
        self.agent, self.other = people["wang"], people["li"]
        self.supervisor, self.analyst = people["zhao"], people["qian"]

    async def record(self, *events: Event) -> None:
        await self.store.write(lambda tx: record_events(tx, events))

    async def tell(self, who: Actor, command: Any, /, **fields: Any) -> Any:
        given = {"command_id": str(uuid.uuid4())} | fields
        return await self.store.execute(who, command(**given), NOW)

    async def view(self, who: Actor | None = None, call: str = CALL) -> Any:
        return await self.store.call(who or self.agent, call)

    async def confirm(self, who: Actor | None = None, call: str = CALL, **changes: Any) -> Any:
        held = (await self.view(self.supervisor, call)).matters[0]
        given = {
            "call": call,
            "matter": held.matter.id,
            "version": held.version,
            "content_hash": held.content_hash,
            "handling_mode": "forward",
            "lead_unit": "u-urban",
        }
        return await self.tell(who or self.agent, ConfirmMatter, **(given | changes))

    async def rows(self, stream: str) -> list[Any]:
        epoch, _ = await self.store.position(stream)
        return await self.store.rows_of(stream, epoch, 0) or []

    async def sent(self) -> list[Event]:
        return [decode(w.data) for w in await self.store.waiting_events()]


@pytest.fixture
async def desk(store: SqlStore) -> Desk:
    people = {}
    for login, name, role, extension in (
        ("wang", "王敏", "agent", "8001"),
        ("li", "李雷", "agent", "8002"),
        ("zhao", "赵主任", "supervisor", ""),
        ("qian", "钱析", "analyst", ""),
    ):
        people[login] = await store.ensure_user(login, name, role, "hash", extension)  # type: ignore[arg-type]
    return Desk(store, people)


def kinds(rows: Sequence[Any]) -> list[str]:
    return [r.kind for r in rows]


# what is heard and proposed


async def test_a_call_reaches_the_desk_of_the_extension_it_names(desk: Desk) -> None:
    await desk.record(*whole_call())
    view = await desk.view()
    assert (view.summary.agent_name, view.summary.state, view.summary.headline) == ("王敏", "ended", "夜间施工噪声")
    assert [u.text for u in view.utterances] == ["工地半夜还在干活", "还有路灯也坏了"]
    assert view.matters[0].may_confirm and view.notice == "2026-11-21T02:00:01.000Z"
    assert [s.suggestion.id for s in view.suggestions] == [f"{CALL}-s1", f"{CALL}-s2"]
    assert [s.id for s in await desk.store.calls(desk.agent)] == [CALL]
    assert await desk.store.calls(desk.other) == []


async def test_a_call_without_a_known_agent_waits_for_all_and_is_claimed_by_one(desk: Desk) -> None:
    await desk.record(started("9999"), notice())
    assert [s.agent for s in await desk.store.calls(desk.other)] == [""]
    first, second = await asyncio.gather(
        desk.tell(desk.agent, ClaimCall, call=CALL), desk.tell(desk.other, ClaimCall, call=CALL)
    )
    assert sorted((first.status, second.status)) == ["ok", "refused"]
    winner = desk.agent if first.status == "ok" else desk.other
    assert [r.data["agent"] for r in await desk.rows("queue")] == ["", winner.user]
    assert kinds(await desk.rows(f"agent:{winner.user}")) == ["call"]


async def test_the_same_events_again_change_nothing_and_tell_nobody(desk: Desk) -> None:
    await desk.record(*whole_call())
    view, newest = await desk.view(), await desk.store.newest_row()
    await desk.record(*whole_call())
    assert await desk.view() == view
    assert await desk.store.newest_row() == newest


async def test_events_in_one_batch_or_one_by_one_make_the_same_record(desk: Desk) -> None:
    await desk.record(*whole_call())
    for event in whole_call("call-0002"):
        await desk.record(event)
    one, other = await desk.view(), await desk.view(call="call-0002")
    assert [u.text for u in one.utterances] == [u.text for u in other.utterances]
    assert [m.version for m in one.matters] == [m.version for m in other.matters]
    assert [m.content_hash for m in one.matters] == [m.content_hash for m in other.matters]
    assert len(one.suggestions) == len(other.suggestions)


async def test_an_older_draft_never_replaces_a_newer(desk: Desk) -> None:
    await desk.record(started(), notice(), draft(5, a_matter(title="新标题")))
    before = await desk.view()
    await desk.record(draft(4, a_matter(title="旧标题")))
    assert await desk.view() == before


async def test_a_matters_version_rises_with_its_content_and_with_nothing_else(desk: Desk) -> None:
    await desk.record(started(), notice(), draft(1))
    first = (await desk.view()).matters[0]
    await desk.record(draft(2))
    assert (await desk.view()).matters[0].version == first.version
    await desk.record(draft(3, a_matter(title="另一个标题")))
    second = (await desk.view()).matters[0]
    assert (second.version, second.content_hash == first.content_hash) == (first.version + 1, False)


async def test_drafts_may_overtake_the_start_of_their_call(desk: Desk) -> None:
    await desk.record(draft(1))
    await desk.record(started(), notice())
    view = await desk.view()
    assert view.summary.agent_name == "王敏" and view.matters[0].matter.fields["title"].value == "夜间施工噪声"
    assert view.matters[0].matter.fields["calling_number"].value == "13900000001"
    assert (await desk.confirm()).status == "ok"


async def test_a_call_has_a_form_to_fill_before_the_machine_says_a_word(desk: Desk) -> None:
    await desk.record(started(), notice())
    held = (await desk.view()).matters[0]
    assert held.matter.fields["calling_number"].value == "13900000001" and not held.may_confirm
    assert held.why_not == ("请填写：诉求类型、诉求分类、标题、诉求内容",)
    for field, text in (("kind", "help"), ("category", "c-1204"), ("title", "路灯"), ("content", "路灯坏了")):
        done = await desk.tell(desk.agent, EditField, call=CALL, matter=held.matter.id, field=field, value=text)
        assert done.status == "ok"
    assert (await desk.confirm()).status == "ok"


@pytest.mark.g06
async def test_words_heard_before_the_caller_was_told_are_not_kept(desk: Desk) -> None:
    await desk.record(started())
    with pytest.raises(ValueError, match="before the caller was told"):
        await desk.record(heard(1, "不该留下"))
    assert (await desk.view()).utterances == ()


@pytest.mark.g05
async def test_each_shown_suggestion_is_recorded_with_who_saw_it_and_keyed_hashes(desk: Desk) -> None:
    from sqlalchemy import select

    from pipeline.store.tables import suggestions

    await desk.record(*whole_call())
    done = await desk.tell(
        desk.agent, DecideSuggestion, call=CALL, suggestion=f"{CALL}-s1", outcome="edited", text="改过的答复", ms=2100
    )
    assert done.status == "ok"
    rows = await desk.store.read(lambda conn: conn.execute(select(suggestions).order_by(suggestions.c.rank)).all())
    kept = rows[0]
    assert (kept.call, kept.shown_to, kept.system, kept.outcome) == (CALL, desk.agent.user, "suggest/3", "edited")
    assert (kept.decided_by, kept.ms, kept.text) == (desk.agent.user, 2100, "改过的答复")
    assert len({kept.in_hash, kept.out_hash, rows[1].out_hash}) == 3 and len(kept.in_hash) == 64
    assert rows[1].outcome == "shown"


async def test_suggestions_the_talk_has_left_behind_expire_and_decided_ones_stay(desk: Desk) -> None:
    await desk.record(*whole_call())
    await desk.tell(desk.agent, DecideSuggestion, call=CALL, suggestion=f"{CALL}-s1", outcome="rejected")
    await desk.record(offered(2, "s9"))
    outcomes = {s.suggestion.id: s.outcome for s in (await desk.view()).suggestions}
    assert outcomes == {f"{CALL}-s1": "rejected", f"{CALL}-s2": "expired", "s9": "shown"}
    late = await desk.tell(desk.agent, DecideSuggestion, call=CALL, suggestion=f"{CALL}-s2", outcome="accepted")
    assert late.code == "expired"


async def test_gaps_risks_and_parked_events_show_on_the_call(desk: Desk) -> None:
    from schemas.draft import DeadLettered

    risk = Risk(rule="e1", urgency="critical", label="燃气泄漏", line="119")
    await desk.record(started(), notice(), draft(1, a_matter(), risks=[risk]))
    await desk.record(a_call.event(c.GapFound(leg="caller", sample_pos=8000, samples=160, cause="lost"), 5))
    await desk.record(
        a_call.event(DeadLettered(topic="calls", offset=7, stage="understanding", reason="x", data=b""), 6)
    )
    view = await desk.view()
    assert view.gaps[0]["samples"] == 160 and view.degraded == ("parked",)
    assert (view.summary.urgency, view.summary.risks, view.risks[0].line) == ("critical", 1, "119")


async def test_a_flag_of_the_house_shows_on_every_live_call_until_it_is_lowered(desk: Desk) -> None:
    await desk.record(started(), notice())
    await desk.store.set_degraded("ear_down", True, NOW)
    assert (await desk.view()).degraded == ("ear_down",)
    await desk.store.set_degraded("ear_down", False, NOW)
    assert (await desk.view()).degraded == ()
    flags = [r.data["flags"] for r in await desk.rows(f"call:{CALL}") if r.kind == "degraded"]
    assert flags == [["ear_down"], []]


# decisions


@pytest.mark.g02
async def test_confirm_makes_one_ticket_with_its_history_audit_and_event(desk: Desk) -> None:
    await desk.record(*whole_call())
    first = (await desk.view()).matters[0].matter.id
    await desk.tell(desk.agent, EditField, call=CALL, matter=first, field="contact_phone", value="13900000002")
    done = await desk.confirm()
    assert (done.status, done.ticket_no) == ("ok", "XC20261121-000001")
    view = await desk.store.ticket(desk.agent, done.ticket)
    assert view is not None
    assert [h.action for h in view.history] == ["field_edited", "confirmed", "dispatched"]
    assert (view.history[0].before, view.history[0].after) == ("", "13900000002")
    assert len(view.utterances) == 2 and view.ticket.call == CALL
    assert [e.type for e in await desk.sent()] == ["field.edited", "matter.closed"]
    matter = (await desk.view()).matters[0]
    assert (matter.matter.closed, matter.ticket, matter.may_confirm) == ("confirmed", done.ticket, False)
    assert (await desk.store.verify_audit()).whole


@pytest.mark.g02
async def test_a_draft_that_came_in_between_makes_the_confirm_stale(desk: Desk) -> None:
    await desk.record(started(), notice(), draft(1))
    seen = (await desk.view()).matters[0]
    await desk.record(draft(2, a_matter(title="新标题")))
    newest = await desk.store.newest_row()
    done = await desk.confirm(version=seen.version, content_hash=seen.content_hash)
    assert done.status == "stale"
    now = (await desk.view()).matters[0]
    assert (done.version, done.content_hash) == (now.version, now.content_hash)
    assert (await desk.store.tickets(desk.agent, TicketQuery())).total == 0
    assert await desk.store.newest_row() == newest and await desk.sent() == []


async def test_a_decided_matter_stays_as_confirmed_whatever_the_machine_says_later(desk: Desk) -> None:
    await desk.record(*whole_call())
    await desk.confirm()
    before = (await desk.view()).matters
    await desk.record(draft(9, a_matter(title="机器又想了想")))
    assert (await desk.view()).matters == before


async def test_a_human_answer_shows_at_once_and_outlives_every_later_draft(desk: Desk) -> None:
    await desk.record(started(), notice(), draft(1))
    id_ = (await desk.view()).matters[0].matter.id
    done = await desk.tell(desk.agent, EditField, call=CALL, matter=id_, field="title", value="人写的标题")
    shown = (await desk.view()).matters[0]
    assert (shown.version, shown.content_hash) == (done.version, done.content_hash)
    await desk.record(draft(2, a_matter(title="机器的标题")))
    assert (await desk.view()).matters[0].matter.fields["title"].value == "人写的标题"


@pytest.mark.g23
async def test_what_the_machine_proposed_is_kept_though_its_drafts_follow_the_person(desk: Desk) -> None:
    await desk.record(started(), notice(), draft(1))
    held = (await desk.view()).matters[0].matter
    await desk.tell(desk.agent, EditField, call=CALL, matter=held.id, field="kind", value="help")
    mine = held.fields["kind"].__class__(value="help", label="求助", confidence=1.0, origin="human")
    await desk.record(draft(2, msgspec.structs.replace(held, fields=held.fields | {"kind": mine})))
    await desk.tell(desk.agent, EditField, call=CALL, matter=held.id, field="kind", value="report")
    ticket = await desk.store.ticket(desk.agent, (await desk.confirm()).ticket)
    assert ticket is not None and ticket.ticket.machine == {"kind": "complaint"}


async def test_a_repeat_gets_the_same_outcome_and_another_body_a_conflict(desk: Desk) -> None:
    await desk.record(*whole_call())
    id_ = "11111111-2222-3333-4444-555555555555"
    first = await desk.confirm(command_id=id_)
    held = (await desk.view()).matters[0]
    again = ConfirmMatter(
        command_id=id_,
        call=CALL,
        matter=held.matter.id,
        version=held.version - 1,
        content_hash=held.content_hash,
        handling_mode="forward",
        lead_unit="u-urban",
    )
    newest = await desk.store.newest_row()
    assert await desk.store.execute(desk.agent, again, NOW + timedelta(days=6)) == first
    other = msgspec.structs.replace(again, lead_unit="u-police")
    assert (await desk.store.execute(desk.agent, other, NOW)).status == "conflict"
    assert (await desk.store.execute(desk.other, again, NOW)).status == "conflict"
    assert (await desk.store.tickets(desk.agent, TicketQuery())).total == 1
    assert await desk.store.newest_row() == newest


async def test_two_confirms_at_once_make_one_ticket(desk: Desk) -> None:
    await desk.record(*whole_call())
    outcomes = await asyncio.gather(*(desk.confirm(who) for who in (desk.agent, desk.supervisor) * 3))
    assert (
        sorted(o.status for o in outcomes) == ["ok", *["refused"] * 5] or [o.status for o in outcomes].count("ok") == 1
    )
    assert (await desk.store.tickets(desk.agent, TicketQuery())).total == 1


async def test_ticket_numbers_count_up_within_the_citys_day(desk: Desk) -> None:
    fields = {"kind": "consult", "category": "c-1204", "title": "t", "content": "c", "answer": "a"}

    async def number(at: Any) -> str:
        command = CreateTicket(command_id=str(uuid.uuid4()), fields=fields, handling_mode="direct")
        return (await desk.store.execute(desk.agent, command, at)).ticket_no

    late = T0.replace(hour=15, minute=59)
    assert await number(late) == "XC20261121-000001"
    assert await number(late) == "XC20261121-000002"
    assert await number(late + timedelta(minutes=1)) == "XC20261122-000001"  # midnight at UTC+8


@pytest.mark.g08
async def test_with_the_assistant_off_the_desk_works_on(desk: Desk) -> None:
    await desk.record(started(), notice())
    await desk.tell(desk.agent, SwitchAssist, call=CALL, on=False, reason="诉求人要求")
    assert (await desk.view()).summary.assist is False
    fields = {"kind": "consult", "category": "c-1204", "title": "问政策", "content": "问", "answer": "答"}
    done = await desk.tell(desk.agent, CreateTicket, fields=fields, handling_mode="direct", call=CALL)
    assert done.status == "ok"
    assert [m.matter.closed for m in (await desk.view()).matters] == ["answered"]
    assert [e.type for e in await desk.sent()] == ["call.assist_switched", "matter.closed"]


async def test_a_matter_opened_by_hand_lives_on_beside_the_drafts(desk: Desk) -> None:
    await desk.record(started(), notice(), heard(1, "还有路灯"), draft(1))
    done = await desk.tell(desk.agent, AddMatter, call=CALL, utterances=(f"{CALL}-utt-1",))
    await desk.record(draft(2))
    matters = (await desk.view()).matters
    assert [m.matter.n for m in matters] == [0, 1] and matters[1].matter.id == done.matter


async def test_a_supervisor_overrules_once_per_version_and_the_audit_of_dispatches_shows_it(desk: Desk) -> None:
    await desk.record(*whole_call(), *whole_call("call-0002"), *whole_call("call-0003"))
    agreed = await desk.confirm()
    changed = await desk.confirm(call="call-0002", lead_unit="u-police")
    moved = await desk.confirm(call="call-0003")
    for status in ("ok", "stale"):
        done = await desk.tell(
            desk.supervisor, OverruleDispatch, ticket=moved.ticket, version=1, lead_unit="u-ecology", reason="归口调整"
        )
        assert done.status == status
    page = await desk.store.routing(desk.supervisor, RoutingQuery())
    assert (page.total, page.agreed, page.changed, page.overruled) == (3, 1, 1, 1)
    by_id = {r.ticket.id: r for r in page.rows}
    assert by_id[agreed.ticket].agreed and by_id[moved.ticket].overruled
    assert (
        by_id[changed.ticket].ticket.machine["lead_unit"] == "u-urban" and by_id[changed.ticket].proposed == "市城管局"
    )
    assert {r.list_version for r in page.rows} == {"2026.1"}
    only = await desk.store.routing(desk.supervisor, RoutingQuery(changed="changed"))
    assert [r.ticket.id for r in only.rows] == [changed.ticket] and only.total == 1
    assert (await desk.store.routing(desk.agent, RoutingQuery())).total == 0


async def test_an_emergency_transfer_is_logged_without_any_call(desk: Desk) -> None:
    done = await desk.tell(desk.agent, TransferEmergency, call="never-heard-of", line="119", note="燃气泄漏")
    assert done.status == "ok" and (await desk.store.verify_audit()).entries == 1


async def test_notes_join_the_tickets_history(desk: Desk) -> None:
    await desk.record(*whole_call())
    ticket = (await desk.confirm()).ticket
    await desk.tell(desk.other, NoteTicket, ticket=ticket, text="诉求人再次来电", kind="urge")
    view = await desk.store.ticket(desk.agent, ticket)
    assert view is not None and view.history[-1].action == "urged" and view.history[-1].actor_name == "李雷"


async def test_echoes_of_decisions_in_the_log_change_nothing(desk: Desk) -> None:
    await desk.record(*whole_call())
    id_ = (await desk.view()).matters[0].matter.id
    for title in ("第一次", "第二次"):
        await desk.tell(desk.agent, EditField, call=CALL, matter=id_, field="title", value=title)
    await desk.tell(desk.agent, SwitchAssist, call=CALL, on=False)
    await desk.tell(desk.agent, SwitchAssist, call=CALL, on=True)
    view, newest = await desk.view(), await desk.store.newest_row()
    await desk.record(*(await desk.sent()))
    assert await desk.view() == view and await desk.store.newest_row() == newest


# streams


async def test_offsets_have_no_holes_and_rows_end_where_the_view_begins(desk: Desk) -> None:
    await desk.record(*whole_call())
    await desk.confirm()
    view = await desk.view()
    rows = await desk.rows(f"call:{CALL}")
    assert [r.offset for r in rows] == list(range(1, len(rows) + 1))
    assert (view.epoch, view.offset) == (rows[-1].epoch, rows[-1].offset)
    assert msgspec.convert(rows[-1].data, type=type(view.summary), strict=False) == view.summary
    everything = await desk.store.rows_after(0)
    assert [r.row for r in everything] == list(range(1, len(everything) + 1))
    assert {"call", "utterance", "draft", "suggestions", "ticket", "decision"} <= set(kinds(rows))


async def test_resume_gives_all_that_was_missed_or_says_that_it_can_not(desk: Desk) -> None:
    await desk.record(*whole_call())
    stream = f"call:{CALL}"
    epoch, newest = await desk.store.position(stream)
    missed = await desk.store.rows_of(stream, epoch, 2)
    assert missed is not None and [r.offset for r in missed] == list(range(3, newest + 1))
    assert await desk.store.rows_of(stream, epoch, newest) == []
    for wrong in (("other", 2, 300), (epoch, newest + 1, 300), (epoch, -1, 300), (epoch, 0, newest - 1)):
        assert await desk.store.rows_of(stream, *wrong) is None
    await desk.store.prune(NOW + timedelta(days=30))
    assert await desk.store.rows_of(stream, epoch, 2) is None
    assert await desk.store.position(stream) == (epoch, newest)


async def test_a_waiting_console_is_woken_by_the_commit(desk: Desk) -> None:
    row = await desk.store.newest_row()
    waiting = asyncio.ensure_future(desk.store.wait_rows(row))
    await desk.record(started())
    await asyncio.wait_for(waiting, 5)
    assert [r.stream for r in await desk.store.rows_after(row)][:1] == [f"agent:{desk.agent.user}"]


async def test_only_they_may_follow_who_may_see(desk: Desk) -> None:
    may = desk.store.may_follow
    assert may(desk.agent, f"agent:{desk.agent.user}") and may(desk.agent, "queue") and may(desk.agent, f"call:{CALL}")
    assert not may(desk.agent, f"agent:{desk.other.user}") and not may(desk.agent, "floor")
    assert may(desk.supervisor, "floor") and not may(desk.analyst, "queue") and not may(desk.analyst, f"call:{CALL}")
    assert not may(desk.agent, "") and not may(desk.agent, "call:")
    await desk.record(*whole_call())
    assert await desk.store.call(desk.other, CALL) is None and await desk.store.call(desk.analyst, CALL) is None
    assert await desk.store.call(desk.supervisor, CALL) is not None


async def test_two_consoles_on_one_database_have_one_winner_and_the_same_answers(desk: Desk) -> None:
    other = SqlStore(desk.store.where, CITY, key=b"k" * 32, poll_s=0.05)
    try:
        await desk.record(*(e for n in range(6) for e in whole_call(f"call-{n:04}", agent="9999")))
        row = await other.newest_row()
        for n in range(6):
            claim = ClaimCall(command_id=f"claim-by-wang-{n}", call=f"call-{n:04}")
            rival = ClaimCall(command_id=f"claim-by-li---{n}", call=f"call-{n:04}")
            outcomes = await asyncio.gather(
                desk.store.execute(desk.agent, claim, NOW),
                other.execute(desk.agent, claim, NOW),
                other.execute(desk.other, rival, NOW),
            )
            assert outcomes[0] == outcomes[1]
            assert sorted(o.status for o in outcomes[1:]) == ["ok", "refused"]
        fields = {"kind": "consult", "category": "c-1204", "title": "t", "content": "c", "answer": "a"}

        async def create(store: SqlStore, n: int) -> str:
            command = CreateTicket(command_id=f"create-{n:04}", fields=fields, handling_mode="direct")
            return (await store.execute(desk.agent, command, NOW)).ticket_no

        numbers = await asyncio.gather(*(create(s, n) for n in range(5) for s in (desk.store, other)))
        assert sorted(set(numbers)) == [f"XC20261121-{n:06}" for n in range(1, 6)]
        assert numbers[::2] == numbers[1::2]
        await asyncio.wait_for(other.wait_rows(row), 10)
        rows = await other.rows_after(0)
        assert [r.row for r in rows] == list(range(1, len(rows) + 1))
        assert (await other.verify_audit()).whole
    finally:
        await other.close()


# lists and trends


async def test_the_list_finds_by_every_filter_and_pages_without_loss(desk: Desk) -> None:
    for n in range(7):
        fields = {"kind": "help", "category": "c-120401", "title": f"第{n}件", "content": "内容_%", "district": "p-01"}
        fields |= {"contact_phone": f"1390000000{n}", "caller_name": "张三"}
        command = CreateTicket(
            command_id=f"cmd-{n:08}",
            fields=fields,
            handling_mode="forward",
            lead_unit="u-urban" if n % 2 else "u-police",
        )
        await desk.store.execute(desk.agent, command, NOW + timedelta(hours=n))

    async def found(**query: Any) -> list[str]:
        return [t.title for t in (await desk.store.tickets(desk.agent, TicketQuery(**query))).tickets]

    assert await found(unit="u-urban") == ["第5件", "第3件", "第1件"]
    assert await found(phone="139 0000 0003") == ["第3件"] and await found(phone="0004") == ["第4件"]
    assert await found(text="第6") == ["第6件"] and len(await found(text="_%")) == 7 and await found(text="第_件") == []
    assert len(await found(category="c-12")) == 7 and await found(category="c-99") == []
    assert len(await found(district="p-01", kind="help", state="dispatched", synthetic="no")) == 7
    assert await found(since="2026-11-21T04:00:00Z", until="2026-11-21T06:02:00Z") == ["第3件", "第2件"]
    assert await found(synthetic="yes") == []
    titles, cursor = [], ""
    while True:
        page = await desk.store.tickets(desk.agent, TicketQuery(limit=3, cursor=cursor))
        titles += [t.title for t in page.tickets]
        assert page.total == 7
        if not (cursor := page.next):
            break
    assert titles == [f"第{n}件" for n in range(6, -1, -1)]
    with pytest.raises(ValueError, match="since"):
        await found(since="gestern")
    with pytest.raises(ValueError, match="cursor"):
        await found(cursor="@@@")


async def test_trends_count_in_the_citys_days_and_drill_down_the_categories(desk: Desk) -> None:
    for n, (category, district) in enumerate([("c-120401", "p-01"), ("c-1204", "p-01"), ("c-120401", "")]):
        fields = {
            "kind": "help",
            "category": category,
            "title": "t",
            "content": "c",
            "answer": "a",
            "district": district,
        }
        command = CreateTicket(command_id=f"cmd-{n:08}", fields=fields, handling_mode="direct")
        await desk.store.execute(desk.agent, command, T0.replace(hour=15) + timedelta(hours=n))

    async def cells(**query: Any) -> list[tuple[str, str, str, int]]:
        given = {"since": "2026-11-01", "until": "2026-12-01"} | query
        table = await desk.store.trends(desk.analyst, TrendQuery(**given))
        return [(cell.bucket, cell.district, cell.category, cell.count) for cell in table.cells]

    assert await cells() == [("2026-11", "", "c-12", 1), ("2026-11", "p-01", "c-12", 2)]
    assert await cells(bucket="day") == [
        ("2026-11-21", "p-01", "c-12", 1),
        ("2026-11-22", "", "c-12", 1),
        ("2026-11-22", "p-01", "c-12", 1),
    ]
    assert await cells(bucket="week", district="p-01", category="c-1204") == [
        ("2026-11-16", "p-01", "", 1),
        ("2026-11-16", "p-01", "c-120401", 1),
    ]
    assert await cells(until="2026-11-22", bucket="day") == [("2026-11-21", "p-01", "c-12", 1)]
    assert (await desk.store.trends(desk.agent, TrendQuery(since="2026-01-01", until="2027-01-01"))).total == 0


async def test_a_ringing_number_brings_up_its_earlier_tickets(desk: Desk) -> None:
    await desk.record(*whole_call())
    done = await desk.confirm()
    await desk.record(started(call="call-0002", ani="+86 139 0000 0001"), notice("call-0002"))
    view = await desk.view(call="call-0002")
    assert [t.id for t in view.earlier] == [done.ticket]
    assert (await desk.view()).earlier == ()


async def test_an_analyst_sees_tickets_without_the_people_in_them(desk: Desk) -> None:
    fields = {
        "kind": "help",
        "category": "c-1204",
        "title": "张三丰家停水",
        "content": "张三丰来电 13900000007",
        "answer": "a",
    }
    fields |= {"caller_name": "张三丰", "contact_phone": "13900000007"}
    done = await desk.tell(desk.agent, CreateTicket, fields=fields, handling_mode="direct")
    view = await desk.store.ticket(desk.analyst, done.ticket)
    page = await desk.store.tickets(desk.analyst, TicketQuery())
    seen = msgspec.json.encode([view, page.tickets[0].caller_name]).decode()
    assert "张三丰" not in seen and "13900000007" not in seen and "张**" in seen


# people


async def test_a_session_ends_at_its_time_at_sign_out_and_with_its_user(desk: Desk) -> None:
    store = desk.store
    await store.open_session(desk.agent.user, "t1", NOW + timedelta(hours=8), NOW)
    assert await store.session("t1", NOW) == desk.agent
    assert await store.session("t1", NOW + timedelta(hours=8)) is None
    assert await store.session("t2", NOW) is None
    await store.ensure_user("wang", "王敏", "supervisor", "hash", "8001")
    actor = await store.session("t1", NOW)
    assert actor is not None and actor.role == "supervisor"  # a new role holds at once
    await store.ensure_user("wang", "王敏", "agent", "hash", "8001", active=False)
    assert await store.session("t1", NOW) is None
    await store.ensure_user("wang", "王敏", "agent", "hash", "8001")
    assert await store.session("t1", NOW) is None
    await store.open_session(desk.other.user, "t3", NOW + timedelta(hours=8), NOW)
    await store.close_session("t3")
    assert await store.session("t3", NOW) is None
    record = await store.user_by_login("li")
    assert record is not None and record.password_hash == "hash" and await store.user_by_login("nobody") is None


# faults


async def test_a_failing_transaction_leaves_nothing_behind(desk: Desk) -> None:
    await desk.record(started(), notice())
    newest = await desk.store.newest_row()

    def fail(tx: Any) -> None:
        record_events(tx, [heard(1, "半句"), draft(1)])
        raise RuntimeError("killed in the middle")

    with pytest.raises(RuntimeError):
        await desk.store.write(fail)
    assert (await desk.view()).utterances == () and await desk.store.newest_row() == newest


@pytest.mark.g06
async def test_an_errors_text_holds_no_words_of_the_call(desk: Desk) -> None:
    from sqlalchemy.exc import IntegrityError

    from pipeline.store.tables import utterances

    await desk.record(*whole_call())
    row = {"id": f"{CALL}-utt-1", "call": CALL, "leg": "caller", "start_s": 0, "end_s": 1, "text": "金丝雀", "raw": ""}
    row |= {"model": "", "logprob": 0, "flags": "[]", "corrected_by": "", "heard_at": ""}
    with pytest.raises(IntegrityError) as met:
        await desk.store.write(lambda tx: tx.run(utterances.insert().values(**row)))
    assert "金丝雀" not in str(met.value)


async def test_a_closed_store_says_unavailable(desk: Desk) -> None:
    await desk.store.close()
    with pytest.raises(Unavailable):
        await desk.store.calls(desk.agent)


@pytest.mark.postgres
async def test_a_plain_postgresql_address_is_enough(postgres: str) -> None:
    plain = make_url(empty_database(postgres)).set(drivername="postgresql").render_as_string(hide_password=False)
    made = SqlStore(plain, CITY, key=b"k" * 32)
    assert await made.waiting_events(1) == []
    await made.close()
