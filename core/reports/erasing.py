"""Erasure: what ties a citizen to stored data goes; the matter itself stays with its agency, nameless.

Inbox rows keep the digest of their event, so that a redelivery is still known, but nothing of what was said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
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
PHONE_KEY = "phone"
"""What the key of an outbox row begins with that carries a channel's words to a phone number by another."""
FORGOTTEN: dict[str, Any] = {"user": "erased", "payload": {"text": ""}, "receipt": None, "reason": None}
"""What stays of an answer to somebody who had everything erased: that there was one."""


def erased_user(address: Address, report_id: int) -> str:
    """A stand-in for the user that cannot be traced back nor tied to other reports."""
    digest = hashlib.sha256(f"{report_id}:{address.channel}:{address.user}".encode()).hexdigest()
    return f"erased:{digest[:12]}"


def erase_citizen(conn: sa.Connection, address: Address, now: datetime, voices: Collection[str] = ()) -> None:
    """Erase in this transaction. Reports go on without a name, phone, voice or transcript; `voices` are
    recordings of the citizen that may be in no report."""
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
        spoken = conn.execute(
            report_media.delete()
            .where(report_media.c.report_id == report_id, report_media.c.purpose == "voice")
            .returning(report_media.c.media_id)
        )
        _forget_voices(conn, spoken.scalars().all())
        conn.execute(erase_words(report_events.c.report_id == report_id))
        note_event(conn, report_id, now, "system", "erased")
    _forget_voices(conn, [*voices, *_voices_sent(conn, address)])
    conn.execute(
        followers.delete().where(followers.c.channel == address.channel, followers.c.user == address.user)
    )
    conn.execute(
        consents.update()
        .where(consents.c.channel == address.channel, consents.c.user == address.user)
        .values(user="erased", withdrawn_at=now)
    )
    for whose in _handed_over(address):
        conn.execute(handoffs.update().where(whose).values(user="erased", words=""))
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


def phone_of(address: Address) -> str:
    """The phone number by which a caller is known to us; empty for others."""
    number = address.user.partition("/")[0]
    return number if re.fullmatch(r"0\d{8,10}", number) else ""


def _handed_over(address: Address) -> list[sa.ColumnElement[bool]]:
    """Matters that people were given: the citizen's own, and letters to their phone that got lost."""
    conditions: list[sa.ColumnElement[bool]] = [
        (handoffs.c.channel == address.channel) & (handoffs.c.user == address.user)
    ]
    if number := phone_of(address):
        conditions.append((handoffs.c.reason == "undelivered") & (handoffs.c.user == number))
    return conditions


def _voices_sent(conn: sa.Connection, address: Address) -> list[str]:
    """Recordings that came under the name of their medium, as calls send them; others have foreign names."""
    sent = sa.select(inbox.c.payload).where(inbox.c.channel == address.channel, inbox.c.user == address.user)
    voices = (payload.get("voice") for payload in conn.execute(sent).scalars())
    return [voice["ref"] for voice in voices if voice]


def _forget_voices(conn: sa.Connection, voices: Collection[str]) -> None:
    """Their words go now, their files with the next sweep; what is in somebody else's report stays there."""
    others = sa.select(report_media.c.media_id).where(report_media.c.media_id == media.c.id)
    gone = conn.execute(
        media.update()
        .where(media.c.id.in_(voices), media.c.kind == "voice", ~others.exists())
        .values(stored_at=LONG_AGO)
        .returning(media.c.id)
    )
    conn.execute(transcripts.delete().where(transcripts.c.media_id.in_(gone.scalars().all())))


def _forget_answers(conn: sa.Connection, address: Address) -> None:
    """Answers that were sent go now, those on their way as soon as they are (`core/delivery.py`)."""
    theirs = (outbox.c.channel == address.channel) & (outbox.c.user == address.user)
    if number := phone_of(address):
        theirs |= (outbox.c.user == number) & outbox.c.key.startswith(f"{PHONE_KEY}:")
    key = sa.literal(f"{ERASED_KEY}:") + sa.cast(outbox.c.id, sa.String)
    conn.execute(outbox.update().where(theirs, outbox.c.state != "waiting").values(key=key, **FORGOTTEN))
    conn.execute(outbox.update().where(theirs).values(key=key))
