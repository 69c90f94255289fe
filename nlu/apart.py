"""A message apart from where it is: "nắp cống | trước cổng trường xã Kỳ Hoa | bị mất" is "nắp cống bị mất".

Rules that look for a thing and its fault near each other are asked of these words, too: how long an address
stands between the two must not matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nlu.place_extent import Span
from nlu.place_leads import leads_from

_UNIT = re.compile(
    r"\b(?:thôn|thon|xóm|xom|tổ|khối|khoi|tdp|đội|bản|làng|lang|xã|xa|phường|phuong|thị trấn|thi tran|thị xã"
    r"|thi xa|thành phố|thanh pho|huyện(?! lộ)|huyen(?! lo)|tỉnh(?! lộ)|tinh(?! lo)|đoạn|doan|số|so|km)\s+\w",
    re.IGNORECASE,
)
"""Where the village, the commune … of a thing begins: "đập | thôn 3 xã Hương Đô"."""


def words_apart(text: str, places: Sequence[Span]) -> str:
    """The text without these places and what leads to them; "" when nothing is left out, or nothing stays.

    A place that nothing leads to may be the thing itself ("đập …", "tường rào | trường …"): its head and its
    name stay, the village and the commune go.
    """
    kept, last = [], 0
    for start, end in places:
        begin = leads_from(text, last, start)
        if begin is None:
            unit = _UNIT.search(text, start, end)
            begin = unit.start() if unit else end
        kept.append(text[last:begin])
        last = end
    kept.append(text[last:])
    apart = " ".join(" ".join(kept).split())
    return apart if apart != text and any(letter.isalnum() for letter in apart) else ""
