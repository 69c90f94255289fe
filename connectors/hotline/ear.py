"""The ear: where an utterance begins and ends in a live voice, with what was said just before it.

Times are counted in audio that lies on the wall clock (`timeline.py`), so a hole in the line is silence here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto

from connectors.hotline.sound import RATE, loudness
from core.speech import VoiceActivity

THRESHOLD = 0.5
"""Chance of voice that begins an utterance; while one is under way 0.15 less keeps it."""
BEGINS_S = 0.1
"""Voice within BEGINS_WITHIN_S that begins an utterance: a click does not."""
BEGINS_WITHIN_S = 0.26
FLOOR = 40.0
"""Loudness (RMS of 16-bit samples) below which nobody speaks and the model need not be asked."""
PRE_ROLL_S = 0.5
TAIL_S = 0.6
"""Silence kept behind the last voice."""


class Sign(Enum):
    """What the ear noticed."""

    BEGAN = auto()
    SUSTAINED = auto()
    """The voice lasts: it is no cough and no “dạ”."""
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to listen, in seconds: silence that ends an utterance, silence that is a pause, the longest
    utterance, and how much voice makes it more than a cough."""

    end: float = 1.7
    pause: float = 0.7
    longest: float = 100.0
    sustained: float = 0.45


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said: PCM16 at 8 kHz, and how many seconds of it were voice. `whole` is False when it was cut
    because it was too long."""

    pcm: bytes
    voice_s: float
    whole: bool = True


class Ear:
    """Listens to one caller. `speaking` is True from BEGAN to ENDED."""

    def __init__(self, activity: VoiceActivity, patience: Patience | None = None) -> None:
        self.patience = patience or Patience()
        self.last: Utterance | None = None
        self._activity = activity
        self._window_bytes = activity.window * 2
        self._window_s = activity.window / RATE
        self._pending = bytearray()
        self._before: deque[bytes] = deque(maxlen=round(PRE_ROLL_S / self._window_s))
        self._recent: deque[bool] = deque(maxlen=round(BEGINS_WITHIN_S / self._window_s))
        self._said: list[bytes] | None = None
        self._fresh: list[bytes] = []
        self._voiced = 0
        self._silent = 0
        self._paused = False
        self._sustained = False

    @property
    def speaking(self) -> bool:
        return self._said is not None

    @property
    def sustained(self) -> bool:
        """Whether the utterance under way is more than a cough."""
        return self._said is not None and self._sustained

    @property
    def pausing(self) -> bool:
        """Whether the utterance under way is in a pause that is not over."""
        return self._said is not None and self._paused

    def take_fresh(self) -> bytes:
        """What belongs to the utterance since the last call, for a recognizer that listens along."""
        fresh = b"".join(self._fresh)
        self._fresh.clear()
        return fresh

    def begin(self) -> None:
        """An utterance begins now, whether or not there is a voice (the caller pressed a key to speak)."""
        if self._said is None:
            self._said = []
            self._fresh = []
            self._voiced = self._silent = 0
            self._paused = self._sustained = False

    def finish(self) -> Utterance | None:
        """The utterance under way is over; None when there is none."""
        if self._said is None:
            return None
        return self._end(whole=True)

    def forget(self) -> None:
        """What is under way is dropped, and what was heard just now too."""
        self._said = None
        self._fresh.clear()
        self._recent.clear()
        self._before.clear()

    def hear(self, slot: bytes) -> list[Sign]:
        """The next piece of the caller's audio; what is noticed in it. After ENDED, `last` is set."""
        self._pending += slot
        signs: list[Sign] = []
        while len(self._pending) >= self._window_bytes:
            window = bytes(self._pending[: self._window_bytes])
            del self._pending[: self._window_bytes]
            signs += self._judge(window)
        return signs

    def _judge(self, window: bytes) -> list[Sign]:
        threshold = THRESHOLD if self._said is None else THRESHOLD - 0.15
        voiced = loudness(window) >= FLOOR and self._activity.chance(window) >= threshold
        if self._said is None:
            return self._wait(window, voiced)
        self._said.append(window)
        self._fresh.append(window)
        return self._follow(voiced)

    def _wait(self, window: bytes, voiced: bool) -> list[Sign]:
        self._before.append(window)
        self._recent.append(voiced)
        if sum(self._recent) * self._window_s < BEGINS_S:
            return []
        count = sum(self._recent)
        self.begin()
        self._said = list(self._before)
        self._fresh = list(self._before)
        self._voiced = count
        self._recent.clear()
        self._before.clear()
        return [Sign.BEGAN]

    def _follow(self, voiced: bool) -> list[Sign]:
        signs: list[Sign] = []
        if voiced:
            self._voiced += 1
            if self._paused:
                signs.append(Sign.RESUMED)
            self._silent, self._paused = 0, False
            if not self._sustained and self._voiced * self._window_s >= self.patience.sustained:
                self._sustained = True
                signs.append(Sign.SUSTAINED)
        else:
            self._silent += 1
        silent_s = self._silent * self._window_s
        if silent_s >= self.patience.end:
            self._end(whole=True)
            signs.append(Sign.ENDED)
        elif len(self._said or ()) * self._window_s >= self.patience.longest:
            self._end(whole=False)
            signs.append(Sign.ENDED)
        elif silent_s >= self.patience.pause and not self._paused:
            self._paused = True
            signs.append(Sign.PAUSED)
        return signs

    def _end(self, *, whole: bool) -> Utterance:
        said = self._said or []
        spare = max(0, self._silent - round(TAIL_S / self._window_s))
        kept = said[: len(said) - spare]
        self.last = Utterance(b"".join(kept), self._voiced * self._window_s, whole)
        self._said = None
        self._recent.clear()
        self._before.extend(said[len(said) - spare :])
        return self.last
