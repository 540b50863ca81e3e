"""Delivery: every hand-off arrives once, in order per ticket, on a clock that moves only when a test says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import structlog
from sqlalchemy import update

from pipeline.log.memory import MemoryLog
from pipeline.record.handoff import HandoffDelivery
from pipeline.record.recorder import Recorder
from pipeline.record.relay import Relay
from pipeline.store import handoff_queue
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables_handoffs import handoffs
from schemas.commands import Actor, ClaimCall, CreateTicket, OverruleDispatch, RetryHandoff
from schemas.ids import handoff_id
from schemas.topics import CALLS
from tests.contract.a_call import CALL, T0, notice, started
from tests.receiver import Receiver, hangs, receiving, says, webhook
from tests.system.world import until
from tests.unit.pipeline.record.test_recorder import agent_of, say, store

__all__ = ["store"]  # a fixture
FIELDS = {
    "kind": "help",
    "category": "c-1204",
    "title": "路灯不亮",
    "content": "湖滨路路灯不亮",
    "caller_name": "陈某某",
}


class Town:
    """A house that hands off, a receiver, people, and the clock of both."""

    def __init__(self, store: SqlStore, city: Receiver, delivery: HandoffDelivery, people: dict[str, Actor]) -> None:
        self.store, self.city, self.delivery = store, city, delivery
        self.agent, self.supervisor = people["agent"], people["supervisor"]
        self.now = T0
        self.serial = 0

    async def tell(self, who: Actor, command: Any, /, **fields: Any) -> Any:
        self.serial += 1
        return await self.store.execute(who, command(command_id=f"command-{self.serial}", **fields), self.now)

    async def dispatch(self, mode: str = "forward") -> str:
        unit = {"lead_unit": "u-urban"} if mode == "forward" else {}
        fields = FIELDS if mode == "forward" else FIELDS | {"answer": "已告知"}
        return str((await self.tell(self.agent, CreateTicket, fields=fields, handling_mode=mode, **unit)).ticket)

    async def overrule(self, ticket: str) -> None:
        given = {"version": 1, "lead_unit": "u-police", "reason": "属公安职责"}
        await self.tell(self.supervisor, OverruleDispatch, ticket=ticket, **given)

    async def rounds(self) -> int:
        total = 0
        while made := await self.delivery.round():
            total += made
        return total

    async def pass_(self, **span: float) -> int:
        self.now += timedelta(**span)
        return await self.rounds()

    async def view(self, ticket: str, version: int = 1) -> Any:
        views = (await self.store.ticket(self.supervisor, ticket)).handoffs  # type: ignore[union-attr]
        return next(v for v in views if v.version == version)


@pytest.fixture
async def town(store: SqlStore) -> AsyncIterator[Town]:
    boss = await store.ensure_user("zhao", "赵主任", "supervisor", "hash")
    people = {"agent": await agent_of(store), "supervisor": boss}
    await store.write(lambda tx: handoff_queue.switch_on(tx, T0))
    async with receiving() as city, webhook(city.url) as way:
        delivery = HandoffDelivery(store, way, now=lambda: made.now, dice=lambda: 0.5)
        made = Town(store, city, delivery, people)
        yield made


async def test_a_dispatched_ticket_arrives_with_a_receipt_and_only_once(town: Town) -> None:
    ticket = await town.dispatch()
    assert await town.rounds() == 1
    assert await town.pass_(days=2) == 0
    view = await town.view(ticket)
    assert (view.state, view.receipt, view.tries) == ("delivered", "R-1", 1)
    (met,) = town.city.met
    assert met.id == handoff_id(ticket, 1)
    body = json.loads(met.body)
    content = json.dumps(body["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    held = (await town.store.ticket(town.agent, ticket)).ticket  # type: ignore[union-attr]
    assert sha256(content.encode()).hexdigest() == body["content_hash"] == held.confirmed_hash


async def test_what_was_closed_at_the_desk_is_never_sent(town: Town) -> None:
    await town.dispatch("direct")
    await town.dispatch("told")
    assert await town.rounds() == 0 and town.city.met == []


async def test_errors_are_tried_again_under_the_same_id_with_growing_pauses(town: Town) -> None:
    town.city.script = [says(500), says(500)]
    ticket = await town.dispatch()
    assert await town.rounds() == 1
    view = await town.view(ticket)
    assert (view.state, view.reason, view.status) == ("waiting", "server_error", 500)
    assert await town.pass_(seconds=0.9) == 0
    assert await town.pass_(seconds=0.2) == 1, "half of 2 s after the first failure"
    assert await town.pass_(seconds=1.9) == 0
    assert await town.pass_(seconds=0.2) == 1, "half of 4 s after the second"
    assert (await town.view(ticket)).state == "delivered"
    assert len({met.id for met in town.city.met}) == len({met.body for met in town.city.met}) == 1
    assert len({met.headers["webhook-timestamp"] for met in town.city.met}) > 1, "each try is signed anew"


async def test_a_busy_receiver_is_given_the_time_it_asks_for(town: Town) -> None:
    town.city.script = [says(429, retry_after="120")]
    await town.dispatch()
    assert await town.rounds() == 1
    assert await town.pass_(seconds=119) == 0
    assert await town.pass_(seconds=2) == 1 and len(town.city.taken) == 1


async def test_a_refusal_is_not_repeated_and_a_person_is_told(town: Town) -> None:
    town.city.script = [says(400, {"message": "承办单位不存在"})]
    ticket = await town.dispatch()
    await town.rounds()
    assert await town.pass_(days=2) == 0
    view = await town.view(ticket)
    assert (view.state, view.reason, view.status, view.said) == ("parked", "refused", 400, "承办单位不存在")
    assert view.may_retry
    outcome = await town.tell(town.supervisor, RetryHandoff, ticket=ticket, handoff=view.id)
    assert outcome.status == "ok" and await town.rounds() == 1
    assert (await town.view(ticket)).state == "delivered"
    assert [met.id for met in town.city.met] == [view.id] * 2


async def test_after_a_day_of_failures_a_person_is_told(town: Town) -> None:
    town.city.script = [says(503)] * 100
    ticket = await town.dispatch()
    await town.rounds()
    while (await town.view(ticket)).state == "waiting":
        assert town.now <= T0 + timedelta(hours=25)
        await town.pass_(minutes=10)
    view = await town.view(ticket)
    assert (view.state, view.reason) == ("parked", "server_error")
    assert town.now >= T0 + timedelta(hours=24)
    assert 30 < len(town.city.met) < 100, "hours of patience without a hail of tries"
    town.city.script = [says(503)]
    await town.tell(town.supervisor, RetryHandoff, ticket=ticket, handoff=view.id)
    await town.rounds()
    assert (await town.view(ticket)).state == "waiting", "tried as long as the first time"


async def test_two_hundred_without_a_receipt_is_a_weaker_proof_and_409_with_one_a_good_one(town: Town) -> None:
    town.city.script = [says(202), says(409, {"receipt": "A-17"})]
    first, second = await town.dispatch(), await town.dispatch()
    await town.rounds()
    lines = {t: (await town.store.ticket(town.agent, t)).history[-1].text for t in (first, second)}  # type: ignore[union-attr]
    assert sorted(lines.values()) == ["已送达承办系统（对方未给回执）", "已送达承办系统（对方此前已收），回执 A-17"]


async def test_versions_of_a_ticket_keep_their_order_while_other_tickets_go_on(town: Town) -> None:
    town.city.script = [says(500)]
    ticket = await town.dispatch()
    await town.rounds()
    await town.overrule(ticket)
    other = await town.dispatch()
    await town.rounds()
    assert [met.id for met in town.city.met] == [handoff_id(ticket, 1), handoff_id(other, 1)]
    await town.pass_(minutes=1)
    assert [met.id for met in town.city.met][2:] == [handoff_id(ticket, 1), handoff_id(ticket, 2)]


async def test_one_that_is_taken_slowly_holds_up_no_other_ticket_of_its_round(town: Town) -> None:
    async with webhook(town.city.url, timeout_s=5.0) as way:
        delivery = HandoffDelivery(town.store, way, now=lambda: town.now, dice=lambda: 0.5)
        town.city.script = [hangs]
        for _ in range(3):
            await town.dispatch()
        assert await delivery.round() == 3
    assert len(town.city.taken) == 2


async def test_a_body_that_is_not_what_was_made_or_confirmed_is_never_sent(town: Town) -> None:
    altered, unconfirmed = await town.dispatch(), await town.dispatch()
    for ticket, change in ((altered, {"body": b"{}"}), (unconfirmed, {"content_hash": "f" * 64})):
        await town.store.write(
            lambda tx, t=ticket, c=change: tx.run(update(handoffs).where(handoffs.c.ticket == t).values(**c))
        )
    await town.rounds()
    assert town.city.met == []
    assert [(await town.view(t)).reason for t in (altered, unconfirmed)] == ["altered", "unconfirmed"]


async def test_the_part_delivers_what_is_decided_while_it_runs_and_ends_when_told(town: Town) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(town.delivery.run(stop))
    await town.dispatch()

    async def arrived() -> bool:
        return len(town.city.taken) == 1

    await until(arrived, "the hand-off")
    town.city.script = [hangs]
    await town.dispatch()

    async def met() -> bool:
        return len(town.city.met) == 2

    await until(met, "a try that hangs")
    stop.set()
    await running
    assert await town.rounds() == 1 and len(town.city.taken) == 2, "the try cut short is made again"


async def test_a_receiver_that_is_down_holds_up_nothing_on_its_way_to_the_log(town: Town, log: MemoryLog) -> None:
    await say(log, started("nobody"), notice())
    await Recorder(log, town.store).drain()
    town.city.script = [hangs] * 8
    for _ in range(8):
        await town.dispatch()
    stop = asyncio.Event()
    parts = [asyncio.create_task(run(stop)) for run in (town.delivery.run, Relay(log, town.store).run)]
    held = len(await log.read(CALLS, 0))
    await town.tell(town.agent, ClaimCall, call=CALL)

    async def published() -> bool:
        return len(await log.read(CALLS, 0)) > held

    await until(published, "the claim in the log")
    assert len(town.city.taken) == 0, "the receiver still says nothing"
    stop.set()
    await asyncio.gather(*parts)


async def test_no_word_of_a_ticket_is_logged(town: Town) -> None:
    town.city.script = [says(500, {"message": "陈某某"}), says(400, {"message": "陈某某"})]
    structlog.reset_defaults()  # a command run before in this process may have asked for quiet
    with structlog.testing.capture_logs() as lines:
        await town.dispatch()
        await town.rounds()
        await town.pass_(minutes=1)
    assert len(lines) >= 3
    assert not any(word in json.dumps(lines, ensure_ascii=False, default=str) for word in ("陈某某", "路灯", "湖滨"))


@pytest.fixture
async def log() -> AsyncIterator[MemoryLog]:
    made = MemoryLog()
    yield made
    await made.close()
