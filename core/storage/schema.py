"""The tables. Instants are UTC, kept as whole microseconds since 1970: both databases order them alike.

Migrations in `core/storage/migrations/` build the same; a test holds the two against each other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime as BIGINT microseconds since the epoch."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for INTEGER, PostgreSQL wants BIGINT
RowId = sa.BigInteger().with_variant(sa.Integer, "sqlite")

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("event_id", sa.String(200), nullable=False),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("ready_at", Instant, nullable=False, comment="when the burst this event opens may be answered"),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column(
        "state", sa.String(8), nullable=False, server_default="waiting", comment="waiting | done | failed"
    ),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    sa.UniqueConstraint("channel", "event_id"),
)
sa.Index("ix_inbox_waiting", inbox.c.state, inbox.c.ready_at)
sa.Index("ix_inbox_conversation", inbox.c.channel, inbox.c.user, inbox.c.state)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("user", sa.String(200), primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", sa.String(40), comment="token of the worker that has it"),
    sa.Column("leased_until", Instant),
    sa.Column("updated_at", Instant, nullable=False),
)

consents = sa.Table(
    "consents",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column("text_version", sa.String(32), nullable=False),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("withdrawn_at", Instant),
)
sa.Index("ix_consents_identity", consents.c.channel, consents.c.user)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("code", sa.String(20), nullable=False, unique=True),
    sa.Column("filing_key", sa.String(120), nullable=False, unique=True, comment="draft id: files once"),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column("category", sa.String(40), nullable=False),
    sa.Column("category_sure", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("commune", sa.String(5)),
    sa.Column("address", sa.Text, nullable=False, server_default=""),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("accuracy_m", sa.Float),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("transcript", sa.Text, nullable=False, server_default=""),
    sa.Column("on_behalf_of", sa.Text, comment="NULL: for oneself; empty: a neighbour without a name"),
    sa.Column("contact_name", sa.Text),
    sa.Column("contact_phone", sa.String(20)),
    sa.Column("urgent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("danger", sa.String(32)),
    sa.Column(
        "needs_person", sa.Text, nullable=False, server_default="", comment="why a coordinator must look"
    ),
    sa.Column("status", sa.String(20), nullable=False),
    sa.Column("agency", sa.String(80), nullable=False),
    sa.Column("rule", sa.String(80), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("deadline", Instant),
    sa.Column("rating", sa.String(16)),
    sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("closed_at", Instant),
)
sa.Index("ix_reports_reporter", reports.c.channel, reports.c.user, reports.c.created_at)
sa.Index("ix_reports_near", reports.c.lat, reports.c.lon)
sa.Index("ix_reports_queue", reports.c.status, reports.c.agency, reports.c.deadline)

report_events = sa.Table(
    "report_events",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("report_id", sa.ForeignKey("reports.id"), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.String(120), nullable=False, comment="citizen, system, or role:who"),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("from_status", sa.String(20)),
    sa.Column("to_status", sa.String(20)),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("data", sa.JSON),
)

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("report_id", sa.ForeignKey("reports.id"), primary_key=True),
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("user", sa.String(200), primary_key=True),
    sa.Column("since", Instant, nullable=False),
)

media = sa.Table(
    "media",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True, comment="SHA-256 of the stored bytes"),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("mime", sa.String(80), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("phash", sa.String(16), index=True),
    sa.Column("taken_at", sa.String(32), comment="EXIF time, local, as written by the camera"),
    sa.Column("lat", sa.Float),
    sa.Column("lon", sa.Float),
    sa.Column("stored_at", Instant, nullable=False),
)

report_media = sa.Table(
    "report_media",
    metadata,
    sa.Column("report_id", sa.ForeignKey("reports.id"), primary_key=True),
    sa.Column("media_id", sa.ForeignKey("media.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column(
        "purpose", sa.String(8), nullable=False, server_default="report", comment="report | result | voice"
    ),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column(
        "key", sa.String(200), nullable=False, unique=True, comment="says once: turn and position, or event"
    ),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column(
        "state", sa.String(10), nullable=False, server_default="waiting", comment="waiting | sent | dead"
    ),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("lease", sa.String(40)),
    sa.Column("leased_until", Instant),
    sa.Column("reason", sa.Text, comment="of the last failure"),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("receipt", sa.JSON),
)
sa.Index("ix_outbox_due", outbox.c.state, outbox.c.next_at)
sa.Index("ix_outbox_address", outbox.c.channel, outbox.c.user, outbox.c.state, outbox.c.id)

handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column(
        "reason", sa.String(24), nullable=False, comment="asked | danger | failed | complaint | reopen …"
    ),
    sa.Column("report_code", sa.String(20)),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("taken_by", sa.String(120)),
    sa.Column("taken_at", Instant),
    sa.Column("announced_at", Instant, comment="when those on duty were told first"),
    sa.Column(
        "announcements", sa.Integer, nullable=False, server_default="0", comment="how often they were told"
    ),
    sa.Column("told_event", sa.BigInteger, comment="the report's newest event that they were told"),
    sa.Column("answered_at", Instant, comment="when an officer's first words were put on their way"),
    sa.Column("closed_at", Instant),
)
sa.Index("ix_handoffs_told", handoffs.c.announced_at, handoffs.c.reason)
sa.Index("ix_handoffs_open", handoffs.c.reason, handoffs.c.closed_at)

handoff_posts = sa.Table(
    "handoff_posts",
    metadata,
    sa.Column("chat", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("message", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("handoff_id", sa.ForeignKey("handoffs.id"), nullable=False, index=True),
    sa.Column("card", sa.Boolean, nullable=False, comment="has the buttons; else something that came later"),
    sa.Column("at", Instant, nullable=False),
)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(16), nullable=False, comment="citizen | officer"),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("context", sa.String(16), nullable=False),
    sa.Column("field", sa.String(16), nullable=False, comment="category | commune | intent"),
    sa.Column("guessed", sa.String(80)),
    sa.Column("corrected", sa.String(80), nullable=False),
    sa.Column("report_code", sa.String(20)),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

credentials = sa.Table(
    "credentials",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True, comment="channel and account"),
    sa.Column("access", sa.Text, nullable=False, comment="sealed"),
    sa.Column("refresh", sa.Text, nullable=False, comment="sealed; good for one refresh"),
    sa.Column("refresh_hash", sa.String(64), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("rotated_at", Instant, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, comment="connected | needs_reauth"),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("lock", sa.String(40), comment="token of the process that refreshes"),
    sa.Column("locked_until", Instant),
)

credential_changes = sa.Table(
    "credential_changes",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("name", sa.String(64), nullable=False, index=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False, comment="seeded | consented | refreshed | refused"),
    sa.Column("access_hash", sa.String(64), nullable=False, server_default=""),
    sa.Column("refresh_hash", sa.String(64), nullable=False, server_default=""),
)

consent_requests = sa.Table(
    "consent_requests",
    metadata,
    sa.Column("state", sa.String(64), primary_key=True, comment="comes back with the administrator"),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("verifier", sa.Text, nullable=False, comment="sealed"),
    sa.Column("at", Instant, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, comment="of headers and body: kept once"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("plausible", sa.Boolean, nullable=False, comment="names our own app"),
    sa.Column("headers", sa.JSON, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("channel", "digest"),
)

last_heard = sa.Table(
    "last_heard",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("user", sa.String(200), primary_key=True),
    sa.Column("at", Instant, nullable=False, comment="of what counts as an interaction"),
    sa.Column("message_id", sa.String(200), comment="of the last message, to be quoted"),
)

odd_events = sa.Table(
    "odd_events",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.UniqueConstraint("channel", "key"),
)
sa.Index("ix_odd_events_kind", odd_events.c.channel, odd_events.c.kind)

echoes = sa.Table(
    "echoes",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("message_id", sa.String(200), primary_key=True),
    sa.Column("user", sa.String(200), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False, comment="of what was sent"),
    sa.Column("at", Instant, nullable=False),
    sa.Column("taken", sa.Boolean, nullable=False, server_default=sa.false(), comment="has settled a letter"),
)
sa.Index("ix_echoes_address", echoes.c.channel, echoes.c.user, echoes.c.digest)
sa.Index("ix_echoes_at", echoes.c.at)

transcripts = sa.Table(
    "transcripts",
    metadata,
    sa.Column("media_id", sa.String(64), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("words", sa.JSON, nullable=False, comment="text, start, end, confidence, heard of each"),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("engine", sa.String(120), nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("id", RowId, primary_key=True, autoincrement=True),
    sa.Column("provider", sa.String(40), nullable=False),
    sa.Column("call_id", sa.String(200), nullable=False),
    sa.Column("caller", sa.String(20), nullable=False, server_default="", comment="forgotten once taken"),
    sa.Column("url", sa.Text, nullable=False, server_default="", comment="forgotten once taken"),
    sa.Column("started_at", Instant),
    sa.Column("state", sa.String(10), nullable=False, comment="waiting | taken | dead"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("media_id", sa.String(64)),
    sa.UniqueConstraint("provider", "call_id"),
)
sa.Index("ix_recordings_due", recordings.c.state, recordings.c.next_at)
