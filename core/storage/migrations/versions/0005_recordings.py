"""Finished recordings that call-centre providers tell of, until they are fetched"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recordings",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=200), nullable=False),
        sa.Column(
            "caller",
            sa.String(length=20),
            server_default="",
            nullable=False,
            comment="forgotten once taken",
        ),
        sa.Column("url", sa.Text(), server_default="", nullable=False, comment="forgotten once taken"),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False, comment="waiting | taken | dead"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("media_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("provider", "call_id", name=op.f("uq_recordings_provider")),
    )
    with op.batch_alter_table("recordings", schema=None) as batch_op:
        batch_op.create_index("ix_recordings_due", ["state", "next_at"], unique=False)
