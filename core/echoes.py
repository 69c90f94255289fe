"""Echoes: a channel tells what it delivered, which settles letters whose sending got no answer.

An echo may come before the sending has given up or long after. So it is kept, for the channel to look up
before it sends anything again (`take_echo`), and it settles a letter that waits already (`settle_by_echo`).
An echo settles one letter only, and never one whose own message is known under another id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from core.channel import Uncertain
from core.codec import Unreadable, decode, encode
from core.message import Address, Outbound, Receipt
from core.reports.records import insert_new
from core.storage.schema import echoes, outbox

KEPT = timedelta(hours=2)
"""How long echoes are kept: longer than an uncertain letter waits for one."""
EARLY = timedelta(seconds=5)
"""How much earlier than our own clock says an echo may be dated."""

_UNCERTAIN = f"{Uncertain.__name__}:"


@dataclass(frozen=True, slots=True)
class Echoed:
    """One message that the channel says it delivered. `digest` is `digest_of` what was sent."""

    address: Address
    message_id: str
    digest: str
    at: datetime


def digest_of(kind: str, words: str) -> str:
    """What two tellings of the same message have in common: its kind and its words, blanks folded."""
    return hashlib.sha256(f"{kind}\n{' '.join(words.split())}".encode()).hexdigest()


def keep_echo(conn: sa.Connection, echoed: Echoed) -> bool:
    """Remember an echo; False when it was known."""
    made = conn.execute(
        insert_new(conn, echoes, "channel", "message_id").values(
            channel=echoed.address.channel, message_id=echoed.message_id, user=echoed.address.user,
            digest=echoed.digest, at=echoed.at,
        )
    )  # fmt: skip
    return bool(made.rowcount)


def take_echo(conn: sa.Connection, address: Address, digest: str, since: datetime) -> str | None:
    """The id of a message like this one that was delivered to this citizen since then and is nobody's yet.

    It is taken: it will not be given again.
    """
    rows = conn.execute(
        sa.select(echoes.c.message_id)
        .where(
            echoes.c.channel == address.channel, echoes.c.user == address.user,
            echoes.c.digest == digest, echoes.c.at >= since - EARLY, echoes.c.taken.is_(sa.false()),
        )
        .order_by(echoes.c.at)
    ).scalars()  # fmt: skip
    known = _receipted(conn, address)
    for message_id in rows.all():
        if message_id not in known and _take(conn, address, message_id):
            return str(message_id)
    return None


def settle_by_echo(
    conn: sa.Connection, echoed: Echoed, now: datetime, is_it: Callable[[Outbound], bool]
) -> bool:
    """Settle the citizen's uncertain letter that `is_it` recognises as the echoed one; whether there was one.

    Other uncertain letters of theirs become due at once: the channel finds the echo by itself.
    """
    address = echoed.address
    waiting = conn.execute(
        sa.select(outbox.c.id, outbox.c.payload)
        .where(
            outbox.c.channel == address.channel, outbox.c.user == address.user,
            outbox.c.state == "waiting", outbox.c.lease.is_(None), outbox.c.reason.startswith(_UNCERTAIN),
            outbox.c.created_at <= echoed.at + EARLY,
        )
        .order_by(outbox.c.id)
        .limit(1)  # a citizen's letters leave in order: only the first can have left
    ).first()  # fmt: skip
    if waiting is None or echoed.message_id in _receipted(conn, address):
        return False
    try:
        recognised = is_it(decode(Outbound, waiting.payload))
    except Unreadable:
        return False
    if not recognised:
        conn.execute(outbox.update().where(outbox.c.id == waiting.id).values(next_at=now))
        return False
    _take(conn, address, echoed.message_id)
    receipt = encode(Receipt((echoed.message_id,)))
    conn.execute(
        outbox.update()
        .where(outbox.c.id == waiting.id)
        .values(state="sent", sent_at=now, receipt=receipt, reason="settled by its echo")
    )
    return True


def forget_echoes(conn: sa.Connection, now: datetime) -> int:
    """Drop what is too old to settle anything; how many."""
    return conn.execute(echoes.delete().where(echoes.c.at < now - KEPT)).rowcount


def _take(conn: sa.Connection, address: Address, message_id: str) -> bool:
    taken = conn.execute(
        echoes.update()
        .where(
            echoes.c.channel == address.channel,
            echoes.c.message_id == message_id,
            echoes.c.taken.is_(sa.false()),
        )
        .values(taken=True)
    )
    return bool(taken.rowcount)


def _receipted(conn: sa.Connection, address: Address) -> set[str]:
    """The message ids of the citizen's last letters that were surely sent."""
    rows = conn.execute(
        sa.select(outbox.c.receipt)
        .where(outbox.c.channel == address.channel, outbox.c.user == address.user, outbox.c.state == "sent")
        .order_by(outbox.c.id.desc())
        .limit(50)
    ).scalars()
    return {message_id for receipt in rows if receipt for message_id in receipt.get("message_ids", ())}
