"""Numbers up to ninety-nine that are told in words: "bốn", "mười hai", "hai mươi lăm", "bảy mốt"."""

from __future__ import annotations

from collections.abc import Sequence

from core.spans import DIGIT_WORDS
from core.text import strip_marks

_TEN, _TENS = "mười", "mươi"
_AFTER_TEN = {"mốt": 1, "lăm": 5}
_UNITS = {word: int(digit) for word, digit in DIGIT_WORDS.items() if word not in ("không", *_AFTER_TEN)}
_BARE = {strip_marks(word): word for word in ("một", "hai", "ba", "bốn", "chín", _TEN)}
"""Without marks the others are names or other words, too: "thon nam", "xom sau"."""


def number_of(words: Sequence[str]) -> tuple[int, int]:
    """The number that these words in lower case begin with, and how many of them it has; (0, 0): none."""
    first, second, third = (*words, "", "", "")[:3]
    if first == _TEN:
        unit = _UNITS.get(second) or _AFTER_TEN.get(second)
        return (10 + unit, 2) if unit else (10, 1)
    tens = _UNITS.get(first)
    if tens is None:
        return 0, 0
    if second == _TENS:
        unit = _UNITS.get(third) or _AFTER_TEN.get(third)
        return (10 * tens + unit, 3) if unit else (10 * tens, 2)
    if second in _AFTER_TEN and tens > 1:
        return 10 * tens + _AFTER_TEN[second], 2
    return tens, 1


def bare_number_of(words: Sequence[str]) -> tuple[int, int]:
    """The same for words typed without marks, as far as they are surely numbers."""
    return number_of([_BARE.get(word, "") for word in words])
