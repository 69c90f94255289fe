"""What can be read from a message by rule alone: phones, ticket codes, for whom it is, complaints; and
masking.

Everything here is deterministic and works on the text as typed, with or without diacritics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.text import strip_marks

_LOOKED_AT = 4_000

# --- phones -------------------------------------------------------------------------------------

_SEP = r"[ .\-–_()\u00a0]{0,2}"
_PHONE = re.compile(
    r"(?<![\d/])(?<!\d[.,\-])"
    r"(?:(?P<mobile>(?:\(?\+?84\)?" + _SEP + r"\(?0?\)?|0)" + _SEP + r"[35789](?:" + _SEP + r"\d){8})"
    r"|(?P<line>(?:\(?\+?84\)?" + _SEP + r"\(?0?\)?|\(?0)" + _SEP + r"2(?:" + _SEP + r"\d){9})"
    r"|(?P<hotline>1[89]00" + _SEP + r"\d{2}" + _SEP + r"\d{2}(?:" + _SEP + r"\d{2})?))"
    r"(?!\d|[.,]\d{3}(?!\d))"
)
_NOT_A_PHONE_BEFORE = re.compile(
    r"(?:cccd|cmnd|can cuoc|chung minh|so the|ma the|bhyt|bhxh|ma kh|ma khach hang|khach hang|cong to|dong ho"
    r"|stk|tai khoan|so tk|hoa don|ma hd|ma so thue|mst|bien so|seri|serial|imei)\W{0,4}(?:so|la|:)?\W{0,4}$"
)
_MONEY_AFTER = re.compile(r"\s{0,2}(?:d|dong|vnd|trieu|tr|ty|kwh|m2|m3|khoi|kg|km|nghin|ngan|so dien)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A value in its normal form and where it stands in the text."""

    value: str
    start: int
    end: int


def find_phones(text: str) -> tuple[Found, ...]:
    """Vietnamese phone numbers, as 0xxxxxxxxx (mobile), 02xxxxxxxxx (fixed line); service numbers are left
    out.

    Ticket codes, prices, meter readings and id numbers are not phones.
    """
    text = text[:_LOOKED_AT]
    bare = _aligned_bare(text)
    found = []
    for match in _PHONE.finditer(text):
        if match["hotline"] or _NOT_A_PHONE_BEFORE.search(bare, max(0, match.start() - 30), match.start()):
            continue
        if _MONEY_AFTER.match(bare, match.end()):
            continue
        digits = re.sub(r"\D", "", match[0])
        if not digits.startswith("0") or digits.startswith("084"):
            digits = re.sub(r"^0?840?", "0", digits)
        if len(digits) == (11 if digits.startswith("02") else 10):
            found.append(Found(digits, match.start(), match.end()))
    return tuple(found)


# --- ticket codes -------------------------------------------------------------------------------

_BARE_CODE = re.compile(r"(?<![\d.,+])(\d{4})[ ]?[-–_./][ ]?(\d{4,5})(?![\d.,/])")


def find_ticket_codes(text: str, prefix: str) -> tuple[Found, ...]:
    """Codes of reports in any sloppy form, as `HT-2611-00042` (prefix, year and month, five digits).

    Without the prefix only the full form `2611-00042` is a code.
    """
    text = text[:_LOOKED_AT]
    spaced = r"[\s.\-_]{0,2}".join(re.escape(letter) for letter in prefix)
    pattern = re.compile(
        rf"(?<![^\W\d_]){spaced}[\s.:\-–_#/]{{0,3}}(\d{{2}}(?:0[1-9]|1[0-2]))[\s.\-–_/]{{0,3}}(\d{{1,5}})(?!\d)",
        re.IGNORECASE,
    )
    found: list[Found] = []
    for match in pattern.finditer(text):
        found.append(Found(f"{prefix.upper()}-{match[1]}-{int(match[2]):05d}", match.start(), match.end()))
    for match in _BARE_CODE.finditer(text):
        overlaps = any(one.start < match.end() and match.start() < one.end for one in found)
        if not overlaps and "01" <= match[1][2:] <= "12" and len(match[2]) == 5:
            found.append(Found(f"{prefix.upper()}-{match[1]}-{match[2]}", match.start(), match.end()))
    return tuple(sorted(found, key=lambda one: one.start))


# --- for whom -----------------------------------------------------------------------------------

_TELL = r"(?:phan anh|bao cao|bao|nhan tin|nhan|gui|goi|noi|trinh bay|y kien|kien nghi|ke|viet|pa|alo)"
_FOR = r"(?:ho|giup|thay|dum|gium|cho|thay mat|thay cho|giup cho|ho cho|dum cho|gium cho)"
_KIN = (
    r"(?:ba con hang xom|ba hang xom|ong hang xom|nha hang xom|chi hang xom|anh hang xom|co hang xom"
    r"|chu hang xom"
    r"|hang xom|ong ba|bo me|cha me|ba noi|ba ngoai|ong noi|ong ngoai|bo|me|ma|cha|ba|ong|bac|chu|co|di"
    r"|cau|mo|thim"
    r"|anh|chi|em|chau|con|vo|chong|me vo|bo vo|bo chong|me chong|mu|o|me|a|eng|cu|mot ba|mot ong|mot cu"
    r"|nguoi nha"
    r"|nguoi gia|nguoi than|ban|ban em|nguoi quen|gia dinh|nha|co giao|thay|dong chi|mot nguoi|mot ho"
    r"|cac cu|cac ba)"
)
_SELF = re.compile(
    r"^(?:em|toi|tui|minh|chau|con|tao|tau|me|bac|anh|chi|e|to|ba con|dan|moi nguoi|nhan dan|xa|thon"
    r"|chung toi|chung em|tui em)(?: (?:voi|nhe|a|di|nha|cai|nghe|hi|he|mot|roi|ngay|ve|len|la|o|co"
    r"|khong|them|viec|cho|luon|nho)\b|[^a-z ]|$)"
)
_LONGEST_NAME = 3
_AFTER_NAME_WORDS = (
    "o tai cai bi nha dang duoc la voi nhe ve rang vi co khong thi ma bao nho ngo duong nuoc dien rac",
    "viec chuyen mot may so sdt thon xom xa phuong nay a hi nghe ben gan cu khoi den bay can hom noi ra len",
    "cho nua va mat hong trong ngoai sau truoc dau cuoi khu to duoi tren k ko cong cot cay cau",
)
_AFTER_NAME = frozenset(word for line in _AFTER_NAME_WORDS for word in line.split())
_BEHALF = (
    re.compile(
        rf"\b{_TELL}(?: tin| viec| len| voi| cai)? (?P<how>ho|thay mat cho|thay mat|thay cho|thay|dum"
        rf"|gium|giup|giup cho|ho cho|gium cho|dum cho)\b(?P<rest>[^\n]{{0,60}})"
    ),
    re.compile(r"\b(?P<how>thay mat cho|thay mat|thay loi|dai dien cho)\b(?P<rest>[^\n]{0,60})"),
)
_ASKED = re.compile(
    rf"\b(?P<who>{_KIN}(?: [^\s,.;]+){{0,3}}?) (?:(?:co )?nho|bao|bieu|keu|nhan|dan"
    rf"|uy quyen(?: cho)?) (?:em|toi|tui|minh|chau|con|e|anh|chi|tau)\s+(?:la |di |nhan "
    rf"|viet )?(?:{_TELL}|ho|nhan|len tieng)\b"
)
_NO_KNOWN_WAY = re.compile(
    rf"\b(?P<who>{_KIN}(?: [^\s,.;]+){{0,3}}?),? (?:khong|ko|k|nỏ|no) (?:biet |co )(?:dung |xai "
    rf"|nhan )?(?:zalo|dien thoai|smartphone|nhan tin|chu|may)[^\n]{{0,12}}(?:nen|,) ?(?:em|toi|tui|minh"
    rf"|chau|con|e) (?:{_TELL}|nhan|goi|viet)"
)
_BEGINS_WITH_KIN = re.compile(rf"\s*(?:cho |cua )?(?P<who>{_KIN})(?![a-z])")


def find_on_behalf(text: str) -> str | None:
    """Whom a message is told for: the words as typed ("mệ Xuân"), "" when only that it is for another,
    else None.

    A plea for help ("anh báo giúp em với") is not for another.
    """
    text = unicodedata.normalize("NFC", text[:_LOOKED_AT])
    bare = _aligned_bare(text)
    for pattern in (_ASKED, _NO_KNOWN_WAY):
        match = pattern.search(bare)
        if match and not _SELF.match(match["who"] + " "):
            return text[match.start("who") : match.end("who")].strip()
    for pattern in _BEHALF:
        for match in pattern.finditer(bare):
            whom = _whom(text, bare, match)
            if whom is not None:
                return whom
    return None


def _whom(text: str, bare: str, match: re.Match[str]) -> str | None:
    start = match.start("rest")
    rest = match["rest"]
    plea = match["how"].startswith(("giup", "gium", "dum", "ho"))
    person = _BEGINS_WITH_KIN.match(rest)
    if person is None:
        # "báo hộ", "nhắn thay" say it by themselves; "báo giúp" alone is a plea
        follows = re.match(r"\s*(?:[,.;:!?\n]|$)", rest)
        mine = re.search(
            r"\b(?:em|toi|tui|minh|chau|con|e)\s+(?:xin |dang |muon |la |chi )?$", bare[: match.start()]
        )
        return "" if follows and (mine or match["how"].startswith("thay")) else None
    if plea and _SELF.match(rest[person.start("who") :]):
        return None
    end = person.end("who")
    for word in re.finditer(r" ([^\s,.;:!?()]+)", rest[end:]):
        begins = end + word.start()
        if rest[end:begins].count(" ") >= _LONGEST_NAME or word.start() != len(
            rest[end:begins].rstrip(",.;:!?()")
        ):
            break
        if word[1] in _AFTER_NAME or word[1].isdigit():
            return text[start + person.start("who") : start + begins].strip()
        if re.search(r"[,.;:!?()]", rest[begins : begins + len(word[0]) + 1]):
            return text[start + person.start("who") : start + begins + len(word[0])].strip()
    name = re.match(rf"(?: [^\s,.;:!?()]+){{0,{_LONGEST_NAME}}}", rest[end:])
    return text[start + person.start("who") : start + end + (name.end() if name else 0)].strip()


# --- complaints and denunciations --------------------------------------------------------------

_COMPLAINT = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:don|thu|ho so|quy trinh|thu tuc|quyen|luat|viec) (?:khieu nai|to cao|khieu kien"
        r"|to giac can bo)",
        r"\b(?:lam|viet|gui|nop|rut|viet cai|lam cai) (?:don |thu )?(?:to cao|khieu nai|khieu kien)",
        r"\bkhieu (?:nai|kien) (?:ve |doi voi |lai )?(?:cai |mot )?(?:quyet dinh|qd|ket luan"
        r"|hanh vi hanh chinh|ban an|van ban|thong bao so"
        r"|viec thu hoi|viec cuong che|viec den bu|muc boi thuong|phuong an boi thuong|viec xu phat"
        r"|chu tich|ubnd|uy ban|viec cap so)",
        r"\bto cao (?!tin|mang)(?:ong |ba |anh |chi |viec |hanh vi |thang |may |mot so |mot "
        r"|ten )*(?:chu tich|bi thu|pho chu tich|can bo|truong thon"
        r"|truong xom|cong an|cong chuc|dia chinh|giam doc|hieu truong|lanh dao|thon truong|xom truong"
        r"|vien chuc|ke toan|nguyen chu tich"
        r"|tham nhung|nhan hoi lo|an hoi lo|nhan tien|sai pham|tham o|loi dung chuc vu|chinh quyen"
        r"|uy ban|ubnd|xa )",
        r"\bto cao (?:ong|ba|dich danh|dong chi) ",
        r"\b(?:toi|tui|em|chung toi|ba con|nguoi dan|gia dinh toi|dan) (?:muon |xin |se |lam don |can "
        r"|quyet )*to cao\b(?! (?:tin|mang))",
        r"\bkhieu nai lan (?:hai|2|dau|1|thu)",
        r"\b(?:giai quyet|thu ly|tiep nhan|tra loi) (?:don )?(?:khieu nai|to cao)",
        r"\bkhieu nai (?:to cao|, to cao|va to cao)",
        r"\bkhoi kien\b",
    )
)


def is_complaint(text: str) -> bool:
    """Khiếu nại or tố cáo as the legal procedure, not the everyday word ("tôi khiếu nại cái đường hỏng
    quá")."""
    bare = " ".join(_aligned_bare(text[:_LOOKED_AT]).replace(",", " , ").split())
    return any(pattern.search(bare) for pattern in _COMPLAINT)


# --- masking ------------------------------------------------------------------------------------

_LONG_NUMBER = re.compile(r"(?<!\d)(?:\d[ .\-]?){8,18}\d(?!\d)")
_PLATE = re.compile(
    r"(?<![\w-])\d{2}[ \-]?[A-Za-zĐđ]{1,2}\d?[ \-.]{0,2}(?:\d{3}[.\- ]?\d{2}|\d{4,5})(?![\w])"
)
_EMAIL = re.compile(r"[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_CODE_LIKE = re.compile(r"[A-Za-z]{2,4}[\s.\-]?\d{4}[\s.\-]\d{5}(?!\d)")
MASK = "•••"


def masked(text: str) -> str:
    """The text with every phone, id number, vehicle plate and e-mail address put out of sight (for the
    public).

    Ticket codes stay. Prices with a unit stay.
    """
    keep = [match.span() for match in _CODE_LIKE.finditer(text)]
    hide: list[tuple[int, int]] = [match.span() for match in _EMAIL.finditer(text)]
    hide += [match.span() for match in _PLATE.finditer(text)]
    hide += [match.span() for match in _PHONE.finditer(text) if not match["hotline"]]
    bare = _aligned_bare(text)
    hide += [
        match.span() for match in _LONG_NUMBER.finditer(text) if not _MONEY_AFTER.match(bare, match.end())
    ]
    return _hidden(text, [span for span in hide if not _within(span, keep)])


def _within(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in others)


def _hidden(text: str, spans: Sequence[tuple[int, int]]) -> str:
    shown, last = "", 0
    for start, end in sorted(spans):
        if end <= last:
            continue
        if start >= last:
            shown += text[last:start] + MASK
        last = end
    return shown + text[last:]


def _aligned_bare(text: str) -> str:
    """Lower case without marks, letter for letter at the same places as in `text`."""
    plain = strip_marks(text).lower()
    if len(plain) == len(text):
        return plain
    return "".join((strip_marks(ch).lower() or " ")[:1] for ch in text)
