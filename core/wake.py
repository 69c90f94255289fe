"""Waking the workers: polling finds all work by itself, a wake only makes it find it sooner.

So a lost wake costs at most one polling interval, and nothing here ever raises into a worker.
"""

from __future__ import annotations

import asyncio
from typing import Protocol


class Wake(Protocol):
    """One worker waits on it, anyone notifies. A notify that comes while the worker works is remembered."""

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109  (running out of time is the normal case)
        """Return when notified, at the latest after `timeout` seconds. Raises nothing but cancellation."""
        ...

    def notify(self) -> None:
        """Wake the worker; from the event loop's thread, without waiting. Never raises."""
        ...

    async def close(self) -> None: ...


class LocalWake:
    """A wake within this process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109
        try:
            async with asyncio.timeout(timeout):
                await self._event.wait()
        except TimeoutError:
            return
        self._event.clear()

    def notify(self) -> None:
        self._event.set()

    async def close(self) -> None:
        return


def open_wake(redis_url: str, topic: str) -> Wake:
    """The wake for `topic`: over Redis when there is a URL, else within this process."""
    if not redis_url:
        return LocalWake()
    from core.redis_wake import RedisWake  # half a second of imports that few need

    return RedisWake(redis_url, topic)
