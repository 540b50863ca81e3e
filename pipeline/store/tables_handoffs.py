"""Store: hand-offs, one row per dispatched version of a ticket, made in the transaction of the decision."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from pipeline.store.tables import AT, ID, SERIAL, metadata

handoffs = Table(
    "handoffs",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("id", ID, nullable=False, unique=True),  # schemas.ids.handoff_id
    Column("ticket", ID, nullable=False),
    Column("ticket_no", String(40), nullable=False),
    Column("version", Integer, nullable=False),  # of the ticket
    Column("call", ID, nullable=False),  # "" = made without a call
    Column("unit_name", String(80), nullable=False),
    Column("command", ID, nullable=False),  # the decision that sent it there
    Column("content_hash", String(64), nullable=False),  # of what the person confirmed
    Column("body", LargeBinary, nullable=False),  # as it goes out; never changed
    Column("body_hash", String(64), nullable=False),
    Column("made_at", AT, nullable=False),
    Column("state", String(12), nullable=False),  # schemas.desk.HandoffState
    Column("tries", Integer, nullable=False),
    Column("first_at", AT, nullable=False),  # first try since it was made or retried; "" = none yet
    Column("next_at", AT, nullable=False),  # not tried before; "" = at once
    Column("last_at", AT, nullable=False),  # last try
    Column("status", Integer, nullable=False),  # HTTP; 0 = no answer
    Column("reason", String(20), nullable=False),  # of the last failure
    Column("said", Text, nullable=False),  # the receiver's words on a refusal
    Column("proof", String(12), nullable=False),  # receipt | known | accepted
    Column("receipt", String(200), nullable=False),
    UniqueConstraint("ticket", "version"),
)

Index("ix_handoffs_due", handoffs.c.state, handoffs.c.next_at, handoffs.c.seq)
