"""In whatever order machine, people and replays come: pushed rows add up to the view, the promises hold."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from console.ports import TicketQuery
from pipeline.store.recording import record_events
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas import calls as c
from schemas.codec import decode
from schemas.commands import (
    Actor,
    AddMatter,
    AnyCommand,
    ClaimCall,
    ConfirmMatter,
    CorrectUtterance,
    CreateTicket,
    DecideSuggestion,
    DismissMatter,
    EditField,
)
from schemas.ids import matter_id
from tests.contract import a_call
from tests.contract.a_call import CALL, T0, a_matter, draft, ended, heard, notice, offered, started
from tests.contract.quick import quick_folder
from tests.unit.console.deciding import CITY

FIELDS = {"kind": "help", "category": "c-1204", "title": "手工", "content": "手工", "answer": "答"}
steps = st.one_of(
    st.tuples(st.just("draft"), st.integers(1, 12), st.sampled_from(["甲", "乙", "丙"]), st.integers(1, 2)),
    st.tuples(st.just("heard"), st.integers(1, 4)),
    st.tuples(st.just("offered"), st.integers(1, 5), st.sampled_from(["s1", "s2", "s3"])),
    st.tuples(st.just("assist"), st.booleans()),
    st.tuples(st.just("ended")),
    st.tuples(st.just("echo")),
    st.tuples(
        st.just("edit"),
        st.sampled_from(["title", "content", "contact_phone"]),
        st.sampled_from(["", "人写", "13900000003"]),
    ),
    st.tuples(st.just("correct"), st.integers(1, 4)),
    st.tuples(st.just("add")),
    st.tuples(st.just("dismiss"), st.integers(0, 2)),
    st.tuples(st.just("create")),
    st.tuples(st.just("suggest"), st.sampled_from(["s1", "s2", "s3"]), st.sampled_from(["accepted", "rejected"])),
    st.tuples(st.just("confirm"), st.integers(0, 2), st.booleans()),
    st.tuples(st.just("claim")),
)


class World:
    """One call, one agent, and every outcome met so far."""

    def __init__(self, store: SqlStore, agent: Actor) -> None:
        self.store, self.agent = store, agent
        self.met: list[tuple[AnyCommand, Any]] = []
        self.tickets: dict[str, str] = {}  # ticket → hash confirmed

    async def record(self, *events: Event) -> None:
        await self.store.write(lambda tx: record_events(tx, events))

    async def tell(self, command: AnyCommand) -> Any:
        outcome = await self.store.execute(self.agent, command, T0 + timedelta(minutes=1))
        self.met.append((command, outcome))
        return outcome

    async def step(self, n: int, what: tuple[Any, ...]) -> None:
        id_ = f"command-{n:04}"
        view = await self.store.call(self.agent, CALL)
        assert view is not None
        match what:
            case ("draft", revision, title, matters):
                await self.record(draft(revision, *(a_matter(CALL, m, title=title) for m in range(matters))))
            case ("heard", k):
                await self.record(heard(k, f"第{k}句"))
            case ("offered", seq, suggestion):
                await self.record(offered(seq, suggestion))
            case ("assist", on):
                await self.record(a_call.event(c.AssistSwitched(on=on, by="caller"), 30, n=n))
            case ("ended",):
                await self.record(ended())
            case ("echo",):
                await self.record(*(decode(w.data) for w in await self.store.waiting_events()))
            case ("edit", field, value):
                await self.tell(
                    EditField(command_id=id_, call=CALL, matter=matter_id(CALL, 0), field=field, value=value)
                )
            case ("correct", k):
                await self.tell(CorrectUtterance(command_id=id_, call=CALL, utterance=f"{CALL}-utt-{k}", text="更正"))
            case ("add",):
                await self.tell(AddMatter(command_id=id_, call=CALL))
            case ("dismiss", k) if k < len(view.matters):
                held = view.matters[k]
                await self.tell(DismissMatter(command_id=id_, call=CALL, matter=held.matter.id, reason="无内容"))
            case ("create",):
                await self.tell(CreateTicket(command_id=id_, call=CALL, fields=FIELDS, handling_mode="direct"))
            case ("suggest", suggestion, outcome):
                matter = matter_id(CALL, 0) if outcome == "accepted" else ""
                command = DecideSuggestion(
                    command_id=id_, call=CALL, suggestion=suggestion, outcome=outcome, matter=matter
                )
                await self.tell(command)
            case ("confirm", k, fresh) if k < len(view.matters):
                held = view.matters[k]
                confirm = ConfirmMatter(
                    command_id=id_,
                    call=CALL,
                    matter=held.matter.id,
                    version=held.version - (not fresh),
                    content_hash=held.content_hash,
                    handling_mode="forward",
                    lead_unit="u-urban",
                )
                outcome = await self.tell(confirm)
                assert fresh or outcome.status != "ok"
                assert not held.may_confirm or not fresh or outcome.status == "ok"
                if outcome.status == "ok":
                    self.tickets[outcome.ticket] = held.content_hash
            case ("claim",):
                await self.tell(ClaimCall(command_id=id_, call=CALL))


def add_up(rows: list[Any]) -> dict[str, Any]:
    """What a page holds that saw every row and asked for nothing else."""
    page: dict[str, Any] = {"utterances": {}, "history": [], "suggestions": [], "draft": None, "call": None}
    for row in rows:
        match row.kind:
            case "utterance":
                page["utterances"][row.data["id"]] = row.data
            case "decision":
                page["history"].append(row.data)
            case "suggestions":
                page["suggestions"] = row.data["suggestions"]
            case "draft" | "call":
                page[row.kind] = row.data
    return page


async def live_through(path: Path, story: list[tuple[Any, ...]]) -> None:
    store = SqlStore(path, CITY, key=b"k" * 32)
    world = World(store, await store.ensure_user("wang", "王敏", "agent", "hash", "8001"))
    await world.record(started(), notice())
    versions: dict[str, tuple[int, str]] = {}
    for n, what in enumerate(story):
        await world.step(n, what)
        view = await store.call(world.agent, CALL)
        assert view is not None
        for held in view.matters:
            version, digest = versions.get(held.matter.id, (0, ""))
            assert held.version >= version, what
            assert held.version > version or held.content_hash == digest, what  # other content, other version
            versions[held.matter.id] = (held.version, held.content_hash)
    view = await store.call(world.agent, CALL)
    assert view is not None
    epoch, newest = await store.position(f"call:{CALL}")
    rows = await store.rows_of(f"call:{CALL}", epoch, 0, limit=10_000)
    assert rows is not None and [r.offset for r in rows] == list(range(1, newest + 1))
    page, shown = add_up(rows), msgspec.json.decode(msgspec.json.encode(view))
    assert sorted(page["utterances"].values(), key=lambda u: u["start_s"]) == shown["utterances"]
    assert page["call"] == shown["summary"]
    assert page["history"] == shown["history"]
    assert page["suggestions"] == shown["suggestions"]
    if page["draft"] is not None:
        assert page["draft"]["matters"] == shown["matters"]
    for command, outcome in world.met:
        assert await store.execute(world.agent, command, T0 + timedelta(days=1)) == outcome
    assert await store.call(world.agent, CALL) == view
    kept = await store.tickets(world.agent, TicketQuery(limit=500))
    assert kept.total == sum(o.status == "ok" and bool(o.ticket) for _, o in world.met)
    for id_, digest in world.tickets.items():
        ticket = await store.ticket(world.agent, id_)
        assert ticket is not None and ticket.ticket.confirmed_hash == digest
    assert (await store.verify_audit()).whole
    await store.close()


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a database per story: shrinking one would take minutes
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(steps, min_size=3, max_size=14))
def test_the_pushed_rows_add_up_to_the_view_in_any_order(story: list[tuple[Any, ...]]) -> None:
    with quick_folder() as folder:
        asyncio.run(live_through(folder / "record.db", story))
