"""Erasure: what ties a citizen to stored data goes; the matter itself stays with its agency, nameless.

Inbox rows keep the digest of their event, so that a redelivery is still known, but nothing of what was said.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.message import Address
from core.reports.records import note_event
from core.storage.append_only import erase_words
from core.storage.schema import (
    consents,
    echoes,
    followers,
    handoffs,
    inbox,
    last_heard,
    media,
    odd_events,
    outbox,
    report_events,
    report_media,
    reports,
    transcripts,
)

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Marks a voice as older than any time it may be kept: the next sweep of old voices deletes its file."""
ERASED_KEY = "erased"
"""What the key of an outbox row begins with once its citizen had everything erased."""
FORGOTTEN: dict[str, Any] = {"user": "erased", "payload": {"text": ""}, "receipt": None, "reason": None}
"""What stays of an answer to somebody who had everything erased: that there was one."""


def erased_user(address: Address, report_id: int) -> str:
    """A stand-in for the user that cannot be traced back nor tied to other reports."""
    digest = hashlib.sha256(f"{report_id}:{address.channel}:{address.user}".encode()).hexdigest()
    return f"erased:{digest[:12]}"


def erase_citizen(conn: sa.Connection, address: Address, now: datetime) -> None:
    """Erase in this transaction. Reports go on without a name, phone, voice or transcript."""
    mine = (reports.c.channel == address.channel) & (reports.c.user == address.user)
    for row in conn.execute(sa.select(reports.c.id).where(mine)).all():
        report_id = int(row[0])
        conn.execute(
            reports.update()
            .where(reports.c.id == report_id)
            .values(
                user=erased_user(address, report_id), contact_name=None, contact_phone=None,
                on_behalf_of=None, transcript="", filing_key=f"erased:{report_id}", updated_at=now,
            )
        )  # fmt: skip
        spoken = sa.select(report_media.c.media_id).where(
            report_media.c.report_id == report_id, report_media.c.purpose == "voice"
        )
        conn.execute(transcripts.delete().where(transcripts.c.media_id.in_(spoken)))
        conn.execute(media.update().where(media.c.id.in_(spoken)).values(stored_at=LONG_AGO))
        conn.execute(
            report_media.delete().where(
                report_media.c.report_id == report_id, report_media.c.purpose == "voice"
            )
        )
        conn.execute(erase_words(report_events.c.report_id == report_id))
        note_event(conn, report_id, now, "system", "erased")
    conn.execute(
        followers.delete().where(followers.c.channel == address.channel, followers.c.user == address.user)
    )
    conn.execute(
        consents.update()
        .where(consents.c.channel == address.channel, consents.c.user == address.user)
        .values(user="erased", withdrawn_at=now)
    )
    conn.execute(
        handoffs.update()
        .where(handoffs.c.channel == address.channel, handoffs.c.user == address.user)
        .values(user="erased", words="")
    )
    conn.execute(
        inbox.update()
        .where(inbox.c.channel == address.channel, inbox.c.user == address.user, inbox.c.state != "waiting")
        .values(user="erased", payload={}, error=None)
    )
    for table in (last_heard, echoes):
        conn.execute(table.delete().where(table.c.channel == address.channel, table.c.user == address.user))
    about = sa.cast(odd_events.c.payload, sa.String).contains(address.user, autoescape=True)
    conn.execute(odd_events.delete().where(odd_events.c.channel == address.channel, about))
    _forget_answers(conn, address)


def _forget_answers(conn: sa.Connection, address: Address) -> None:
    """Answers that were sent go now, those on their way as soon as they are (`core/delivery.py`)."""
    theirs = (outbox.c.channel == address.channel) & (outbox.c.user == address.user)
    key = sa.literal(f"{ERASED_KEY}:") + sa.cast(outbox.c.id, sa.String)
    conn.execute(outbox.update().where(theirs).values(key=key))
    conn.execute(outbox.update().where(theirs, outbox.c.state != "waiting").values(FORGOTTEN))
