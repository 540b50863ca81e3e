"""Store: feeds the watch over trends and writes down what it saw. The same episode twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, func, select

from agents.trends import Told
from console.decide_time import iso
from pipeline.store.tables_trends import trend_episodes, trend_feed, trend_memory, trend_tickets
from pipeline.store.ticket_rows import ticket_of, tickets
from pipeline.store.tx import Tx, dumps
from schemas.ticket import Ticket

FEED = "trend_feed"  # counter
WATCH = "watch"


class Fed(msgspec.Struct, frozen=True):
    """A ticket with its number; no ticket when it was deleted since."""

    no: int
    ticket: Ticket | None
    number: str  # digits of the caller; "" = not known


class Memory(msgspec.Struct, frozen=True):
    """The fold as it was written down."""

    no: int
    rules: str
    since: str  # UTC ISO: episodes that opened before were told of under other rules
    state: bytes


def feed(tx: Tx, made: Sequence[str]) -> None:
    """Numbers new tickets in the transaction that makes them: the counter's lock keeps the order of the commits."""
    if made:
        last = tx.count(FEED, len(made))
        tx.run(trend_feed.insert(), [{"no": last - len(made) + n + 1, "ticket": id_} for n, id_ in enumerate(made)])


def fed(connection: Connection, after: int, limit: int) -> list[Fed]:
    """Tickets after a number, in order."""
    found = connection.execute(
        select(trend_feed.c.no, tickets.c.body, tickets.c.phone, tickets.c.ani)
        .select_from(trend_feed.outerjoin(tickets, tickets.c.id == trend_feed.c.ticket))
        .where(trend_feed.c.no > after)
        .order_by(trend_feed.c.no)
        .limit(limit)
    )
    return [Fed(row.no, ticket_of(row.body) if row.body else None, row.phone or row.ani or "") for row in found]


def before(connection: Connection, days: float) -> int:
    """Number before the first ticket of the last so many days of the feed; 0 when it is not as long."""
    newest = connection.scalar(select(func.max(tickets.c.created_at)))
    if not newest:
        return 0
    since = iso(datetime.fromisoformat(newest) - timedelta(days=days))
    first = connection.scalar(
        select(func.min(trend_feed.c.no))
        .select_from(trend_feed.join(tickets, tickets.c.id == trend_feed.c.ticket))
        .where(tickets.c.created_at >= since)
    )
    return int(first) - 1 if first else 0


def memory(connection: Connection) -> Memory | None:
    """What was written down last."""
    row = connection.execute(select(trend_memory).where(trend_memory.c.name == WATCH)).first()
    return Memory(row.no, row.rules, row.since, row.state) if row else None


def made_at(connection: Connection, no: int) -> str:
    """When the newest ticket up to a number was made; "" when there is none."""
    found = (
        select(tickets.c.created_at)
        .join(trend_feed, trend_feed.c.ticket == tickets.c.id)
        .where(trend_feed.c.no <= no)
        .order_by(trend_feed.c.no.desc())
        .limit(1)
    )
    return connection.scalar(found) or ""


def remember(tx: Tx, held: Memory) -> None:
    """Writes the fold down, unless one that stands further is there."""
    said = {"no": held.no, "rules": held.rules, "since": held.since, "state": held.state}
    known = tx.run(select(trend_memory.c.no, trend_memory.c.rules).where(trend_memory.c.name == WATCH)).first()
    if known is None:
        tx.run(trend_memory.insert().values(name=WATCH, **said))
    elif known.rules != held.rules or known.no < held.no:
        tx.run(trend_memory.update().where(trend_memory.c.name == WATCH).values(**said))


def write(tx: Tx, told: Iterable[Told], since: str = "") -> int:
    """Writes episodes down; a lower revision never replaces a higher. Returns how many were new.

    One not known that opened up to `since` stands there under another id already.
    """
    fresh = 0
    for one in told:
        view = one.view
        known = tx.run(select(trend_episodes.c.revision).where(trend_episodes.c.id == view.id)).first()
        if known is not None and known.revision >= view.revision:
            continue
        if known is None and view.opened_at <= since:
            continue
        held = set(tx.run(select(trend_tickets.c.ticket).where(trend_tickets.c.episode == view.id)).scalars())
        joined = [{"episode": view.id, "ticket": t} for t in dict.fromkeys(one.tickets) if t not in held]
        if joined:
            tx.run(trend_tickets.insert(), joined)
        said = {
            "revision": view.revision,
            "severity": view.severity,
            "kind": view.kind,
            "district": view.district,
            "opened_at": view.opened_at,
            "last_at": view.last_at,
            "closed": view.closed,
            "body": dumps(view),
        }
        if known is None:
            blank = {"seen_by": "", "seen_by_name": "", "seen_at": "", "seen_severity": "", "note": ""}
            tx.run(trend_episodes.insert().values(id=view.id, **said, **blank))
            fresh += 1
        else:
            tx.run(trend_episodes.update().where(trend_episodes.c.id == view.id).values(**said))
    return fresh
