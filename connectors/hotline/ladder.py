"""The ladder to a person: silence is met slower and shorter, then by keys; noise by the question again."""

from __future__ import annotations

from connectors.hotline.afterwards import Line
from connectors.hotline.spoken import keys_only, shorter
from connectors.hotline.wording import Wording
from core.message import Outbound

SILENCES = 3
FAILURES = 2


class Ladder:
    """Counts what went wrong since something went right. No line means: a person takes over."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._silences = 0
        self._failures = 0

    def on_silence(self, asked: Outbound | None) -> Line | None:
        """Nothing was heard after this message."""
        self._silences += 1
        if self._silences >= SILENCES:
            return None
        ask_again = shorter if self._silences == 1 else keys_only
        return Line(text=ask_again(asked, self._wording), slow=True)

    def on_noise(self, asked: Outbound | None) -> Line | None:
        """A voice was heard, and nobody can make out what it said."""
        self._failures += 1
        if self._failures >= FAILURES:
            return None
        again = shorter(asked, self._wording)
        return Line(text=f"{self._wording.say('not_heard')}\n{again}", slow=True)

    def on_words(self) -> None:
        self._silences = self._failures = 0

    def on_key(self) -> None:
        self._silences = 0
