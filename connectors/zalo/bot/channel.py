"""The bot as a channel. It knows no buttons, no places and no uploads: choices are a numbered list."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import structlog

from connectors.zalo.bot.api import BotApi
from connectors.zalo.bot.events import read_bot_event
from connectors.zalo.bot.photos import photo_address
from connectors.zalo.bot.settings import CHANNEL, BotSettings
from connectors.zalo.media import MediaDoor
from connectors.zalo.rendering import MOST_TEXT, with_numbers
from core.channel import MediaLost, Rejected
from core.clock import Clock
from core.message import Address, Inbound, MediaRef, Outbound, Receipt
from core.text import sanitize, split_text

log = structlog.get_logger(__name__)

_REMEMBERED = 2_000


class ZaloBotChannel:
    """A core.channel.Channel."""

    name = CHANNEL

    def __init__(self, settings: BotSettings, api: BotApi, door: MediaDoor, clock: Clock) -> None:
        self._settings = settings
        self._api = api
        self._door = door
        self._clock = clock
        self._sent: OrderedDict[tuple[Address, Outbound], list[str]] = OrderedDict()

    def parse(self, raw: Any) -> list[Inbound]:
        """The event in one raw update or webhook body: one or none."""
        event = read_bot_event(raw, self._clock.now())
        return [event] if event is not None else []

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Photos, then the words in parts. Raises a ChannelError; the same call again goes on where it
        stopped, as long as the process lives."""
        parts = split_text(with_numbers(sanitize(message.text), message.choices), MOST_TEXT)
        if not parts and not message.photos:
            raise Rejected("a message without words and photos")
        key = (address, message)
        ids = self._sent.setdefault(key, [])
        try:
            for media_id in message.photos[len(ids) :]:
                ids.append(await self._send_photo(address, media_id))
            for part in parts[len(ids) - len(message.photos) :]:
                ids.append(await self._api.send_text(address.user, part))
        except Rejected:
            self._sent.pop(key, None)
            raise
        finally:
            while len(self._sent) > _REMEMBERED:
                self._sent.popitem(last=False)
        self._sent.pop(key, None)
        return Receipt(tuple(message_id for message_id in ids if message_id))

    async def _send_photo(self, address: Address, media_id: str) -> str:
        """A photo that cannot be sent does not stop the words."""
        shown = photo_address(self._settings, media_id, self._clock.now())
        try:
            return await self._api.send_photo(address.user, shown) if shown else ""
        except Rejected as error:
            log.warning("zalo_bot.photo_left_out", error=str(error))
            return ""

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of a medium. Raises MediaLost or RetryLater."""
        if ref.size is not None and ref.size > limit:
            raise MediaLost(f"too large: {ref.size} bytes, at most {limit}")
        return await self._door.fetch(ref.ref, limit)
