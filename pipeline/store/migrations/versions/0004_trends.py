"""What the watch over trends lives on. Tickets that stand already are fed to it in the order of their making."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trend_feed",
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_trend_feed")),
        sa.UniqueConstraint("ticket", name=op.f("uq_trend_feed_ticket")),
    )
    op.create_table(
        "trend_memory",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("rules", sa.String(length=64), nullable=False),
        sa.Column("since", sa.String(length=24), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trend_memory")),
    )
    op.create_table(
        "trend_episodes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.String(length=24), nullable=False),
        sa.Column("last_at", sa.String(length=24), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seen_by", sa.String(length=64), nullable=False),
        sa.Column("seen_by_name", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.String(length=24), nullable=False),
        sa.Column("seen_severity", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trend_episodes")),
    )
    op.create_index("ix_trend_episodes_newest", "trend_episodes", ["last_at", "id"])
    op.create_table(
        "trend_tickets",
        sa.Column("episode", sa.String(length=64), nullable=False),
        sa.Column("ticket", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("episode", "ticket", name=op.f("pk_trend_tickets")),
    )
    op.execute(
        "INSERT INTO trend_feed (no, ticket) "
        "SELECT row_number() OVER (ORDER BY created_at, id), id FROM tickets ORDER BY created_at, id"
    )
    op.execute("INSERT INTO counters (name, value) SELECT 'trend_feed', count(*) FROM trend_feed HAVING count(*) > 0")


def downgrade() -> None:
    op.execute("DELETE FROM counters WHERE name = 'trend_feed'")
    op.drop_table("trend_tickets")
    op.drop_index("ix_trend_episodes_newest", table_name="trend_episodes")
    op.drop_table("trend_episodes")
    op.drop_table("trend_memory")
    op.drop_table("trend_feed")
