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
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n{3,}")
_CUTS = ("\n\n", "\n", ". ", " ")
_NOT_WORD = re.compile(r"[^0-9a-z]+")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """NFC, without control and invisible characters, blanks folded, at most `limit` characters."""
    text = text[: limit * 4].replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _SURROGATES.sub("", text))
    text = _CONTROL.sub(" ", text)
    text = _LINES.sub("\n\n", _BLANKS.sub(" ", text)).strip()
    return text[:limit].rstrip()


def strip_marks(text: str) -> str:
    """The same text without diacritics; case is kept. The length differs only for odd scripts."""
    if text.isascii():
        return text
    combining = unicodedata.combining
    bare = "".join([ch for ch in unicodedata.normalize("NFD", text) if not combining(ch)])
    return unicodedata.normalize("NFC", bare.replace("đ", "d").replace("Đ", "D"))


def fold(text: str) -> str:
    """Lower case, no diacritics, letters and digits only, single blanks: for comparing two writings."""
    return _NOT_WORD.sub(" ", strip_marks(text).lower()).strip()


def utf16_length(text: str) -> int:
    """Length in UTF-16 units, the unit in which messengers count."""
    return len(text.encode("utf-16-le")) // 2


def split_text(text: str, limit: int) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, cut at paragraphs, lines, sentences or words.

    No part is empty; nothing but white space at the cuts is lost; no character is cut in two.
    """
    parts, rest = [], text.strip()
    while utf16_length(rest) > limit:
        head = rest.encode("utf-16-le")[: limit * 2].decode("utf-16-le", "ignore")
        cut = _best_cut(rest, len(head))
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [part for part in (*parts, rest) if part]


def sanitize(text: str) -> str:
    """Without lone surrogates, which cannot be sent."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def _best_cut(text: str, longest: int) -> int:
    for separator in _CUTS:
        found = text.rfind(separator, longest // 2, longest)
        if found > 0:
            return found + len(separator)
    cut = longest
    while cut > max(1, longest - 32) and _joins(text[cut]):
        cut -= 1
    return cut


def _joins(character: str) -> bool:
    """Whether it belongs to the character before it."""
    return bool(unicodedata.combining(character)) or character in "\u200d\ufe0f"
