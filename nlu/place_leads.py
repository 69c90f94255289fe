"""Words that lead to a place: what stands behind them is only where something is, and not the thing itself.

"Ổ gà trước | cổng ủy ban", "ở ngay phía trước | trường", not "mái | trường dột".
"""

from __future__ import annotations

import re

from core.text import strip_marks

_BEFORE = 40
"""Characters in which the words that lead to a place are looked for."""
_LEADS = frozenset(
    (
        "trước", "gần", "cạnh", "sau", "ngay", "bên", "giữa", "dưới", "trên", "trong", "ngoài", "ở", "tại",
        "qua", "sát", "đoạn", "dọc",
    )
)  # fmt: skip
"""Words that lead to a place, right before it."""
_OF_LEADS = _LEADS | {"đối", "diện", "phía", "chỗ", "khu", "vực", "từ"}
"""The same, and words that stand in a row with them: "ở ngay phía trước", "chỗ gần"."""
_NOT_BARE = frozenset(("sat", "canh", "cho", "tu"))
"""Without marks these may be other words: "sạt", "cành"."""
_BARE_LEADS, _BARE_OF_LEADS = (
    frozenset(map(strip_marks, words)) - _NOT_BARE for words in (_LEADS, _OF_LEADS)
)
_WORD = re.compile(r"[^\W_]+")


def leads_from(text: str, last: int, start: int) -> int | None:
    """Where the words begin, behind `last`, that lead to the place at `start`; None when none do."""
    begin = None
    for word in reversed(list(_WORD.finditer(text, max(last, start - _BEFORE), start))):
        if begin is not None and not text[word.end() : begin].isspace():
            break
        if not _is_of(text, word, _BARE_OF_LEADS, _OF_LEADS):
            break
        if begin is None and not _is_of(text, word, _BARE_LEADS, _LEADS):
            break
        begin = word.start()
    return begin


def _is_of(text: str, word: re.Match[str], bare: frozenset[str], marked: frozenset[str]) -> bool:
    """Whether the word is one of these; "diện" only after "đối"."""
    low = word[0].lower()
    if strip_marks(low) == "dien":
        return strip_marks(text[: word.start()]).lower().rstrip().endswith("doi")
    return low in (bare if low.isascii() else marked)
