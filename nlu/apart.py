"""A message apart from where it is: "nắp cống | trước cổng trường xã Kỳ Hoa | bị mất" is "nắp cống bị mất".

Rules that look for a thing and its fault near each other are asked of these words, too: how long an address
stands between the two must not matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text import strip_marks
from nlu.place_extent import Span

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
_UNIT = re.compile(
    r"\b(?:thôn|thon|xóm|xom|tổ|khối|khoi|tdp|đội|bản|làng|lang|xã|xa|phường|phuong|thị trấn|thi tran|thị xã"
    r"|thi xa|thành phố|thanh pho|huyện|huyen|tỉnh|tinh|đoạn|doan|số|so|km)\s+\w",
    re.IGNORECASE,
)
"""Where the village, the commune … of a thing begins: "đập | thôn 3 xã Hương Đô"."""
_WORD = re.compile(r"[^\W_]+")


def words_apart(text: str, places: Sequence[Span]) -> str:
    """The text without these places and what leads to them; "" when nothing is left out, or nothing stays.

    A place that nothing leads to may be the thing itself ("đập …", "tường rào | trường …"): its head and its
    name stay, the village and the commune go.
    """
    kept, last = [], 0
    for start, end in places:
        begin = _passing_from(text, last, start)
        if begin is None:
            unit = _UNIT.search(text, start, end)
            begin = unit.start() if unit else end
        kept.append(text[last:begin])
        last = end
    kept.append(text[last:])
    apart = " ".join(" ".join(kept).split())
    return apart if apart != text and any(letter.isalnum() for letter in apart) else ""


def _passing_from(text: str, last: int, start: int) -> int | None:
    """Where the words that lead to the place begin; None when it is not in passing."""
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
