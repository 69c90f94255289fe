"""A text cut into syllables, with what the gaps between them say."""

from __future__ import annotations

import re

from core.places.spelling import syllables

_NAME_GAP = re.compile(r"[ \t_\-–]{1,3}")
_TYPE_GAP = re.compile(r"[\s.:_\-]{0,3}")
_SENTENCE_END = re.compile(r"[.!?\n;]")


class Text:
    """A text cut into syllables, with the gaps between them judged once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = syllables(text)
        self.name_gap = [self._gap(i, _NAME_GAP) for i in range(len(self.parts))]
        self.type_gap = [self._gap(i, _TYPE_GAP) for i in range(len(self.parts))]
        written = [p for p in self.parts if not p.plain.isdigit()]
        self.marked = len(written) >= 3 and sum(not p.bare for p in written) * 4 > len(written)
        self.capitals_tell = not text.isupper() or len(written) <= 3

    def _gap(self, i: int, pattern: re.Pattern[str]) -> bool:
        if i + 1 >= len(self.parts):
            return False
        return pattern.fullmatch(self.text, self.parts[i].end, self.parts[i + 1].start) is not None

    def plain(self, i: int) -> str:
        return self.parts[i].plain if 0 <= i < len(self.parts) else ""

    def low(self, i: int) -> str:
        return self.parts[i].low if 0 <= i < len(self.parts) else ""

    def run(self, first: int, most: int) -> int:
        """How many syllables from `first` on, at most `most`, could be one name by their gaps."""
        count = 1
        while count < most and first + count < len(self.parts) and self.name_gap[first + count - 1]:
            count += 1
        return count

    def broken(self, first: int, last: int) -> bool:
        """A sentence or line ends between two syllables."""
        return any(
            _SENTENCE_END.search(self.text[self.parts[i].end : self.parts[i + 1].start])
            for i in range(first, min(last, len(self.parts) - 1))
        )

    def after_comma(self, i: int) -> bool:
        """A comma stands before a syllable."""
        return 0 < i < len(self.parts) and "," in self.text[self.parts[i - 1].end : self.parts[i].start]
