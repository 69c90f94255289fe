"""A telephone in the browser: the same call, with a WebSocket in place of Asterisk.

Binary messages are PCM16 at 8 kHz in both directions, texts from the browser are keys. For trying out only.
"""

from __future__ import annotations

import asyncio
import uuid
from urllib.parse import urlsplit

import structlog
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from connectors.hotline.caller import Caller, normalise_number
from connectors.hotline.frames import encode_frame
from connectors.hotline.hotline import Hotline
from connectors.hotline.media import Listener
from connectors.hotline.pacer import Pacer, Playback
from connectors.hotline.timeline import Timeline

PATH = "/simulator/phone/line"
_HEADER = len(encode_frame(0x00))
_KEYS = frozenset("0123456789*#")
_MOST_UNSENT = 100
_LARGEST = 64_000

log = structlog.get_logger(__name__)


class BrowserMedia:
    """Fills `connectors.hotline.media.CallMedia`."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue(_MOST_UNSENT)
        self._pacer = Pacer(self._put)
        self._timeline = Timeline(asyncio.get_running_loop().time())

    def play(self) -> Playback:
        return self._pacer.play()

    def stop(self) -> None:
        self._pacer.stop()

    async def run(self, listener: Listener) -> None:
        """Listen and play until the page is closed; then returns, having told so."""
        helpers = [
            asyncio.create_task(self._pacer.run(lambda: self._tick(listener))),
            asyncio.create_task(self._send()),
        ]
        try:
            await self._read(listener)
        finally:
            for helper in helpers:
                helper.cancel()
            self._pacer.stop()
        self._tick(listener)
        listener.on_gone("hung up")

    async def hang_up(self) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            try:
                await self._socket.close()
            except RuntimeError:
                log.info("phone_page_closed")

    async def _read(self, listener: Listener) -> None:
        while True:
            try:
                message = await self._socket.receive()
            except (WebSocketDisconnect, RuntimeError):
                return
            if message["type"] == "websocket.disconnect":
                return
            sound, key = message.get("bytes"), message.get("text")
            if sound and len(sound) <= _LARGEST:
                self._timeline.put(sound[: len(sound) // 2 * 2])
            elif key in _KEYS:
                listener.on_key(key)

    async def _send(self) -> None:
        while True:
            slot = await self._unsent.get()
            try:
                await self._socket.send_bytes(slot)
            except (WebSocketDisconnect, RuntimeError):
                return

    def _put(self, frame: bytes) -> None:
        if not self._unsent.full():
            self._unsent.put_nowait(frame[_HEADER:])

    def _tick(self, listener: Listener) -> None:
        for slot in self._timeline.slots(asyncio.get_running_loop().time()):
            listener.on_slot(slot)


def phone_route(hotline: Hotline) -> WebSocketRoute:
    """Takes calls from our own pages only; the caller's number is the page's `number`."""

    async def answer(socket: WebSocket) -> None:
        origin = urlsplit(socket.headers.get("origin", "")).netloc
        if origin != socket.headers.get("host"):
            await socket.close()
            return
        if hotline.bridge.calls + hotline.browsers >= hotline.bridge.settings.most_calls:
            await socket.close()
            return
        await socket.accept()
        await hotline.bridge.prepare()
        caller = Caller(normalise_number(socket.query_params.get("number", "")))
        call = hotline.bridge.open_call(BrowserMedia(socket), caller, str(uuid.uuid4()))
        hotline.browsers += 1
        hotline.channel.enter(call)
        try:
            outcome = await call.run()
        finally:
            hotline.browsers -= 1
            hotline.channel.leave(call)
        log.info("phone_page_call_ended", reason=call.reason, next=outcome)

    return WebSocketRoute(PATH, answer, name="phone")
