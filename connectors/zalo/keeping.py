"""Keeping verified events: inbox, windows, echoes and oddities in one unit of work, committed before Zalo
hears OK."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa
import structlog

from connectors.zalo.envelope import OLDEST, Raw
from connectors.zalo.events import Reading, read_event
from connectors.zalo.odd_events import keep_odd_event
from connectors.zalo.rendering import echo_digest, is_echo_of
from connectors.zalo.windows import Windows, forget_heard, note_heard
from core import intake
from core.clock import Clock
from core.echoes import Echoed, keep_echo, settle_by_echo
from core.intake import Quiet
from core.message import InboundKind
from core.storage import Store
from core.wake import Wake

log = structlog.get_logger(__name__)

ANOTHER_ACCOUNT = "another account"
TOO_OLD = "too old"


class Keeper:
    """Takes verified raw events in. `seen` counts them by name, `refused` those that were not acted on."""

    def __init__(
        self, store: Store, oa_id: str, windows: Windows, *, clock: Clock, quiet: Quiet,
        inbox_wake: Wake, outbox_wake: Wake,
    ) -> None:  # fmt: skip
        self._store = store
        self._oa_id = oa_id
        self._windows = windows
        self._clock = clock
        self._quiet = quiet
        self._inbox_wake = inbox_wake
        self._outbox_wake = outbox_wake
        self.seen: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.last_at: datetime | None = None

    async def keep(self, raw: Raw, *, however_old: bool = False) -> int:
        """Commit one event; how many were new to the inbox. Raises StoreError: then nothing was kept.

        An event of another account is only counted; one of another day is kept as odd, unless `however_old`.
        """
        now = self._clock.now()
        self.last_at = now
        reading = read_event(raw, self._oa_id, now)
        self.seen[reading.kind] += 1
        refused = why_refused(raw, reading, self._oa_id, now)
        if refused == TOO_OLD and however_old:
            refused = ""
        if refused:
            self.refused[refused] += 1
            log.warning("zalo.refused", kind=reading.kind, why=refused)
            if refused == ANOTHER_ACCOUNT:
                return 0
            reading = Reading(reading.key, reading.kind, now, odd=refused)
        if not _does_anything(reading):
            return 0
        new, settled = await self._store.write(lambda conn: self._write(conn, reading, raw, now))
        if reading.inbound is not None and reading.inbound.kind is InboundKind.ERASURE:
            self._windows.forget(reading.inbound.address)
        elif reading.heard is not None:
            self._windows.remember(reading.heard, reading.at, reading.message_id)
        if new:
            self._inbox_wake.notify()
        if settled:
            self._outbox_wake.notify()
        return new

    def _write(self, conn: sa.Connection, reading: Reading, raw: Raw, now: datetime) -> tuple[int, bool]:
        events = [reading.inbound] if reading.inbound is not None else []
        new = intake.accept(conn, events, now, self._quiet)
        if reading.inbound is not None and reading.inbound.kind is InboundKind.ERASURE:
            forget_heard(conn, reading.inbound.address)
        elif reading.heard is not None:
            note_heard(conn, reading.heard, reading.at, reading.message_id)
        if reading.odd:
            keep_odd_event(conn, reading.key, f"{reading.kind}: {reading.odd}", raw, now)
        return new, self._settle(conn, reading, now)

    def _settle(self, conn: sa.Connection, reading: Reading, now: datetime) -> bool:
        """Our own echo settles what got no answer; True when delivery has something to do."""
        echo = reading.echo
        if echo is None or echo.officer:
            return False
        digest = echo_digest(echo.kind, echo.text)
        echoed = Echoed(echo.address, echo.message_id, digest, echo.at)
        if not keep_echo(conn, echoed):
            return False
        return settle_by_echo(conn, echoed, now, lambda message: is_echo_of(message, digest))


def why_refused(raw: Raw, reading: Reading, oa_id: str, now: datetime) -> str:
    """Why an event is not acted on; "" when it is."""
    if not _is_ours(raw, reading.kind, oa_id):
        return ANOTHER_ACCOUNT
    return TOO_OLD if abs(now - reading.at) > OLDEST else ""


def _is_ours(raw: Raw, kind: str, oa_id: str) -> bool:
    """Whether the event is about our Official Account: one app may serve several. An event that names no
    account where one stands is taken for ours."""
    sender, recipient = (_id_of(raw.get(side)) for side in ("sender", "recipient"))
    named = [one for one in (raw.get("oa_id"), sender if kind.startswith("oa_") else recipient) if one]
    return not named or oa_id in map(str, (*named, sender, recipient))


def _id_of(person: object) -> str | int | None:
    found = person.get("id") if isinstance(person, dict) else None
    return found if isinstance(found, str | int) else None


def _does_anything(reading: Reading) -> bool:
    return bool(reading.inbound or reading.heard or reading.echo or reading.odd)
