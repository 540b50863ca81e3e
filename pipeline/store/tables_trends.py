"""Store: what the watch over trends lives on: tickets in the order they were made, its memory, its episodes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from pipeline.store.tables import AT, ID, metadata

trend_feed = Table(
    "trend_feed",
    metadata,
    Column("no", BigInteger, primary_key=True, autoincrement=False),  # +1 per ticket, in the order of the commits
    Column("ticket", ID, nullable=False, unique=True),
)

trend_memory = Table(  # one row: the fold as of a ticket; what came after is met again
    "trend_memory",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("no", BigInteger, nullable=False),  # of the feed, all of it folded
    Column("rules", String(64), nullable=False),  # hash of what it was folded under
    Column("since", AT, nullable=False),  # episodes older than this were told of under other rules; "" = none were
    Column("state", LargeBinary, nullable=False),
)

trend_episodes = Table(
    "trend_episodes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("severity", String(12), nullable=False),
    Column("kind", String(40), nullable=False),  # category code
    Column("district", String(40), nullable=False),
    Column("opened_at", AT, nullable=False),
    Column("last_at", AT, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("body", Text, nullable=False),  # EpisodeView as the watch made it
    Column("seen_by", ID, nullable=False),  # who acknowledged it; "" = nobody yet
    Column("seen_by_name", String(80), nullable=False),
    Column("seen_at", AT, nullable=False),
    Column("seen_severity", String(12), nullable=False),  # as it stood then: a rise asks again
    Column("note", Text, nullable=False),
)
Index("ix_trend_episodes_newest", trend_episodes.c.last_at, trend_episodes.c.id)

trend_tickets = Table(  # the evidence
    "trend_tickets",
    metadata,
    Column("episode", ID, primary_key=True),
    Column("ticket", ID, primary_key=True),
)
