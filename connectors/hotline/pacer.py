"""The pacer: one frame of 20 ms every 20 ms, for as long as the call lasts.

Asterisk paces nothing: what we write goes straight to the caller, and when neither side sends for two
seconds it ends the call. So silence is sent when there is nothing to say, on absolute deadlines.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from connectors.hotline.frames import SLIN, encode_frame
from connectors.hotline.sound import SILENCE, SLOT_BYTES, SLOT_S, seconds_of

AHEAD = 2
"""Frames the caller may have before their time; after a stall no more than these leave at once."""


class Playback:
    """On its way to the caller's ear. `done` is True when heard whole, False when it was cut off."""

    def __init__(self) -> None:
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.played_s = 0.0
        self._pieces: deque[bytes] = deque()
        self._closed = False

    def add(self, pcm: bytes) -> None:
        """More of it; the last slot is filled up with silence."""
        whole = pcm + SILENCE[len(pcm) % SLOT_BYTES :] if len(pcm) % SLOT_BYTES else pcm
        self._pieces.extend(whole[at : at + SLOT_BYTES] for at in range(0, len(whole), SLOT_BYTES))

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True

    @property
    def closed(self) -> bool:
        return self._closed

    def take(self, most: int) -> bytes:
        """Up to so many slots for a peer that keeps time itself; it is for the caller of this to say when
        they were played (`played_s`, `finish`)."""
        return b"".join(self._pieces.popleft() for _ in range(min(most, len(self._pieces))))

    def next_slot(self) -> bytes | None:
        """What is to be sent now; None when there is nothing at the moment or no more."""
        if self._pieces:
            slot = self._pieces.popleft()
            self.played_s += seconds_of(slot)
            return slot
        if self._closed:
            self.finish(heard=True)
        return None

    def finish(self, *, heard: bool) -> None:
        self._pieces.clear()
        self._closed = True
        if not self.done.done():
            self.done.set_result(heard)


class Pacer:
    """Sends one call's audio by `write`. `stalls` counts the times when the loop came too late."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._playing: Playback | None = None
        self.stalls = 0

    def play(self) -> Playback:
        """Begin something new; what was playing is cut off."""
        self.stop()
        self._playing = Playback()
        return self._playing

    def stop(self) -> None:
        """Silence at once."""
        if self._playing is not None:
            self._playing.finish(heard=False)
            self._playing = None

    async def run(self, tick: Callable[[], None]) -> None:
        """Send until cancelled; `tick` is called once a slot."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() - AHEAD * SLOT_S
        while True:
            late = loop.time() - deadline
            if late > (AHEAD + 1) * SLOT_S:
                # the loop stalled: what was missed is lost, a burst would only make it worse
                deadline = loop.time() - AHEAD * SLOT_S
                self.stalls += 1
            self._write(encode_frame(SLIN, self._next()))
            tick()
            deadline += SLOT_S
            await asyncio.sleep(max(0.0, deadline - loop.time()))

    def _next(self) -> bytes:
        slot = self._playing.next_slot() if self._playing is not None else None
        if self._playing is not None and self._playing.done.done():
            self._playing = None
        return slot if slot is not None else SILENCE
