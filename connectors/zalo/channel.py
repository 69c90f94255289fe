"""The Official Account as a channel: events become Inbound, answers are sent, media are fetched."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from connectors.zalo.api import ZaloApi
from connectors.zalo.errors import AssetExpired
from connectors.zalo.events import ANONYMOUS, read_event
from connectors.zalo.media import MediaDoor
from connectors.zalo.pictures import fit_picture
from connectors.zalo.rendering import (
    FormStep,
    PhotoStep,
    Step,
    Style,
    TextStep,
    form_body,
    photo_body,
    render,
    text_body,
)
from connectors.zalo.settings import CHANNEL, ZaloSettings
from connectors.zalo.templates import Templates
from connectors.zalo.windows import LastHeard, Window, Windows, window_of
from core.channel import Blocked, MediaLost, Rejected, RetryLater, Uncertain, WindowClosed
from core.clock import Clock
from core.echoes import take_echo
from core.media.store import MediaStore, MediaStoreError
from core.message import Address, Inbound, MediaRef, Outbound, Receipt
from core.storage import Store

log = structlog.get_logger(__name__)

SEND_BUDGET = timedelta(seconds=45)
"""A message of many parts stops here and goes on at the next try: delivery's lease is not endless."""
ASSET_LIFE = timedelta(days=6)
"""Zalo keeps an upload for seven days."""
SHARE_PHONE = "share_phone"
_REMEMBERED = 10_000
_FINAL = (WindowClosed, Blocked, Rejected)


@dataclass(slots=True)
class _Progress:
    """How far a message came, so that sending it again goes on where it stopped. `unanswered` is when the
    step that is next was sent without an answer: its echo may come, or have come."""

    steps: tuple[Step, ...]
    done: int = 0
    message_ids: list[str] = field(default_factory=list)
    unanswered: datetime | None = None


class ZaloChannel:
    """A core.channel.Channel. `labels` are the pack's words for Zalo's own form: "share_phone"."""

    name = CHANNEL

    def __init__(
        self, settings: ZaloSettings, api: ZaloApi, windows: Windows, *, door: MediaDoor, media: MediaStore,
        store: Store, templates: Templates, clock: Clock, labels: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._api = api
        self._windows = windows
        self._door = door
        self._media = media
        self._store = store
        self._templates = templates
        self._clock = clock
        self._form_title = labels.get(SHARE_PHONE, "")
        self._style = Style(settings.buttons, settings.info_image if self._form_title else "")
        self._progress: OrderedDict[tuple[Address, Outbound], _Progress] = OrderedDict()
        self._assets: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    def parse(self, raw: Any) -> list[Inbound]:
        """The event in one verified webhook body: one or none."""
        if not isinstance(raw, Mapping):
            return []
        reading = read_event(raw, self._settings.oa_id, self._clock.now())
        return [reading.inbound] if reading.inbound is not None else []

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of a medium. Raises MediaLost or RetryLater; the thumbnail is for the caller to ask."""
        if ref.size is not None and ref.size > limit:
            raise MediaLost(f"too large: {ref.size} bytes, at most {limit}")
        return await self._door.fetch(ref.ref, limit)

    # -- sending ------------------------------------------------------------------------------------------

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Send one message, in several parts if it must be. Raises a ChannelError.

        After a failure halfway the same call goes on where it stopped, as long as the process lives. A photo
        that is missing or refused does not stop the words.
        """
        if not message.text.strip() and not message.photos:
            raise Rejected("a message without words and photos")
        key = (address, message)
        progress = self._progress.setdefault(key, _Progress(render(message, self._style)))
        try:
            receipt = await self._send(address, message, progress)
        except _FINAL:
            self._progress.pop(key, None)
            raise
        except BaseException:
            self._trim()
            raise
        self._progress.pop(key, None)
        return receipt

    async def _send(self, address: Address, message: Outbound, progress: _Progress) -> Receipt:
        started = self._clock.now()
        heard = None
        if not address.user.startswith(ANONYMOUS):
            heard = await self._windows.look(address, started)
            if window_of(heard, started) is Window.CLOSED:
                return await self._templates.to_user(address.user, message)
        try:
            await self._go_through(address, progress, heard)
        except WindowClosed:
            if progress.done or not self._settings.template or address.user.startswith(ANONYMOUS):
                raise
            return await self._templates.to_user(address.user, message)
        if not progress.message_ids:
            raise Rejected("none of the photos could be sent")
        return Receipt(tuple(progress.message_ids))

    async def _go_through(self, address: Address, progress: _Progress, heard: LastHeard | None) -> None:
        until = self._clock.now() + SEND_BUDGET
        while progress.done < len(progress.steps):
            if self._clock.now() > until:
                raise RetryLater("a long message: the rest comes later")
            step = progress.steps[progress.done]
            message_id = await self._echoed(address, step, progress)
            if message_id is None:
                progress.unanswered = None
                message_id = await self._send_step(address, step, progress, heard)
            if message_id:
                progress.message_ids.append(message_id)
            progress.unanswered = None
            progress.done += 1

    async def _send_step(
        self, address: Address, step: Step, progress: _Progress, heard: LastHeard | None
    ) -> str:
        """Send one part; the message id, "" when a photo was left out."""
        before = self._clock.now()
        try:
            match step:
                case TextStep():
                    quote = heard.message_id if heard and self._settings.quote and not progress.done else None
                    return await self._send_text(address, step, quote)
                case FormStep():
                    return await self._send_form(address, step)
                case PhotoStep():
                    return await self._send_photo(address, step)
        except Uncertain:
            progress.unanswered = before
            message_id = await self._echoed(address, step, progress)
            if message_id is None:
                raise
            return message_id

    async def _echoed(self, address: Address, step: Step, progress: _Progress) -> str | None:
        """The id under which a part that got no answer arrived after all; None when no echo says so (yet)."""
        since = progress.unanswered
        if since is None:
            return None
        return await self._store.write(lambda conn: take_echo(conn, address, step.digest, since))

    async def _send_text(self, address: Address, step: TextStep, quote: str | None) -> str:
        body = text_body(step)
        if quote:
            try:
                return await self._post(address, body | {"quote_message_id": quote})
            except Rejected as error:  # what is quoted may be too old
                log.info("zalo.quote_refused", error=str(error))
        try:
            return await self._post(address, body)
        except Rejected as error:
            if not step.buttons:
                raise
            log.warning("zalo.buttons_refused", error=str(error))
            return await self._post(address, {"text": step.plain})

    async def _send_form(self, address: Address, step: FormStep) -> str:
        try:
            return await self._post(address, form_body(step, self._form_title, self._settings.info_image))
        except Rejected as error:
            log.warning("zalo.form_refused", error=str(error))
            return await self._post(address, {"text": step.text})

    async def _send_photo(self, address: Address, step: PhotoStep) -> str:
        try:
            attachment = await self._asset(step.media_id)
            try:
                return await self._post(address, photo_body(attachment))
            except AssetExpired:
                self._assets.pop(step.media_id, None)
                return await self._post(address, photo_body(await self._asset(step.media_id)))
        except (Rejected, MediaStoreError) as error:
            log.warning("zalo.photo_left_out", media=step.media_id[:12], error=type(error).__name__)
            return ""

    async def _asset(self, media_id: str) -> str:
        """The attachment id of a stored photo: one upload serves several citizens."""
        now = self._clock.now()
        known = self._assets.get(media_id)
        if known is not None and now - known[1] < ASSET_LIFE:
            return known[0]
        data, mime = await asyncio.to_thread(lambda: fit_picture(self._media.get(media_id)))
        attachment = await self._api.upload_image(data, mime)
        self._assets[media_id] = (attachment, now)
        while len(self._assets) > _REMEMBERED:
            self._assets.popitem(last=False)
        return attachment

    async def _post(self, address: Address, body: Mapping[str, Any]) -> str:
        if address.user.startswith(ANONYMOUS):
            user, _, conversation = address.user.removeprefix(ANONYMOUS).partition(":")
            return await self._api.send_anonymous(user, conversation, body)
        return await self._api.send_message(address.user, body)

    def _trim(self) -> None:
        while len(self._progress) > _REMEMBERED:
            self._progress.popitem(last=False)
