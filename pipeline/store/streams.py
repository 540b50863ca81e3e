"""Store: the desk's streams as consoles read them: positions, resume, and the tail over all streams."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, Row, func, select

from console.ports import PushRow
from pipeline.store.tables import push
from pipeline.store.tx import epoch_of, position_of


def position(connection: Connection, stream: str) -> tuple[str, int]:
    return epoch_of(connection), position_of(connection, stream)


def rows_of(connection: Connection, stream: str, epoch: str, offset: int, limit: int) -> list[PushRow] | None:
    """Rows after `offset`, or None when they can't be given whole."""
    current, newest = position(connection, stream)
    if epoch != current or offset < 0 or offset > newest or newest - offset > limit:
        return None
    found = connection.execute(
        select(push)
        .where(push.c.stream == stream, push.c.epoch == epoch, push.c.position > offset)
        .order_by(push.c.position)
    ).all()
    if len(found) != newest - offset:
        return None  # the oldest of them have expired
    return [_row(r) for r in found]


def rows_after(connection: Connection, row: int, limit: int) -> list[PushRow]:
    found = connection.execute(select(push).where(push.c.row_no > row).order_by(push.c.row_no).limit(limit))
    return [_row(r) for r in found]


def forget_before(connection: Connection, at: float) -> int:
    """Deletes rows older than `at` (unix seconds), but never a stream's newest; returns how many."""
    newest = select(func.max(push.c.row_no)).group_by(push.c.stream).scalar_subquery()
    done = connection.execute(push.delete().where(push.c.at < at, push.c.row_no.not_in(newest)))
    return int(done.rowcount)


def _row(r: Row) -> PushRow:
    return PushRow(
        row=r.row_no,
        stream=r.stream,
        epoch=r.epoch,
        offset=r.position,
        kind=r.kind,
        data=msgspec.json.decode(r.data),
        at=r.at,
    )
