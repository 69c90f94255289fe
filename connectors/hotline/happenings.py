"""What happens in a call, one after the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum, auto

from connectors.hotline.answers import Letter
from connectors.hotline.ear import Sign, Utterance
from connectors.hotline.pacer import Playback
from core.speech import Transcript


class Event(Enum):
    """What needs no more words."""

    GONE = auto()
    """The line is closed."""
    COMPLETE = auto()
    """The words so far tell all: no longer silence is waited for."""
    HELD_LONG = auto()
    """An answer waited long enough for a caller who was just speaking."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance that was recognised; no transcript when that failed. `position` is up to where it goes in
    the spool."""

    number: int
    utterance: Utterance
    wav: bytes
    transcript: Transcript | None
    position: int


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt is over; `whole` when nobody cut it off."""

    playback: Playback
    whole: bool


Happening = str | Sign | Letter | Heard | Said | Event | Exception
"""A string is a key; an exception ends the call."""


class Happenings:
    """What has happened and was not looked at yet, in order."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Happening] = asyncio.Queue()
        self._closed = False

    def tell(self, happening: Happening) -> None:
        """May be called from anywhere in the loop, and never waits."""
        if self._closed and isinstance(happening, Letter):
            happening.settle("unheard")
        self._queue.put_nowait(happening)

    async def next(self, within: float | None) -> Happening | None:
        """The next one; None when nothing happens within so many seconds."""
        try:
            async with asyncio.timeout(within):
                return await self._queue.get()
        except TimeoutError:
            return None

    def close(self) -> None:
        """Nobody looks any more: answers that were on their way are not heard."""
        self._closed = True
        while not self._queue.empty():
            happening = self._queue.get_nowait()
            if isinstance(happening, Letter):
                happening.settle("unheard")
