"""Vietnamese syllables as people type them: with marks, without, with half of them, misspelt.

A syllable has a `plain` form (lower case, no marks, final y as i) in which all writings meet, and a
`marked` form that is the same for every way to place a tone (hoà, hòa) and for i or y (quí, quý).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from core.text import fold

_WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")
_TONES = {"\u0300": "`", "\u0301": "'", "\u0309": "?", "\u0303": "~", "\u0323": "."}
_TONE_SIGNS = frozenset(_TONES.values())
_FINAL_Y = re.compile(r"(?:(?<=[bcdđghklmnprstvx])|(?<=qu)|^)y")
_SOFT_TONES = frozenset("?~.")
"""Hỏi, ngã and nặng, which speakers of Nghệ Tĩnh confuse."""


@dataclass(frozen=True, slots=True)
class Syllable:
    """One word of a text with its place there. `capital` is True when it begins with a capital letter."""

    start: int
    end: int
    low: str
    plain: str
    marked: str
    capital: bool

    @property
    def bare(self) -> bool:
        """Typed without any mark."""
        return self.plain == self.marked


def syllables(text: str) -> list[Syllable]:
    """The words of a text in order, with offsets in `text` as given (NFC or not)."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        low, plain, marked = spell(word)
        found.append(Syllable(match.start(), match.end(), low, plain, marked, word[:1].isupper()))
    return found


@lru_cache(maxsize=20_000)
def spell(word: str) -> tuple[str, str, str]:
    """(lower case NFC, plain, marked) of one word."""
    low = unicodedata.normalize("NFC", word).lower()
    tone = ""
    letters = []
    for mark in unicodedata.normalize("NFD", low):
        if mark in _TONES:
            tone = _TONES[mark]
        else:
            letters.append(mark)
    body = _FINAL_Y.sub("i", unicodedata.normalize("NFC", "".join(letters)))
    bare = unicodedata.normalize("NFD", body)
    plain = "".join(ch for ch in bare if not unicodedata.combining(ch)).replace("đ", "d")
    return low, plain, body + tone


def agrees(typed: Syllable, wanted: Syllable) -> bool:
    """True when `typed` is `wanted`, in full or without any mark."""
    return typed.plain == wanted.plain and (typed.bare or typed.marked == wanted.marked)


@lru_cache(maxsize=20_000)
def closeness(typed: str, wanted: str) -> int:
    """How a typed marked form stands to a wanted one of the same plain form.

    4 the same · 3 some marks missing, none wrong · 2 hỏi, ngã, nặng confused · 1 none typed · 0 other marks.
    """
    if typed == wanted:
        return 4
    tone, body = _split(typed)
    wanted_tone, wanted_body = _split(wanted)
    if not tone and body.isascii():
        return 1
    if not _letters_fit(body, wanted_body):
        return 0
    if not tone or tone == wanted_tone:
        return 3
    return 2 if {tone, wanted_tone} <= _SOFT_TONES else 0


def fits(typed: str, wanted: str) -> bool:
    """True when the typed words are the wanted ones: alike without marks, and no mark typed that is another.

    “dung”, “đung” fit “đúng”, as hỏi fits ngã; “đừng” and “dừng” do not.
    """
    if fold(typed) != fold(wanted):
        return False
    pairs = zip(syllables(typed), syllables(wanted), strict=False)
    return all(closeness(one.marked, other.marked) >= 1 for one, other in pairs if one.plain == other.plain)


def _split(marked: str) -> tuple[str, str]:
    return (marked[-1], marked[:-1]) if marked[-1:] in _TONE_SIGNS else ("", marked)


def _letters_fit(typed: str, wanted: str) -> bool:
    return len(typed) == len(wanted) and all(
        t in (w, _bare_letter(w)) for t, w in zip(typed, wanted, strict=True)
    )


@lru_cache(maxsize=200)
def _bare_letter(letter: str) -> str:
    return "d" if letter == "đ" else unicodedata.normalize("NFD", letter)[0]


_KEYS = re.compile(r"w|(?<=d)d|(?<=a)a|(?<=e)e|(?<=o)o|(?<=.)[sfrxj]$")


@lru_cache(maxsize=20_000)
def without_keys(plain: str) -> str:
    """A plain syllable without the Telex keys that were left in it as letters: "dduwcs" as "duc"."""
    return _KEYS.sub("", plain)


_STARTS = (
    ("ngh", "ng"), ("gh", "g"), ("ph", "f"), ("tr", "ch"), ("gi", "d"), ("qu", "cu"), ("kh", "kh"),
    ("th", "th"), ("nh", "nh"), ("k", "c"), ("q", "c"), ("s", "x"), ("r", "d"), ("z", "d"), ("j", "d"),
    ("l", "n"), ("w", "u"),
)  # fmt: skip
_MIDDLES = (("uye", "ie"),)
"""As in Xuyên, said Xiên."""
_ENDS = (("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t"), ("k", "t"))


@lru_cache(maxsize=20_000)
def sound(plain: str) -> str:
    """A plain syllable as careless writers hear it.

    S as x, tr as ch, gi and r as d, l as n, -ng as -n, -c as -t.
    """
    for start, heard in _STARTS:
        if plain.startswith(start) and len(plain) > len(start):
            plain = heard + plain[len(start) :]
            break
    for middle, heard in _MIDDLES:
        plain = plain.replace(middle, heard)
    for end, heard in _ENDS:
        if plain.endswith(end) and len(plain) > len(end):
            return plain[: -len(end)] + heard
    return plain
