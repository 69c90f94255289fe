"""Credentials, quarantine, and what is known of a citizen's window"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_requests",
        sa.Column("state", sa.String(length=64), nullable=False, comment="comes back with the administrator"),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False, comment="sealed"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_consent_requests")),
    )
    op.create_table(
        "credential_changes",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind", sa.String(length=16), nullable=False, comment="seeded | consented | refreshed | refused"
        ),
        sa.Column("access_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("refresh_hash", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_changes")),
    )
    with op.batch_alter_table("credential_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_changes_name"), ["name"], unique=False)

    op.create_table(
        "credentials",
        sa.Column("name", sa.String(length=64), nullable=False, comment="channel and account"),
        sa.Column("access", sa.Text(), nullable=False, comment="sealed"),
        sa.Column("refresh", sa.Text(), nullable=False, comment="sealed; good for one refresh"),
        sa.Column("refresh_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="connected | needs_reauth"),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("lock", sa.String(length=40), nullable=True, comment="token of the process that refreshes"),
        sa.Column("locked_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_credentials")),
    )
    op.create_table(
        "last_heard",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="of what counts as an interaction"),
        sa.Column(
            "message_id", sa.String(length=200), nullable=True, comment="of the last message, to be quoted"
        ),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_last_heard")),
    )
    op.create_table(
        "odd_events",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_odd_events")),
        sa.UniqueConstraint("channel", "key", name=op.f("uq_odd_events_channel")),
    )
    with op.batch_alter_table("odd_events", schema=None) as batch_op:
        batch_op.create_index("ix_odd_events_kind", ["channel", "kind"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of headers and body: kept once"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("plausible", sa.Boolean(), nullable=False, comment="names our own app"),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("channel", "digest", name=op.f("uq_quarantine_channel")),
    )
    op.create_table(
        "echoes",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("message_id", sa.String(length=200), nullable=False),
        sa.Column("user", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of what was sent"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column(
            "taken",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="has settled a letter",
        ),
        sa.PrimaryKeyConstraint("channel", "message_id", name=op.f("pk_echoes")),
    )
    with op.batch_alter_table("echoes", schema=None) as batch_op:
        batch_op.create_index("ix_echoes_address", ["channel", "user", "digest"], unique=False)
        batch_op.create_index("ix_echoes_at", ["at"], unique=False)
