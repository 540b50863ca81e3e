"""Store: one writing transaction. Collects rows of the desk's streams and numbers them last, just before the commit."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, func, select

from console.decide_city import CityFacts
from pipeline.store.engines import upsert
from pipeline.store.tables import counters, meta, push, streams

_pushed = push.insert()
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
        if isinstance(rows, list) and len(rows) == 1:
            rows = rows[0]  # drivers take one row a shorter way than many
        return self.connection.execute(statement, rows) if rows is not None else self.connection.execute(statement)

    def put(
        self, table: Table, rows: Sequence[Mapping[str, Any]], change: Callable[[Any, Any], dict[str, Any]]
    ) -> None:
        """Inserts rows, changing those whose key stands already; `change` as `upsert` takes it."""
        if rows:
            self.run(upsert(self.connection.dialect.name, table, change), rows)

    def count(self, name: str, by: int = 1) -> int:
        """Raises a counter and returns it. Its row stays locked until the commit, so numbers have no holes."""
        return int(self._raise(name, by).value)

    def _raise(self, name: str, by: int) -> Any:
        return self.run(_raised(self.connection.dialect.name), {"name": name, "value": by}).one()

    def peek(self, name: str) -> int:
        """A counter as it stands, locked until the commit where the database can."""
        query = select(counters.c.value).where(counters.c.name == name).with_for_update()
        return int(self.connection.scalar(query) or 0)

    def push(self, stream: str, kind: str, data: Any, at: float) -> None:
        """Adds a row to a desk stream. `at`: unix seconds of the causing event."""
        self.push_to((stream,), kind, data, at)

    def push_to(self, to: Iterable[str], kind: str, data: Any, at: float) -> None:
        """Adds the same row to several streams."""
        text = dumps(data)
        self._rows.extend((stream, kind, text, at) for stream in to)

    def flush(self) -> None:
        """Numbers and writes the pushed rows. Last act of a transaction: from here on other writers wait."""
        rows, self._rows = self._rows, []
        if not rows:
            return
        raised = self._raise("push", len(rows))
        offsets = self._advance(Counter(row[0] for row in rows))
        written = []
        for back, (stream, kind, data, at) in enumerate(reversed(rows)):
            written.append(
                {
                    "row_no": raised.value - back,
                    "stream": stream,
                    "epoch": raised.epoch or "",
                    "position": offsets[stream],
                    "kind": kind,
                    "data": data,
                    "at": at,
                }
            )
            offsets[stream] -= 1
        self.run(_pushed, written[::-1])
        self.newest_row = raised.value

    def _advance(self, by: Mapping[str, int]) -> dict[str, int]:
        """Newest offset of each stream, after so many more rows. The counter's lock keeps others away meanwhile."""
        moved = [{"stream": stream, "position": rows} for stream, rows in by.items()]
        done = self.run(_advanced(self.connection.dialect.name), moved)
        return {row.stream: row.position for row in done}


def _add_value(held: Any, given: Any) -> dict[str, Any]:
    return {"value": held.value + given.value}


def _add_position(held: Any, given: Any) -> dict[str, Any]:
    return {"position": held.position + given.position}


@functools.cache
def _raised(dialect: str) -> Any:
    epoch = select(meta.c.value).where(meta.c.name == "epoch").scalar_subquery().label("epoch")
    return upsert(dialect, counters, _add_value).returning(counters.c.value, epoch)


@functools.cache
def _advanced(dialect: str) -> Any:
    return upsert(dialect, streams, _add_position).returning(streams.c.stream, streams.c.position)


def epoch_of(connection: Connection) -> str:
    """Epoch of all streams: changes when their history was lost."""
    return str(connection.scalar(select(meta.c.value).where(meta.c.name == "epoch")) or "")


def position_of(connection: Connection, stream: str) -> int:
    """Newest offset of a stream; 0 when it has no row."""
    return int(connection.scalar(select(streams.c.position).where(streams.c.stream == stream)) or 0)


def newest_row(connection: Connection) -> int:
    """Newest row over all streams."""
    return int(connection.scalar(select(func.max(push.c.row_no))) or 0)
