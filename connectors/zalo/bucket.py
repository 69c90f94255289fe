"""How fast we call Zalo: so many calls a second, and not at all while it asks us to wait."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta

from core.channel import RateLimited
from core.clock import Clock

LONGEST_WAIT_S = 5.0
"""A call that would wait longer is put off: its worker has better things to do."""


class Bucket:
    """A token bucket of one process: `rate` calls a second, up to a second's worth at once."""

    def __init__(self, rate: int, clock: Clock) -> None:
        self._rate = float(rate)
        self._clock = clock
        self._left = float(rate)
        self._filled_at = time.monotonic()
        self._closed_until: datetime | None = None

    async def take(self) -> None:
        """Wait for our turn. Raises RateLimited when that is not soon."""
        now = self._clock.now()
        if self._closed_until is not None:
            if now < self._closed_until:
                raise RateLimited("Zalo asked us to wait", self._closed_until)
            self._closed_until = None
        present = time.monotonic()
        self._left = min(self._rate, self._left + (present - self._filled_at) * self._rate)
        self._filled_at = present
        wait = max(0.0, (1.0 - self._left) / self._rate)
        if wait > LONGEST_WAIT_S:
            raise RateLimited("our own limit of calls a second", now + timedelta(seconds=wait))
        self._left -= 1.0
        if wait:
            await asyncio.sleep(wait)

    def close_until(self, until: datetime) -> None:
        """Zalo said that we call too often: nobody calls before then."""
        self._closed_until = max(until, self._closed_until or until)
