"""The sound of one live call: what the caller says by the wall clock, keys, the end; and what we play."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from connectors.hotline.alaw_trap import AlawTrap
from connectors.hotline.frames import DTMF, ERROR, HANG_UP, RATES, SLIN, FrameReader, encode_frame
from connectors.hotline.pacer import Pacer, Playback
from connectors.hotline.sound import to_telephone_rate
from connectors.hotline.timeline import Timeline

UNREAD_LIMIT = 32_000
"""Bytes (2 s) that a peer may leave unread; beyond them frames are dropped, they would come too late."""
GRACE_S = 0.5
_READ = 65_536

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Listener:
    """Who is told: each 20 ms slot of the caller's audio, each key, and once that the caller is gone."""

    on_slot: Callable[[bytes], None]
    on_key: Callable[[str], None]
    on_gone: Callable[[str], None]


class CallMedia(Protocol):
    """What a call needs of its telephone; AudioSocket fills it, another transport may."""

    def play(self) -> Playback: ...

    def stop(self) -> None: ...

    async def run(self, listener: Listener) -> None: ...

    async def hang_up(self) -> None: ...


class AudioSocketMedia:
    """Fills CallMedia with one AudioSocket connection whose UUID frame was read already."""

    def __init__(
        self, stream: asyncio.StreamReader, writer: asyncio.StreamWriter, frames: FrameReader
    ) -> None:
        self._stream = stream
        self._writer = writer
        self._frames = frames
        self._pacer = Pacer(self._send)
        self._alaw = AlawTrap()
        self._timeline = Timeline(asyncio.get_running_loop().time())
        self._odd: set[int] = set()
        self.dropped = 0

    @property
    def stalls(self) -> int:
        return self._pacer.stalls

    @property
    def filled(self) -> int:
        """Slots of the caller's audio that never came."""
        return self._timeline.filled

    def play(self) -> Playback:
        """Begin to play; audio is added to what is returned. What was playing is cut off."""
        return self._pacer.play()

    def stop(self) -> None:
        self._pacer.stop()

    async def run(self, listener: Listener) -> None:
        """Listen and play until the caller is gone; then returns, having told so."""
        pacing = asyncio.create_task(self._pacer.run(lambda: self._tick(listener)))
        try:
            reason = await self._read(listener)
        finally:
            pacing.cancel()
            self._pacer.stop()
        self._tick(listener)
        listener.on_gone(reason)

    async def hang_up(self) -> None:
        """End our side: Asterisk goes on in its dialplan."""
        if not self._writer.is_closing():
            self._writer.write(encode_frame(HANG_UP))
            self._writer.close()
        try:
            async with asyncio.timeout(GRACE_S):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    async def _read(self, listener: Listener) -> str:
        while True:
            try:
                data = await self._stream.read(_READ)
            except OSError as error:
                return f"connection lost: {type(error).__name__}"
            if not data:
                return "hung up"
            for frame in self._frames.feed(data):
                if frame.kind == HANG_UP:
                    return "hung up"
                self._take(frame.kind, frame.payload, listener)

    def _take(self, kind: int, payload: bytes, listener: Listener) -> None:
        if kind in RATES:
            self._hear(kind, payload)
        elif kind == DTMF:
            for key in payload.decode("ascii", "ignore"):
                listener.on_key(key)
        elif kind not in self._odd:
            self._odd.add(kind)
            what = "error" if kind == ERROR else "unknown frame"
            log.warning("audiosocket_odd_frame", kind=kind, what=what, size=len(payload))

    def _hear(self, kind: int, payload: bytes) -> None:
        if kind != SLIN:
            self._timeline.put(to_telephone_rate(payload, RATES[kind]))
            return
        already = self._alaw.sprung
        self._timeline.put(self._alaw.take(payload, asyncio.get_running_loop().time()))
        if self._alaw.sprung and not already:
            log.error("audiosocket_sends_alaw", mend="write c(slin) into Dial(AudioSocket/…)")

    def _tick(self, listener: Listener) -> None:
        for slot in self._timeline.slots(asyncio.get_running_loop().time()):
            listener.on_slot(slot)

    def _send(self, frame: bytes) -> None:
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > UNREAD_LIMIT:
            self.dropped += 1
            return
        transport.write(frame)  # header and payload at once: Asterisk waits 5 ms for the rest of a frame
