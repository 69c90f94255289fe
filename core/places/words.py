"""Words → the commune: takes the names found in a text and decides between them.

Every name stands for a set of today's units. Names beside each other narrow each other ("Thạch Hà, TP Hà
Tĩnh"), names with "đến" or "và" between them do not. One unit left is the answer; several are candidates; a
unit is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from core.places.commune import Commune, PlaceAnswer
from core.places.mention import Mention
from core.places.mentions import find_mentions
from core.places.names import DISTRICT_TYPES, Abroad, NameBook
from core.places.sentence import Text
from core.places.spelling import closeness
from core.text import MAX_TEXT

_LINKS = frozenset(
    {"den", "toi", "va", "voi", "hoac", "hay", "giap", "sang", "cung", "lan", "noi", "di", "ranh"}
)
_LINK_MARKS = frozenset(
    {"đến", "tới", "và", "với", "hoặc", "hay", "giáp", "sang", "cùng", "lẫn", "nối", "đi", "ranh"}
)
_SLIPS = frozenset({"nham", "nhầm", "lộn", "nhâm"})
_CHANGES = frozenset({"doi", "chuyen", "sua"})
MOST_CANDIDATES = 16


class WordResolver:
    """Finds the commune that a text names."""

    def __init__(self, book: NameBook, communes: Mapping[str, Commune]) -> None:
        self._book = book
        self._communes = communes
        self._city = self._district_units("ha tinh")
        self._towns = tuple(
            code
            for names in book.home.values()
            for name in names
            for reading in name.readings
            if reading.kind == "district" and reading.type == "thi_xa" and name.text != "Hà Tĩnh"
            for code in reading.units
        )

    def _district_units(self, key: str) -> tuple[str, ...]:
        return tuple(
            code
            for name in self._book.home.get(key, ())
            for reading in name.readings
            if reading.type == "thanh_pho"
            for code in reading.units
        )

    def find(self, given: str) -> PlaceAnswer:
        """See `PlaceAnswer`. Text beyond the length limit of a message is not read."""
        text = Text(given[:MAX_TEXT])
        mentions = find_mentions(text, self._book)
        mentions = _drop_corrected(text, mentions)
        mentions = _move_abroad(text, mentions)
        _join_abroad(text, mentions, self._book)
        _spread_doubt(text, mentions)
        for mention in mentions:
            mention.units = _units(mention)
        places = _supported(text, [m for m in mentions if m.units and not m.negated])
        if not places:
            return self._without_unit(text, mentions)
        return self._decide(text, places, mentions)

    def _decide(self, text: Text, mentions: Sequence[Mention], everything: Sequence[Mention]) -> PlaceAnswer:
        firm = _deciding(mentions)
        groups = _groups(text, firm)
        only_near = all(m.near and not m.type and not _is_beside(text, m) for m in firm)
        doubt = any(m.doubt for m in firm) or only_near or all(_is_border(text, m) for m in firm)
        units = groups[0] if len(groups) == 1 else _heads_first(groups)
        candidates = tuple(self._communes[code] for code in units)
        spans = _spans(text, [*firm, *(m for m in everything if m.home and m.firm)])
        if len(units) == 1 and not doubt:
            return PlaceAnswer("unit", candidates[0], candidates, spans=spans, why=self._reason(firm))
        why = "tên chưa chắc, cần hỏi lại" if len(units) == 1 else self._reason(firm)
        return PlaceAnswer("ambiguous", candidates=candidates[:MOST_CANDIDATES], spans=spans, why=why)

    def _without_unit(self, text: Text, mentions: Sequence[Mention]) -> PlaceAnswer:
        abroad = [m for m in mentions if m.abroad and m.firm and not m.negated and not m.near]
        if abroad:
            first = abroad[0]
            named = _describe(abroad)
            return PlaceAnswer(
                "outside", outside=named, spans=_spans(text, [first]), why="nơi được nêu ở ngoài tỉnh"
            )
        for i, part in enumerate(text.parts):
            pair = (part.plain, text.plain(i + 1))
            asked = text.low(i - 1) in ("ở", "trong", "tại", "ngoài", "trên") or text.plain(i - 1) in (
                "o",
                "trong",
                "tai",
            )
            short = len(text.parts) <= 3
            if (asked or short) and (pair == ("thanh", "pho") or part.low in ("tp", "tpht")):
                return self._old_town(text, i, 2 if pair[0] == "thanh" else 1, self._city)
            if (asked or short) and (pair == ("thi", "xa") or part.low == "tx"):
                return self._old_town(text, i, 2 if pair[0] == "thi" else 1, self._towns)
        home = [m for m in mentions if m.home]
        if home:
            return PlaceAnswer(
                "unknown", spans=_spans(text, home[:1]), why="mới biết tỉnh, chưa biết xã, phường"
            )
        if any(m.negated for m in mentions):
            return PlaceAnswer("unknown", why="chỉ nói không phải ở đâu")
        return PlaceAnswer("unknown", why="không thấy tên xã, phường nào")

    def _old_town(self, text: Text, at: int, count: int, units: Sequence[str]) -> PlaceAnswer:
        span = (text.parts[at].start, text.parts[min(at + count, len(text.parts)) - 1].end)
        candidates = tuple(self._communes[code] for code in dict.fromkeys(units))
        return PlaceAnswer(
            "ambiguous", candidates=candidates, spans=(span,), why="đô thị cũ, nay có nhiều xã, phường"
        )

    def _reason(self, mentions: Sequence[Mention]) -> str:
        first = mentions[0]
        if first.source != "exact":
            return "tên gần giống"
        kinds = {reading.kind for mention in mentions for reading in mention.readings}
        if kinds == {"new"}:
            return "tên hiện nay"
        if "district" in kinds and len(mentions) == 1:
            return "tên huyện, thị cũ"
        return "tên cũ" if kinds == {"old"} else "tên hiện nay và tên cũ"


def _spread_doubt(text: Text, mentions: Sequence[Mention]) -> None:
    """ "đường A - B": a road that bears two names lies in neither for sure."""
    for one, other in pairwise(mentions):
        if one.doubt and one.readings and other.readings and other.type is None and _linked(text, one, other):
            other.doubt = True


def _units(mention: Mention) -> tuple[str, ...]:
    """The units a mention can stand for: of today, then of old communes, then of the old district."""
    order = {"local": 0, "new": 0, "old": 1, "district": 2}
    readings = sorted(mention.readings, key=lambda reading: order[reading.kind])
    return tuple(dict.fromkeys(code for reading in readings for code in reading.units))


def _deciding(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions that count: the certain ones with the misspelt ones they hold; else what there is."""
    certain = [m for m in mentions if not m.doubt and not m.near] or [m for m in mentions if not m.doubt]
    if not certain:
        return list(mentions)
    held = [
        m
        for m in mentions
        if m.doubt and m.firm and any(_beside(m, c) and set(m.units) < set(c.units) for c in certain)
    ]
    return sorted([*certain, *held], key=lambda m: m.first)


def _supported(text: Text, mentions: list[Mention]) -> list[Mention]:
    """Firm mentions, and weak ones that a firm one beside them supports (a commune and its district)."""
    for ordinary in mentions:
        if ordinary.doubt and ordinary.firm and ordinary.source == "exact":
            ordinary.doubt = not any(
                m.firm and not m.doubt and _beside(ordinary, m) and _narrows(ordinary, m) for m in mentions
            )
    kept = [m for m in mentions if m.firm or m.doubt]
    for weak in mentions:
        if weak.firm or weak.doubt or weak.close == 0:
            continue
        for other in mentions:
            if other is weak or not _beside(weak, other) or not _narrows(weak, other):
                continue
            if other.firm or other.is_district or weak.is_district:
                kept.append(weak)
                if not other.firm and not other.doubt and other not in kept:
                    kept.append(other)
                break
    return sorted(kept, key=lambda m: m.first)


def _narrows(one: Mention, other: Mention) -> bool:
    return one.units != other.units and not set(one.units).isdisjoint(other.units)


def _beside(one: Mention, other: Mention) -> bool:
    return 0 < other.head - one.last <= 2 or 0 < one.head - other.last <= 2


def _drop_corrected(text: Text, mentions: list[Mention]) -> list[Mention]:
    """ "A, nhầm, B": what was said before the slip was noticed does not count; "đổi từ A sang B" neither."""
    kept = list(mentions)
    named = [m for m in mentions if m.readings and not m.negated]
    for before, after in pairwise(named):
        between = range(before.last + 1, after.head)
        slip = any(text.low(i) in _SLIPS for i in between) or any(
            (text.plain(i), text.plain(i + 1))
            in (("xin", "loi"), ("a", "quen"), ("sua", "lai"), ("noi", "lai"))
            for i in between
        )
        change = (
            text.plain(before.head - 1) in ("tu", "o")
            and any(text.plain(i) in _CHANGES for i in range(max(0, before.head - 4), before.head))
            and any(text.plain(i) in ("sang", "thanh", "qua") for i in between)
        )
        if change:
            after.near, after.cue = False, True
        if slip or change:
            kept = [m for m in kept if m.first > before.last]
    return kept


def _move_abroad(text: Text, mentions: list[Mention]) -> list[Mention]:
    """A commune of another province that also bears a name of ours: "xã Yên Hòa, Nghệ An" is outside."""
    kept: list[Mention] = []
    for mention in mentions:
        if mention.abroad and kept and kept[-1].readings and not kept[-1].home:
            own = kept[-1]
            gap = mention.head - own.last - 1
            if (
                gap <= 3
                and not _linked(text, own, mention)
                and not text.broken(own.last, mention.head)
                and mention.type != "xa"
            ):
                skipped = [text.plain(i) for i in range(own.last + 1, mention.head)]
                if not skipped or skipped[0] in ("huyen", "h", "tx", "tp", "thuoc", "o", "cua", "tinh"):
                    mention.within, mention.firm = _surface(text, own), True
                    own.readings, own.doubt = (), True
        kept.append(mention)
    return kept


def _join_abroad(text: Text, mentions: Sequence[Mention], book: NameBook) -> None:
    """ "Quỳnh Lưu Nghệ An" and "quận 1 Sài Gòn" without a comma: a place and its province beside each other
    are no other thing."""
    for at, wide in enumerate(mentions):
        if not wide.abroad or wide.firm or wide.negated or wide.near or wide.close == 0:
            continue
        before = mentions[at - 1] if at else None
        if before and before.last == wide.head - 1 and text.name_gap[before.last]:
            if before.abroad and not before.near and any(_lies_in(one, wide) for one in before.abroad):
                before.firm = wide.firm = True
                before.abroad = tuple(one for one in before.abroad if _lies_in(one, wide))
            continue
        first = _part_of(text, wide, book)
        if first < wide.head:
            start, end = text.parts[first].start, text.parts[wide.head - 1].end
            wide.within, wide.firm = text.text[start:end], True


def _lies_in(place: Abroad, wide: Mention) -> bool:
    return any(one.text in place.province or place.province in one.province for one in wide.abroad) and bool(
        place.province
    )


def _part_of(text: Text, wide: Mention, book: NameBook) -> int:
    """Where a part of a province begins that is named right before it; at its own head when none is."""
    for count in (4, 3, 2, 1):
        first = wide.head - count
        if first < 0 or not all(text.name_gap[first : wide.head]):
            continue
        parts = text.parts[first : wide.head]
        for place in book.abroad.get(" ".join(part.plain for part in parts), ()):
            close = min(closeness(p.marked, m) for p, m in zip(parts, place.marked, strict=True))
            if (
                (count > 1 or place.type in DISTRICT_TYPES)
                and _lies_in(place, wide)
                and (close == 4 or (close and not text.marked))
            ):
                return first
    numbered = text.plain(wide.head - 2) in ("quan", "q") and text.plain(wide.head - 1).isdigit()
    capitals = wide.head >= 2 and wide.last - wide.head > 0 and text.capitals_tell
    if numbered or (
        capitals and len(text.parts) <= 6 and all(part.capital for part in text.parts[: wide.last + 1])
    ):
        return wide.head - 2 if numbered else 0
    return wide.head


def _linked(text: Text, one: Mention, other: Mention) -> bool:
    for i in range(one.last + 1, other.head):
        if text.low(i) in _LINK_MARKS or (not text.marked and text.plain(i) in _LINKS):
            return True
    dashed = any(c in "-–→>" for c in text.text[text.parts[one.last].end : text.parts[other.head].start])
    return dashed and any(
        text.plain(i) in ("tu", "duong", "tuyen") for i in range(max(0, one.head - 2), one.head)
    )


def _groups(text: Text, mentions: Sequence[Mention]) -> list[tuple[str, ...]]:
    """The places talked of, each as the units it can be after its names have narrowed each other."""
    groups: list[tuple[str, ...]] = []
    last: Mention | None = None
    for mention in mentions:
        joined = False
        if last is None or not _linked(text, last, mention):
            for at, group in enumerate(groups):
                common = _narrow(group, mention.units)
                if common:
                    groups[at], joined = common, True
                    break
        elif mention.units in groups:
            joined = True
        if not joined:
            groups.append(mention.units)
        last = mention
    return groups


def _narrow(group: tuple[str, ...], units: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for code in group if code in units)


def _heads_first(groups: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    heads = [group[0] for group in groups]
    return tuple(dict.fromkeys([*heads, *(code for group in groups for code in group)]))


def _is_beside(text: Text, mention: Mention) -> bool:
    """ "gần chợ X", "cạnh trường X": the thing beside lies in X."""
    return text.plain(mention.head - 1) in ("cho", "ubnd", "truong", "tram", "gan", "canh", "sat")


def _is_border(text: Text, mention: Mention) -> bool:
    words = (text.low(mention.head - 1), text.low(mention.head - 2))
    return any(word in ("giáp", "giap", "cách", "cach") for word in words)


def _describe(mentions: Sequence[Mention]) -> str:
    """The place beyond the border in words. Where several share the name, only what they share is said."""
    first = mentions[0]
    if first.within:
        return f"{first.within}, {first.abroad[0].described}"
    wide = next((m for m in mentions[1:] if m.abroad[0].province == "" or m.type in DISTRICT_TYPES), None)
    places = {place.described for place in first.abroad}
    if len(places) == 1:
        return places.pop()
    if wide is not None:
        for place in first.abroad:
            if wide.abroad[0].text in place.province:
                return place.described
    kind = {"xa": "xã ", "phuong": "phường "}.get(first.abroad[0].type, "")
    return f"{kind}{first.abroad[0].text} (ngoài tỉnh)"


def _surface(text: Text, mention: Mention) -> str:
    """A name as it was typed, with its word of type."""
    return text.text[text.parts[mention.head].start : text.parts[mention.last].end]


def _spans(text: Text, mentions: Sequence[Mention]) -> tuple[tuple[int, int], ...]:
    ordered = sorted(mentions, key=lambda m: m.head)
    return tuple((text.parts[m.head].start, text.parts[m.last].end) for m in ordered)
