"""The watchdog: a frozen loop leaves callers in silence, and nothing in Asterisk notices.

A thread sees whether the loop still turns. When it does not for too long the process ends; it is started
again, its callers go on to the operator at once, and what they said is on disk.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable

import structlog

BEAT_S = 0.25
EXIT_CODE = 70

log = structlog.get_logger(__name__)


def end_process() -> None:
    """No clean-up: whatever hangs would hang that too."""
    os._exit(EXIT_CODE)


class Watchdog:
    """Ends the process when the loop has not turned for `limit_s`. `worst_s` is the longest lag seen."""

    def __init__(self, limit_s: float, end: Callable[[], None] = end_process) -> None:
        self._limit = limit_s
        self._end = end
        self._beat = time.monotonic()
        self._over = threading.Event()
        self.worst_s = 0.0

    async def run(self) -> None:
        """Beat until cancelled."""
        self._beat = time.monotonic()
        watcher = threading.Thread(target=self._watch, name="hotline-watchdog", daemon=True)
        watcher.start()
        try:
            while True:
                await asyncio.sleep(BEAT_S)
                now = time.monotonic()
                self.worst_s = max(self.worst_s, now - self._beat - BEAT_S)
                self._beat = now
        finally:
            self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(BEAT_S):
            if time.monotonic() - self._beat > self._limit:
                log.critical("loop_frozen", seconds=self._limit)
                self._end()
                return
