"""What those on duty are to be told of the handoffs, when again, and the posts that told them.

Plain functions of a connection, run by the store. Telling is at least once: what was told is marked after the
telling succeeded, so a crash in between tells it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.reports.handoffs import DANGER, ERASED, OFFICER, Handoff, read_handoff
from core.reports.records import insert_new
from core.storage.schema import handoff_posts, handoffs, report_events, reports

REPEATS = (timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
"""So long after the first telling a danger that nobody took is told again; then every REPEATS_EVERY."""
REPEATS_EVERY = timedelta(minutes=30)
REPEATS_WITHIN = timedelta(hours=24)
"""After that nobody reads the repeats any more; it stays among the open ones."""
LATER_WITHIN = timedelta(hours=24)
"""So long what joins the report of a danger is told as it comes; after that it is the agency's daily work."""

ADDITIONS = 5
"""So many additions are told at once; the next ones follow."""


class Telling(StrEnum):
    """What is to be told: a new one, what came later to a danger, or a danger again that nobody took."""

    NEW = "new"
    LATER = "later"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Addition:
    """What the citizen added to a report after it was told: words, photos, a position."""

    words: str
    photos: int
    has_point: bool


@dataclass(frozen=True, slots=True)
class Due:
    """What those on duty are to be told next. `up_to` is the report's newest event that this tells."""

    telling: Telling
    handoff: Handoff
    additions: tuple[Addition, ...] = ()
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class PostRef:
    """A message in which those on duty were told; `card` is whether it carries the buttons."""

    chat: int
    message: int
    card: bool = True


def next_due(conn: sa.Connection, now: datetime, *, calm: bool = True) -> Due | None:
    """What is to be told next: new dangers, then what came later to dangers, dangers nobody took, all others.

    The newest danger goes first: where many wait (the way was cut), it is the one in which help can still
    come in time. The others are told in their order.

    `calm` False leaves out those others: the way to those on duty is narrow, and kept free for dangers.
    """
    return (
        _new(conn, handoffs.c.reason == DANGER, newest_first=True)
        or _later(conn, now)
        or _again(conn, now)
        or (_new(conn, handoffs.c.reason.not_in((DANGER, OFFICER))) if calm else None)
    )


def _new(conn: sa.Connection, reasons: sa.ColumnElement[bool], *, newest_first: bool = False) -> Due | None:
    erased = sa.and_(handoffs.c.user == ERASED, handoffs.c.reason != DANGER)
    found = conn.execute(
        sa.select(handoffs.c.id)
        .where(handoffs.c.announced_at.is_(None), handoffs.c.closed_at.is_(None), reasons, ~erased)
        .order_by(handoffs.c.id.desc() if newest_first else handoffs.c.id)
        .limit(1)
    ).scalar_one_or_none()
    if found is None:
        return None
    handoff = read_handoff(conn, found)
    return None if handoff is None else Due(Telling.NEW, handoff, up_to=_newest_event(conn, handoff))


def _later(conn: sa.Connection, now: datetime) -> Due | None:
    """Words, photos or a place that joined the report of a danger which is not done yet."""
    joined = sa.and_(
        report_events.c.report_id == reports.c.id,
        report_events.c.kind == "joined",
        report_events.c.id > sa.func.coalesce(handoffs.c.told_event, 0),
    )
    found = conn.execute(
        sa.select(handoffs.c.id)
        .select_from(handoffs.join(reports, reports.c.code == handoffs.c.report_code))
        .join(report_events, joined)
        .where(
            handoffs.c.reason == DANGER,
            handoffs.c.closed_at.is_(None),
            handoffs.c.announced_at.is_not(None),
            handoffs.c.at > now - LATER_WITHIN,
        )
        .order_by(report_events.c.id)
        .limit(1)
    ).scalar_one_or_none()
    handoff = None if found is None else read_handoff(conn, found)
    if handoff is None or handoff.matter is None:
        return None
    rows = conn.execute(
        sa.select(report_events.c.id, report_events.c.note, report_events.c.data)
        .where(
            report_events.c.report_id == handoff.matter.id,
            report_events.c.kind == "joined",
            report_events.c.id > (handoff.told_event or 0),
        )
        .order_by(report_events.c.id)
        .limit(ADDITIONS)
    ).all()
    additions = tuple(_addition(note, data or {}) for _, note, data in rows)
    return Due(Telling.LATER, handoff, additions, rows[-1].id if rows else handoff.told_event)


def _addition(note: str, data: dict[str, Any]) -> Addition:
    return Addition(note, int(data.get("photos") or 0), bool(data.get("point")))


def _again(conn: sa.Connection, now: datetime) -> Due | None:
    rows = conn.execute(
        sa.select(handoffs.c.id, handoffs.c.announced_at, handoffs.c.announcements)
        .where(
            handoffs.c.reason == DANGER,
            handoffs.c.closed_at.is_(None),
            handoffs.c.taken_at.is_(None),
            handoffs.c.announced_at > now - REPEATS_WITHIN,
        )
        .order_by(handoffs.c.id)
    ).all()
    for number, announced_at, announcements in rows:
        if now >= announced_at + repeat_after(announcements):
            handoff = read_handoff(conn, number)
            return None if handoff is None else Due(Telling.AGAIN, handoff, up_to=handoff.told_event)
    return None


def repeat_after(announcements: int) -> timedelta:
    """How long after the first telling the one after `announcements` (≥ 1) is due."""
    if announcements <= len(REPEATS):
        return REPEATS[announcements - 1]
    return REPEATS[-1] + (announcements - len(REPEATS)) * REPEATS_EVERY


def _newest_event(conn: sa.Connection, handoff: Handoff) -> int | None:
    if handoff.matter is None:
        return None
    newest: int | None = conn.execute(
        sa.select(sa.func.max(report_events.c.id)).where(report_events.c.report_id == handoff.matter.id)
    ).scalar_one_or_none()
    return newest


def mark_told(conn: sa.Connection, due: Due, post: PostRef, now: datetime) -> None:
    """Those on duty were told, by `post`."""
    values: dict[str, Any] = {"told_event": due.up_to}
    if due.telling is Telling.NEW:
        values |= {"announced_at": now, "announcements": 1}
    elif due.telling is Telling.AGAIN:
        # those that came due meanwhile (the bot was away) are one telling, not several in a row
        since = now - (due.handoff.announced_at or now)
        told = due.handoff.announcements + 1
        while repeat_after(told) <= since:
            told += 1
        values["announcements"] = told
    conn.execute(handoffs.update().where(handoffs.c.id == due.handoff.id).values(values))
    conn.execute(
        insert_new(conn, handoff_posts, "chat", "message").values(
            chat=post.chat, message=post.message, handoff_id=due.handoff.id, card=post.card, at=now
        )
    )


# -- the posts that told them --------------------------------------------------------------------------------


def posts_of(conn: sa.Connection, handoff_id: int) -> tuple[PostRef, ...]:
    """The messages in which those on duty were told of it, oldest first."""
    return _posts(conn, handoff_posts.c.handoff_id == handoff_id)


def posts_to_blank(conn: sa.Connection, most: int = 20) -> tuple[PostRef, ...]:
    """Messages about citizens who had everything erased since."""
    theirs = sa.select(handoffs.c.id).where(handoffs.c.user == ERASED)
    return _posts(conn, handoff_posts.c.handoff_id.in_(theirs))[:most]


def _posts(conn: sa.Connection, which: sa.ColumnElement[bool]) -> tuple[PostRef, ...]:
    rows = conn.execute(
        sa.select(handoff_posts.c.chat, handoff_posts.c.message, handoff_posts.c.card)
        .where(which)
        .order_by(handoff_posts.c.message)
    ).all()
    return tuple(PostRef(chat, message, card) for chat, message, card in rows)


def forget_post(conn: sa.Connection, post: PostRef) -> None:
    conn.execute(
        handoff_posts.delete().where(
            handoff_posts.c.chat == post.chat, handoff_posts.c.message == post.message
        )
    )


def handoff_of_post(conn: sa.Connection, chat: int, message: int) -> int | None:
    """The number of the handoff that this message told of."""
    found: int | None = conn.execute(
        sa.select(handoff_posts.c.handoff_id).where(
            handoff_posts.c.chat == chat, handoff_posts.c.message == message
        )
    ).scalar_one_or_none()
    return found
