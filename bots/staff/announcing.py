"""Telling those on duty: one post after the other, dangers first, each marked as told after it was posted."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

import structlog
from telegram.error import BadRequest, RetryAfter, TelegramError

from bots.staff.cards import Cards
from bots.staff.group import Group
from bots.staff.settings import StaffSettings
from core.clock import Clock
from core.reports import announcements
from core.reports.announcements import Due, PostRef, Telling
from core.storage import Store

log = structlog.get_logger(__name__)

BLANK_EVERY = timedelta(seconds=60)
_MINUTE = timedelta(minutes=1)


class Announcer:
    """Posts what is due. `run` goes on until cancelled; nothing is lost by that, nor by a crash."""

    def __init__(
        self, store: Store, group: Group, cards: Cards, clock: Clock, settings: StaffSettings
    ) -> None:
        self._store = store
        self._group = group
        self._cards = cards
        self._clock = clock
        self._settings = settings
        self._calm: deque[datetime] = deque()
        self._blank_at = clock.now()
        self._failures = 0

    async def run(self) -> None:
        while True:
            try:
                busy = await self.tell_next()
                await self.blank_erased()
                self._failures = 0
            except Exception as error:  # whatever it is, the next emergency must find us at work
                await self._pause(error)
                continue
            if not busy:
                await asyncio.sleep(self._settings.tick_s)

    async def tell_next(self) -> bool:
        """Post the most pressing thing; False when there is none. Raises TelegramError, StoreError."""
        now = self._clock.now()
        calm = self._may_be_calm(now)
        due = await self._store.read(lambda conn: announcements.next_due(conn, now, calm=calm))
        if due is None:
            return False
        post = await self._post(due, now)
        if not due.handoff.is_danger:
            self._calm.append(now)
        told = self._clock.now()
        await self._store.write(lambda conn: announcements.mark_told(conn, due, post, told))
        log.info("staff.told", telling=due.telling.value, reason=due.handoff.reason, handoff=due.handoff.id)
        return True

    async def blank_erased(self) -> None:
        """Posts about citizens who had everything erased say nothing of them any more."""
        now = self._clock.now()
        if now < self._blank_at:
            return
        for post in await self._store.read(announcements.posts_to_blank):
            await self._group.edit(post, self._cards.words.say("erased"))
            await self._store.write(lambda conn, post=post: announcements.forget_post(conn, post))  # type: ignore[misc]
        self._blank_at = now + BLANK_EVERY

    async def _post(self, due: Due, now: datetime) -> PostRef:
        text, buttons = self._cards.post(due, now)
        loud = due.handoff.is_danger or self._cards.pack.calendar.is_working(now)
        first = None
        if due.telling is not Telling.NEW:
            posts = await self._store.read(lambda conn: announcements.posts_of(conn, due.handoff.id))
            first = next((post.message for post in posts if post.chat == self._group.chat), None)
        try:
            message = await self._group.post(text, buttons, loud=loud, reply_to=first)
        except BadRequest as error:
            # Telegram dislikes something in the text: one that nothing can be wrong with goes through, or it
            # is the group that is wrong, and then all posts wait
            log.warning("staff.post_refused", error=error.message, handoff=due.handoff.id)
            message = await self._group.post(self._cards.bare(due.handoff), buttons, loud=loud)
        return PostRef(self._group.chat, message, card=bool(buttons))

    def _may_be_calm(self, now: datetime) -> bool:
        while self._calm and now - self._calm[0] >= _MINUTE:
            self._calm.popleft()
        return len(self._calm) < self._settings.calm_per_minute

    async def _pause(self, error: Exception) -> None:
        pause = min(self._settings.first_pause_s * 2**self._failures, self._settings.longest_pause_s)
        self._failures = min(self._failures + 1, 16)
        if isinstance(error, RetryAfter):
            pause = max(pause, seconds_of(error))
        words = str(error) if isinstance(error, TelegramError) else ""
        log.error("staff.not_told", kind=type(error).__name__, error=words, again_in_s=pause)
        await asyncio.sleep(pause)


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    asked = error.retry_after
    return asked.total_seconds() if isinstance(asked, timedelta) else float(asked)
