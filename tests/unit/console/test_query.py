"""Query parameters, read strictly."""

from __future__ import annotations

import pytest

from console.ports import RoutingQuery, TicketQuery, TrendQuery
from console.query import BadQuery, read_query


def test_parameters_become_a_query_and_empty_ones_mean_any() -> None:
    query = read_query(
        TicketQuery, [("state", "closed"), ("limit", "20"), ("unit", ""), ("since", "2026-01-01T00:00:00Z")]
    )
    assert query == TicketQuery(state="closed", limit=20, since="2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        (TicketQuery, [("x", "1")], "'x'"),
        (TicketQuery, [("limit", "1"), ("limit", "2")], "twice"),
        (TicketQuery, [("limit", "1e9")], "limit"),
        (TicketQuery, [("text", "a\x00b")], "printable"),
        (TicketQuery, [("until", "2026-13-01")], "until"),
        (TrendQuery, [("since", "2026-01-01")], "until"),
        (TrendQuery, [("since", "2026-01-01"), ("until", "2026-02-01"), ("bucket", "hour")], "bucket"),
        (RoutingQuery, [("changed", "perhaps")], "changed"),
    ],
)
def test_a_bad_parameter_is_named(kind: type, given: list[tuple[str, str]], says: str) -> None:
    with pytest.raises(BadQuery, match=says):
        read_query(kind, given)
