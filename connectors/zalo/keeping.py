"""Keeping verified events: inbox, windows, echoes and oddities in one unit of work, committed before Zalo
hears OK."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
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

        An event of another account or, unless `however_old`, of another day is only counted.
        """
        now = self._clock.now()
        self.last_at = now
        reading = read_event(raw, self._oa_id, now)
        self.seen[reading.kind] += 1
        if not self._is_ours(raw):
            self.refused["another account"] += 1
            log.warning("zalo.another_account", kind=reading.kind)
            return 0
        if not however_old and abs(now - reading.at) > OLDEST:
            self.refused["too old"] += 1
            log.warning("zalo.too_old", kind=reading.kind)
            return 0
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

    def _is_ours(self, raw: Raw) -> bool:
        """Whether the event is about our Official Account: one app may serve several."""
        ids = _account_ids(raw)
        return self._oa_id in ids or not ids


def _does_anything(reading: Reading) -> bool:
    return bool(reading.inbound or reading.heard or reading.echo or reading.odd)


def _account_ids(raw: Raw) -> Sequence[str]:
    """Every place where an event may name the account it is about."""
    found = [raw.get("oa_id")]
    for side in ("sender", "recipient"):
        person = raw.get(side)
        found.append(person.get("id") if isinstance(person, dict) else None)
    return [str(value) for value in found if isinstance(value, str | int)]
