"""Store: one writing transaction. Collects rows of the desk's streams and numbers them last, just before the commit."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from console.decide_city import CityFacts
from pipeline.store.tables import counters, meta, push, streams

_json = msgspec.json.Encoder(order="deterministic")


def dumps(value: Any) -> str:
    """JSON text of any struct or plain value."""
    return _json.encode(value).decode()


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What every transaction knows of the house it runs in."""

    facts: CityFacts
    key: bytes  # of the keyed hashes

    def keyed(self, text: str) -> str:
        """Keyed hash (hex) of words: says whether they were the same, not what they were; "" stays ""."""
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest() if text else ""


class Tx:
    """A transaction under way. Everything done through it stands together, or nothing does."""

    def __init__(self, connection: Connection, house: House) -> None:
        self.connection = connection
        self.house = house
        self.newest_row = 0  # of the pushed rows, once flushed
        self.sent_out = False  # the outbox has something new
        self.handed_off = False  # a hand-off waits that did not before
        self._rows: list[tuple[str, str, str, float]] = []

    def run(self, statement: Any, rows: Any = None) -> Any:
        return self.connection.execute(statement, rows) if rows is not None else self.connection.execute(statement)

    def count(self, name: str, by: int = 1) -> int:
        """Raises a counter and returns it. Its row stays locked until the commit, so numbers have no holes."""
        raised = self.run(counters.update().where(counters.c.name == name).values(value=counters.c.value + by))
        if raised.rowcount == 0:
            self.run(counters.insert().values(name=name, value=by))
            return by
        return int(self.connection.scalar(select(counters.c.value).where(counters.c.name == name)) or 0)

    def peek(self, name: str) -> int:
        """A counter as it stands, locked until the commit where the database can."""
        query = select(counters.c.value).where(counters.c.name == name).with_for_update()
        return int(self.connection.scalar(query) or 0)

    def push(self, stream: str, kind: str, data: Any, at: float) -> None:
        """Adds a row to a desk stream. `at`: unix seconds of the causing event."""
        self._rows.append((stream, kind, dumps(data), at))

    def flush(self) -> None:
        """Numbers and writes the pushed rows. Last act of a transaction: from here on other writers wait."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        epoch = epoch_of(self.connection)
        last_row = self.count("push", len(rows))
        offsets = {stream: self._advance(stream, sum(r[0] == stream for r in rows)) for stream in {r[0] for r in rows}}
        written = []
        for back, (stream, kind, data, at) in enumerate(reversed(rows)):
            written.append(
                {
                    "row_no": last_row - back,
                    "stream": stream,
                    "epoch": epoch,
                    "position": offsets[stream],
                    "kind": kind,
                    "data": data,
                    "at": at,
                }
            )
            offsets[stream] -= 1
        self.run(push.insert(), written[::-1])
        self.newest_row = last_row

    def _advance(self, stream: str, by: int) -> int:
        moved = self.run(streams.update().where(streams.c.stream == stream).values(position=streams.c.position + by))
        if moved.rowcount == 0:
            self.run(streams.insert().values(stream=stream, position=by))
            return by
        return position_of(self.connection, stream)


def epoch_of(connection: Connection) -> str:
    """Epoch of all streams: changes when their history was lost."""
    return str(connection.scalar(select(meta.c.value).where(meta.c.name == "epoch")) or "")


def position_of(connection: Connection, stream: str) -> int:
    """Newest offset of a stream; 0 when it has no row."""
    return int(connection.scalar(select(streams.c.position).where(streams.c.stream == stream)) or 0)


def newest_row(connection: Connection) -> int:
    """Newest row over all streams."""
    return int(connection.scalar(select(func.max(push.c.row_no))) or 0)
