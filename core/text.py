"""Vietnamese text: one form for comparing, one for showing.

`clean` is applied to everything that comes in (NFC, no control characters, a length limit);
`fold` is the weak form for matching (lower case, no diacritics, đ → d, single blanks).
"""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 4_000
"""Characters of one message that are kept; longer ones are cut and the citizen is told."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufff0-\ufffb]"
)
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """NFC, without control and invisible characters, blanks folded, at most `limit` characters."""
    text = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(ch for ch in text if not 0xD800 <= ord(ch) <= 0xDFFF)
    text = unicodedata.normalize("NFC", text)
    text = _CONTROL.sub(" ", text)
    text = _LINES.sub("\n\n", _BLANKS.sub(" ", text)).strip()
    return text[:limit].rstrip()


def strip_marks(text: str) -> str:
    """The same text without diacritics; case is kept. Length may differ from NFC input only for odd scripts."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(ch for ch in decomposed if not unicodedata.combining(ch))
    return unicodedata.normalize("NFC", bare.replace("đ", "d").replace("Đ", "D"))


def fold(text: str) -> str:
    """Lower case, no diacritics, only letters and digits, single blanks: the form two writings are compared in."""
    return _NOT_WORD.sub(" ", strip_marks(text).lower()).strip()


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, the unit in which messengers count."""
    return len(text.encode("utf-16-le")) // 2
