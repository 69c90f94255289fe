"""Words that routing rules listen to: whole words in what was told, unless they only tell where it is.

"Cây đổ trước nhà văn hóa" is a matter of trees; the hall is a landmark. What makes a landmark of the words
behind it comes from the pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.places.spelling import Syllable, agrees, syllables

_MOST_PARTS = 3
"""Words between "trước" and the landmark: "trước | cổng chính trường | cấp 3"."""


@dataclass(frozen=True, slots=True)
class Landmarks:
    """`after`: words that make a landmark of what follows; `parts`: what may stand between the two;
    `never_after`: longer words that end alike and do not ("tuần trước")."""

    after: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    never_after: tuple[str, ...] = ()


class LandmarkWords:
    """Says whether words that begin somewhere in a text are only a landmark there."""

    def __init__(self, landmarks: Landmarks) -> None:
        self._after = [tuple(syllables(words)) for words in landmarks.after]
        self._parts = [tuple(syllables(words)) for words in landmarks.parts]
        self._never = [tuple(syllables(words)) for words in landmarks.never_after]

    def lead_to(self, said: Sequence[Syllable], at: int) -> bool:
        """Whether the words before `at` make a landmark of what begins there."""
        for _ in range(_MOST_PARTS + 1):
            if _ends_with(said[:at], self._after):
                return not _ends_with(said[:at], self._never)
            part = _ends_with(said[:at], self._parts)
            if not part:
                break
            at -= part
        return False


NO_LANDMARKS = LandmarkWords(Landmarks())


class WordCondition:
    """Whole words, any of them. Typed marks must agree; words typed without marks agree with any."""

    def __init__(self, words: Iterable[str], landmarks: LandmarkWords = NO_LANDMARKS) -> None:
        self._phrases = [tuple(syllables(word)) for word in words]
        self._firsts = {phrase[0].plain for phrase in self._phrases if phrase}
        self._landmarks = landmarks

    def heard_in(self, said: Sequence[Syllable]) -> bool:
        """Whether one of the words stands in the text as more than a landmark."""
        return any(not self._landmarks.lead_to(said, at) for at in self._places(said))

    def _places(self, said: Sequence[Syllable]) -> Iterator[int]:
        for at, syllable in enumerate(said):
            if syllable.plain in self._firsts and any(_stands(said, at, words) for words in self._phrases):
                yield at


def _stands(said: Sequence[Syllable], at: int, words: Sequence[Syllable]) -> bool:
    part = said[at : at + len(words)]
    return len(part) == len(words) and all(
        agrees(typed, wanted) for typed, wanted in zip(part, words, strict=True)
    )


def _ends_with(said: Sequence[Syllable], phrases: Sequence[Sequence[Syllable]]) -> int:
    """How many words the longest of the phrases has with which the text ends; 0: none."""
    fitting = (len(words) for words in phrases if len(words) <= len(said))
    lengths = sorted(set(fitting), reverse=True)
    for length in lengths:
        if any(len(words) == length and _stands(said, len(said) - length, words) for words in phrases):
            return length
    return 0
