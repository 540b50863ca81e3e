"""Store: what became of tickets that were sent, for the return risk: sent and sent elsewhere, by who, what and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, select

from pipeline.store.ticket_rows import ticket_of, tickets
from routing.returns import Sent

MOST = 5000  # newest tickets looked at
BACK = ("changed", "overruled")  # the unit proposed was not the one that kept it


def past_returns(connection: Connection) -> Sequence[Sent]:
    """Counts over the newest real tickets, of the unit and duty line that were proposed first; () while none came back.

    No unit of the city reports its 退单 to this house: what a person sent elsewhere, at confirming or after, stands
    for it.
    """
    query = (
        select(tickets.c.routing, tickets.c.category, tickets.c.body)
        .where(tickets.c.mode == "forward", tickets.c.routing != "", tickets.c.synthetic.is_(False))
        .order_by(tickets.c.created_at.desc(), tickets.c.id.desc())
        .limit(MOST)
    )
    sent: Counter[tuple[str, str, str]] = Counter()
    back: Counter[tuple[str, str, str]] = Counter()
    for row in connection.execute(query):
        proposal = ticket_of(row.body).proposal
        if proposal is None or not proposal.candidates:
            continue
        first = proposal.candidates[0]
        key = (first.unit, row.category, first.entry)
        sent[key] += 1
        back[key] += row.routing in BACK
    if not back.total():
        return ()
    return [Sent(*key, sent=n, returned=back[key]) for key, n in sorted(sent.items())]
