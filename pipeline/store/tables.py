"""Store: every table of the record but the tickets'. Neutral SQL types; instants are UTC text of one fixed width."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
ID = String(64)
AT = String(24)  # UTC, "2026-11-21T02:30:00.000Z"
SERIAL = BigInteger().with_variant(Integer(), "sqlite")  # only INTEGER counts up by itself there

meta = Table("meta", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

counters = Table(
    "counters",
    metadata,
    Column("name", String(80), primary_key=True),  # "push", "audit:<tenant>", "ticket_no:<day>"
    Column("value", BigInteger, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("extension", String(40), nullable=False, index=True),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(128), primary_key=True),
    Column("user_id", ID, ForeignKey("users.id"), nullable=False, index=True),
    Column("opened_at", AT, nullable=False),
    Column("expires_at", AT, nullable=False, index=True),
)

calls = Table(
    "calls",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant", String(40), nullable=False),
    Column("state", String(12), nullable=False),  # schemas.desk.CallState
    Column("started_at", AT, nullable=False, index=True),
    Column("ended_at", AT, nullable=False),
    Column("notice_at", AT, nullable=False),  # "" = the caller has not been told yet
    Column("ani", String(40), nullable=False, index=True),
    Column("dnis", String(40), nullable=False),
    Column("queue", String(80), nullable=False),
    Column("agent", ID, nullable=False, index=True),  # user id; "" = waiting
    Column("agent_name", String(80), nullable=False),
    Column("assist", Boolean, nullable=False),
    Column("parked", Boolean, nullable=False),  # something of it went to the dead letters
    Column("summary", Text, nullable=False),  # CallSummary as last pushed
)

utterances = Table(
    "utterances",
    metadata,
    Column("id", ID, primary_key=True),
    Column("call", ID, ForeignKey("calls.id"), nullable=False, index=True),
    Column("leg", String(8), nullable=False),
    Column("start_s", Float, nullable=False),  # seconds since leg start
    Column("end_s", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("raw", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("logprob", Float, nullable=False),
    Column("flags", Text, nullable=False),
    Column("corrected_by", String(80), nullable=False),  # name
    Column("heard_at", AT, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("call", ID, ForeignKey("calls.id"), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # DraftUpdated without the snapshot
    Column("snapshot", LargeBinary, nullable=False),
    Column("at", AT, nullable=False),
)

field_edits = Table(  # the human overlay: one row per locked field
    "field_edits",
    metadata,
    Column("call", ID, ForeignKey("calls.id"), primary_key=True),
    Column("matter", ID, primary_key=True),
    Column("field", String(40), primary_key=True),
    Column("value", Text, nullable=False),  # FieldValue
    Column("proposed", Text, nullable=False),  # what the machine had proposed when a person first touched the field
    Column("by", ID, nullable=False),
    Column("at", AT, nullable=False),
)

matters = Table(
    "matters",
    metadata,
    Column("call", ID, ForeignKey("calls.id"), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("n", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("by_hand", Text, nullable=False),  # Matter as a person opened it; "" = the machine found it
    Column("final", Text, nullable=False),  # Matter as decided; "" = still open
    Column("ticket", ID, nullable=False),
    Column("ticket_no", String(40), nullable=False),
)

suggestions = Table(  # offered and decided are one row: who saw what from which system, and what became of it (G05)
    "suggestions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("call", ID, ForeignKey("calls.id"), nullable=False, index=True),
    Column("seq", BigInteger, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("body", Text, nullable=False),  # Suggestion
    Column("system", String(200), nullable=False),
    Column("stage", String(80), nullable=False),
    Column("in_hash", String(64), nullable=False),  # keyed: what it was made from
    Column("out_hash", String(64), nullable=False),  # keyed: what it says
    Column("shown_at", AT, nullable=False),
    Column("shown_to", ID, nullable=False),  # user id; "" = nobody's desk yet
    Column("outcome", String(12), nullable=False),
    Column("decided_by", ID, nullable=False),
    Column("decided_at", AT, nullable=False),
    Column("ms", Integer, nullable=False),  # from shown to decided
    Column("text", Text, nullable=False),  # as used
    Column("reason", Text, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("call", ID, ForeignKey("calls.id"), nullable=False, index=True),
    Column("level", String(12), nullable=False),
    Column("body", Text, nullable=False),  # AlertRaised
    Column("at", AT, nullable=False),
)

gaps = Table(
    "gaps",
    metadata,
    Column("event", ID, primary_key=True),
    Column("call", ID, ForeignKey("calls.id"), nullable=False, index=True),
    Column("body", Text, nullable=False),  # GapFound
    Column("at", AT, nullable=False),
)

dead = Table(
    "dead",
    metadata,
    Column("event", ID, primary_key=True),
    Column("call", ID, nullable=False, index=True),
    Column("stage", String(80), nullable=False),
    Column("topic", String(40), nullable=False),
    Column("position", BigInteger, nullable=False),  # offset in the topic
    Column("reason", Text, nullable=False),
    Column("at", AT, nullable=False),
)

degraded = Table(
    "degraded",
    metadata,
    Column("call", ID, primary_key=True),  # "" = the whole house
    Column("flag", String(20), primary_key=True),  # schemas.desk.Degraded
    Column("at", AT, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("call", ID, nullable=False, index=True),
    Column("matter", ID, nullable=False),
    Column("ticket", ID, nullable=False, index=True),
    Column("at", AT, nullable=False),
    Column("actor", ID, nullable=False),
    Column("actor_name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("text", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("command", ID, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("command", ID, primary_key=True),
    Column("type", String(40), nullable=False),
    Column("actor", ID, nullable=False),
    Column("object", String(100), nullable=False),
    Column("call", ID, nullable=False, index=True),
    Column("body", Text, nullable=False),  # the command as given
    Column("content_hash", String(64), nullable=False),
    Column("at", AT, nullable=False),
)

command_outcomes = Table(
    "command_outcomes",
    metadata,
    Column("command", ID, primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("at", AT, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("tenant", String(40), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", AT, nullable=False),
    Column("actor", ID, nullable=False),
    Column("role", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(100), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("reason", String(64), nullable=False),  # keyed hash: a deletion of the words never breaks the chain
    Column("command", ID, nullable=False),
    Column("alg", String(12), nullable=False),
    Column("hash", String(128), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("event", ID, nullable=False, unique=True),
    Column("topic", String(40), nullable=False),
    Column("key", ID, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("sent", Boolean, nullable=False),
    Column("at", AT, nullable=False),
    Index("ix_outbox_waiting", "sent", "seq"),
)

streams = Table(
    "streams",
    metadata,
    Column("stream", String(100), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

push = Table(
    "push",
    metadata,
    Column("row_no", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(100), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("data", Text, nullable=False),
    Column("at", Float, nullable=False),  # unix seconds of the causing event
    UniqueConstraint("stream", "epoch", "position"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("reader", String(40), primary_key=True),
    Column("topic", String(40), primary_key=True),
    Column("position", BigInteger, nullable=False),  # offset recorded, in the transaction of what it said
)
