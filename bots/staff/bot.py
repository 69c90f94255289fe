"""The duty officers' bot: a python-telegram-bot application that is polled by hand.

PTB's own updater acknowledges updates before they are handled; here an officer's press or words are done
first and acknowledged after, so a crash in between does them again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from telegram import Update
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, CallbackQueryHandler, MessageHandler, filters

from bots.staff.announcing import Announcer, seconds_of
from bots.staff.cards import Cards
from bots.staff.desk import Desk
from bots.staff.group import Group
from bots.staff.settings import StaffSettings
from bots.staff.wording import StaffWords
from core.clock import Clock
from core.pack import Pack
from core.storage import Store, StoreError

log = structlog.get_logger(__name__)

JSONDict = dict[str, Any]

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
TRIES = 3
"""So often an update that fails by our own fault is tried; then it is left, so that the next come through."""


class StaffBot:
    """Tells those on duty, and does what they press and write. `run` until cancelled, then `close`.

    `can_write` says whether words reach citizens of a channel; `woken` is called when there are new ones.
    """

    def __init__(
        self,
        settings: StaffSettings,
        store: Store,
        pack: Pack,
        words: StaffWords,
        clock: Clock,
        *,
        can_write: Callable[[str], bool],
        woken: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._app = _application(settings)
        self.group = Group(self._app.bot, settings.chat)
        cards = Cards(words, pack, can_write)
        self.announcer = Announcer(store, self.group, cards, clock, settings)
        self._desk = Desk(store, self.group, cards, clock, woken)
        self._app.add_handler(CallbackQueryHandler(self._desk.on_press))
        self._app.add_handler(MessageHandler(filters.REPLY, self._desk.on_reply))
        self._app.add_error_handler(self._note_error)
        self._error: Exception | None = None
        self._failures = 0
        self._offset: int | None = None
        self._tries = (0, 0)

    async def run(self) -> None:
        """Work until cancelled. Failures are waited out, never raised."""
        await self._begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.announcer.run())
            tasks.create_task(self._poll())

    async def close(self) -> None:
        await self._app.shutdown()

    async def _begin(self) -> None:
        """Say who we are to Telegram, as soon as it can be reached."""
        while True:
            try:
                await self._app.initialize()
                await self._app.bot.delete_webhook()
            except TelegramError as error:
                if isinstance(error, InvalidToken):
                    log.warning("staff.token_refused", mend="copy KENHDAN_TELEGRAM_STAFF_TOKEN again")
                await self._pause(error)
                continue
            self._failures = 0
            return

    async def _poll(self) -> None:
        while True:
            try:
                await self._round()
                self._failures = 0
            except Exception as error:  # what was not done is not acknowledged, and comes again
                await self._pause(error)

    async def _round(self) -> None:
        updates = await self._app.bot.get_updates(
            self._offset, timeout=self._settings.poll_s, allowed_updates=list(ALLOWED_UPDATES)
        )
        for update in updates:
            await self._do(update)
            self._offset = update.update_id + 1

    async def _do(self, update: Update) -> None:
        """Do one update. Raises what hindered it, so that it comes again, but not for ever."""
        self._error = None
        await self._app.process_update(update)
        if self._error is None:
            return
        tries = self._tries[1] + 1 if self._tries[0] == update.update_id else 1
        self._tries = (update.update_id, tries)
        if tries < TRIES or _passes(self._error):
            raise self._error
        log.error("staff.update_left", exc_info=self._error, update=update.update_id)
        await self._desk.give_up(update)

    async def _note_error(self, update: object, context: Any) -> None:
        """PTB hands us what a handler raised, which it would only log."""
        self._error = context.error

    async def _pause(self, error: Exception) -> None:
        pause = min(self._settings.first_pause_s * 2**self._failures, self._settings.longest_pause_s)
        self._failures = min(self._failures + 1, 16)
        if isinstance(error, RetryAfter):
            pause = max(pause, seconds_of(error))
        words = str(error) if isinstance(error, TelegramError | StoreError) else ""
        log.warning("staff.polling_failed", kind=type(error).__name__, error=words, again_in_s=pause)
        await asyncio.sleep(pause)


def _passes(error: Exception) -> bool:
    """Whether it is the network or the database that failed, and not this update."""
    if isinstance(error, NetworkError):
        return not isinstance(error, BadRequest)
    return isinstance(error, StoreError | RetryAfter)


class _Limiter(AIORateLimiter):
    """PTB's limits, but asking who belongs to the group does not use up the posts that the group may have."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | JSONDict | list[JSONDict]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: int | None,
    ) -> bool | JSONDict | list[JSONDict]:
        if endpoint == "getChatMember":
            data = {key: value for key, value in data.items() if key != "chat_id"}
        return await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)


def _application(settings: StaffSettings) -> Application[Any, Any, Any, Any, Any, Any]:
    timeout = settings.timeout_s
    return (
        Application.builder()
        .token(settings.token)
        .base_url(settings.api_base.rstrip("/") + "/bot")
        .base_file_url(settings.file_base.rstrip("/") + "/bot")
        .updater(None)
        .job_queue(None)
        .rate_limiter(_Limiter())
        .connect_timeout(timeout / 2)
        .read_timeout(timeout)
        .write_timeout(timeout)
        .pool_timeout(timeout)
        .get_updates_connect_timeout(timeout / 2)
        .get_updates_read_timeout(timeout)
        .build()
    )
