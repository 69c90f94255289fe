"""Where events go whose signature is not right: kept for a while, acted on never, unless the signature turns
out right once an administrator has mended the secret.

What names our own app has room of its own, so that strangers' floods cannot push it out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.zalo import signature
from connectors.zalo.settings import CHANNEL
from core.reports.records import insert_new
from core.storage.schema import quarantine

KEPT = timedelta(hours=48)
MOST_PLAUSIBLE = 500
MOST_STRANGE = 50
MOST_BODY = 64 * 1024
"""Larger bodies are only counted: real events have a few kilobytes."""
_HEADERS = (signature.HEADER, "x-zevent-server", "num_retry", "content-type", "user-agent")


@dataclass(frozen=True, slots=True)
class Suspect:
    """One event that was not verified, as it came."""

    id: int
    headers: Mapping[str, str]
    body: bytes
    at: datetime


def put_in_quarantine(
    conn: sa.Connection, headers: Mapping[str, str], body: bytes, now: datetime, *, plausible: bool
) -> bool:
    """Keep one event; False when the same is there already. The oldest make room."""
    kept = {name: headers[name][:512] for name in _HEADERS if name in headers}
    digest = hashlib.sha256(json.dumps(kept, sort_keys=True).encode() + body).hexdigest()
    made = conn.execute(
        insert_new(conn, quarantine, "channel", "digest").values(
            channel=CHANNEL, digest=digest, at=now, plausible=plausible, headers=kept, body=body
        )
    )
    _make_room(conn, now, plausible=plausible)
    return bool(made.rowcount)


def suspects(conn: sa.Connection) -> list[Suspect]:
    """Everything in quarantine, the oldest first."""
    rows = conn.execute(
        sa.select(quarantine.c.id, quarantine.c.headers, quarantine.c.body, quarantine.c.at)
        .where(quarantine.c.channel == CHANNEL)
        .order_by(quarantine.c.id)
    )
    return [Suspect(row.id, row.headers, row.body, row.at) for row in rows]


def release(conn: sa.Connection, suspect_id: int) -> None:
    """It was verified and is on its way: it leaves the quarantine."""
    conn.execute(quarantine.delete().where(quarantine.c.id == suspect_id))


def count_suspects(conn: sa.Connection) -> int:
    query = sa.select(sa.func.count()).select_from(quarantine).where(quarantine.c.channel == CHANNEL)
    return int(conn.execute(query).scalar_one())


def drop_old_suspects(conn: sa.Connection, now: datetime) -> None:
    conn.execute(quarantine.delete().where(quarantine.c.channel == CHANNEL, quarantine.c.at < now - KEPT))


def _make_room(conn: sa.Connection, now: datetime, *, plausible: bool) -> None:
    drop_old_suspects(conn, now)
    alike = sa.and_(quarantine.c.channel == CHANNEL, quarantine.c.plausible.is_(sa.literal(plausible)))
    most = MOST_PLAUSIBLE if plausible else MOST_STRANGE
    oldest = sa.select(quarantine.c.id).where(alike).order_by(quarantine.c.id.desc()).limit(1).offset(most)
    conn.execute(quarantine.delete().where(alike, quarantine.c.id <= oldest.scalar_subquery()))
