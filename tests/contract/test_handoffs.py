"""What every store keeps of hand-offs: one per dispatched version, none unconfirmed, bodies that never change."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from pipeline.store import handoff_queue, handoff_rows
from pipeline.store.history_load import MadeTicket, load_made
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import meta
from pipeline.store.tables_handoffs import handoffs
from schemas.commands import CreateTicket, DismissMatter, NoteTicket, OverruleDispatch, RetryHandoff
from schemas.handoff import Handoff, hash_of_content
from schemas.ids import handoff_id
from tests.contract.a_call import whole_call
from tests.contract.test_store import NOW, Desk, desk, store

__all__ = ["desk", "store"]  # fixtures
pytestmark = pytest.mark.g02
BY_HAND = {"kind": "help", "category": "c-1204", "title": "路灯不亮", "content": "湖滨路路灯不亮", "answer": "已告知"}


@pytest.fixture(autouse=True)
async def on(store: SqlStore) -> None:
    await store.write(lambda tx: handoff_queue.switch_on(tx, NOW))


async def rows(store: SqlStore) -> list[Any]:
    return await store.read(lambda c: c.execute(select(handoffs).order_by(handoffs.c.seq)).all())


async def bodies(store: SqlStore) -> list[Handoff]:
    return [msgspec.json.decode(row.body, type=Handoff) for row in await rows(store)]


async def overrule(desk: Desk, ticket: str, version: int, unit: str = "u-ecology") -> Any:
    given = {"ticket": ticket, "version": version, "lead_unit": unit, "reason": "属生态环境职责"}
    return await desk.tell(desk.supervisor, OverruleDispatch, **given)


async def settle(store: SqlStore, id_: str, receipt: str = "") -> None:
    if receipt:
        await store.write(lambda tx: handoff_queue.delivered(tx, id_, NOW, 200, "receipt", receipt))
    else:
        await store.write(lambda tx: handoff_queue.parked(tx, id_, NOW, 400, "refused", "对方拒收", "no such unit"))


async def due(store: SqlStore) -> list[str]:
    return [d.id for d in await store.read(lambda c: handoff_queue.due(c, NOW, 10))]


async def test_a_confirmed_ticket_is_handed_off_once_as_exactly_what_was_confirmed(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    seen = (await desk.view()).matters[0]
    outcome = await desk.confirm()
    (row,), (body,) = await rows(store), await bodies(store)
    assert (row.id, row.state, row.version) == (handoff_id(outcome.ticket, 1), "waiting", 1) == (body.id, "waiting", 1)
    assert body.content_hash == seen.content_hash == hash_of_content(body.content) == row.content_hash
    said = {name: (f.value, f.label) for name, f in seen.matter.fields.items() if f.value}
    assert body.content.fields == said, "what the person saw, and nothing else"
    assert (body.confirmed.by, body.confirmed.command) == (desk.agent.user, row.command)
    assert (body.dispatch.lead_unit.code, body.type) == ("u-urban", "ticket.dispatched")
    assert body.label and body.aigc and body.aigc["Label"] == "1"
    assert sha256(row.body).hexdigest() == row.body_hash
    plain = json.dumps(json.loads(row.body)["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert sha256(plain.encode()).hexdigest() == body.content_hash, "as docs/handoff.md has a receiver compute it"


async def test_what_no_person_sends_to_a_department_is_not_handed_off(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    assert await rows(store) == [], "a draft is no ticket"
    stale = await desk.confirm(content_hash="0" * 64)
    refused = await desk.confirm(lead_unit="")
    assert (stale.status, refused.status) == ("stale", "refused")
    direct = await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="direct")
    told = await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="told")
    matter = (await desk.view()).matters[0].matter.id
    dismissed = await desk.tell(desk.agent, DismissMatter, call=whole_call()[0].call, matter=matter, reason="误拨")
    noted = await desk.tell(desk.agent, NoteTicket, ticket=direct.ticket, text="备查")
    assert [o.status for o in (direct, told, dismissed, noted)] == ["ok"] * 4
    assert await rows(store) == []


async def test_a_ticket_by_hand_is_handed_off_too(desk: Desk, store: SqlStore) -> None:
    command = {"fields": BY_HAND, "handling_mode": "forward", "lead_unit": "u-urban", "co_units": ("u-police",)}
    outcome = await desk.tell(desk.agent, CreateTicket, **command)
    (body,) = await bodies(store)
    assert body.ticket == outcome.ticket and body.content.fields["title"] == ("路灯不亮", "路灯不亮")
    assert hash_of_content(body.content) == body.content_hash
    assert [c.name for c in body.dispatch.co_units] == ["市公安局"] and body.label == "" and body.aigc is None


async def test_a_repeated_command_hands_off_nothing_twice(desk: Desk, store: SqlStore) -> None:
    given = {"fields": BY_HAND, "handling_mode": "forward", "lead_unit": "u-urban", "command_id": "once-and-only"}
    first = await desk.tell(desk.agent, CreateTicket, **given)
    assert await desk.tell(desk.agent, CreateTicket, **given) == first
    assert len(await rows(store)) == 1
    with pytest.raises(IntegrityError):
        again = {c.name: getattr((await rows(store))[0], c.name) for c in handoffs.c if c.name != "seq"}
        await store.write(lambda tx: tx.run(handoffs.insert().values(**again | {"id": "another"})))


async def test_an_overruled_dispatch_is_a_new_version_of_the_same_content(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    ticket = (await desk.confirm()).ticket
    assert (await overrule(desk, ticket, 1)).status == "ok"
    assert (await overrule(desk, ticket, 1)).status == "stale"
    first, second = await bodies(store)
    assert (second.version, second.type, second.id) == (2, "ticket.redispatched", handoff_id(ticket, 2))
    assert (second.content, second.content_hash, second.confirmed) == (
        first.content,
        first.content_hash,
        first.confirmed,
    )
    assert (second.dispatched.by, second.dispatch.lead_unit.code) == (desk.supervisor.user, "u-ecology")
    assert second.dispatch.reason == "属生态环境职责"


async def test_a_version_waits_for_the_one_before_unless_that_was_given_up(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    ticket = (await desk.confirm()).ticket
    await overrule(desk, ticket, 1)
    other = await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="forward", lead_unit="u-urban")
    one, two, beside = handoff_id(ticket, 1), handoff_id(ticket, 2), handoff_id(other.ticket, 1)
    assert await due(store) == [one, beside]
    later = NOW + timedelta(minutes=1)
    await store.write(lambda tx: handoff_queue.put_off(tx, one, NOW, 500, "server_error", later))
    assert await due(store) == [beside]
    await settle(store, one)
    assert await due(store) == [two, beside] or await due(store) == [beside, two]
    view = next(v for v in (await store.ticket(desk.supervisor, ticket)).handoffs if v.id == one)
    assert view.superseded and not view.may_retry
    assert await store.read(handoff_rows.stuck) == 0, "the newer version is what counts"


async def test_given_up_is_told_and_a_supervisor_alone_has_it_tried_again(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    ticket = (await desk.confirm()).ticket
    id_ = handoff_id(ticket, 1)
    await settle(store, id_)
    assert "handoff_stuck" in (await desk.view()).degraded
    assert (await store.ticket(desk.supervisor, ticket)).handoffs[0].said == "no such unit"
    assert (await store.ticket(desk.analyst, ticket)).handoffs[0].said == ""
    assert (await desk.tell(desk.agent, RetryHandoff, ticket=ticket, handoff=id_)).code == "forbidden"
    assert (await desk.tell(desk.supervisor, RetryHandoff, ticket=ticket, handoff="none")).code == "no_such_handoff"
    assert (await desk.tell(desk.supervisor, RetryHandoff, ticket=ticket, handoff=id_)).status == "ok"
    assert (await desk.tell(desk.supervisor, RetryHandoff, ticket=ticket, handoff=id_)).code == "wrong_state"
    assert await due(store) == [id_] and "handoff_stuck" not in (await desk.view()).degraded
    await settle(store, id_, "A-1")
    view = await store.ticket(desk.agent, ticket)
    assert [line.action for line in view.history][-3:] == ["handoff_parked", "handoff_retried", "handoff_delivered"]
    assert (view.handoffs[0].state, view.handoffs[0].receipt) == ("delivered", "A-1")
    assert (await store.verify_audit()).whole


async def test_what_is_settled_stays_settled(desk: Desk, store: SqlStore) -> None:
    ticket = (
        await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="forward", lead_unit="u-urban")
    ).ticket
    id_ = handoff_id(ticket, 1)
    await settle(store, id_, "A-1")
    before = await rows(store)
    await settle(store, id_)
    await store.write(lambda tx: handoff_queue.put_off(tx, id_, NOW, 500, "server_error", NOW))
    assert await rows(store) == before


async def test_a_row_no_decision_stands_behind_is_known_as_such(desk: Desk, store: SqlStore) -> None:
    await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="forward", lead_unit="u-urban")
    await store.write(lambda tx: tx.run(handoffs.update().values(content_hash="f" * 64)))
    (found,) = await store.read(lambda c: handoff_queue.due(c, NOW, 10))
    assert (found.confirmed, found.whole) == (False, True)
    await store.write(lambda tx: tx.run(handoffs.update().values(body=b"{}")))
    (found,) = await store.read(lambda c: handoff_queue.due(c, NOW, 10))
    assert not found.whole


async def test_tickets_made_up_for_the_demo_are_never_handed_off(desk: Desk, store: SqlStore) -> None:
    real = await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="forward", lead_unit="u-urban")
    view = await store.ticket(desk.agent, real.ticket)
    ticket = view.ticket
    made_up = msgspec.structs.replace(ticket, id="made-up", ticket_no="XC20260101-000001", synthetic=True)
    made = MadeTicket(ticket=made_up, confirmed_by_name="", routing="", history=view.history)
    await store.write(lambda tx: load_made(tx, [made]))
    assert (await overrule(desk, "made-up", 1)).status == "ok"
    assert [b.ticket for b in await bodies(store)] == [real.ticket]


async def test_before_the_house_hands_off_rows_are_kept_but_not_sent(desk: Desk, store: SqlStore) -> None:
    await store.write(lambda tx: tx.run(meta.delete().where(meta.c.name == "handoff_from")))
    ticket = (
        await desk.tell(desk.agent, CreateTicket, fields=BY_HAND, handling_mode="forward", lead_unit="u-urban")
    ).ticket
    await store.write(lambda tx: handoff_queue.switch_on(tx, NOW))
    assert await due(store) == [] and (await store.ticket(desk.agent, ticket)).handoffs == ()
    assert await store.write(lambda tx: handoff_queue.retry_by_operator(tx, handoff_id(ticket, 1), NOW))
    assert await due(store) == [handoff_id(ticket, 1)]
