"""Those who wait for a person: who they are and what it is about, who takes it, what is answered.

Plain functions of a connection, run by the store. Telling those on duty of them: `announcements.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.codec import Unreadable, decode, encode
from core.message import Address, Inbound, InboundKind, Outbound, Point
from core.reports.moves import Actor
from core.reports.records import insert_new, note_event, put_in_inbox, report_row
from core.spans import find_phones
from core.storage.schema import handoffs, inbox, outbox, report_media, reports

DANGER = "danger"
OFFICER = "officer"
"""The reason of rows that keep an officer's own words: nobody has to be told of those."""
ERASED = "erased"
"""The user of a row whose citizen had everything erased (`core/reports/erasing.py`)."""

SAID = 3
SAID_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Matter:
    """The report that a handoff is about, as far as those on duty need it; no name, no phone."""

    id: int
    code: str
    description: str
    category: str
    commune: str | None
    address: str
    point: Point | None
    danger: str | None
    urgent: bool
    agency: str
    photos: int


@dataclass(frozen=True, slots=True)
class Handoff:
    """One citizen who waits for a person. `said` are their latest other messages, oldest first."""

    id: int
    address: Address
    reason: str
    words: str
    at: datetime
    report_code: str | None = None
    taken_by: str | None = None
    taken_at: datetime | None = None
    announced_at: datetime | None = None
    announcements: int = 0
    told_event: int | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    matter: Matter | None = None
    said: tuple[str, ...] = ()

    @property
    def is_danger(self) -> bool:
        return self.reason == DANGER

    @property
    def is_erased(self) -> bool:
        return self.address.user == ERASED


# -- reading -----------------------------------------------------------------------------------------------


def open_handoffs(conn: sa.Connection, most: int = 100) -> tuple[Handoff, ...]:
    """Those nobody has closed, dangers first, then the oldest; officers' own words left out."""
    numbers = conn.execute(
        sa.select(handoffs.c.id)
        .where(handoffs.c.closed_at.is_(None), handoffs.c.reason != OFFICER)
        .order_by(sa.case((handoffs.c.reason == DANGER, 0), else_=1), handoffs.c.id)
        .limit(most)
    ).scalars()
    found = (read_handoff(conn, number) for number in numbers.all())
    return tuple(handoff for handoff in found if handoff is not None)


def read_handoff(conn: sa.Connection, handoff_id: int) -> Handoff | None:
    """One handoff with its report and what the citizen said last."""
    row = conn.execute(sa.select(handoffs).where(handoffs.c.id == handoff_id)).mappings().one_or_none()
    if row is None:
        return None
    address = Address(row["channel"], row["user"])
    return Handoff(
        id=row["id"], address=address, reason=row["reason"], words=row["words"], at=row["at"],
        report_code=row["report_code"], taken_by=row["taken_by"], taken_at=row["taken_at"],
        announced_at=row["announced_at"], announcements=row["announcements"], told_event=row["told_event"],
        answered_at=row["answered_at"], closed_at=row["closed_at"],
        matter=_matter(conn, row["report_code"]),
        said=() if address.user == ERASED else _said(conn, address, row["at"], row["words"]),
    )  # fmt: skip


def _matter(conn: sa.Connection, code: str | None) -> Matter | None:
    row = None if code is None else report_row(conn, code)
    if row is None:
        return None
    photos = conn.execute(
        sa.select(sa.func.count())
        .select_from(report_media)
        .where(report_media.c.report_id == row["id"], report_media.c.purpose == "report")
    ).scalar_one()
    point = None if row["lat"] is None else Point(row["lat"], row["lon"], row["accuracy_m"])
    return Matter(
        row["id"], row["code"], row["description"], row["category"], row["commune"], row["address"], point,
        row["danger"], row["urgent"], row["agency"], photos,
    )  # fmt: skip


def _said(conn: sa.Connection, address: Address, at: datetime, words: str) -> tuple[str, ...]:
    """The citizen's latest texts up to the handoff, for those who take the talk over."""
    payloads: Sequence[Any] = (
        conn.execute(
            sa.select(inbox.c.payload)
            .where(
                inbox.c.channel == address.channel, inbox.c.user == address.user,
                inbox.c.sent_at <= at, inbox.c.sent_at > at - SAID_WITHIN,
            )
            .order_by(inbox.c.sent_at.desc(), inbox.c.id.desc())
            .limit(4 * SAID)
        )
        .scalars()
        .all()
    )  # fmt: skip
    texts: list[str] = []
    for payload in payloads:
        try:
            event = decode(Inbound, payload)
        except Unreadable:  # set aside by the worker, which tells of it
            continue
        if event.kind is InboundKind.MESSAGE and event.text and event.text not in (words, *texts):
            texts.append(event.text)
    return tuple(reversed(texts[:SAID]))


# -- what officers do --------------------------------------------------------------------------------------


def take(conn: sa.Connection, handoff_id: int, who: str, now: datetime) -> bool:
    """Take it; False when somebody (perhaps the same one) has it already, or when it is closed."""
    taken = conn.execute(
        handoffs.update()
        .where(
            handoffs.c.id == handoff_id, handoffs.c.taken_at.is_(None), handoffs.c.closed_at.is_(None)
        )
        .values(taken_by=who[:120], taken_at=now)
    )  # fmt: skip
    if taken.rowcount:
        _note(conn, handoff_id, who, "handoff_taken", now)
    return bool(taken.rowcount)


def close(conn: sa.Connection, handoff_id: int, who: str, now: datetime) -> bool:
    """Nothing more is to be done; False when it is closed already. What nobody took is taken by this."""
    take(conn, handoff_id, who, now)
    closed = conn.execute(
        handoffs.update()
        .where(handoffs.c.id == handoff_id, handoffs.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    if closed.rowcount:
        _note(conn, handoff_id, who, "handoff_closed", now)
    return bool(closed.rowcount)


def answer(
    conn: sa.Connection, handoff: Handoff, who: str, *, key: str, words: str, shown: str, now: datetime
) -> bool:
    """An officer's words on their way to the citizen, once for a `key`; False when they were before.

    `shown` is what the citizen reads. The talk hears `words` as an officer's, and keeps silent for a while.
    """
    done = conn.execute(
        insert_new(conn, outbox, "key").values(
            key=f"staff:{key}", channel=handoff.address.channel, user=handoff.address.user,
            payload=encode(Outbound(shown)), state="waiting", attempts=0, next_at=now, created_at=now,
        )
    )  # fmt: skip
    if not done.rowcount:
        return False
    echo = Inbound(handoff.address, f"staff:{key}", now, kind=InboundKind.STAFF_ECHO, text=words)
    put_in_inbox(conn, echo, now, now)
    take(conn, handoff.id, who, now)
    conn.execute(
        handoffs.update()
        .where(handoffs.c.id == handoff.id, handoffs.c.answered_at.is_(None))
        .values(answered_at=now)
    )
    _note(conn, handoff.id, who, "officer_answered", now, note=words)
    return True


def see_phones(conn: sa.Connection, handoff_id: int, who: str, now: datetime) -> tuple[str, ...]:
    """The citizen's phones: given to us, the number they call from, those in their words. The view is written
    into the report's history before anybody sees them."""
    handoff = read_handoff(conn, handoff_id)
    if handoff is None or handoff.is_erased:
        return ()
    row = None if handoff.report_code is None else report_row(conn, handoff.report_code)
    texts = (handoff.words, row["description"] if row is not None else "", *handoff.said)
    given = row["contact_phone"] if row is not None else None
    phones = [given] if given else []
    caller = find_phones(handoff.address.user)
    if caller and len(handoff.address.user) == caller[0].end - caller[0].start:
        phones.append(caller[0].value)
    phones += [found.value for text in texts for found in find_phones(text)]
    if phones:
        _note(conn, handoff_id, who, "contact_seen", now)
    return tuple(dict.fromkeys(phones))


def _note(
    conn: sa.Connection, handoff_id: int, who: str, kind: str, now: datetime, *, note: str = ""
) -> None:
    """A line in the history of the handoff's report, when there is one."""
    report_id = conn.execute(
        sa.select(reports.c.id)
        .join(handoffs, handoffs.c.report_code == reports.c.code)
        .where(handoffs.c.id == handoff_id)
    ).scalar_one_or_none()
    if report_id is not None:
        actor = f"{Actor.COORDINATOR}:{who}"[:120]
        note_event(conn, report_id, now, actor, kind, note=note, data={"handoff": handoff_id})
