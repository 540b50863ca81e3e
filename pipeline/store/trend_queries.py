"""Store: episodes as the supervisor's and analyst's page asks for them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from console.ports import EpisodeQuery
from pipeline.store.sight import masked_summary
from pipeline.store.tables_trends import trend_episodes, trend_tickets
from pipeline.store.ticket_rows import summary_of, tickets
from schemas.commands import Actor
from schemas.trends import EpisodeDetail, EpisodePage, EpisodeView

SHOWN = 200  # tickets of one episode
_RANK = {"urgent": 0, "hot": 1, "ordinary": 2}
_view = msgspec.json.Decoder(EpisodeView).decode


def episode_page(connection: Connection, query: EpisodeQuery) -> EpisodePage:
    """Those going on, then the ended ones."""
    c = trend_episodes.c
    going = [_read(connection, row) for row in connection.execute(select(trend_episodes).where(c.closed.is_(False)))]
    shown = sorted(going, key=lambda e: e.last_at, reverse=True)
    shown.sort(key=lambda e: _RANK[e.severity])
    if query.ended == "yes":
        left = max(0, query.limit - len(shown))
        ended = select(trend_episodes).where(c.closed).order_by(c.last_at.desc(), c.id).limit(left)
        shown += [_read(connection, row) for row in connection.execute(ended)]
    if query.severity:
        shown = [e for e in shown if e.severity == query.severity]
    return EpisodePage(
        episodes=tuple(shown[: query.limit]),
        open=len(going),
        unseen=sum(e.seen_severity != e.severity for e in going),
    )


def episode(connection: Connection, actor: Actor, id_: str) -> EpisodeDetail | None:
    """One with its tickets."""
    row = connection.execute(select(trend_episodes).where(trend_episodes.c.id == id_)).first()
    if row is None:
        return None
    found = connection.execute(
        select(tickets)
        .join(trend_tickets, trend_tickets.c.ticket == tickets.c.id)
        .where(trend_tickets.c.episode == id_)
        .order_by(tickets.c.created_at.desc(), tickets.c.id)
        .limit(SHOWN)
    )
    summaries = tuple(masked_summary(summary_of(dict(t._mapping)), actor) for t in found)
    return EpisodeDetail(episode=_read(connection, row), tickets=summaries)


def view_of(connection: Connection, id_: str) -> EpisodeView | None:
    """One without its tickets."""
    row = connection.execute(select(trend_episodes).where(trend_episodes.c.id == id_)).first()
    return _read(connection, row) if row is not None else None


def _read(connection: Connection, row: Any) -> EpisodeView:
    real = connection.scalar(
        select(func.count())
        .select_from(trend_tickets.join(tickets, tickets.c.id == trend_tickets.c.ticket))
        .where(trend_tickets.c.episode == row.id, tickets.c.synthetic.is_(False))
    )
    return msgspec.structs.replace(
        _view(row.body),
        synthetic=not real,
        seen_by=row.seen_by_name,
        seen_at=row.seen_at,
        seen_severity=row.seen_severity,
        note=row.note,
    )
