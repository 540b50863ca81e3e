"""Alembic's entry: runs on the connection `pipeline.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from pipeline.store import tables_handoffs, tables_tickets, tables_trends
from pipeline.store.tables import metadata

assert tables_tickets.tickets.metadata is tables_handoffs.handoffs.metadata is metadata
assert tables_trends.trend_feed.metadata is metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter a column in place
    transaction_per_migration=False,
)
context.run_migrations()
