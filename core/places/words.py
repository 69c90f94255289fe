"""Words → the commune: takes the names found in a text and decides between them.

Every name stands for a set of today's units. Names beside each other narrow each other ("Thạch Hà, TP Hà
Tĩnh"), names with "đến" or "và" between them do not. One unit left is the answer; several are candidates; a
unit is never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.places.beyond import join_abroad, move_abroad
from core.places.commune import Commune, PlaceAnswer
from core.places.links import linked, spread_doubt, spread_nearness
from core.places.meant import drop_corrected, set_home_aside, taken_back
from core.places.mention import Mention
from core.places.mentions import find_mentions
from core.places.names import DISTRICT_TYPES, NameBook
from core.places.sentence import Text
from core.text import MAX_TEXT

_BESIDE = frozenset({"gần", "cạnh", "sát"})
_BESIDE_PLAIN = frozenset({"gan", "canh", "sat"})
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
        mentions = drop_corrected(text, mentions)
        mentions = move_abroad(text, mentions, self._book)
        join_abroad(text, mentions, self._book)
        spread_nearness(text, mentions)
        set_home_aside(text, mentions)
        spread_doubt(text, mentions)
        for mention in mentions:
            mention.units = _units(mention)
        places = _supported(text, [m for m in mentions if m.units and not m.negated])
        if not places:
            return self._without_unit(text, mentions)
        return self._decide(text, places, mentions)

    def without_slips(self, given: str) -> str:
        """The text without the places that it takes back itself: of "xã A, à nhầm xã B" it leaves "xã B"."""
        text = Text(given[:MAX_TEXT])
        mentions = find_mentions(text, self._book)
        drop_corrected(text, mentions)
        for start, end in reversed(taken_back(text, mentions)):
            given = given[:start] + given[end:]
        return given

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


def _groups(text: Text, mentions: Sequence[Mention]) -> list[tuple[str, ...]]:
    """The places talked of, each as the units it can be after its names have narrowed each other."""
    groups: list[tuple[str, ...]] = []
    last: Mention | None = None
    for mention in mentions:
        joined = False
        if last is None or not linked(text, last, mention):
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
    return text.plain(mention.head - 1) in ("cho", "ubnd", "truong", "tram")


def _is_border(text: Text, mention: Mention) -> bool:
    """Only beside it: "gần xã X", "đối diện X", "giáp ranh X", "cách X 2 cây"."""
    if not mention.near:
        return False
    before = text.low(mention.head - 1)
    if before in _BESIDE or (not text.marked and text.plain(mention.head - 1) in _BESIDE_PLAIN):
        return True
    if (text.plain(mention.head - 2), text.plain(mention.head - 1)) == ("doi", "dien"):
        return True
    words = (text.low(mention.head - 1), text.low(mention.head - 2))
    return any(word in ("giáp", "giap", "cách", "cach") for word in words)


def _describe(mentions: Sequence[Mention]) -> str:
    """The place beyond the border in words. Where several share the name, only what they share is said."""
    first = mentions[0]
    if first.within:
        one = len({place.province for place in first.abroad}) == 1
        whole = next((place for place in first.abroad if place.province == ""), first.abroad[0])
        return f"{first.within}, {whole.described if one or not whole.province else whole.text}"
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


def _spans(text: Text, mentions: Sequence[Mention]) -> tuple[tuple[int, int], ...]:
    ordered = sorted(mentions, key=lambda m: m.head)
    return tuple((text.parts[m.head].start, text.parts[m.last].end) for m in ordered)
