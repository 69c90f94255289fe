"""The queue of recordings in the database: told of once, fetched later, then all but forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from connectors.hotline.recordings.providers import RecordedCall
from core.reports.records import insert_new
from core.storage.schema import handoffs, recordings

PAUSES = (
    timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10),
    timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6), timedelta(hours=12),
)  # fmt: skip
"""After each failure; a link is often ready only minutes after the call."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording that is due."""

    id: int
    call: RecordedCall
    attempts: int


def keep(conn: sa.Connection, call: RecordedCall, now: datetime) -> bool:
    """Put a call into the queue; False when it was told before."""
    done = conn.execute(
        insert_new(conn, recordings, "provider", "call_id").values(
            provider=call.provider, call_id=call.call_id, caller=call.caller, url=call.url,
            started_at=call.started_at, state="waiting", attempts=0, next_at=now, created_at=now, reason="",
        )
    )  # fmt: skip
    return bool(done.rowcount)


def due(conn: sa.Connection, now: datetime, lease: timedelta, most: int = 4) -> list[Waiting]:
    """Those to be fetched now; nobody else gets them until the lease is over."""
    which = (
        sa.select(recordings.c.id)
        .where(recordings.c.state == "waiting", recordings.c.next_at <= now)
        .order_by(recordings.c.next_at)
        .limit(most)
    )
    if conn.dialect.name == "postgresql":
        which = which.with_for_update(skip_locked=True)
    rows = conn.execute(
        recordings.update()
        .where(recordings.c.id.in_(which.scalar_subquery()))
        .values(next_at=now + lease)
        .returning(recordings)
    ).mappings()
    return [
        Waiting(
            row["id"],
            RecordedCall(row["provider"], row["call_id"], row["caller"], row["url"], row["started_at"]),
            row["attempts"],
        )
        for row in rows.all()
    ]


def taken(conn: sa.Connection, waiting: Waiting, media_id: str) -> None:
    """It is in the inbox: who called and where it lay is not kept here."""
    conn.execute(
        recordings.update()
        .where(recordings.c.id == waiting.id)
        .values(state="taken", media_id=media_id, caller="", url="", reason="")
    )


def failed(conn: sa.Connection, waiting: Waiting, reason: str, now: datetime, *, for_good: bool) -> None:
    """Later, or never: then a person is told, for somebody called and was not heard."""
    dead = for_good or waiting.attempts >= len(PAUSES)
    pause = PAUSES[min(waiting.attempts, len(PAUSES) - 1)]
    conn.execute(
        recordings.update()
        .where(recordings.c.id == waiting.id)
        .values(
            state="dead" if dead else "waiting", attempts=waiting.attempts + 1, next_at=now + pause,
            reason=reason[:300],
        )
    )  # fmt: skip
    if dead:
        conn.execute(
            handoffs.insert().values(
                channel="recording", user=waiting.call.caller or f"anonymous:{waiting.id}",
                reason="failed", words=f"{waiting.call.provider} {waiting.call.call_id}", at=now,
            )
        )  # fmt: skip
