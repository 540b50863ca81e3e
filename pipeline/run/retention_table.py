"""`hotline retention`: how long what is kept, who lets it go, what it weighs, and what is there now."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Literal

import msgspec

from pipeline.log.onlooker import Onlooker
from pipeline.log.retention import EVERY_S
from pipeline.run.opening import LOG
from pipeline.settings import Settings
from pipeline.store.engines import open_engine
from pipeline.store.keeping_table import STORE, held
from schemas.topics import ALERTS, AUDIO, CALLS, CHECKPOINTS, DRAFTS, SUGGESTIONS, TOPICS

LEGS = 2
SAMPLED = 200  # newest records of a topic whose size stands for all
SLACK_S = 2 * EVERY_S

# Topic → records per minute of a call and bytes of each with key and head: nine sample calls drawn out to three minutes
# each and run through the stages; sound in records of 100 ms, G.711, on two legs. A draft is the whole draft, so its
# size grows with the call. Not measured: partials, whose number hangs on the machine and which are kept an hour.
MEASURED: dict[str, tuple[float, float]] = {
    AUDIO: (LEGS * 600.0, 800 + 86),
    CHECKPOINTS: (LEGS * 2.0, 15_500),
    CALLS: (13.9, 456),
    DRAFTS: (13.9, 13_850),
    SUGGESTIONS: (4.0, 1_385),
    ALERTS: (0.11, 692),
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of thing that is kept."""

    where: Literal["topic", "store"]
    what: str
    hours: float | None  # None = for good
    by: str  # who lets it go
    per_day: float  # bytes a day at the load asked about, all copies
    budget: float | None  # bytes once it is full; None = grows for good
    oldest: str = ""  # UTC ISO of the oldest there now; "" = nothing, or not known
    rows: int = -1  # records or rows there now; −1 = not known
    bytes: int = -1  # on disk now, where it can be told
    overdue: bool = False  # older things are there than may be


def retention_table(settings: Settings, calls: int, minutes: float) -> list[Row]:
    """Every topic and every kind of row, at `calls` a day of `minutes` each. Raises LogUnavailable, Unavailable."""
    topics = _on_kafka(settings) if settings.kafka else _embedded(settings)
    copies = settings.kafka_replication if settings.kafka else 1
    rows = [_topic(settings, name, calls * minutes * copies, topics.get(name)) for name in TOPICS]
    return rows + _of_store(settings, calls, minutes)


class _Now(msgspec.Struct, frozen=True, kw_only=True):
    oldest: float  # unix seconds; 0 = empty
    rows: int
    bytes: int
    slack_s: float  # by how much its oldest may be older than allowed


def _topic(settings: Settings, name: str, minutes_a_day: float, now: _Now | None) -> Row:
    hours = settings.audio_hours if name == AUDIO and not settings.kafka else float(TOPICS[name].retention_h)
    records, size = MEASURED.get(name, (0.0, 0.0))
    per_day = records * size * minutes_a_day
    volatile = not TOPICS[name].durable and not settings.kafka
    by = "the brokers (retention.ms)" if settings.kafka else "the keeping part of hotline serve, every 10 min"
    overdue = now is not None and 0 < now.oldest < time.time() - hours * 3600 - now.slack_s
    return Row(
        where="topic",
        what=name,
        hours=hours,
        by="memory only" if volatile else by,
        per_day=0.0 if volatile else per_day,
        budget=0.0 if volatile else per_day * hours / 24,
        oldest=_iso(now.oldest) if now else "",
        rows=now.rows if now else -1,
        bytes=now.bytes if now else -1,
        overdue=overdue,
    )


def _embedded(settings: Settings) -> dict[str, _Now]:
    import asyncio

    async def look() -> dict[str, _Now]:
        log = Onlooker(settings.home / LOG)
        try:
            return {name: await _in_file(log, name) for name, topic in TOPICS.items() if topic.durable}
        finally:
            await log.close()

    return asyncio.run(look()) if (settings.home / LOG / "events.db").exists() else {}


async def _in_file(log: Onlooker, name: str) -> _Now:
    first = await log.read(name, 0, 1)
    if not first:
        return _Now(oldest=0.0, rows=0, bytes=0, slack_s=SLACK_S)
    end = log.end(name)
    newest = await log.read(name, max(0, end - SAMPLED), SAMPLED)
    rows = end - first[0].offset + 1
    size = sum(len(r.value) + len(r.head) + len(r.key) for r in newest) / len(newest)
    return _Now(oldest=first[0].at, rows=rows, bytes=round(size * rows), slack_s=SLACK_S)


def _on_kafka(settings: Settings) -> dict[str, _Now]:
    from pipeline.log.kafka_health import look, topics_now
    from pipeline.log.kafka_topics import settings_of

    options = settings.kafka_options()
    sizes, found = look(options, ()).bytes, topics_now(options)
    return {
        name: _Now(
            oldest=oldest,
            rows=rows,
            bytes=sizes.get(name, 0),
            # a broker drops whole segments, once the newest record in one is old enough, and looks every 5 minutes
            slack_s=int(settings_of(TOPICS[name])["segment.ms"]) / 1000 + SLACK_S,
        )
        for name, (oldest, rows) in found.items()
    }


def _of_store(settings: Settings, calls: int, minutes: float) -> list[Row]:
    there = not settings.database_url.startswith("sqlite") or (settings.home / "store.db").exists()
    engine = open_engine(settings.database_url, write=False, size=1) if there else None
    made = []
    for kind in STORE:
        per_day = calls * (kind.per_call + kind.per_minute * minutes)
        rows, oldest = -1, ""
        if engine is not None:
            with engine.begin() as connection:
                seen = held(connection, kind.tables, kind.at)
            rows, oldest = seen.rows, _iso(seen.oldest) if isinstance(seen.oldest, float) else str(seen.oldest)
        made.append(
            Row(
                where="store",
                what=kind.kind,
                hours=kind.hours,
                by=kind.by,
                per_day=per_day,
                budget=per_day * kind.hours / 24 if kind.hours is not None else None,
                oldest=oldest,
                rows=rows,
            )
        )
    if engine is not None:
        engine.dispose()
    return made


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else ""
