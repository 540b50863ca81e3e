"""Tickets, with the columns they are found and counted by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("ticket_no", sa.String(length=40), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("matter", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cat1", sa.String(length=40), nullable=False),
        sa.Column("cat2", sa.String(length=40), nullable=False),
        sa.Column("cat3", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("category_name", sa.String(length=80), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("lead_unit", sa.String(length=40), nullable=False),
        sa.Column("lead_unit_name", sa.String(length=80), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("caller_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("ani", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.String(length=24), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("reply_due", sa.String(length=40), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_by_name", sa.String(length=80), nullable=False),
        sa.Column("routing", sa.String(length=12), nullable=False),
        sa.Column("list_version", sa.String(length=40), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("ticket_no", name=op.f("uq_tickets_ticket_no")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index("ix_tickets_ani", ["ani", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_call"), ["call"], unique=False)
        batch_op.create_index("ix_tickets_newest", ["created_at", "id"], unique=False)
        batch_op.create_index("ix_tickets_phone", ["phone", "created_at"], unique=False)
        batch_op.create_index("ix_tickets_routing", ["mode", "routing", "created_at", "id"], unique=False)
        batch_op.create_index("ix_tickets_state", ["state", "created_at", "id"], unique=False)
        batch_op.create_index(
            "ix_tickets_trend",
            ["day", "district", "cat1", "cat2", "cat3", "kind", "synthetic", "week", "month"],
            unique=False,
        )
        batch_op.create_index("ix_tickets_unit", ["lead_unit", "created_at", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_unit")
        batch_op.drop_index("ix_tickets_trend")
        batch_op.drop_index("ix_tickets_state")
        batch_op.drop_index("ix_tickets_routing")
        batch_op.drop_index("ix_tickets_phone")
        batch_op.drop_index("ix_tickets_newest")
        batch_op.drop_index(batch_op.f("ix_tickets_call"))
        batch_op.drop_index("ix_tickets_ani")

    op.drop_table("tickets")
