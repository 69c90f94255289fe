"""Long polling that loses nothing: updates are kept first and acknowledged after.

aiogram's own polling acknowledges before the handlers have run; a crash in between loses messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bots.citizen.channel import TelegramChannel
from core.channel import ChannelError, RateLimited
from core.clock import Clock, WallClock
from core.message import Inbound
from core.storage.store import StoreError

log = structlog.get_logger(__name__)

Accept = Callable[[list[Inbound]], Awaitable[None]]
"""Keeps events durably; when it returns, they will not be lost. It is called again with the same events after
a failure, and may be handed events it knows."""


class Poller:
    """Fetches updates until stopped. `run` is the loop, `stop` ends it and waits."""

    def __init__(
        self,
        channel: TelegramChannel,
        accept: Accept,
        *,
        wait_s: int = 50,
        first_pause_s: float = 1.0,
        longest_pause_s: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        self._channel = channel
        self._accept = accept
        self._wait_s = wait_s
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._clock = clock or WallClock()
        self._offset: int | None = None
        self._failures = 0
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Poll until `stop` is called or the task is cancelled. Failures are waited out, never raised."""
        self._running = asyncio.ensure_future(self._loop())
        try:
            await asyncio.shield(self._running)
        except asyncio.CancelledError:
            if not self._running.done():
                self._running.cancel()
                await asyncio.gather(self._running, return_exceptions=True)
                raise
        finally:
            self._running = None

    async def stop(self) -> None:
        """End the loop. An update that was not kept yet comes again at the next start."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            try:
                await self._round()
                self._failures = 0
            except ChannelError as error:
                await self._pause(error)
            except Exception as error:
                # Whatever kept us from keeping the updates (the disk, the database): they are not
                # acknowledged, so Telegram still has them. Ending the loop here would end the channel.
                await self._pause(error)

    async def _round(self) -> None:
        updates = await self._channel.get_updates(self._offset, self._wait_s)
        events = [event for update in updates for event in self._channel.parse(update)]
        if events:
            await self._accept(events)
        self._offset = _offset_after(updates, self._offset)  # the next call acknowledges what is kept by now
        for update in updates:
            self._channel.stop_spinning(update)

    async def _pause(self, error: Exception) -> None:
        pause = min(self._first_pause_s * 2**self._failures, self._longest_pause_s)
        self._failures = min(self._failures + 1, 16)
        if isinstance(error, RateLimited):
            pause = max(0.0, (error.until - self._clock.now()).total_seconds())
        # A channel's or store's words are for operators; others' may quote a citizen's.
        words = str(error) if isinstance(error, ChannelError | StoreError) else ""
        log.warning("telegram.polling_failed", kind=type(error).__name__, error=words, again_in_s=pause)
        await asyncio.sleep(pause)


def _offset_after(updates: list[Any], offset: int | None) -> int | None:
    """The offset that acknowledges these updates; those without a sound id cannot move it."""
    ids = [update.get("update_id") for update in updates if isinstance(update, dict)]
    known = [update_id for update_id in ids if isinstance(update_id, int)]
    return max(known) + 1 if known else offset
