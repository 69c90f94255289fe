"""Spoken Vietnamese numbers: cardinals ("hai trăm linh năm") and rows of digits ("không chín tám …").

Every reader takes words from a place on and says what it read and how many words that took, or None. Words
are lower case. A number is read only in the way it is said: "mười năm" is ten years, "mười lăm" is fifteen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

DIGITS = {
    "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7,
    "tám": 8, "chín": 9,
}  # fmt: skip
_AFTER_TENS = {
    "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "lăm": 5, "nhăm": 5, "sáu": 6, "bảy": 7,
    "bẩy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
_ONLY_AFTER_TENS = {"mốt": 1, "lăm": 5, "nhăm": 5}
_TENS = frozenset({"mươi", "mười", "chục"})
_ODD = frozenset({"linh", "lẻ", "lẽ"})
_THOUSAND = frozenset({"nghìn", "ngàn"})
_GREAT = (({"tỷ", "tỉ"}, 10**9), ({"triệu"}, 10**6), (_THOUSAND, 10**3))


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number that was read: its digits as they are written, its value, and how many words it took.

    `great` says that a word of size (trăm, nghìn …) was in it; `half` that "rưỡi" was.
    """

    digits: str
    words: int
    great: bool = False

    @property
    def value(self) -> int:
        return int(self.digits)


def read_cardinal(words: Sequence[str], at: int) -> Numeral | None:
    """A whole number of two words or more, or "mười"; single digits are ordinary words elsewhere."""
    value, end, great = _great(words, at)
    if end == at or (end == at + 1 and words[at] != "mười"):
        return None
    return Numeral(str(value), end - at, great)


def read_row(words: Sequence[str], at: int) -> Numeral | None:
    """A row of digits: two or more numbers below a hundred said one after another, as in phones and plates.

    "không chín tám, hai mươi ba" → "09823".
    """
    digits, end, groups = "", at, 0
    while end < len(words):
        group, taken = _row_group(words, end)
        if not taken:
            break
        digits, end, groups = digits + group, end + taken, groups + 1
    return Numeral(digits, end - at) if groups > 1 else None


def read_digit(words: Sequence[str], at: int) -> Numeral | None:
    """One word that is a digit."""
    value = DIGITS.get(_word(words, at))
    return None if value is None else Numeral(str(value), 1)


def _row_group(words: Sequence[str], at: int) -> tuple[str, int]:
    """The next digits of a row: "hai mươi ba" → 23, "mười" → 10, "ba lăm" → 35, "linh năm" → 05."""
    first = _word(words, at)
    if first == "mười" or (first in DIGITS and first != "không" and _word(words, at + 1) in _TENS):
        value, end = _below_hundred(words, at)
        return str(value), end - at
    if first in _ODD and _word(words, at + 1) in DIGITS:
        return f"0{DIGITS[words[at + 1]]}", 2
    if first in DIGITS:
        if first != "không" and _word(words, at + 1) in _ONLY_AFTER_TENS:
            return f"{DIGITS[first]}{_ONLY_AFTER_TENS[words[at + 1]]}", 2
        return str(DIGITS[first]), 1
    return "", 0


def _great(words: Sequence[str], at: int) -> tuple[int, int, bool]:
    """(value, end, whether a word of size was said)."""
    total, end, great = 0, at, False
    for names, size in _GREAT:
        value, after = _below_thousand(words, end, inner=end > at)
        if after > end and _word(words, after) in names:
            total, end, great = total + value * size, after + 1, True
            if _word(words, end) == "rưỡi":
                return total + size // 2, end + 1, True
            tail = _AFTER_TENS.get(_word(words, end))
            if tail and not _goes_on(words, end + 1):  # "một nghìn hai" is 1200
                return total + tail * size // 10, end + 1, True
    value, after = _below_thousand(words, end, inner=end > at)
    if after > end:
        return total + value, after, great or _hundreds(words, end, after)
    return total, end, great


def _hundreds(words: Sequence[str], start: int, end: int) -> bool:
    return "trăm" in words[start:end]


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether what was just read is only the head of a bigger number."""
    word = _word(words, at)
    return word in _TENS or word == "trăm" or word in _ONLY_AFTER_TENS or any(word in n for n, _ in _GREAT)


def _below_thousand(words: Sequence[str], at: int, *, inner: bool) -> tuple[int, int]:
    """`inner`: after a greater part, where "không trăm linh năm" and "linh năm" may stand."""
    first = _word(words, at)
    if inner and first in _ODD and _word(words, at + 1) in DIGITS:
        return DIGITS[words[at + 1]], at + 2
    if first in DIGITS and _word(words, at + 1) == "trăm" and (first != "không" or inner):
        value, end = DIGITS[first] * 100, at + 2
        if _word(words, end) == "rưỡi":
            return value + 50, end + 1
        if _word(words, end) in _ODD and _word(words, end + 1) in DIGITS:
            return value + DIGITS[words[end + 1]], end + 2
        if not value and _word(words, end) in DIGITS and _word(words, end + 1) in DIGITS:
            return DIGITS[words[end]] * 10 + DIGITS[words[end + 1]], end + 2  # years: "không trăm hai sáu"
        rest, after = _below_hundred(words, end)
        if after == end + 1 and words[end] in DIGITS:  # "trăm hai" is 120, "trăm hai nghìn" too
            return (value + rest * 10, after) if value and words[end] != "không" else (value, end)
        return value + rest, after
    return _below_hundred(words, at)


def _below_hundred(words: Sequence[str], at: int) -> tuple[int, int]:
    """(value, end); end = at when there is no number."""
    first, second = _word(words, at), _word(words, at + 1)
    if first == "mười":
        tail = _AFTER_TENS.get(second)
        # "mười năm" is ten years; no other number may begin behind "mười"
        if tail and second not in ("mốt", "tư") and _word(words, at + 2) not in _TENS:
            return 10 + tail, at + 2
        return 10, at + 1
    if first in DIGITS and first != "không":
        if second in _TENS and second != "mười":
            tail = _AFTER_TENS.get(_word(words, at + 2))
            if _word(words, at + 3) in _TENS:  # "hai mươi, ba mươi"
                tail = None
            return (DIGITS[first] * 10 + tail, at + 3) if tail else (DIGITS[first] * 10, at + 2)
        if second in _ONLY_AFTER_TENS:
            return DIGITS[first] * 10 + _ONLY_AFTER_TENS[second], at + 2
    if first in DIGITS:
        return DIGITS[first], at + 1
    return 0, at


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if at < len(words) else ""
