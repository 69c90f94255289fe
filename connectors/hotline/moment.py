"""The moment: what a call does just now, since when, and how long silence may last in it."""

from __future__ import annotations

import asyncio
from enum import Enum

from connectors.hotline.wording import Timing

MESSAGE_SPARE_S = 5.0
"""The longest message ends by itself; so much later it is ended."""


class Mode(Enum):
    """What a call does just now."""

    WORKING = "working"  # something was said, its answer is on the way
    SAYING = "saying"
    LISTENING = "listening"
    FAREWELL = "farewell"  # all is said; a last moment for the caller
    VOICEMAIL = "voicemail"


class Moment:
    """`mode` changes by `turn_to`, which starts the time anew."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._clock = asyncio.get_running_loop().time
        self._excused = False
        self._limit = timing.answer_limit
        self.turn_to(Mode.WORKING)

    def turn_to(self, mode: Mode) -> None:
        self.mode = mode
        self._since = self._clock()
        if mode is Mode.WORKING:
            self._excused = False
            self._limit = self._timing.answer_limit

    def expect_answer_within(self, seconds: float) -> None:
        """The answer that is on its way is not waited for any longer than this."""
        self._limit = seconds

    def excuse(self) -> bool:
        """Whether the caller must be told, once, that the answer takes its time."""
        if self._excused or self._limit <= self._timing.working:
            return False
        self._excused = True
        return True

    def time_left(self, *, speaking: bool) -> float | None:
        """Seconds until silence means something; None when it means nothing now. `speaking`: the caller."""
        longest = self._longest(speaking=speaking)
        return None if longest is None else max(0.0, longest - (self._clock() - self._since))

    def _longest(self, *, speaking: bool) -> float | None:
        timing = self._timing
        match self.mode:
            case Mode.WORKING:
                return self._limit if self._excused else min(timing.working, self._limit)
            case Mode.LISTENING:
                return None if speaking else timing.no_input
            case Mode.FAREWELL:
                return None if speaking else timing.farewell
            case Mode.VOICEMAIL:
                return timing.voicemail_longest + MESSAGE_SPARE_S
            case Mode.SAYING:
                return None


class AnswerTimes(list[float]):
    """Seconds from the end of what a caller said or pressed to the first sound of its answer."""

    def __init__(self) -> None:
        super().__init__()
        self._asked_at: float | None = None

    def asked(self) -> None:
        """The caller has finished."""
        self._asked_at = asyncio.get_running_loop().time()

    def answered(self) -> None:
        if self._asked_at is not None:
            self.append(asyncio.get_running_loop().time() - self._asked_at)
            self._asked_at = None
