"""The citizen's words about the thing itself: a message without greetings, fillers, phones and codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.spans import Found, find_phones

_GREETING = re.compile(
    r"^(?:\s*(?:(?:à|ờ|ừm|dạ|da|vâng|vang|thưa|thua|kính|kinh|xin|em|con|cháu|chau|tui|tôi|toi|e|bác|mệ)\s+)*"
    r"(?:a\s?l[ôo]+|alo+|chào|chao|hello|helo|hi|hey|xin chào|xin chao|kính gửi|kinh gui|kính thưa)"
    r"(?:\s+(?:các|cac|quý|quy|đồng chí|dong chi|anh chị|anh chi|anh|chị|chi|chú|chu|cô|co|bác|bac|em|ad"
    r"|admin|bạn|ban|cháu|chau"
    r"|cơ quan|co quan|tổng đài|tong dai|kênh dân|kenh dan|kênh|kenh|cán bộ|can bo|lãnh đạo|lanh dao"
    r"|mọi người|moi nguoi|mn|o|eng|ả"
    r"|buổi (?:sáng|trưa|chiều|tối)|buoi (?:sang|trua|chieu|toi)"
    r"|ơi|oi|ạ|nhé|nhe|nghe|hí|và|trực|truc|ban|alo|alô))*\s*[,.!:;–-]*)+\s*",
    re.IGNORECASE,
)
_ADDRESSED = (
    r"(?:cán bộ|can bo|anh chị|anh chi|anh|chị|chi|chú|chu|cô|co|bác|bac|em|ad|admin|bạn|ban|mọi người"
    r"|moi nguoi|o|eng|cháu|chau|con)"
)
_FILLER = re.compile(
    r"^(?:(?:dạ|da|à|ờ|ừ|ừm|thì|vâng|ơi"
    rf"|(?:(?:dạ |da )?thưa |(?:da )?thua )(?:các |cac )?{_ADDRESSED}|(?:các |cac )?{_ADDRESSED} (?:ơi|oi)"
    r"|cho (?:em|tui|tôi|bác|con"
    r"|cháu) hỏi|"
    r"làm ơn|lam on|cho (?:em|tui|tôi|bác) (?:báo|phản ánh|bao|phan anh)(?: (?:là|cái|la|cai))?|"
    r"(?:em|tui|tôi|con|cháu|mình|bác|toi|chau) (?:xin|muốn|muon)(?: được)? (?:phản ánh|báo|phan anh|bao"
    r"|gửi phản ánh)(?: (?:là|về|việc|vụ|chuyện|với|la|ve|viec|vu|chuyen|cái|cai))*|"
    r"(?:em|tui|tôi|con|cháu|mình|bác|toi|chau) (?:phản ánh|báo|phan anh|bao) (?:về|việc|vụ|chuyện|ve|viec|vu"
    r"|chuyen)(?: (?:là|việc|vụ|chuyện|la|viec|vu|chuyen))*)"
    r"[\s,:.]+)+",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"[\s,.!;]*(?:(?:em|tôi|tui|toi|con|cháu|dân|bác|xin)?\s*(?:xin )?(?:chân thành |chan thanh "
    r"|trân trọng )?(?:cảm ơn|cám ơn|cam on|tks|thanks|thank)"
    r"(?:\s+(?:ạ|a|nhiều|nhieu|em|ad|các anh|anh|chị|chú|nhé|nhe|lắm|mọi người|quý cơ quan|cac anh|chu"
    r"|trước|truoc|chị|ac|kênh))*)[\s.!🙏❤]*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"[\s,;(]*(?:(?:sđt|sdt|số điện thoại|so dien thoai|điện thoại|đt|dt|liên hệ|lien he|liên lạc|lien lac|lh"
    r"|gọi lại|goi lai|gọi|goi|số|so|mã số|ma so|mã|ma|zalo|phone|tel)"
    r"(?:\s+(?:(?:của|cua)\s+)?(?:em|tôi|tui|toi|con|bác|là|la|phản ánh|qua|theo|số|so|zalo|cho em|cho tôi))*"
    r"\s*[:.]?\s*)?$",
    re.IGNORECASE,
)

_PARTICLES = re.compile(
    r"(?:(?:^|\s+)(?:ạ|nhé|nhe|nha|nghen|hí|hi|nghe|với|voi|đó"
    r"|(?<!vỉa )(?<!nghỉ )(?<!mùa )(?<!dịp )hè))+\s*[.!]*$",
    re.IGNORECASE,
)
_TAIL = 160
"""Characters in which thanks at the end, or the label before a number, are looked for."""
_BLANK_BEFORE = re.compile(r"[ \t]+([,;:.!?])")


def matter_of(text: str, *cut: Sequence[Found]) -> str:
    """The words left when greetings, thanks, phones and codes are taken out; "" when nothing is."""
    text = _BLANK_BEFORE.sub(r"\1", _without([found for group in cut for found in group], text))
    text = _GREETING.sub("", text.strip(), count=1)
    text = _FILLER.sub("", text, count=1)
    told, closing = text[:-_TAIL], text[-_TAIL:]
    closing = _PARTICLES.sub("", _CLOSING.sub("", closing))
    return " ".join(f"{told}{closing}".split(" ")).strip(" ,;:-–()")


def without_phones(text: str) -> str:
    """The text without phones and what leads to them ("gọi em số …"): whom to call says nothing of the
    matter. The text itself when hardly anything else is told.
    """
    phones = find_phones(text)
    rest = _without(phones, text).strip(" ,;:-–.") if phones else text
    return rest if len(rest.split()) > 1 else text


def _without(found: Sequence[Found], text: str) -> str:
    """The text without these and the labels before them."""
    for one in sorted(found, key=lambda one: -one.start):
        before, near = text[: one.start][:-_TAIL], text[: one.start][-_TAIL:]
        label = _LABEL.search(near)
        before += near[: label.start()] if label else near
        text = f"{before.rstrip()} {text[one.end :].lstrip(' )')}"
    return text
