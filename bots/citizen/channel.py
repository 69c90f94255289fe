"""Telegram as a channel: updates become events, messages are sent, media are fetched."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog

from bots.citizen.rendering import MAX_TEXT, PhotoStep, Rendering, TextStep, render
from bots.citizen.settings import TelegramSettings
from bots.citizen.updates import CHANNEL, MALFORMED, Ignored, Reader, pressed_query
from core.channel import ChannelError, CredentialsRefused, MediaLost, RateLimited, Rejected
from core.clock import Clock, WallClock
from core.media.store import MediaStore, MediaStoreError
from core.message import Address, Inbound, MediaRef, Outbound, Receipt
from core.text import split_text

if TYPE_CHECKING:
    from bots.citizen.api import TelegramApi

log = structlog.get_logger(__name__)

BOT_API_DOWNLOAD_LIMIT = 20 * 1024 * 1024
_REMEMBERED = 10_000
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 300.0


@dataclasses.dataclass(slots=True)
class _Progress:
    """How far a message of several steps came, so that sending it again goes on where it stopped."""

    rendering: Rendering
    done: int = 0
    message_ids: list[str] = dataclasses.field(default_factory=list)


class TelegramChannel:
    """The citizens' bot; a core.channel.Channel.

    `labels` are the pack's words for Telegram's own buttons: "share_location", "share_phone". `commands` maps
    a command without slash to the words it stands for, `menu` to the description shown in Telegram's menu.
    `ignored` counts the updates that were not made into events, by reason.
    """

    name = CHANNEL

    def __init__(
        self,
        settings: TelegramSettings,
        media: MediaStore,
        labels: Mapping[str, str],
        *,
        commands: Mapping[str, str] | None = None,
        menu: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        timeout_s: float = 30.0,
    ) -> None:
        self.settings = settings
        self.ignored: Counter[str] = Counter()
        self._media = media
        self._labels = dict(labels)
        self._menu = dict(menu or {})
        self._clock = clock or WallClock()
        self._timeout_s = timeout_s
        self._reader = Reader(settings.bot_id, commands=dict(commands or {}))
        self._api_loaded: TelegramApi | None = None
        self._api_lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._progress: OrderedDict[tuple[Address, Outbound], _Progress] = OrderedDict()
        self._keyboards: OrderedDict[Address, None] = OrderedDict()

    # What comes in

    def parse(self, raw: Any) -> list[Inbound]:
        """The event in one raw update: one or none. Never raises: what is unknown or broken is counted."""
        try:
            return [self._reader.read(raw, self._clock.now())]
        except Ignored as reason:
            self._note(str(reason), raw)
        except MALFORMED as error:
            self._note("broken", raw, error=type(error).__name__)
        return []

    def stop_spinning(self, raw: Any) -> None:
        """Answer the press of a button in one raw update, in the background; without it the button spins."""
        query_id = pressed_query(raw)
        if query_id:
            self._in_background(self._answer(query_id))

    async def get_updates(self, offset: int | None, wait_s: int) -> list[Any]:
        """Raw updates by polling. Raises a ChannelError."""
        return await (await self._api()).get_updates(offset, wait_s)

    # What goes out

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Send one message, in several parts if it must be. Raises a ChannelError.

        After a failure halfway the same call goes on where it stopped, as long as the process lives.
        A photo that is missing or refused does not stop the words.
        """
        key = (address, message)
        progress = self._progress.get(key)
        if progress is None:
            rendering = render(message, self._labels, keyboard_shown=address in self._keyboards)
            if not rendering.steps:
                raise Rejected("a message without words and photos")
            progress = _remember(self._progress, key, _Progress(rendering))
        steps = progress.rendering.steps
        try:
            while progress.done < len(steps):
                progress.message_ids += await self._send_step(address, steps[progress.done])
                progress.done += 1
        finally:
            if progress.done in (0, len(steps)):
                self._progress.pop(key, None)
        if progress.rendering.keyboard:
            _remember(self._keyboards, address, None)
        elif progress.rendering.keyboard is False:
            self._keyboards.pop(address, None)
        if not progress.message_ids:
            raise Rejected("none of the photos could be sent")
        return Receipt(tuple(progress.message_ids))

    async def _send_step(self, address: Address, step: TextStep | PhotoStep) -> list[str]:
        api = await self._api()
        if isinstance(step, TextStep):
            return [await api.send_text(address.user, step.text, step.markup)]
        photos = await asyncio.to_thread(self._load, step.media_ids)
        if photos:
            try:
                return await api.send_photos(address.user, photos, step.caption)
            except Rejected as error:
                log.warning("telegram.photos_refused", photos=len(photos), error=str(error))
        return [await api.send_text(address.user, part, None) for part in split_text(step.caption, MAX_TEXT)]

    def _load(self, media_ids: tuple[str, ...]) -> list[bytes]:
        photos = []
        for media_id in media_ids:
            try:
                photos.append(self._media.get(media_id))
            except MediaStoreError as error:
                log.warning("telegram.photo_missing", media=media_id[:12], error=type(error).__name__)
        return photos

    # Media

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of a medium; its fallback (a smaller size) when it is too large or gone.
        Raises MediaLost, RetryLater, RateLimited or CredentialsRefused."""
        try:
            return await self._fetch(ref.ref, ref.size, limit)
        except MediaLost:
            if ref.fallback is None:
                raise
            return await self._fetch(ref.fallback, None, limit)

    async def _fetch(self, file_id: str, size: int | None, limit: int) -> bytes:
        if self.settings.local_files is None:
            limit = min(limit, BOT_API_DOWNLOAD_LIMIT)
        if size is not None and size > limit:
            raise MediaLost(f"too large: {size} bytes, at most {limit}")
        api = await self._api()
        try:
            path, announced = await api.file_path(file_id)
        except Rejected as error:
            raise MediaLost(f"Telegram does not give it: {error}") from error
        if announced is not None and announced > limit:
            raise MediaLost(f"too large: {announced} bytes, at most {limit}")
        return await api.download(path, limit)

    # Life

    async def start(self) -> None:
        """Register with Telegram in the background, with growing pauses until it works. Returns at once."""
        self._in_background(self._register_until_done())

    async def register(self) -> None:
        """Learn our own name, show the menu, and set or remove the webhook. Raises a ChannelError."""
        api = await self._api()
        me = await api.get_me()
        self._reader = dataclasses.replace(self._reader, username=str(me.get("username") or ""))
        if self._menu:
            await api.set_commands(self._menu)
        if self.settings.mode == "polling":
            await api.delete_webhook()
        elif self.settings.webhook_url:
            await api.set_webhook(self.settings.webhook_url, self.settings.webhook_secret)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._api_loaded is not None:
            await self._api_loaded.close()
            self._api_loaded = None

    async def _register_until_done(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self.register()
            except CredentialsRefused as error:
                log.warning("telegram.credentials_refused", error=str(error))  # only a new token helps
                return
            except ChannelError as error:
                log.warning("telegram.not_registered", error=str(error), again_in_s=pause)
                await asyncio.sleep(self._wait_for(error, pause))
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                log.info("telegram.registered", mode=self.settings.mode)
                return

    def _wait_for(self, error: ChannelError, pause: float) -> float:
        if isinstance(error, RateLimited):
            return max(0.0, (error.until - self._clock.now()).total_seconds())
        return pause

    async def _answer(self, query_id: str) -> None:
        # Best effort: after a few minutes Telegram refuses it, and the button has stopped by itself.
        with contextlib.suppress(ChannelError):
            await (await self._api()).answer_callback(query_id)

    async def _api(self) -> TelegramApi:
        """The API, with aiogram imported in a thread the first time: the loop goes on meanwhile."""
        if self._api_loaded is None:
            async with self._api_lock:
                if self._api_loaded is None:
                    module = await asyncio.to_thread(importlib.import_module, "bots.citizen.api")
                    self._api_loaded = module.TelegramApi(self.settings, self._clock, self._timeout_s)
        assert self._api_loaded is not None
        return self._api_loaded

    def _in_background(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note(self, reason: str, raw: Any, **details: str) -> None:
        """Counted and logged by kind, never with its content."""
        self.ignored[reason] += 1
        update_id = raw.get("update_id") if isinstance(raw, Mapping) else None
        log.info("telegram.ignored", reason=reason, update_id=update_id, **details)


def _remember(memory: OrderedDict[Any, Any], key: Any, value: Any) -> Any:
    """Put into a memory of bounded size; the oldest goes."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
    return value
