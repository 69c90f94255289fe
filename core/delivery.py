"""Delivery: every answer in the outbox is sent, tried again later, or ends visibly as dead, with its reason.

Answers to one citizen leave in the order in which they were written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa
import structlog

from core.channel import (
    Blocked,
    Channel,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    Uncertain,
    WindowClosed,
)
from core.clock import Clock
from core.codec import Unreadable, decode, encode
from core.crew import new_lease, work_through
from core.message import Address, Outbound, Receipt
from core.reports.erasing import ERASED_KEY, FORGOTTEN
from core.storage import Store, StoreError
from core.storage.schema import Instant, handoffs, outbox
from core.wake import LocalWake, Wake

LEASE = timedelta(seconds=90)
NOBODYS = timedelta(minutes=5)
"""After so long a letter that no process came for is taken by any."""
POLL = 1.0
MOST_ATTEMPTS = 34
"""With the pauses between them a channel may be away for most of a day before an answer is given up."""
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(hours=1)
CREDENTIALS_PAUSE = timedelta(minutes=5)
UNCERTAIN_PAUSE = timedelta(seconds=60)
FINAL = (WindowClosed, Blocked, Rejected)

log = structlog.get_logger(__name__)


def nothing(step: str) -> None:
    """Called between any two steps; tests put a crash in its place."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One row of the outbox that is ours until the lease ends."""

    id: int
    address: Address
    message: Outbound
    attempts: int
    lease: str
    last: bool = False
    """The citizen had everything erased meanwhile: nothing of it is kept once it is sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter: sent, waiting until `next_at`, or dead. `counts` is whether it was a try."""

    state: str
    receipt: Receipt | None = None
    reason: str | None = None
    next_at: datetime | None = None
    counts: bool = True


def claim_letters(
    conn: sa.Connection, lease: str, now: datetime, most: int, channels: Collection[str] = ()
) -> list[Letter]:
    """Take up to `most` due letters, of each citizen only the first that is not sent yet.

    Letters of other channels than `channels` (all, when empty) are left to the process that has them; after
    NOBODYS they are taken all the same, so that it is written down why they wait.
    """
    rows = conn.execute(
        _claim_statement(conn.dialect.name),
        {
            "now": now,
            "most": most,
            "lease": lease,
            "leased_until": now + LEASE,
            "channels": list(channels),
            "any_channel": not channels,
            "nobodys": now - NOBODYS,
        },
    ).all()
    letters = []
    for number, channel, user, payload, attempts, key in sorted(rows, key=lambda row: row[0]):
        letter = Letter(
            number, Address(channel, user), Outbound(""), attempts, lease, key.startswith(ERASED_KEY)
        )
        try:
            letters.append(replace(letter, message=decode(Outbound, payload)))
        except Unreadable as error:
            settle(conn, letter, Outcome("dead", reason=str(error)), now)
    return letters


@cache
def _claim_statement(dialect: str) -> sa.Update:
    """Built once: building it costs as much as running it."""
    now = sa.bindparam("now", type_=Instant)
    earlier = outbox.alias("earlier")
    blocked = (
        sa.select(earlier.c.id)
        .where(
            earlier.c.channel == outbox.c.channel,
            earlier.c.user == outbox.c.user,
            earlier.c.state == "waiting",
            earlier.c.id < outbox.c.id,
        )
        .exists()
    )
    due = (
        sa.select(outbox.c.id)
        .where(
            outbox.c.state == "waiting",
            outbox.c.next_at <= now,
            sa.or_(outbox.c.lease.is_(None), outbox.c.leased_until < now),
            sa.or_(
                sa.bindparam("any_channel", type_=sa.Boolean),
                outbox.c.channel.in_(sa.bindparam("channels", expanding=True)),
                outbox.c.created_at < sa.bindparam("nobodys", type_=Instant),
            ),
            ~blocked,
        )
        .order_by(outbox.c.next_at, outbox.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
    if dialect == "postgresql":
        due = due.with_for_update(skip_locked=True)
    return (
        outbox.update()
        .where(outbox.c.id.in_(due.scalar_subquery()))
        .values(lease=sa.bindparam("lease"), leased_until=sa.bindparam("leased_until"))
        .returning(
            outbox.c.id, outbox.c.channel, outbox.c.user, outbox.c.payload, outbox.c.attempts, outbox.c.key
        )
    )  # fmt: skip


_SETTLE = outbox.update().where(
    outbox.c.id == sa.bindparam("of_id"), outbox.c.lease == sa.bindparam("of_lease")
)


def settle(conn: sa.Connection, letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Write what became of the letter. A dead one is shown to a person: a citizen waits for an answer."""
    values: dict[str, object] = {
        "state": outcome.state,
        "lease": None,
        "leased_until": None,
        "reason": outcome.reason,
    }
    if outcome.counts:
        values["attempts"] = letter.attempts + 1
    if outcome.next_at is not None:
        values["next_at"] = outcome.next_at
    if outcome.state == "sent":
        values |= {"sent_at": now, "receipt": encode(outcome.receipt) if outcome.receipt else None}
    kept = conn.execute(_SETTLE, {"of_id": letter.id, "of_lease": letter.lease} | values)
    if letter.last:
        if kept.rowcount and outcome.state != "waiting":
            conn.execute(outbox.update().where(outbox.c.id == letter.id).values(FORGOTTEN))
        return
    if kept.rowcount and outcome.state == "dead":
        conn.execute(
            handoffs.insert().values(
                channel=letter.address.channel, user=letter.address.user, reason="undelivered",
                words=letter.message.text, at=now,
            )
        )  # fmt: skip


def next_due(conn: sa.Connection) -> datetime | None:
    """When the earliest unsent letter is due that is not under way; None when there is none."""
    found: datetime | None = conn.execute(_NEXT_DUE).scalar_one_or_none()
    return found


_NEXT_DUE = sa.select(sa.func.min(outbox.c.next_at, type_=outbox.c.next_at.type)).where(
    outbox.c.state == "waiting", outbox.c.lease.is_(None)
)


def judge(error: ChannelError, attempts: int, now: datetime) -> Outcome:
    """What a channel's failure means for the letter."""
    reason = f"{type(error).__name__}: {error}"
    if isinstance(error, FINAL):
        return Outcome("dead", reason=reason)
    if isinstance(error, RateLimited):
        return Outcome("waiting", reason=reason, next_at=max(error.until, now), counts=False)
    if isinstance(error, CredentialsRefused):
        return Outcome("waiting", reason=reason, next_at=now + CREDENTIALS_PAUSE, counts=False)
    if attempts + 1 >= MOST_ATTEMPTS:
        return Outcome("dead", reason=reason)
    pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
    if isinstance(error, Uncertain):
        pause = max(pause, UNCERTAIN_PAUSE)
    return Outcome("waiting", reason=reason, next_at=now + pause)


@dataclass(slots=True)
class Delivery:
    """Sends what waits in the outbox. `checkpoint` is called with the name of the step that just ended."""

    store: Store
    channels: Mapping[str, Channel]
    clock: Clock
    wake: Wake = field(default_factory=LocalWake)
    concurrent: int = 32
    checkpoint: Callable[[str], None] = nothing

    async def run(self) -> None:
        """Send until cancelled; a letter under way then is sent again by whoever starts next."""
        await work_through(
            self._claim, self._send, most=lambda: self.concurrent, wake=self.wake, patience=self._patience
        )

    async def send_once(self) -> int:
        """Send everything that is due now, and wait for it; how many letters there were."""
        letters = await self._claim(self.concurrent)
        await asyncio.gather(*(self._send(letter) for letter in letters))
        return len(letters)

    async def _claim(self, most: int) -> list[Letter]:
        lease, now = new_lease(), self.clock.now()
        try:
            mine = tuple(self.channels)
            return await self.store.write(lambda conn: claim_letters(conn, lease, now, most, mine))
        except Exception:  # whatever it is, delivery lives on: a dead one would answer nobody, in silence
            log.exception("outbox_not_readable")
            await asyncio.sleep(POLL)
            return []

    async def _patience(self) -> float:
        try:
            due = await self.store.read(next_due)
        except StoreError:
            return POLL
        if due is None:
            return POLL
        return max(0.05, min(POLL, (due - self.clock.now()) / timedelta(seconds=1)))

    async def _send(self, letter: Letter) -> None:
        self.checkpoint("letter_claimed")
        outcome = await self._try(letter)
        self.checkpoint("letter_sent")
        now = self.clock.now()
        try:
            await self.store.write(lambda conn: settle(conn, letter, outcome, now))
        except StoreError:
            log.exception("letter_not_settled", state=outcome.state)  # its lease ends, and it is sent again
        self.checkpoint("letter_settled")

    async def _try(self, letter: Letter) -> Outcome:
        now = self.clock.now()
        channel = self.channels.get(letter.address.channel)
        if channel is None:
            return Outcome(
                "waiting", reason="the channel is switched off", next_at=now + CREDENTIALS_PAUSE, counts=False
            )
        try:
            receipt = await channel.send(letter.address, letter.message)
        except ChannelError as error:
            outcome = judge(error, letter.attempts, self.clock.now())
            log.warning("letter_not_sent", state=outcome.state, error=type(error).__name__)
            return outcome
        except Exception as error:  # an adapter's bug must not lose the letter
            log.exception("channel_bug")
            return judge(ChannelError(f"{type(error).__name__}: {error}"), letter.attempts, self.clock.now())
        return Outcome("sent", receipt=receipt)
