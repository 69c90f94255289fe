"""Recordings as a channel: nobody is on the line, so answers go in writing or an officer calls."""

from __future__ import annotations

from typing import Any

from connectors.hotline.caller import Caller
from connectors.hotline.channel import PhoneText, read_kept
from core.channel import WindowClosed
from core.media.store import MediaStore
from core.message import Address, Ask, Inbound, MediaRef, Outbound, Receipt

CHANNEL = "recording"


class RecordingChannel:
    """Fills `core.channel.Channel`."""

    name = CHANNEL

    def __init__(self, media: MediaStore, texting: PhoneText | None = None) -> None:
        self._media = media
        self._texting = texting

    def parse(self, raw: Any) -> list[Inbound]:
        raise TypeError("recordings come by their own webhook and folder")

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Questions are dropped (nobody can answer a recording), news go to the mobile number. Raises a
        ChannelError."""
        if message.ask not in (None, Ask.RATING):
            return Receipt(("unheard",))
        if self._texting is None or not Caller(address.user).is_mobile:
            raise WindowClosed("there is no way to write to the caller of a recording")
        return await self._texting.send(address.user, message.text, "")

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The recording, which was kept before its event. Raises MediaLost."""
        return await read_kept(self._media, ref)
