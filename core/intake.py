"""The inbox: events are committed before a channel hears OK, claimed a conversation at a time, and done once.

Plain functions of a connection, run by the store. `core/worker.py` drives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from core.codec import Unreadable, decode, encode
from core.conversation.effects import Erase
from core.conversation.floor import Turn
from core.conversation.heard import ReportBrief
from core.conversation.state import Conversation
from core.message import Address, Inbound, Outbound
from core.reports.briefs import own_reports
from core.reports.effects import Doing, do_effects
from core.reports.erasing import ERASED_KEY
from core.reports.records import insert_new, put_in_inbox
from core.storage.schema import Instant, consents, conversations, handoffs, inbox, outbox

LEASE = timedelta(seconds=120)
"""How long one worker may keep a conversation before another may take it over."""
MOST_EVENTS = 50
ATTEMPTS = 5
"""After so many failures an event is set aside for a person, and the talk goes on."""
BACK_OFF = (timedelta(seconds=2), timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=5))


class LeaseLost(Exception):
    """Another worker has the conversation by now; nothing of this turn is kept."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long to wait for the rest of a burst: after text, after media, and at most in all. On `live`
    channels somebody is on the line: nothing is waited for."""

    text: timedelta = timedelta(0)
    media: timedelta = timedelta(seconds=1.5)
    most: timedelta = timedelta(seconds=8)
    live: frozenset[str] = frozenset()

    def after(self, event: Inbound) -> timedelta:
        if event.address.channel in self.live:
            return timedelta(0)
        carries = event.photos or event.voice or event.files or event.point is not None
        return self.media if carries and event.choice is None else self.text


@dataclass(frozen=True, slots=True)
class Waiting:
    """One event of the inbox, with its row's number and the times it failed."""

    id: int
    attempts: int
    event: Inbound


@dataclass(frozen=True, slots=True)
class Claim:
    """A conversation that is ours until the lease ends: its state and its waiting events, in order."""

    address: Address
    lease: str
    conversation: Conversation
    events: tuple[Waiting, ...]
    consented: bool = False
    own: tuple[ReportBrief, ...] = ()


def accept(conn: sa.Connection, events: Sequence[Inbound], now: datetime, quiet: Quiet) -> int:
    """Events into the inbox, each once; how many were new."""
    return sum(put_in_inbox(conn, event, now, now + quiet.after(event)) for event in events)


def claim(conn: sa.Connection, lease: str, now: datetime, quiet: Quiet, most: int) -> list[Claim]:
    """Take up to `most` conversations whose burst is over and which nobody has."""
    claims = []
    for address in sorted(_ready(conn, now, quiet, most), key=lambda key: (key.channel, key.user)):
        state = _take(conn, address, lease, now)
        if state is None:
            continue  # another worker was faster between our two statements
        made = _claimed(conn, address, state, lease, now)
        if made.events:
            claims.append(made)
        else:  # the other worker was even faster, or no event could be read
            release(conn, made)
    return claims


def _ready(conn: sa.Connection, now: datetime, quiet: Quiet, most: int) -> list[Address]:
    rows = conn.execute(_READY, {"now": now, "long_ago": now - quiet.most, "most": most}).all()
    return [Address(row[0], row[1]) for row in rows]


def _take(conn: sa.Connection, address: Address, lease: str, now: datetime) -> Any:
    """Lease the conversation, which begins here if it is new; its state, or None when somebody has it."""
    values = {
        "channel": address.channel, "user": address.user, "state": _NEW_STATE, "turn": 0, "updated_at": now,
        "lease": lease, "leased_until": now + LEASE, "now": now,
    }  # fmt: skip
    return conn.execute(_take_statement(conn.dialect.name), values).scalar_one_or_none()


@cache
def _take_statement(dialect: str) -> Any:
    insert: Any = pg_insert(conversations) if dialect == "postgresql" else sqlite_insert(conversations)
    return insert.on_conflict_do_update(
        index_elements=["channel", "user"],
        set_={"lease": insert.excluded.lease, "leased_until": insert.excluded.leased_until},
        where=sa.or_(conversations.c.lease.is_(None), conversations.c.leased_until < _NOW),
    ).returning(conversations.c.state)


def _claimed(conn: sa.Connection, address: Address, state: object, lease: str, now: datetime) -> Claim:
    """The conversation with what waits in it, perhaps nothing."""
    rows = conn.execute(_WAITING, {"channel": address.channel, "user": address.user}).all()
    events = []
    for number, attempts, payload, _ in rows:
        try:
            events.append(Waiting(number, attempts, decode(Inbound, payload)))
        except Unreadable as error:
            _set_aside(conn, address, number, now, error=str(error))
    if any(waiting.attempts for waiting in events):
        events = events[:1]  # one of them fails: alone it cannot take the others along
    try:
        conversation = decode(Conversation, state)
    except Unreadable:
        conversation = Conversation()
    consented = bool(rows and rows[0][3])
    return Claim(address, lease, conversation, tuple(events), consented, own_reports(conn, address))


def _set_aside(
    conn: sa.Connection, address: Address, number: int, now: datetime, *, error: str, words: str = ""
) -> None:
    """The event is given up by the machine and shown to a person."""
    conn.execute(inbox.update().where(inbox.c.id == number).values(state="failed", error=error[:500]))
    conn.execute(
        handoffs.insert().values(
            channel=address.channel, user=address.user, reason="failed", words=words, at=now
        )
    )


def finish(conn: sa.Connection, claim: Claim, turn: Turn, doing: Doing) -> tuple[Turn, list[str]]:
    """The one transaction of a turn: conversation, events done, effects, answers. Raises LeaseLost.

    The conversation comes first: its row stays locked until the end, so no other worker does the same turn.
    """
    _give_back(conn, claim, _remembered(turn) | {"updated_at": doing.now})
    _mark_done(conn, claim)
    told, touched = do_effects(doing, turn)
    if any(isinstance(effect, Erase) for effect in turn.effects):
        conn.execute(conversations.delete().where(_is_of(claim.address)))
        put_in_outbox(conn, claim, told.replies, doing.now, last=True)
        return told, touched
    if told.conversation is not turn.conversation:  # it names the reports it has just filed
        conn.execute(conversations.update().where(_is_of(claim.address)).values(_remembered(told)))
    put_in_outbox(conn, claim, told.replies, doing.now)
    return told, touched


def _remembered(turn: Turn) -> dict[str, Any]:
    return {"state": encode(turn.conversation), "turn": turn.conversation.turn}


def _is_of(address: Address) -> sa.ColumnElement[bool]:
    return sa.and_(conversations.c.channel == address.channel, conversations.c.user == address.user)


def _mark_done(conn: sa.Connection, claim: Claim) -> None:
    conn.execute(_DONE, {"ids": [waiting.id for waiting in claim.events]})


def put_in_outbox(
    conn: sa.Connection, claim: Claim, replies: Sequence[Outbound], now: datetime, *, last: bool = False
) -> None:
    """Answers to be sent. The key is that of the event they answer, which is answered in one turn only.

    `last` marks the answer to somebody who had everything erased: delivery forgets it once it is sent.
    """
    for position, reply in enumerate(replies):
        conn.execute(
            insert_new(conn, outbox, "key"),
            {
                "key": f"{ERASED_KEY if last else 'event'}:{claim.events[0].id}:{position}",
                "channel": claim.address.channel, "user": claim.address.user, "payload": encode(reply),
                "state": "waiting", "attempts": 0, "next_at": now, "created_at": now,
            },
        )  # fmt: skip


def postpone(conn: sa.Connection, claim: Claim, error: str, now: datetime, *, counts: bool = True) -> None:
    """The turn failed: its events wait and are tried again, and in the end set aside for a person to see.

    `counts` is False when the events had no part in it (the database was away). Raises LeaseLost when another
    worker has the conversation by now: then the events are its own business.
    """
    _give_back(conn, claim, {})
    for waiting in claim.events:
        attempts = waiting.attempts + counts
        conn.execute(
            inbox.update()
            .where(inbox.c.id == waiting.id)
            .values(
                attempts=attempts, error=error[:500],
                ready_at=now + BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1],
            )
        )  # fmt: skip
        if attempts >= ATTEMPTS:
            _set_aside(conn, claim.address, waiting.id, now, error=error, words=waiting.event.text)


def _give_back(conn: sa.Connection, claim: Claim, values: dict[str, Any]) -> None:
    """End our lease, and keep `values` of the conversation. Raises LeaseLost when it is not ours any more."""
    who = {"of_channel": claim.address.channel, "of_user": claim.address.user, "ours": claim.lease}
    kept = conn.execute(_GIVE_BACK, who | {"lease": None, "leased_until": None} | values)
    if kept.rowcount != 1:
        raise LeaseLost(f"{claim.address.channel}: the lease of a conversation ran out")


def release(conn: sa.Connection, claim: Claim) -> None:
    """Give the conversation back as it is."""
    with suppress(LeaseLost):
        _give_back(conn, claim, {})


def end_leases(conn: sa.Connection) -> None:
    """Free what an earlier run had under way. Only for a process that is alone with its database: one that is
    killed and started again then goes on at once, not when the leases run out."""
    for table in (conversations, outbox):
        conn.execute(table.update().where(table.c.lease.is_not(None)).values(lease=None, leased_until=None))


def next_ready(conn: sa.Connection) -> datetime | None:
    """When the earliest waiting burst is due; None when nothing waits."""
    found: datetime | None = conn.execute(_NEXT_READY).scalar_one_or_none()
    return found


# Statements of every turn, built once: building one costs as much as running it.
_NEW_STATE = encode(Conversation())
_NOW = sa.bindparam("now", type_=Instant)
_HELD = sa.select(conversations.c.user).where(
    conversations.c.channel == inbox.c.channel,
    conversations.c.user == inbox.c.user,
    conversations.c.lease.is_not(None),
    conversations.c.leased_until >= _NOW,
)
_READY = (
    sa.select(inbox.c.channel, inbox.c.user)
    .where(inbox.c.state == "waiting", ~_HELD.exists())
    .group_by(inbox.c.channel, inbox.c.user)
    .having(
        sa.or_(
            sa.func.max(inbox.c.ready_at) <= _NOW,
            sa.and_(
                sa.func.min(inbox.c.received_at) <= sa.bindparam("long_ago", type_=Instant),
                sa.func.min(inbox.c.ready_at) <= _NOW,
            ),
        )
    )
    .order_by(sa.func.min(inbox.c.id))
    .limit(sa.bindparam("most", type_=sa.Integer))
)
_CONSENTED = (
    sa.select(consents.c.id)
    .where(
        consents.c.channel == sa.bindparam("channel"),
        consents.c.user == sa.bindparam("user"),
        consents.c.withdrawn_at.is_(None),
    )
    .exists()
)
_WAITING = (
    sa.select(inbox.c.id, inbox.c.attempts, inbox.c.payload, _CONSENTED.label("consented"))
    .where(
        inbox.c.channel == sa.bindparam("channel"),
        inbox.c.user == sa.bindparam("user"),
        inbox.c.state == "waiting",
    )
    .order_by(inbox.c.sent_at, inbox.c.id)
    .limit(MOST_EVENTS)
)
_DONE = (
    inbox.update()
    .where(inbox.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(state=sa.literal("done"), error=sa.null())
)
_GIVE_BACK = conversations.update().where(
    conversations.c.channel == sa.bindparam("of_channel"),
    conversations.c.user == sa.bindparam("of_user"),
    conversations.c.lease == sa.bindparam("ours"),
)
_NEXT_READY = sa.select(sa.func.min(inbox.c.ready_at, type_=inbox.c.ready_at.type)).where(
    inbox.c.state == "waiting"
)
