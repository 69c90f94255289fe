"""What happens in a call, one after the other, and what the call does meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum

from connectors.hotline.ear import Utterance
from connectors.hotline.pacer import Playback
from core.message import Outbound
from core.speech import Transcript

GONE = object()
"""The line is closed."""
COMPLETE = object()
"""The words so far tell all: no longer silence is waited for."""
HELD_LONG = object()
"""An answer waited long enough for a caller who was just speaking."""


class Mode(Enum):
    """What a call does just now."""

    WORKING = "working"  # something was said, its answer is on the way
    SAYING = "saying"
    LISTENING = "listening"
    FAREWELL = "farewell"  # all is said; a last moment for the caller
    VOICEMAIL = "voicemail"


@dataclass(eq=False, slots=True)
class Letter:
    """An answer of the talk, and the promise to tell what became of it."""

    message: Outbound
    receipt: asyncio.Future[str]

    def settle(self, what: str) -> None:
        """Say what became of it: heard, interrupted, overtaken or unheard. The first word counts."""
        if not self.receipt.done():
            self.receipt.set_result(what)


@dataclass(frozen=True, slots=True)
class Heard:
    """An utterance that was recognised; no transcript when that failed."""

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
