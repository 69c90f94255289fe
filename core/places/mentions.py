"""Where in a text a place is named, and what speaks for and against each name being a place.

Nothing is decided here between places; `words.py` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.places.names import DISTRICT_TYPES, Abroad, Name, NameBook, Reading
from core.places.spelling import Syllable, closeness, sound, spell, syllables

_NAME_GAP = re.compile(r"[ \t_\-–]{1,3}")
_VOWEL = re.compile("[aeiouyw]")
_TYPE_GAP = re.compile(r"[\s.:_\-]{0,3}")

_TYPE_WORDS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = tuple(
    (tuple(spell(w)[1] for w in words.split()), kind, tuple(spell(w)[2] for w in words.split()))
    for words, kind in (
        ("thị trấn", "thi_tran"), ("thị tứ", "thi_tran"), ("t trấn", "thi_tran"), ("tt", "thi_tran"),
        ("ttr", "thi_tran"), ("thị xã", "thi_xa"), ("t xã", "thi_xa"), ("tx", "thi_xa"),
        ("thành phố", "thanh_pho"), ("t phố", "thanh_pho"), ("tp", "thanh_pho"), ("t p", "thanh_pho"),
        ("huyện", "huyen"), ("h", "huyen"), ("phường", "phuong"), ("fường", "phuong"), ("phg", "phuong"),
        ("p", "phuong"), ("f", "phuong"), ("xã", "xa"), ("x", "xa"), ("quận", "quan"), ("tỉnh", "tinh"),
    )
)  # fmt: skip
_TYPES_BY_START = {
    start: [entry for entry in _TYPE_WORDS if entry[0][0] == start]
    for start in {e[0][0] for e in _TYPE_WORDS}
}
_VILLAGE = frozenset({"thon", "xom", "lang", "tdp", "ap", "khoi", "pho", "ban", "thonxom", "to", "doi"})
_DIRECTIONS = frozenset(
    {"dong", "tay", "nam", "bac", "trung", "giua", "thuong", "ha", "tren", "duoi", "doai"}
)
_STREET = frozenset({"duong", "pho", "ngo", "hem", "ngach", "lo", "tuyen"})
_FEATURE = frozenset({
    "cầu", "sông", "núi", "hồ", "đèo", "đảo", "kênh", "đập", "khe", "suối", "cảng", "kcn", "kdc", "kdt", "kkt",
    "bến", "ga", "mỏ", "rừng", "đê", "xe", "quán", "hiệu", "trường",
})  # fmt: skip
_FEATURE_PLAIN = frozenset(
    {"cau", "song", "nui", "deo", "dao", "kenh", "dap", "khe", "suoi", "cang", "kcn", "kkt"}
)
_FEATURE_PAIRS = frozenset({
    ("nga", "ba"), ("nga", "tu"), ("kinh", "te"), ("cong", "nghiep"), ("benh", "vien"), ("da", "khoa"),
    ("cong", "ti"), ("nha", "hang"), ("khach", "san"), ("dan", "cu"), ("do", "thi"),
})  # fmt: skip
_TITLES = frozenset({"giao", "thay"}) | frozenset({
    "anh", "chi", "ong", "ba", "co", "chu", "bac", "em", "me", "thai", "chau", "ten", "la", "gap", "bi", "con",
    "nguyen", "tran", "le", "pham", "phan", "hoang", "ho", "vo", "bui", "dang", "duong", "dinh", "truong", "ha",
})  # fmt: skip
_DOUBTFUL_TITLES = frozenset({"co", "la", "bi", "ha", "ba", "con"})
_TITLE_MARKS = frozenset({
    "anh", "chị", "ông", "bà", "cô", "chú", "bác", "em", "mệ", "mẹ", "thầy", "cháu", "tên", "giáo", "trưởng", "dì", "mự", "o", "bé",
    "nguyễn", "trần", "lê", "phạm", "phan", "hoàng", "hồ", "võ", "bùi", "đặng", "đinh", "trương", "cậu", "thím",
})  # fmt: skip
_GIVEN_NAMES = frozenset({
    "duc", "xuan", "huong", "mai", "kim", "ha", "quang", "thanh", "tung", "hong", "ngoc", "mi", "gia", "tran",
    "nguyen", "bui", "viet", "truong", "an", "phuc", "hai", "tan", "binh", "loc", "lien", "tien", "ien", "van",
    "son", "dan", "song", "hung", "thai", "vinh", "khanh", "thien", "trung", "hoa", "cuong", "phuong", "nam", "bac",
})  # fmt: skip
_GREAT_NAMES = frozenset({"tran phu", "nguyen du", "ha huy tap"})
_CUES = frozenset({
    "o", "tai", "thuoc", "trong", "ngoai", "tren", "duoi", "ben", "qua", "vuc", "ban", "dia", "que", "phia", "chi",
    "tu", "ve", "den", "gan", "giap", "canh", "cho", "xa", "ubnd", "tram",
})  # fmt: skip
_CUE_MARKS = frozenset({
    "ở", "tại", "thuộc", "trong", "ngoài", "trên", "dưới", "bên", "qua", "vực", "bàn", "quê", "từ", "về", "đến",
    "gần", "giáp", "cạnh", "chợ", "ubnd", "trạm", "tới", "sang", "lên", "xuống", "vào", "ra",
})  # fmt: skip
_NEAR = frozenset(
    {"giáp", "cạnh", "gần", "sát", "hướng", "phía", "về", "đi", "lên", "xuống", "vào", "ra", "sang"}
)
_NEAR_PLAIN = frozenset({"giap", "canh", "gan", "sat", "huong", "di"})
_BETWEEN_NEAR = frozenset(
    {"ranh", "voi", "ve", "phia", "cho", "ubnd", "cau", "duong", "trung", "tam", "dia", "phan"}
)
_FILLERS = frozenset(
    [
        "da",
        "a",
        "vang",
        "u",
        "o",
        "em",
        "anh",
        "chi",
        "bac",
        "toi",
        "tui",
        "minh",
        "cho",
        "day",
        "la",
        "nhe",
        "nha",
        "nhe",
        "ne",
        "thua",
        "ban",
        "dia",
        "chi",
        "nai",
        "thuoc",
        "tai",
        "ha",
        "tinh",
        "ha",
        "tinh",
        "oi",
        "do",
        "ci",
        "roi",
        "chac",
        "thi",
        "tren",
        "bao",
        "voi",
        "ko",
        "khong",
        "k",
        "nhen",
        "nghe",
        "kia",
        "ben",
        "cung",
        "con",
        "cu",
        "moi",
    ]
)
_NEGATIONS = (("khong", "phai"), ("ko", "phai"), ("k", "phai"), ("kg", "phai"), ("khong", "thuoc"), ("hong", "phai"),
              ("no", "phai"), ("hem", "phai"), ("chu", "khong"), ("khong", "o"), ("ko", "o"), ("ko", "thuoc"),
              ("chang", "phai"), ("dung", "nham"), ("k", "thuoc"), ("k", "o"), ("hok", "phai"), ("chu", "ko"))  # fmt: skip
_OLD_WORDS = frozenset({"cũ", "cu", "trước", "xưa"})
_NEW_WORDS = frozenset({"mới", "nay"})

MOST_FUZZY = 16
"""Fuzzy searches in one text: enough for any sentence, and a bound for a hostile one."""

Source = Literal["exact", "loose", "fuzzy"]


@dataclass(slots=True)
class Mention:
    """A name in the text. `first` and `last` are syllable indices of the name, `head` of the word of its type.

    `readings` are what it can stand for here. `doubt`: it may not be a place, or not this place, so that alone it
    is only worth a question. `within` is a commune named before a place abroad, which lies there. `firm`: it counts without support. `near`: it only says what lies beside the place.
    """

    head: int
    first: int
    last: int
    type: str | None
    names: tuple[Name, ...]
    readings: tuple[Reading, ...]
    source: Source
    close: int
    firm: bool = False
    doubt: bool = False
    near: bool = False
    negated: bool = False
    cue: bool = False
    abroad: tuple[Abroad, ...] = ()
    within: str = ""
    home: bool = False
    local: bool = False
    units: tuple[str, ...] = field(default=())

    @property
    def is_district(self) -> bool:
        return any(reading.kind == "district" for reading in self.readings)


class Text:
    """A text cut into syllables, with the gaps between them judged once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.parts = syllables(text)
        self.name_gap = [self._gap(i, _NAME_GAP) for i in range(len(self.parts))]
        self.type_gap = [self._gap(i, _TYPE_GAP) for i in range(len(self.parts))]
        written = [p for p in self.parts if not p.plain.isdigit()]
        self.marked = len(written) >= 3 and sum(not p.bare for p in written) * 4 > len(written)
        self.capitals_tell = not text.isupper() or len(written) <= 3

    def _gap(self, i: int, pattern: re.Pattern[str]) -> bool:
        if i + 1 >= len(self.parts):
            return False
        return pattern.fullmatch(self.text, self.parts[i].end, self.parts[i + 1].start) is not None

    def plain(self, i: int) -> str:
        return self.parts[i].plain if 0 <= i < len(self.parts) else ""

    def low(self, i: int) -> str:
        return self.parts[i].low if 0 <= i < len(self.parts) else ""

    def run(self, first: int, most: int) -> int:
        """How many syllables from `first` on, at most `most`, could be one name by their gaps."""
        count = 1
        while count < most and first + count < len(self.parts) and self.name_gap[first + count - 1]:
            count += 1
        return count

    def broken(self, first: int, last: int) -> bool:
        """A sentence or line ends between two syllables."""
        return any(
            re.search(r"[.!?\n;]", self.text[self.parts[i].end : self.parts[i + 1].start])
            for i in range(first, min(last, len(self.parts) - 1))
        )


def find_mentions(text: Text, book: NameBook) -> list[Mention]:
    """All names in the text from left to right, none overlapping, each with what speaks for and against it."""
    found: list[Mention] = []
    budget = MOST_FUZZY
    i = 0
    while i < len(text.parts):
        mention = _at(text, book, i)
        if mention is None and budget and (tries := _fuzzy_places(text, i)):
            budget -= 1
            mention = _fuzzy(text, book, i, *tries)
        if mention is None:
            i += 1
            continue
        found.append(mention)
        i = mention.last + 1
    for mention in found:
        _weigh(text, book, mention)
    return found


def _at(text: Text, book: NameBook, i: int) -> Mention | None:
    """The name that begins at `i`, with or without a word of type."""
    for kind, length in _types_at(text, i):
        mention = _name_at(text, book, i, i + length, kind)
        if mention:
            return mention
    return _name_at(text, book, i, i, None)


def _types_at(text: Text, i: int) -> list[tuple[str, int]]:
    found = []
    for plain, kind, marked in _TYPES_BY_START.get(text.plain(i), ()):
        end = i + len(plain)
        if end >= len(text.parts) or not text.type_gap[end - 1]:
            continue
        parts = text.parts[i:end]
        if all(
            p.plain == w and (p.bare or p.marked == m) for p, w, m in zip(parts, plain, marked, strict=True)
        ):
            found.append((kind, len(plain)))
    return found


def _name_at(text: Text, book: NameBook, head: int, first: int, kind: str | None) -> Mention | None:
    most = book.longest.get((text.plain(first), text.plain(first + 1)), 0)
    if most == 0 and text.plain(first) not in book.singles:
        return None
    best: Mention | None = None
    for count in range(text.run(first, most or 1), 0, -1):
        parts = text.parts[first : first + count]
        key = " ".join(p.plain for p in parts)
        mention = _home_at(text, book, head, first, count, kind, key) or _glued_at(
            text, book, head, first, count, kind
        )
        away = _abroad_at(text, book, head, first, count, kind, key)
        if mention and away:
            away_close = min(
                closeness(p.marked, m) for p, m in zip(parts, away.abroad[0].marked, strict=True)
            )
            mention = away if _prefers_abroad(mention, away, away_close) else mention
        mention = mention or away
        if mention and (best is None or mention.close > best.close):
            best = mention
        if best and best.close > 0:
            break
    return best


def _prefers_abroad(mention: Mention, away: Mention, close: int) -> bool:
    """A name both here and beyond the border: here, unless type or marks speak clearly for the other."""
    if mention.close == 0 or (close > mention.close and close == 4 and mention.close < 2):
        return close > mention.close
    if away.type == "tinh":
        return True
    own_types = {reading.type for reading in mention.readings}
    return away.type in DISTRICT_TYPES and away.type not in own_types and not mention.is_district


def _home_at(
    text: Text, book: NameBook, head: int, first: int, count: int, kind: str | None, key: str
) -> Mention | None:
    names = book.home.get(key)
    parts = text.parts[first : first + count]
    if key == "ha tinh" and kind in (None, "tinh"):
        close = min(closeness(p.marked, m) for p, m in zip(parts, ("ha`", "tinh~"), strict=True))
        return Mention(head, first, first + 1, kind, (), (), "exact", close, home=True)
    if not names or (
        count == 1 and kind is None and parts[0].bare and not parts[0].capital and len(text.parts) > 3
    ):
        return None
    ranked = [(min(closeness(p.marked, m) for p, m in zip(parts, n.marked, strict=True)), n) for n in names]
    close = max(rank for rank, _ in ranked)
    if count == 1 and close == 0:
        return None
    kept = tuple(name for rank, name in ranked if rank == close)
    return _mention(text, head, first, first + count - 1, kind, kept, "exact", close)


def _glued_at(
    text: Text, book: NameBook, head: int, first: int, count: int, kind: str | None
) -> Mention | None:
    """Names written as one word: "cambinh", "kyanh"."""
    if count != 1 or len(text.plain(first)) < 5:
        return None
    names = book.joined.get(text.plain(first))
    return _mention(text, head, first, first, kind, names, "exact", 1) if names else None


def _mention(
    text: Text,
    head: int,
    first: int,
    last: int,
    kind: str | None,
    names: tuple[Name, ...],
    source: Source,
    close: int,
) -> Mention:
    """A mention with the readings that fit the word of type and an old or new after the name."""
    readings = tuple(dict.fromkeys(r for name in names for r in name.readings))
    mention = Mention(head, first, last, kind, names, readings, source, close)
    mention.local = all(r.kind == "local" for r in readings)
    fitting = tuple(r for r in readings if r.type == kind)
    if kind is not None and fitting:
        mention.readings = fitting
    elif kind in DISTRICT_TYPES or kind == "tinh":
        districts = tuple(r for r in readings if r.kind == "district")
        mention.readings, mention.doubt = districts or readings, not districts
    elif kind is not None:
        mention.readings = tuple(r for r in readings if r.kind != "district") or readings
    _take_age(text, mention)
    return mention


def _take_age(text: Text, mention: Mention) -> None:
    after, then = text.low(mention.last + 1), text.low(mention.last + 2)
    old = after in _OLD_WORDS and not (after == "trước" and then != "đây")
    new = after in _NEW_WORDS or (after, then) in (
        ("hiện", "nay"),
        ("bây", "giờ"),
        ("bay", "gio"),
        ("hien", "nay"),
    )
    if old:
        mention.readings = tuple(r for r in mention.readings if r.kind != "new") or mention.readings
    elif new:
        mention.readings = tuple(r for r in mention.readings if r.kind == "new") or mention.readings


def _abroad_at(
    text: Text, book: NameBook, head: int, first: int, count: int, kind: str | None, key: str
) -> Mention | None:
    """A place beyond the border: any with a word of type, provinces and familiar towns without."""
    parts = text.parts[first : first + count]
    places = []
    for place in book.abroad.get(key, ()):
        close = min(closeness(p.marked, m) for p, m in zip(parts, place.marked, strict=True))
        commune = place.type in ("xa", "phuong", "dac_khu")
        if kind is None:
            capital = all(p.capital for p in parts) and text.capitals_tell
            loose = close >= 1 and not text.marked and (count > 1 or (capital and _after_comma(text, first)))
            if commune or not (loose or (close == 4 and capital)):
                continue
        elif close == 0 or (kind != place.type and (commune or kind in ("xa", "phuong"))):
            continue
        places.append((close, place))
    if not places:
        return None
    best = max(close for close, _ in places)
    kept = tuple(place for close, place in places if close == best)
    return Mention(head, first, first + count - 1, kind, (), (), "exact", best, abroad=kept)


def _after_comma(text: Text, i: int) -> bool:
    return i > 0 and "," in text.text[text.parts[i - 1].end : text.parts[i].start]


def _fuzzy_places(text: Text, i: int) -> tuple[int, str | None] | None:
    """Where a misspelt name may begin at `i`: after a word of type, or after "ở", "tại", "thuộc"."""
    for kind, length in _types_at(text, i):
        if len(text.plain(i)) > 1 or text.text[text.parts[i].end : text.parts[i].end + 1] == ".":
            return i + length, kind
    if i > 0 and (
        text.low(i - 1) in ("ở", "tại", "thuộc")
        or (not text.marked and text.plain(i - 1) in ("o", "tai", "thuoc"))
    ):
        return i, None
    if i == 0 and len(text.parts) <= 4:
        return i, None
    return None


def _fuzzy(text: Text, book: NameBook, head: int, first: int, kind: str | None) -> Mention | None:
    """The name that the next syllables misspell. One slip that no other name explains counts; else a question."""
    most = text.run(first, 3) if first < len(text.parts) else 0
    hits: dict[str, tuple[float, int]] = {}
    for count in range(1, most + 1):
        parts = text.parts[first : first + count]
        key = " ".join(p.plain for p in parts)
        if not (5 if kind else 7) <= len(key) <= 24:
            continue
        for name, distance, _ in process.extract(
            key, book.fuzzy_keys, scorer=OSA.distance, score_cutoff=2, limit=8
        ):
            if name[0] != key[0] and sound(name.split()[0]) != sound(parts[0].plain):
                continue
            if (rank := _slip(book, parts, name, int(distance))) < hits.get(name, (9, 0))[0]:
                hits[name] = (rank, count)
    if not hits:
        return None
    best, count = min(hits.values(), key=lambda hit: (hit[0], -hit[1]))
    names = [name for key, (rank, _) in hits.items() if rank <= max(best, 1) for name in book.home[key]]
    if best > (2 if kind else 0.5):
        return None
    mention = _mention(
        text, head, first, first + count - 1, kind, tuple(names), "loose" if best == 0 else "fuzzy", 0
    )
    one = len({r.units[:1] for n in names for r in n.readings if r.kind != "district"}) <= 1
    mention.doubt = mention.doubt or best > 0.5 or not one
    return mention


def _slip(book: NameBook, parts: list[Syllable], name: str, distance: int) -> float:
    """How bad a misspelling is: 0 sounds the same · 0.5 one letter in a syllable no place has · 1, 2 by letters."""
    wanted = name.split()
    if len(wanted) != len(parts):
        return 0.5 if distance == 1 and len(name) >= 8 and len(parts) == 1 else float(max(distance, 1))
    if all(sound(p.plain) == sound(w) for p, w in zip(parts, wanted, strict=True)):
        return 0.5 if distance > 1 else 0
    odd = [p for p, w in zip(parts, wanted, strict=True) if p.plain != w]
    typing = all(p.plain not in book.inventory and _VOWEL.search(p.plain) for p in odd)
    return 0.5 if distance == 1 and typing and len(name) >= 6 else float(max(distance, 1))


def _weigh(text: Text, book: NameBook, mention: Mention) -> None:
    """Judge a mention by the words around it; fills firm, doubt, near, negated, cue."""
    before, before2 = text.plain(mention.head - 1), text.plain(mention.head - 2)
    low = text.low(mention.head - 1)
    mention.negated = _is_negated(text, mention.head)
    mention.cue = low in _CUE_MARKS or (not text.marked and before in _CUES)
    if before.isdigit() and before2 in _VILLAGE:
        mention.cue = True
    mention.near = (low in _NEAR or before in _NEAR_PLAIN) or (
        before in _BETWEEN_NEAR and (text.low(mention.head - 2) in _NEAR or before2 in _NEAR_PLAIN)
    )
    if low in ("qua", "ở", "tại", "thuộc"):
        mention.near = False
    if mention.home or mention.abroad:
        listed = _after_comma(text, mention.head) and (mention.close == 4 or not text.marked)
        mention.firm = mention.type is not None or mention.cue or listed or _alone(text, mention)
        return
    key = " ".join(p.plain for p in text.parts[mention.first : mention.last + 1])
    if (
        mention.type is None
        and mention.source == "exact"
        and not mention.local
        and _is_other_thing(text, mention, key)
    ):
        mention.doubt = True
        mention.units = ()
        if _is_dropped(text, mention, key):
            mention.readings = ()
        return
    mention.firm = _is_firm(text, book, mention, key)


def _is_other_thing(text: Text, mention: Mention, key: str) -> bool:
    """The words before make it a village, a street, a bridge, a person."""
    before, before2 = text.plain(mention.head - 1), text.plain(mention.head - 2)
    if mention.head == 0 or text.broken(mention.head - 1, mention.head):
        return False
    touching = text.name_gap[mention.head - 1]
    if not touching:
        return False
    if (
        before in _VILLAGE
        and not (before == "ban" and before2 == "dia")
        and before not in ("to", "doi", "pho")
    ):
        return True
    if before in ("pho",) and before2 in ("dan", "khoi"):
        return True
    if before2 in _VILLAGE and not before.isdigit() and len(before) > 1 and before not in _DIRECTIONS | _CUES:
        return before2 not in ("pho", "to", "doi", "ban")
    if before in _STREET and not (before == "pho" and before2 == "thanh"):
        return True
    if before == "truong":
        return key in _GREAT_NAMES
    if _is_feature(text, mention.head - 1):
        return True
    return _is_person(text, mention, key)


def _is_feature(text: Text, at: int) -> bool:
    """A bridge, a river, a crossing, a firm …: what bears a place's name without lying only there."""
    if (text.plain(at - 1), text.plain(at)) in _FEATURE_PAIRS:
        return True
    return text.low(at) in _FEATURE or (not text.marked and text.plain(at) in _FEATURE_PLAIN)


def _is_person(text: Text, mention: Mention, key: str) -> bool:
    low, plain = text.low(mention.head - 1), text.plain(mention.head - 1)
    titled = low in _TITLE_MARKS or (not text.marked and plain in _TITLES and plain not in _DOUBTFUL_TITLES)
    if low == "o" and not text.marked:
        return False
    titled = titled or (plain == "la" and text.plain(mention.head - 2) == "ten")
    return titled and (text.plain(mention.first) in _GIVEN_NAMES or key in _GREAT_NAMES)


def _is_dropped(text: Text, mention: Mention, key: str) -> bool:
    """Not even worth a question: a village's, a street's or a person's own name."""
    before = text.plain(mention.head - 1)
    return (
        before in _VILLAGE
        or key in _GREAT_NAMES
        or _is_person(text, mention, key)
        or (before in _STREET and text.plain(mention.first) in _GIVEN_NAMES)
        or (_is_feature(text, mention.head - 1) and mention.is_district)
    )


def _is_firm(text: Text, book: NameBook, mention: Mention, key: str) -> bool:
    if mention.source != "exact":
        return mention.type is not None or mention.cue or _alone(text, mention)
    if mention.type is not None:
        letter, word = text.parts[mention.head], text.parts[mention.first]
        dotted = text.text[letter.end : letter.end + 1] == "."
        short = (
            len(letter.plain) == 1 and key in book.common and not (letter.capital or word.capital or dotted)
        )
        return not short and (mention.close > 0 or mention.type in ("xa", "phuong", "thi_tran", "huyen"))
    if _alone(text, mention):
        return mention.close > 0
    capital = text.capitals_tell and all(p.capital for p in text.parts[mention.first : mention.last + 1])
    if mention.close == 0:
        return False
    if key not in book.common:
        return mention.close > 1 or capital or mention.cue or not text.marked
    if capital:
        return True
    if key in book.everyday and mention.close < 4:
        mention.doubt = mention.cue
        return mention.cue
    return mention.cue


def _alone(text: Text, mention: Mention) -> bool:
    """Nothing else is said but small words."""
    if len(text.parts) - (mention.last - mention.head + 1) > 8:
        return False
    return all(p.plain in _FILLERS for i, p in enumerate(text.parts) if not mention.head <= i <= mention.last)


def _is_negated(text: Text, head: int) -> bool:
    """ "không phải (ở xã) …" within three words before, in the same sentence."""
    for at in range(max(0, head - 4), head - 1):
        if (text.plain(at), text.plain(at + 1)) in _NEGATIONS and not text.broken(at, head):
            between = [text.plain(i) for i in range(at + 2, head)]
            if all(word in ("o", "la", "tai", "thuoc", "ben", "xa", "phai", "trong") for word in between):
                return True
    return False
