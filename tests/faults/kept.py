"""What a run has left behind: every record of the log, raw from Kafka, and every row of the database."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path
from typing import Any

import msgspec
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Connection, Table, select

from pipeline.log.kafka_options import KafkaOptions, consuming
from pipeline.store import audit
from pipeline.store.call_record import load_call
from pipeline.store.sql_store import SqlStore
from pipeline.store.tables import audit as audit_table
from pipeline.store.tables import calls, checkpoints, command_outcomes, dead, decisions, outbox, utterances
from pipeline.store.tables_handoffs import handoffs
from pipeline.store.tables_tickets import tickets
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import AUDIO, CALLS, DRAFTS, LANES, TOPICS
from tests.faults.caller import Line
from tests.faults.person import Invoked

GROUPS = {"stage.understanding": CALLS, "stage.suggest": DRAFTS, "transcriber": AUDIO}  # reader → what it reads
TABLES: tuple[Table, ...] = (
    calls, utterances, tickets, handoffs, decisions, command_outcomes, dead, outbox, audit_table, checkpoints,
)  # fmt: skip
IDLE_MS = 2000

Place = tuple[str, int]  # topic and lane
Row = dict[str, Any]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One record as it lies on Kafka."""

    lane: int
    offset: int  # Kafka's own
    key: str
    value: bytes
    head: bytes = b""

    @property
    def event(self) -> Event | None:
        """None: no event."""
        try:
            return decode(self.value)
        except BadEvent:
            return None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a switch did for one call."""

    call: str
    lines: list[Line]
    is_over: bool


class MatterKept(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as the desk would show it."""

    call: str
    id: str
    closed: str  # outcome; "" = waits for a person
    ticket: str


class Kept(msgspec.Struct, kw_only=True):
    """All that the invariants look at; tests doctor copies of it."""

    records: dict[str, list[Found]] = msgspec.field(default_factory=lambda: defaultdict(list))
    ends: dict[Place, int] = {}
    done: dict[tuple[str, int], int] = {}  # reader and lane → Kafka offset up to which it is done
    rows: dict[str, list[Row]] = msgspec.field(default_factory=lambda: defaultdict(list))
    matters: list[MatterKept] = []
    chain: list[audit.AuditEntry] = []
    history: list[Invoked] = []
    said: list[Said] = []
    accepted: list[tuple[str, bytes]] = []  # what the city's system took, in order: id and body
    poisoned: list[str] = []  # calls to which the test itself gave what nobody can digest

    def events(self, topic: str) -> list[Event]:
        """Those that can be read, lane by lane, in order, as often as they stand there."""
        return [event for found in self.records[topic] if (event := found.event) is not None]

    def once(self, topic: str) -> dict[str, Event]:
        """By id, in the order of their first appearance."""
        seen: dict[str, Event] = {}
        for event in self.events(topic):
            seen.setdefault(event.id, event)
        return seen

    def stream(self, call: str) -> list[Event]:
        """A call's events once each, in order."""
        return [event for event in self.once(CALLS).values() if event.call == call]

    def only(self, calls: Container[str]) -> Kept:
        """The log of these calls alone."""
        records = {
            topic: [found for found in all_ if found.key.partition("/")[0] in calls]
            for topic, all_ in self.records.items()
        }
        return msgspec.structs.replace(self, records=defaultdict(list, records))

    @property
    def calls(self) -> list[str]:
        """Every call the log knows, in no order that means anything."""
        return list(dict.fromkeys(found.key for found in self.records[CALLS]))


class LogReader:
    """Looks at all lanes from outside, as often as asked."""

    def __init__(self, options: KafkaOptions) -> None:
        self._consumer = KafkaConsumer(**consuming(options))
        self._asking = {group: KafkaConsumer(**consuming(options, options.group(group))) for group in GROUPS}
        self._names = {t.name: options.topic(t.name) for t in TOPICS.values() if t.durable}

    def positions(self, kept: Kept) -> None:
        """Where the topics end, and how far their readers are."""
        for topic, full in self._names.items():
            for place, end in self._consumer.end_offsets([TopicPartition(full, n) for n in range(LANES)]).items():
                kept.ends[topic, place.partition] = int(end)
        for group, topic in GROUPS.items():
            for lane in range(LANES):
                done = self._asking[group].committed(TopicPartition(self._names[topic], lane))
                kept.done[group, lane] = int(done or 0)

    def records(self, kept: Kept) -> None:
        """Every record of every durable topic, up to the ends found before."""
        topics = {full: name for name, full in self._names.items()}
        wanted = {TopicPartition(self._names[topic], lane): end for (topic, lane), end in kept.ends.items() if end}
        self._consumer.assign(list(wanted))
        for place in wanted:
            self._consumer.seek(place, 0)
        found: dict[TopicPartition, list[Found]] = defaultdict(list)
        while any(self._consumer.position(place) < end for place, end in wanted.items()):
            for place, records in self._consumer.poll(timeout_ms=IDLE_MS, max_records=10_000).items():
                found[place] += [_found(place.partition, record) for record in records]
        for place in wanted:
            kept.records[topics[place.topic]] += found[place]

    def close(self) -> None:
        for consumer in (self._consumer, *self._asking.values()):
            consumer.close(autocommit=False, timeout_ms=1000)


def _found(lane: int, record: Any) -> Found:
    head = next((bytes(value) for name, value in record.headers if name == "head"), b"")
    return Found(
        lane=lane, offset=record.offset, key=(record.key or b"").decode(), value=record.value or b"", head=head
    )


async def read_record(kept: Kept, store: SqlStore) -> None:
    """Adds what the database holds."""

    def look(connection: Connection) -> None:
        for table in TABLES:
            kept.rows[table.name] = [dict(row._mapping) for row in connection.execute(select(table))]
        kept.chain = list(audit.entries(connection, store.house.facts.tenant))
        for row in kept.rows["calls"]:
            record = load_call(connection, row["id"])
            assert record is not None
            kept.matters += [
                MatterKept(call=record.id, id=known.matter.id, closed=known.matter.closed, ticket=known.ticket)
                for known in record.matters
            ]

    kept.matters = []
    await store.read(look)


def read_accepted(file: Path) -> Iterable[tuple[str, bytes]]:
    """Requests the receiver took, oldest first; the same id may come again."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    for line in lines:
        taken = json.loads(line)
        yield taken["id"], base64.b64decode(taken["body"])
