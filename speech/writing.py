"""What was heard → what is written: numbers, phones, dates, times, roads, house numbers, plates, report
codes.

Rules are tried in order at each word; the first that fits writes its words and the reading goes on behind
them. Single digits stay words ("một cái cống") unless what is before them takes a number ("thôn 3", "quốc
lộ 1A").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.speech import Word
from speech.numerals import DIGITS, Numeral, read_cardinal, read_digit, read_row

LETTERS = {
    "a": "A", "á": "A", "bê": "B", "bờ": "B", "b": "B", "xê": "C", "cờ": "C", "c": "C", "dê": "D", "dờ": "D",
    "d": "D", "đê": "Đ", "đờ": "Đ", "đ": "Đ", "e": "E", "ép": "F", "gờ": "G", "giê": "G", "hát": "H",
    "hờ": "H", "h": "H", "ka": "K", "ca": "K", "k": "K", "lờ": "L", "mờ": "M", "nờ": "N", "pê": "P",
    "pờ": "P", "rờ": "R", "sờ": "S", "ét": "S", "tê": "T", "tờ": "T", "t": "T", "u": "U", "vê": "V",
    "vờ": "V", "ích": "X", "xờ": "X", "y": "Y",
}  # fmt: skip
"""Names of letters; they count only beside digits, where no other word can stand."""
_ROADS = (("quốc", "lộ"), ("tỉnh", "lộ"), ("huyện", "lộ"), ("hương", "lộ"), ("đường", "tỉnh"))
_HOUSES = frozenset({"số", "ngõ", "ngách", "hẻm", "kiệt", "lô"})
_NOT_A_NUMBER = frozenset({"một", "đa", "thiểu", "vô", "hệ", "chỉ", "tham", "tần", "biển"})
"""Before "số": a quantity or a thing, not what a number stands after."""
_UNITS = frozenset({"thôn", "xóm", "tổ", "khối", "đội", "khu", "cấp", "tầng", "km", "kilômét"})
_SLASHES = (("gạch", "chéo"), ("trên",), ("xuyệt",), ("xẹt",), ("xẹc",), ("sẹc",), ("sẹt",), ("gạch",))
_DAYS = frozenset({"ngày", "mùng", "mồng"})


@dataclass(frozen=True, slots=True)
class Written:
    """What the next `words` words are written as."""

    texts: tuple[str, ...]
    words: int


Rule = Callable[[Sequence[str], int], Written | None]


def write_numbers(words: Sequence[Word]) -> list[Word]:
    """Words as heard → words as written; a written word keeps the times and the least confidence of its
    parts.
    """
    said = [word.text.lower() for word in words]
    made: list[Word] = []
    at = 0
    while at < len(said):
        written = next((found for rule in RULES if (found := rule(said, at))), None)
        if written is None:
            made.append(words[at])
            at += 1
        else:
            made += _joined(words[at : at + written.words], written.texts)
            at += written.words
    return made


def _joined(heard: Sequence[Word], texts: Sequence[str]) -> list[Word]:
    """The heard words as the written ones. Where one stands for one they keep their own times."""
    if len(texts) == len(heard):
        return [
            word if word.text.lower() == text.lower() else _as(text, [word])
            for word, text in zip(heard, texts, strict=True)
        ]
    own = 0  # words before the number that stay as they are ("quốc", "lộ")
    while own < len(texts) - 1 and texts[own] == heard[own].text.lower():
        own += 1
    rest = heard[own:]
    return [*heard[:own], *(_as(text, rest) for text in texts[own:])]


def _as(text: str, heard: Sequence[Word]) -> Word:
    return Word(
        text=text,
        start=heard[0].start,
        end=heard[-1].end,
        confidence=min(word.confidence for word in heard),
        heard=" ".join(word.heard or word.text for word in heard),
    )


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _number(words: Sequence[str], at: int) -> Numeral | None:
    """A cardinal, or one digit."""
    return read_cardinal(words, at) or read_digit(words, at)


# -- rules


def _code(words: Sequence[str], at: int) -> Written | None:
    """ "hát tê hai sáu một một không không không bốn hai" → HT-2611-00042."""
    letters = [LETTERS.get(_word(words, at + i)) for i in (0, 1)]
    row = read_row(words, at + 2)
    if None in letters or row is None or len(row.digits) != 9:
        return None
    return Written((f"{letters[0]}{letters[1]}-{row.digits[:4]}-{row.digits[4:]}",), 2 + row.words)


def _plate(words: Sequence[str], at: int) -> Written | None:
    """ "ba mươi tám a một hai ba bốn năm" → 38A-123.45; six digits: a motorbike, 38B1-234.56."""
    head = read_row(words, at)
    if head is not None and len(head.digits) != 2:
        return None
    head = head or read_cardinal(words, at)
    if head is None or not 11 <= head.value <= 99:
        return None
    letter = LETTERS.get(_word(words, at + head.words))
    row = read_row(words, at + head.words + 1)
    if letter is None or row is None or not 4 <= len(row.digits) <= 6:
        return None
    digits = row.digits
    series, digits = (digits[0], digits[1:]) if len(digits) == 6 else ("", digits)
    number = f"{digits[:3]}.{digits[3:]}" if len(digits) == 5 else digits
    return Written((f"{head.digits}{letter}{series}-{number}",), head.words + 1 + row.words)


def _road(words: Sequence[str], at: int) -> Written | None:
    """ "quốc lộ một a" → quốc lộ 1A; "tỉnh lộ năm năm một" → tỉnh lộ 551."""
    pair = (_word(words, at), _word(words, at + 1))
    if pair not in _ROADS:
        return None
    row = read_row(words, at + 2)
    number = row if row is not None and len(row.digits) == 3 else _number(words, at + 2)
    if number is None:
        return None
    letter = LETTERS.get(_word(words, at + 2 + number.words), "")
    return Written((*pair, number.digits + letter), 2 + number.words + bool(letter))


def _house(words: Sequence[str], at: int) -> Written | None:
    """ "ngõ năm mươi sáu trên bốn" → ngõ 56/4; "số nhà mười hai bê" → số nhà 12B."""
    if words[at] not in _HOUSES or (words[at] == "số" and _word(words, at - 1) in _NOT_A_NUMBER):
        return None
    head = (words[at], "nhà") if _word(words, at + 1) == "nhà" else (words[at],)
    row = read_row(words, at + len(head))
    if row is not None and len(row.digits) > 4:
        return None  # a phone
    number = row if row is not None and len(row.digits) >= 2 else _number(words, at + len(head))
    if number is None:
        return None
    text, end = number.digits, at + len(head) + number.words
    while (slash := _slash(words, end)) and (more := _number(words, end + slash)):
        text, end = f"{text}/{more.digits}", end + slash + more.words
    letter = LETTERS.get(_word(words, end), "") if _word(words, end) not in ("à", "ca") else ""
    return Written((*head, text + letter), end - at + bool(letter))


def _slash(words: Sequence[str], at: int) -> int:
    """How many words say "/" here."""
    return next((len(way) for way in _SLASHES if tuple(words[at : at + len(way)]) == way), 0)


def _unit(words: Sequence[str], at: int) -> Written | None:
    """ "thôn ba" → thôn 3; "tổ dân phố hai" → tổ dân phố 2."""
    dwelling = words[at] == "phố" and _word(words, at - 1) in ("dân", "khối")
    if words[at] not in _UNITS and not dwelling:
        return None
    number = _number(words, at + 1)
    return Written((words[at], number.digits), 1 + number.words) if number and not number.great else None


def _date(words: Sequence[str], at: int) -> Written | None:
    """ "ngày mười hai tháng ba năm hai nghìn không trăm hai sáu" → ngày 12/3/2026."""
    if words[at] == "tháng":
        return _month(words, at)
    before = (words[at],) if words[at] in (*_DAYS, "đường") else ()
    day = _number(words, at + len(before))
    if day is None or not 1 <= day.value <= 31 or (not before and len(day.digits) == 1):
        return None
    end = at + len(before) + day.words
    if _word(words, end) != "tháng":
        early = before and words[at] in ("mùng", "mồng")
        return Written((*before, day.digits), end - at) if early else None
    month = _number(words, end + 1)
    if month is None or not 1 <= month.value <= 12:
        return None
    text, end = f"{day.digits}/{month.digits}", end + 1 + month.words
    if year := _year(words, end):
        text, end = f"{text}/{year.digits}", end + 1 + year.words
    return Written((*before, text), end - at)


def _month(words: Sequence[str], at: int) -> Written | None:
    month = _number(words, at + 1)
    if month is None or not 1 <= month.value <= 12:
        return None
    end = at + 1 + month.words
    if year := _year(words, end):
        return Written(("tháng", f"{month.digits}/{year.digits}"), end + 1 + year.words - at)
    return Written(("tháng", month.digits), end - at)


def _year(words: Sequence[str], at: int) -> Numeral | None:
    """ "năm" and a year, said as a number or digit by digit."""
    if _word(words, at) != "năm":
        return None
    year = read_cardinal(words, at + 1)
    if year is None or not 1900 <= year.value <= 2100:
        year = read_row(words, at + 1)
    return year if year is not None and 1900 <= year.value <= 2100 else None


def _lone_year(words: Sequence[str], at: int) -> Written | None:
    year = _year(words, at)
    return Written(("năm", year.digits), 1 + year.words) if year else None


def _time(words: Sequence[str], at: int) -> Written | None:
    """ "bảy giờ ba mươi" → 7 giờ 30; "bảy giờ rưỡi" likewise."""
    hour = _number(words, at)
    if hour is None or hour.value > 24 or _word(words, at + hour.words) != "giờ":
        return None
    end = at + hour.words + 1
    if _word(words, end) == "rưỡi":
        return Written((hour.digits, "giờ", "30"), end + 1 - at)
    minute = _number(words, end)
    if minute and minute.value < 60 and (minute.value >= 10 or _word(words, end + minute.words) == "phút"):
        return Written((hour.digits, "giờ", minute.digits), end + minute.words - at)
    return Written((hour.digits, "giờ"), end - at)


def _row(words: Sequence[str], at: int) -> Written | None:
    """Phones, and three digits or more said one by one."""
    row = read_row(words, at)
    if row is None:
        return None
    said = words[at : at + row.words]
    for digits, count in ((row.digits, row.words), (row.digits[:-1], row.words - 1)):
        if _is_phone(digits) and (count == row.words or said[-1] == "không"):
            return Written((digits,), count)
    if not all(word in DIGITS for word in said):
        return None
    start = 1 if said[0] == "không" else 0  # "not", not nought
    end = row.words - (said[-1] == "không")
    if end - start < 3:
        return None
    return Written((*said[:start], row.digits[start:end]), end)


def _is_phone(digits: str) -> bool:
    if digits.startswith(("1900", "1800")):
        return len(digits) in (8, 10)
    return digits.startswith("0") and len(digits) in (10, 11)


def _quantity(words: Sequence[str], at: int) -> Written | None:
    """Cardinals, with "phẩy" and "phần trăm" behind them."""
    number = read_cardinal(words, at)
    if number is None:
        digit = read_digit(words, at)
        follows = words[at + 1 : at + 3]
        if digit is None or not (follows[:1] == ["phẩy"] or follows == ["phần", "trăm"]):
            return None
        number = digit
    text, end = _grouped(number.digits), at + number.words
    if _word(words, end) == "phẩy" and (after := read_row(words, end + 1) or _number(words, end + 1)):
        text, end = f"{text},{after.digits}", end + 1 + after.words
    if list(words[end : end + 2]) == ["phần", "trăm"]:
        text, end = f"{text}%", end + 2
    return Written((text,), end - at)


def _grouped(digits: str) -> str:
    """Five digits and more with a dot each three, as it is written in Vietnam."""
    return f"{int(digits):,}".replace(",", ".") if len(digits) > 4 else digits


def _measure(words: Sequence[str], at: int) -> Written | None:
    return Written(("km",), 3) if list(words[at : at + 3]) == ["ki", "lô", "mét"] else None


RULES: tuple[Rule, ...] = (
    _code, _plate, _road, _house, _unit, _date, _lone_year, _time, _row, _measure, _quantity,
)  # fmt: skip
