"""What came back, counted from the record: sent elsewhere at confirming or after; made-up history counts for nothing."""

from __future__ import annotations

from agents.city import City
from pipeline.run.understanding import learn_returns
from pipeline.store.return_counts import past_returns
from pipeline.store.sql_store import SqlStore
from schemas.commands import OverruleDispatch
from tests.city import the_city
from tests.contract.a_call import whole_call
from tests.contract.test_store import Desk, desk, store

__all__ = ["desk", "store"]  # fixtures


async def test_while_nothing_came_back_there_is_nothing_to_learn(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call())
    await desk.confirm()
    assert await store.read(past_returns) == ()


async def test_tickets_sent_elsewhere_count_against_the_unit_proposed(desk: Desk, store: SqlStore) -> None:
    await desk.record(*whole_call(), *whole_call("call-0002"), *whole_call("call-0003"))
    await desk.confirm()
    await desk.confirm(call="call-0002", lead_unit="u-police")
    moved = await desk.confirm(call="call-0003")
    await desk.tell(
        desk.supervisor, OverruleDispatch, ticket=moved.ticket, version=1, lead_unit="u-ecology", reason="归口调整"
    )
    (counted,) = await store.read(past_returns)
    assert (counted.unit, counted.sent, counted.returned) == ("u-urban", 3, 2)
    city = City.__new__(City)  # only what is told to it matters here
    city.index, city.returns = the_city().index, None
    await learn_returns(city, store)
    assert city.returns is not None
    assert city.returns.risk("u-urban", counted.category, counted.entry, 0.1) > 0.1
