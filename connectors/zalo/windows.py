"""When Zalo lets us write to a citizen: free for 48 hours after they did something, billed for up to seven
days, and after that by approved templates only.

The clock starts with a message, a tap or a form; receipts do not count.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from core.message import Address
from core.reports.records import insert_new
from core.storage import Store
from core.storage.schema import last_heard

FREE = timedelta(hours=48)
ALLOWED = timedelta(days=7)

_REMEMBERED = 20_000


class Window(StrEnum):
    """`UNKNOWN` is somebody of whom we heard nothing yet: the send is tried, and Zalo tells."""

    FREE = "free"
    BILLED = "billed"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LastHeard:
    """When a citizen last did something, and the id of their last message."""

    at: datetime
    message_id: str | None = None


def window_of(heard: LastHeard | None, now: datetime) -> Window:
    """The window in which a citizen is."""
    if heard is None:
        return Window.UNKNOWN
    since = now - heard.at
    if since <= FREE:
        return Window.FREE
    return Window.BILLED if since <= ALLOWED else Window.CLOSED


def note_heard(conn: sa.Connection, address: Address, at: datetime, message_id: str | None) -> None:
    """Remember an interaction; an older one, delivered late, changes nothing."""
    row = insert_new(conn, last_heard, "channel", "user").values(
        channel=address.channel, user=address.user, at=at, message_id=message_id
    )
    if conn.execute(row).rowcount:
        return
    newer = last_heard.update().where(
        last_heard.c.channel == address.channel, last_heard.c.user == address.user, last_heard.c.at <= at
    )
    values: dict[str, object] = {"at": at}
    if message_id is not None:
        values["message_id"] = message_id
    conn.execute(newer.values(values))


def read_heard(conn: sa.Connection, address: Address) -> LastHeard | None:
    row = conn.execute(
        sa.select(last_heard.c.at, last_heard.c.message_id).where(
            last_heard.c.channel == address.channel, last_heard.c.user == address.user
        )
    ).first()
    return LastHeard(row.at, row.message_id) if row else None


def forget_heard(conn: sa.Connection, address: Address) -> None:
    """For somebody who withdrew."""
    conn.execute(
        last_heard.delete().where(last_heard.c.channel == address.channel, last_heard.c.user == address.user)
    )


def count_windows(conn: sa.Connection, channel: str, now: datetime) -> dict[str, int]:
    """How many citizens are in each window."""
    at = last_heard.c.at
    in_channel = last_heard.c.channel == channel
    ranges = {
        Window.FREE: at >= now - FREE,
        Window.BILLED: sa.and_(at < now - FREE, at >= now - ALLOWED),
        Window.CLOSED: at < now - ALLOWED,
    }
    return {
        window.value: conn.execute(
            sa.select(sa.func.count()).select_from(last_heard).where(in_channel, where)
        ).scalar_one()
        for window, where in ranges.items()
    }


class Windows:
    """The windows with a memory: most answers go to somebody who wrote a moment ago."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: OrderedDict[Address, LastHeard] = OrderedDict()

    def remember(self, address: Address, at: datetime, message_id: str | None) -> None:
        """What was just written to the database by this process."""
        known = self._memory.get(address)
        if known is not None and known.at > at:
            return
        self._memory[address] = LastHeard(at, message_id or (known.message_id if known else None))
        self._memory.move_to_end(address)
        while len(self._memory) > _REMEMBERED:
            self._memory.popitem(last=False)

    def forget(self, address: Address) -> None:
        self._memory.pop(address, None)

    async def look(self, address: Address, now: datetime) -> LastHeard | None:
        """The last we know. A remembered one is asked for again only when its window looks over: another
        process may have heard more."""
        known = self._memory.get(address)
        if known is not None and now - known.at < FREE:
            return known
        found = await self._store.read(lambda conn: read_heard(conn, address))
        if found is not None:
            self.remember(address, found.at, found.message_id)
        return found
