"""The hotline as a channel: an answer is sent when it was played to the caller.

When nobody is on the line (a report was moved, days later), the words go as a text message to a mobile number
where there is a way, else delivery ends visibly and an officer calls.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from connectors.hotline.call import Call
from connectors.hotline.caller import Caller
from connectors.hotline.desk import CHANNEL
from core.channel import MediaLost, WindowClosed
from core.media.store import MediaMissing, MediaStore, MediaStoreError
from core.message import Address, Ask, Inbound, MediaRef, Outbound, Receipt

JUST_NOW_S = 120.0


class PhoneText(Protocol):
    """A way to write to a phone number (a ZBS template, SMS)."""

    async def send(self, phone: str, words: str, code: str) -> Receipt:
        """`phone` is 0xxxxxxxxx, `code` the report it is about ("" when none). Raises a ChannelError."""
        ...


class HotlineChannel:
    """Fills `core.channel.Channel`. Live calls enter and leave by `enter` and `leave`."""

    name = CHANNEL

    def __init__(self, media: MediaStore, texting: PhoneText | None = None) -> None:
        self._media = media
        self._texting = texting
        self._calls: dict[Address, Call] = {}
        self._rang_off: dict[Address, float] = {}

    def is_on_the_line(self, address: Address) -> bool:
        return address in self._calls

    def enter(self, call: Call) -> None:
        self._calls[call.address] = call

    def leave(self, call: Call) -> None:
        if self._calls.get(call.address) is call:
            del self._calls[call.address]
        now = asyncio.get_running_loop().time()
        self._rang_off = {who: at for who, at in self._rang_off.items() if now - at < JUST_NOW_S}
        self._rang_off[call.address] = now

    def parse(self, raw: Any) -> list[Inbound]:
        """Calls are not delivered as raw events; they put their own into the inbox."""
        raise TypeError("calls come by FastAGI and AudioSocket, recordings by their own webhook")

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Play it to the caller; the receipt says whether it was heard, interrupted, overtaken by what the
        caller said meanwhile, or unheard because the caller rang off. Raises a ChannelError."""
        call = self._calls.get(address)
        if call is not None:
            return Receipt((f"call:{call.call_id}:{await call.say(message)}",))
        of_the_talk = message.ask not in (None, Ask.RATING) or message.then is not None
        if of_the_talk and self._has_just_rung_off(address):
            return Receipt(("unheard",))  # what was told is filed by now, and its code is in the receipt
        return await self._write(address, message.text)

    def _has_just_rung_off(self, address: Address) -> bool:
        at = self._rang_off.get(address)
        return at is not None and asyncio.get_running_loop().time() - at < JUST_NOW_S

    async def _write(self, address: Address, words: str) -> Receipt:
        caller = Caller(address.user.partition("/")[0])
        if self._texting is None or not caller.is_mobile:
            raise WindowClosed("the caller rang off, and there is no way to write to the number")
        return await self._texting.send(caller.number, words, "")

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The sound of an utterance, which was kept before its event. Raises MediaLost."""
        if ref.size is not None and ref.size > limit:
            raise MediaLost(f"too large: {ref.size} bytes")
        return await read_kept(self._media, ref)


async def read_kept(media: MediaStore, ref: MediaRef) -> bytes:
    """A sound that was kept before its event came. Raises MediaLost."""
    try:
        return await asyncio.to_thread(media.get, ref.ref)
    except MediaMissing:
        raise MediaLost("the recording is gone") from None
    except MediaStoreError as error:
        raise MediaLost(f"the recording cannot be read: {error}") from error
