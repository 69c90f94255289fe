"""What can be read from a message by rule alone: phones, ticket codes, for whom it is, complaints; and
masking.

Everything here is deterministic and works on the text as typed, with or without diacritics.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.on_behalf import find_on_behalf
from core.text import strip_marks

__all__ = (
    "MASK",
    "Found",
    "find_on_behalf",
    "find_phones",
    "find_ticket_codes",
    "is_complaint",
    "masked",
    "spoken_digits",
)

_LOOKED_AT = 4_000
_BEGINNING = 2_000
"""Characters in which codes and complaints are looked for: as much as Zalo lets through. A phone must be
found wherever it stands, for it is put out of sight."""

# --- phones -------------------------------------------------------------------------------------

_SEP = r"[ .\-–—‑_()/\u00a0]{0,2}"
_COUNTRY = r"(?:\(?(?:\+|00)?84\)?" + _SEP + r"\(?0?\)?"
_PHONE = re.compile(
    r"(?<!\d)"
    r"(?:(?P<mobile>" + _COUNTRY + r"|0)" + _SEP + r"[35789](?:" + _SEP + r"\d){8})"
    r"|(?P<line>" + _COUNTRY + r"|\(?0)" + _SEP + r"2(?:" + _SEP + r"\d){9})"
    r"|(?P<hotline>1[89]00" + _SEP + r"\d{2}" + _SEP + r"\d{2}(?:" + _SEP + r"\d{2})?))"
    r"(?!\d|[.,]\d{3}(?!\d))"
)
_NO_ZERO = re.compile(
    r"\b(?:sdt|dt|dien thoai|lien he|lh|zalo|phone|tel)(?: so| la| cua em| cua toi| em)?\s?[:.]?\s?"
    r"(?P<number>[35789](?:" + _SEP + r"\d){8})(?!\d|[.,]\d{3}(?!\d))"
)
"""After a label the zero may be forgotten."""
_O_FOR_ZERO = re.compile(r"(?<![^\W\d_])[oO](?=\d)|(?<=\d)[oO]+(?=[\d .\-]|$)")
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
    digits = _O_FOR_ZERO.sub(lambda match: "0" * len(match[0]), text)
    found: list[Found] = []
    for match in _PHONE.finditer(digits):
        if match["hotline"] or _NOT_A_PHONE_BEFORE.search(bare, max(0, match.start() - 30), match.start()):
            continue
        if _MONEY_AFTER.match(bare, match.end()) or _goes_on(text, match.start(), found):
            continue
        if number := _number(match[0]):
            found.append(Found(number, match.start(), match.end()))
    for match in _NO_ZERO.finditer(bare):
        if not _MONEY_AFTER.match(bare, match.end()):
            found.append(Found("0" + re.sub(r"\D", "", match["number"]), *match.span("number")))
    for run in spoken_digits(text):
        found += _spoken_phones(run)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.start))


def _number(written: str) -> str | None:
    """In the normal form, or None when it is too long or too short."""
    digits = "".join(str(int(ch)) for ch in written if ch.isdecimal())
    if re.fullmatch(r"0[35789]\d{8}|02\d{9}", digits):  # 084 … is a mobile's prefix too
        return digits
    if not digits.startswith("0") or digits.startswith(("084", "0084")):
        digits = re.sub(r"^0{0,2}840?", "0", digits)
    return digits if re.fullmatch(r"0[35789]\d{8}|02\d{9}", digits) else None


def _goes_on(text: str, start: int, found: Sequence[Found]) -> bool:
    """The digits belong to a longer number or a date before them; two phones may stand side by side."""
    if start < 2 or text[start - 1] not in "/.,-" or not text[start - 2].isdigit():
        return False
    return not (found and found[-1].end == start - 1)


# --- spoken digits ------------------------------------------------------------------------------

DIGIT_WORDS = {
    "không": "0", "một": "1", "mốt": "1", "hai": "2", "ba": "3", "bốn": "4", "tư": "4", "năm": "5",
    "lăm": "5", "sáu": "6", "bảy": "7", "bẩy": "7", "tám": "8", "chín": "9",
}  # fmt: skip
_BARE_DIGITS = {strip_marks(word): digit for word, digit in DIGIT_WORDS.items()}
_RUN = re.compile(
    r"(?<![^\W_])(?:(?:" + "|".join((*DIGIT_WORDS, *_BARE_DIGITS)) + r"|\d)(?![^\W\d_])[ ,.\-]{0,3}){5,24}",
    re.IGNORECASE,
)
_SPOKEN_PHONE = re.compile(r"(?:0|(?:00)?84)(?:[35789]\d{8}|2\d{9})")
_FEWEST_WORDS = 3
_MOST_AFTER = 2


@dataclass(frozen=True, slots=True)
class Digits:
    """A row of digits told in words, and where each of them stands in the text."""

    digits: str
    places: tuple[tuple[int, int], ...]


def spoken_digits(text: str) -> tuple[Digits, ...]:
    """Rows of at least five digits told at least partly in words: "không chín không …"."""
    rows = []
    for run in _RUN.finditer(text):
        parts = list(re.finditer(r"[^\W\d_]+|\d", run[0]))
        if sum(not part[0].isdigit() for part in parts) < _FEWEST_WORDS:
            continue
        low = [part[0].lower() for part in parts]
        digits = "".join(DIGIT_WORDS.get(word) or _BARE_DIGITS.get(word) or word for word in low)
        rows.append(Digits(digits, tuple((run.start() + p.start(), run.start() + p.end()) for p in parts)))
    return tuple(rows)


def _spoken_phones(run: Digits) -> list[Found]:
    """A phone in a row of digits; of what is left after it, a word or two may be of the next sentence."""
    for match in _SPOKEN_PHONE.finditer(run.digits):
        if len(run.digits) - match.end() <= _MOST_AFTER and (number := _number(match[0])):
            return [Found(number, run.places[match.start()][0], run.places[match.end() - 1][1])]
    return []


# --- ticket codes -------------------------------------------------------------------------------

_DASH = "\\-–—‑_./"
_BARE_CODE = re.compile(rf"(?<![\d.,+{_DASH}])(\d{{4}})[ ]?[{_DASH}][ ]?(\d{{4,5}})(?![\d.,/])")
_SAID_CODE = re.compile(r"(?:2[5-9]|3[0-4])(?:0[1-9]|1[0-2])\d{5}")
"""A code as it is read out on the phone: without its prefix, the year and month first."""
_TYPED_DIGITS = re.compile(r"(?<![\d.,+])\d(?:[ .,\-]{0,2}\d){8}(?![\d.,]?\d)")
_CALLED_A_CODE = re.compile(r"\bm(?:ã|a)(?: s(?:ố|o))?(?: \w+){0,3}\W*$", re.IGNORECASE)
_LETTER_NAMES = {"h": "hát|hat|hờ|hắt", "t": "tê|te|tờ"}
"""How the letters of a prefix are said, where they are."""
_LOOKS_LIKE = str.maketrans("OoIilLİı", "00111111")  # all that [\dOolI] matches in any case


def find_ticket_codes(text: str, prefix: str) -> tuple[Found, ...]:
    """Codes of reports in any sloppy form, as `HT-2611-00042` (prefix, year and month, five digits).

    Without the prefix only the full form `2611-00042` is a code, and its nine digits when they are told in
    words, called a code, or all that is said: so the hotline reads them out.
    """
    text = text[:_BEGINNING]
    begin = _prefix_pattern(prefix)
    found: list[Found] = []

    def add(month: str, serial: str, start: int, end: int) -> None:
        if not any(one.start < end and start < one.end for one in found):
            found.append(Found(f"{prefix.upper()}-{month}-{int(serial):05d}", start, end))

    for match in _code_pattern(begin, r"\d").finditer(text):
        add(match[1] + match[2], match[3], match.start(), match.end())
    for match in _code_pattern(begin, r"[\dOolI]").finditer(text):
        month, serial = match[1] + match[2], match[3].translate(_LOOKS_LIKE)
        if len(serial) == _SERIAL and "01" <= month.translate(_LOOKS_LIKE)[2:] <= "12":
            add(month.translate(_LOOKS_LIKE), serial, match.start(), match.end())
    for match in _BARE_CODE.finditer(text):
        if "01" <= match[1][2:] <= "12" and len(match[2]) == _SERIAL:
            add(match[1], match[2], match.start(), match.end())
    spoken = spoken_digits(text)
    for run in spoken:
        first = run.places[0][0]
        said = _prefix_before(begin).search(text, max(0, first - _NEAR), first)
        if said and "01" <= run.digits[2:4] <= "12" and len(run.digits) <= 4 + _SERIAL:
            add(run.digits[:4], run.digits[4:] or "0", said.start(), run.places[-1][1])
    for digits, start, end in _digits_alone(text, spoken):
        if _SAID_CODE.fullmatch(digits):
            add(digits[:4], digits[4:], start, end)
    return tuple(sorted(found, key=lambda one: one.start))


_SERIAL = 5
_NEAR = 40
"""Characters in which a label before digits is looked for."""


def _digits_alone(text: str, spoken: Sequence[Digits]) -> Iterator[tuple[str, int, int]]:
    """Rows of digits that may be a code without its prefix, with where they stand; those that are labelled
    as something else left out."""
    rows = [(run.digits, run.places[0][0], run.places[-1][1]) for run in spoken]
    typed = list(_TYPED_DIGITS.finditer(text))
    for match in typed:
        start = match.start()
        nothing_else = len(typed) == 1 and not any(ch.isalnum() for ch in text[:start] + text[match.end() :])
        if nothing_else or _CALLED_A_CODE.search(text, max(0, start - _NEAR), start):
            rows.append((re.sub(r"\D", "", match[0]), match.start(), match.end()))
    bare = _aligned_bare(text)
    for digits, start, end in rows:
        if not _NOT_A_PHONE_BEFORE.search(bare, max(0, start - 30), start):
            yield digits, start, end


def _prefix_pattern(prefix: str) -> str:
    """The letters of a prefix, apart or together, or as they are said."""
    return r"[\s.\-_]{0,2}".join(
        rf"(?:{'|'.join(filter(None, (re.escape(letter), _LETTER_NAMES.get(letter.lower()))))})"
        for letter in prefix
    )


@lru_cache(maxsize=8)
def _prefix_before(begin: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_]){begin}[\s,.:\-]{{0,3}}$", re.IGNORECASE)


@lru_cache(maxsize=8)
def _code_pattern(begin: str, digit: str) -> re.Pattern[str]:
    year, month, serial = rf"({digit}{{2}})", rf"((?:0[1-9]|1[0-2])|{digit}{{2}})", rf"({digit}{{1,5}})"
    if digit == r"\d":
        month = r"(0[1-9]|1[0-2])"
    return re.compile(
        rf"(?<![^\W\d_]){begin}[\s:#{_DASH}]{{0,3}}{year}{month}[\s{_DASH}]{{0,3}}{serial}(?![^\W_])",
        re.IGNORECASE,
    )


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
    bare = " ".join(_aligned_bare(text[:_BEGINNING]).replace(",", " , ").split())
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
    hide += [(one.start, one.end) for one in find_phones(text)]
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


class _BareLetters(dict[int, str]):
    """For `str.translate`: each letter in lower case without marks, always one letter for one."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        if letter > _LAST_LATIN:  # scripts without our marks
            bare = letter.lower()[:1]
        else:
            bare = (strip_marks(letter).lower() or " ")[:1]
        if len(self) < _KEPT_LETTERS:
            self[code] = bare
        return bare


_LAST_LATIN = "\u1eff"
_KEPT_LETTERS = 16_384
_BARE_LETTERS = _BareLetters()


def _aligned_bare(text: str) -> str:
    """Lower case without marks, letter for letter at the same places as in `text`."""
    return text.translate(_BARE_LETTERS)
