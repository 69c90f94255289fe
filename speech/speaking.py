"""A text as it is to be said: codes and phones digit by digit, other numbers and dates in words."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_LETTERS = {
    "A": "a", "B": "bê", "C": "xê", "D": "dê", "Đ": "đê", "E": "e", "G": "giê", "H": "hát", "K": "ca",
    "L": "lờ", "M": "mờ", "N": "nờ", "P": "pê", "Q": "quy", "R": "rờ", "S": "sờ", "T": "tê", "U": "u",
    "V": "vê", "X": "ích", "Y": "i dài",
}  # fmt: skip
_CODE = re.compile(r"\b([A-ZĐ]{1,4})-(\d{2,6})-(\d{2,8})\b")
_PHONE = re.compile(r"\b0\d{2,4}(?:[ .]?\d{3}){2}\b")
_UNIT = re.compile(r"(?<=\d )(km|m|m²|%)(?!\w)|(?<=\d)%")
_UNITS = {"km": "ki lô mét", "m": "mét", "m²": "mét vuông", "%": " phần trăm"}
_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}))?\b")
_NUMBER = re.compile(r"\d(?:[\d.]*\d)?")
_UNSAYABLE = re.compile(r"[\[\]<>{}|\\^~`_*#@]+")


def as_said(text: str) -> str:
    """The text with everything that is not a word written out."""
    text = unicodedata.normalize("NFC", text)
    text = _CODE.sub(_say_code, text)
    text = _PHONE.sub(lambda found: digits_said(found.group()), text)
    text = _DATE.sub(_say_date, text)
    text = _UNIT.sub(lambda found: _UNITS[found.group()], text)
    text = _NUMBER.sub(lambda found: _say_number(found.group()), text)
    return re.sub(r"\s+", " ", _UNSAYABLE.sub(" ", text)).strip()


def digits_said(digits: str) -> str:
    """ "114" → "một một bốn"."""
    return " ".join(_DIGITS[int(digit)] for digit in digits if digit.isdigit())


def number_said(value: int) -> str:
    """A number below 10^12 in words."""
    if value < 10:
        return _DIGITS[value]
    parts: list[str] = []
    for size, name in ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn")):
        if value >= size:
            parts += [_below_thousand(value // size, full=bool(parts)), name]
            value %= size
    if value:
        parts.append(_below_thousand(value, full=bool(parts)))
    return " ".join(parts)


def _below_thousand(value: int, *, full: bool) -> str:
    """`full`: behind a greater part the hundreds are said even when there are none."""
    hundreds, rest = divmod(value, 100)
    parts = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    tens, ones = divmod(rest, 10)
    if tens == 0:
        if ones:
            parts.append(f"linh {_DIGITS[ones]}" if parts else _DIGITS[ones])
        return " ".join(parts)
    parts.append("mười" if tens == 1 else f"{_DIGITS[tens]} mươi")
    if ones:
        last = {1: "mốt" if tens > 1 else "một", 4: "tư" if tens > 1 else "bốn", 5: "lăm"}
        parts.append(last.get(ones, _DIGITS[ones]))
    return " ".join(parts)


def _say_code(found: re.Match[str]) -> str:
    letters = " ".join(_LETTERS.get(letter, letter) for letter in found[1])
    return f"{letters}, {digits_said(found[2])}, {digits_said(found[3])}"


def _say_date(found: re.Match[str]) -> str:
    day, month = int(found[1]), int(found[2])
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return f"{number_said(day)} trên {number_said(month)}"
    year = f" năm {number_said(int(found[3]))}" if found[3] else ""
    return f"{number_said(day)} tháng {'tư' if month == 4 else number_said(month)}{year}"


def _say_number(text: str) -> str:
    digits = text.replace(".", "")
    grouped = bool(re.fullmatch(r"\d{1,3}(\.\d{3})+", text))
    if (not grouped and (digits.startswith("0") or len(digits) > 4) and len(digits) > 1) or len(digits) > 12:
        return digits_said(digits)
    return number_said(int(digits))
