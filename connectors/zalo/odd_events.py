"""Events that mean nothing to the talk: kept raw for a while and counted, so that none is dropped unseen."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.zalo.envelope import Raw
from connectors.zalo.settings import CHANNEL
from core.reports.records import insert_new
from core.storage.schema import odd_events

KEPT = timedelta(days=7)
"""Raw events may hold a citizen's words, so they live shortly."""
MOST = 2_000


def keep_odd_event(conn: sa.Connection, key: str, kind: str, raw: Raw, now: datetime) -> None:
    """Store one raw event, once. `kind` is its name and why it is odd."""
    conn.execute(
        insert_new(conn, odd_events, "channel", "key").values(
            channel=CHANNEL, key=key, kind=kind[:64], at=now, payload=dict(raw)
        )
    )


def count_odd_events(conn: sa.Connection) -> dict[str, int]:
    """How many of each kind are stored."""
    rows = conn.execute(
        sa.select(odd_events.c.kind, sa.func.count())
        .where(odd_events.c.channel == CHANNEL)
        .group_by(odd_events.c.kind)
    )
    return {str(row[0]): int(row[1]) for row in rows}


def drop_old_odd_events(conn: sa.Connection, now: datetime) -> None:
    """Keep the newest MOST of the last KEPT."""
    mine = odd_events.c.channel == CHANNEL
    conn.execute(odd_events.delete().where(mine, odd_events.c.at < now - KEPT))
    newest = (
        sa.select(odd_events.c.id).where(mine).order_by(odd_events.c.id.desc()).limit(1).offset(MOST)
    ).scalar_subquery()
    conn.execute(odd_events.delete().where(mine, odd_events.c.id <= newest))
