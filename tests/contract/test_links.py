"""What every store keeps of repeats: a matter becomes part of an earlier ticket only when a person says so."""

from __future__ import annotations

from typing import Any

from pipeline.store.sql_store import SqlStore
from schemas.calls import MatterClosed
from schemas.commands import LinkMatter
from tests.contract.a_call import whole_call
from tests.contract.test_store import Desk, desk, store

__all__ = ["desk", "store"]  # fixtures


async def twice(desk: Desk) -> tuple[Any, Any]:
    """The outcome of a first call's ticket, and the matter of a second call."""
    await desk.record(*whole_call(), *whole_call("again"))
    return await desk.confirm(), (await desk.view(call="again")).matters[0]


async def test_urging_closes_the_matter_and_writes_into_the_earlier_ticket(desk: Desk, store: SqlStore) -> None:
    first, matter = await twice(desk)
    asked = {"call": "again", "matter": matter.matter.id, "version": matter.version, "ticket_no": first.ticket_no}
    assert (await desk.tell(desk.analyst, LinkMatter, how="urge", **asked)).code == "forbidden"
    assert (await desk.tell(desk.agent, LinkMatter, how="urge", **(asked | {"version": 99}))).status == "stale"
    assert (await desk.tell(desk.agent, LinkMatter, how="urge", **(asked | {"ticket_no": "XC0"}))).code == (
        "no_such_ticket"
    )
    done = await desk.tell(desk.agent, LinkMatter, how="urge", **asked)
    assert (done.status, done.ticket) == ("ok", first.ticket)
    seen = (await desk.view(call="again")).matters[0]
    assert (seen.matter.closed, seen.ticket_no) == ("merged", first.ticket_no)
    ticket = await store.ticket(desk.agent, first.ticket)
    assert ticket is not None and [h.action for h in ticket.history][-1] == "urged"
    assert matter.matter.fields["content"].value in ticket.history[-1].text
    closed = [e.body for e in await desk.sent() if isinstance(e.body, MatterClosed)]
    assert [(b.outcome, b.ticket) for b in closed] == [("confirmed", first.ticket), ("merged", first.ticket)]
    assert (await desk.tell(desk.agent, LinkMatter, how="append", **asked)).status != "ok", "once"


async def test_a_ticket_of_its_own_names_the_one_it_is_linked_to(desk: Desk, store: SqlStore) -> None:
    first, _ = await twice(desk)
    assert (await desk.confirm(call="again", previous="XC0")).code == "no_such_ticket"
    second = await desk.confirm(call="again", previous=first.ticket_no)
    assert second.status == "ok"
    made, old = await store.ticket(desk.agent, second.ticket), await store.ticket(desk.agent, first.ticket)
    assert made is not None and old is not None
    assert made.ticket.previous == first.ticket_no
    assert made.history[-1].text == f"关联原工单{first.ticket_no}"
    assert old.history[-1].text == f"被工单{second.ticket_no}关联"
