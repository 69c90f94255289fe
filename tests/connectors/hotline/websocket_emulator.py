"""A channel of chan_websocket in an Asterisk 22.8 or newer (`c(slin)f(json)`), as far as documented facts go.

It takes sound faster than it plays it, cuts it into frames of 20 ms, holds 1,000 of them, says stop at 900
and go on below 800, and is silent when it has none. Without buffering the odd end of a message is lost; a
message of more than 65,500 bytes ends the call.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque

import websockets
from websockets.typing import Subprotocol

from connectors.hotline.sound import SILENCE, SLOT_BYTES, SLOT_S
from tests.connectors.hotline.emulator import COMFORT, LOUD, HeardSound, loudness

QUEUE, XOFF, XON = 1000, 900, 800
LARGEST = 65_500
CONNECT_S = 5.0


class WebSocketChannel:
    """Dial(WebSocket/…,5,g) on one channel; `run` gives Dial's result. `marks` False: an Asterisk that tells
    none; `hold` True: nothing is played for as long as it is set."""

    def __init__(self, port: int, query: str, sound: str = "slin", *, marks: bool = True) -> None:
        self.url = f"ws://127.0.0.1:{port}/media?{query}"
        self.sound = sound
        self.marks = marks
        self.hold = False
        self.up = asyncio.Event()
        self.error = ""
        self.status = ""
        self.commands: list[str] = []
        self.arrived: list[tuple[float, bytes]] = []
        self.most_queued = 0
        self._to_say: deque[bytes] = deque()
        self._queue: deque[bytes | str] = deque()
        self._buffer: bytearray | None = None
        self._stopped = False
        self._hung_up = False
        self._line: websockets.ClientConnection | None = None

    async def run(self) -> int:
        try:
            self._line = await websockets.connect(
                self.url, subprotocols=[Subprotocol("media")], open_timeout=CONNECT_S, compression=None
            )
        except (OSError, TimeoutError, websockets.InvalidHandshake):
            self.status = "CHANUNAVAIL"
            return 0
        helpers = [asyncio.create_task(self._talk()), asyncio.create_task(self._play())]
        try:
            await self._tell("MEDIA_START", connection_id="c1", channel="WebSocket/kenhdan/1",
                             format=self.sound, optimal_frame_size=SLOT_BYTES, ptime=20)  # fmt: skip
            self.up.set()
            async for message in self._line:
                if isinstance(message, bytes):
                    self._take(message)
                elif not await self._obey(json.loads(message)):
                    break
        except websockets.ConnectionClosed:
            pass
        finally:
            for helper in helpers:
                helper.cancel()
            await self._line.close()
        self.status = "ANSWER"
        return -1 if self._hung_up else 0

    # -- the caller -------------------------------------------------------------------------------------

    def say(self, pcm: bytes) -> None:
        self._to_say.extend(pcm[at : at + SLOT_BYTES] for at in range(0, len(pcm), SLOT_BYTES))

    @property
    def talking(self) -> bool:
        return bool(self._to_say)

    def press(self, key: str) -> None:
        self._later = asyncio.create_task(self._tell("DTMF_END", digit=key))

    def hang_up(self) -> None:
        self._hung_up = True
        if self._line is not None:
            self._closing = asyncio.create_task(self._line.close())

    def is_heard_now(self) -> bool:
        """Whether the last 100 ms had something in them."""
        return any(loudness(pcm) > LOUD for _, pcm in self.arrived[-5:])

    def heard(self) -> HeardSound:
        return HeardSound(b"".join(pcm for _, pcm in self.arrived), len(self.arrived), 0)

    async def _talk(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        while True:
            deadline += SLOT_S
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            if self._line is not None:
                await self._line.send(self._to_say.popleft() if self._to_say else COMFORT)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        while True:
            deadline += SLOT_S
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            if self.hold:
                continue
            frame: bytes | str | None = None
            while self._queue and isinstance(self._queue[0], str):
                mark = self._queue.popleft()
                if self.marks:
                    await self._tell("MEDIA_MARK_PROCESSED", correlation_id=mark)
            frame = self._queue.popleft() if self._queue else SILENCE
            self.arrived.append((loop.time(), bytes(frame)))  # type: ignore[arg-type]
            if self._stopped and len(self._queue) < XON:
                self._stopped = False
                await self._tell("MEDIA_XON")

    # -- what the bridge sends --------------------------------------------------------------------------

    def _take(self, sound: bytes) -> None:
        if len(sound) > LARGEST:
            self.error = "message too large"
            self._hung_up = True
            self._closing = asyncio.create_task(self._line.close())  # type: ignore[union-attr]
            return
        if self._buffer is not None:
            self._buffer += sound
            sound = bytes(self._buffer[: len(self._buffer) // SLOT_BYTES * SLOT_BYTES])
            del self._buffer[: len(sound)]
        for at in range(0, len(sound) // SLOT_BYTES * SLOT_BYTES, SLOT_BYTES):
            if len(self._queue) >= QUEUE:
                self.error = "queue full: sound was dropped"
                return
            self._queue.append(sound[at : at + SLOT_BYTES])
        self.most_queued = max(self.most_queued, len(self._queue))
        if len(self._queue) >= XOFF and not self._stopped:
            self._stopped = True
            self._later = asyncio.create_task(self._tell("MEDIA_XOFF"))

    async def _obey(self, message: dict[str, str]) -> bool:
        """False when the channel is hung up."""
        command = message["command"]
        self.commands.append(command)
        match command:
            case "START_MEDIA_BUFFERING":
                self._buffer = bytearray()
            case "STOP_MEDIA_BUFFERING":
                if self._buffer:
                    self._queue.append(bytes(self._buffer).ljust(SLOT_BYTES, b"\0"))
                self._buffer = None
            case "MARK_MEDIA":
                self._queue.append(message["correlation_id"])
            case "FLUSH_MEDIA":
                self._queue.clear()
                self._buffer = None
            case "HANGUP":
                return False
            case _:
                self.error = f"unknown command {command}"
                await self._tell("ERROR", error_text=self.error)
        return True

    async def _tell(self, event: str, **values: object) -> None:
        if self._line is not None:
            await self._line.send(json.dumps({"event": event, "channel_id": "1795000000.2", **values}))
