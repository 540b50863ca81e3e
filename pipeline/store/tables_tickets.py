"""Store: the tickets, whole as JSON, with the columns lists, audits and trends are read by."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from pipeline.store.tables import AT, ID, metadata

tickets = Table(
    "tickets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("ticket_no", String(40), nullable=False, unique=True),
    Column("call", ID, nullable=False, index=True),  # "" = made without a call
    Column("matter", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("mode", String(10), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("cat1", String(40), nullable=False),  # category codes by level; "" = none that deep
    Column("cat2", String(40), nullable=False),
    Column("cat3", String(40), nullable=False),
    Column("category", String(40), nullable=False),
    Column("category_name", String(80), nullable=False),
    Column("district", String(40), nullable=False),
    Column("lead_unit", String(40), nullable=False),
    Column("lead_unit_name", String(80), nullable=False),
    Column("urgency", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("caller_name", String(200), nullable=False),
    Column("phone", String(40), nullable=False),  # digits to call back
    Column("ani", String(40), nullable=False),  # digits that called
    Column("created_at", AT, nullable=False),
    Column("day", String(10), nullable=False),  # of the city
    Column("week", String(10), nullable=False),  # its Monday
    Column("month", String(7), nullable=False),
    Column("reply_due", String(40), nullable=False),
    Column("confirmed_by", ID, nullable=False),
    Column("confirmed_by_name", String(80), nullable=False),
    Column("routing", String(12), nullable=False),  # agreed | changed | overruled | none proposed: ""
    Column("list_version", String(40), nullable=False),
    Column("label", Text, nullable=False),  # AI label, as lists and exports show it
    Column("synthetic", Boolean, nullable=False),
    Column("search", Text, nullable=False),  # what a free search looks through
    Column("body", Text, nullable=False),  # Ticket
)

Index("ix_tickets_newest", tickets.c.created_at, tickets.c.id)
Index("ix_tickets_state", tickets.c.state, tickets.c.created_at, tickets.c.id)
Index("ix_tickets_unit", tickets.c.lead_unit, tickets.c.created_at, tickets.c.id)
Index("ix_tickets_routing", tickets.c.mode, tickets.c.routing, tickets.c.created_at, tickets.c.id)
Index("ix_tickets_phone", tickets.c.phone, tickets.c.created_at)
Index("ix_tickets_ani", tickets.c.ani, tickets.c.created_at)
Index(  # covers every trend: counting never touches the rows themselves
    "ix_tickets_trend",
    tickets.c.day,
    tickets.c.district,
    tickets.c.cat1,
    tickets.c.cat2,
    tickets.c.cat3,
    tickets.c.kind,
    tickets.c.synthetic,
    tickets.c.week,
    tickets.c.month,
)
