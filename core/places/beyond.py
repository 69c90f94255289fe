"""Addresses beyond the border: what lies in another province though a name of ours stands in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.places import vocabulary as v
from core.places.links import linked
from core.places.mention import Mention
from core.places.mentions import types_at
from core.places.names import DISTRICT_TYPES, Abroad, NameBook
from core.places.sentence import Text
from core.places.spelling import closeness

_INTO = frozenset({"huyen", "h", "tx", "tp", "thuoc", "o", "cua", "tinh"})
"""Words between a part and the whole it lies in."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A name that follows another in an address. `places` are those beyond the border that bear it."""

    first: int
    last: int
    places: tuple[Abroad, ...]
    district: bool = False


def move_abroad(text: Text, mentions: list[Mention], book: NameBook) -> list[Mention]:
    """Names of ours in an address of another province lie there: "xã Yên Hòa, (quận Cầu Giấy,) Hà Nội".

    From right to left, so that each name sees whether what follows it is abroad.
    """
    _narrow_abroad(text, mentions)
    wholes: dict[int, Mention] = {}
    for at in range(len(mentions) - 1, -1, -1):
        own = mentions[at]
        if own.abroad:
            wholes[at] = own
        if not own.readings or own.home:
            continue
        after = mentions[at + 1] if at + 1 < len(mentions) else None
        steps = _steps(text, book, own.last + 1, after.head if after else len(text.parts))
        wide = wholes.get(at + 1)
        if wide and after and _leads_to(text, own, after, steps):
            end = after.last if after is not wide else steps[-1].last if steps else own.last
            wide.within = text.text[text.parts[own.head].start : text.parts[end].end]
            wide.firm = True
            own.readings, own.doubt = (), True
            wholes[at] = wide
        elif steps and all(m.abroad for m in mentions[at + 1 :]):
            _weigh_followers(text, book, own, steps[0])
        elif after is None:
            _weigh_last_word(text, book, own)
    return mentions


def _narrow_abroad(text: Text, mentions: Sequence[Mention]) -> None:
    """ "quận Hải Châu, Đà Nẵng": of the places that bear the name, those in the province named after it."""
    for place, wide in pairwise(mentions):
        if place.abroad and wide.abroad and wide.head - place.last <= 2 and not linked(text, place, wide):
            place.abroad = tuple(one for one in place.abroad if _lies_in(one, wide)) or place.abroad


def _leads_to(text: Text, own: Mention, wide: Mention, steps: Sequence[_Step]) -> bool:
    """Whether `own` and `wide` are the ends of one address: nothing between, or names only."""
    if wide.type == "xa" or linked(text, own, wide) or text.broken(own.last, wide.head):
        return False
    between = [text.plain(i) for i in range(own.last + 1, wide.head)]
    if len(between) <= 3 and (not between or between[0] in _INTO):
        return True
    if not steps:
        return False
    rest = range(steps[-1].last + 1, wide.head)
    return all(text.plain(i) in _INTO for i in rest)


def _steps(text: Text, book: NameBook, first: int, end: int) -> list[_Step]:
    """The names that follow each other from `first` on; it stops at what is no name."""
    steps: list[_Step] = []
    while first < end and len(steps) < 3 and not text.broken(first - 1, first):
        found = (_known(text, book, first, end), _district(text, first, end), _looks_named(text, first, end))
        step = max((one for one in found if one), key=lambda one: one.last, default=None)
        if step is None:
            break
        steps.append(step)
        first = step.last + 1
    return steps


def _known(text: Text, book: NameBook, first: int, end: int) -> _Step | None:
    """The longest name of a place beyond the border at `first`, written with its marks or in bare text."""
    for count in range(
        min(book.longest.get((text.plain(first), text.plain(first + 1)), 0), end - first), 1, -1
    ):
        if text.run(first, count) < count:
            continue
        parts = text.parts[first : first + count]
        places = tuple(
            place
            for place in book.abroad.get(" ".join(part.plain for part in parts), ())
            if (close := min(closeness(p.marked, m) for p, m in zip(parts, place.marked, strict=True))) == 4
            or (close and not text.marked)
        )
        if places:
            return _Step(first, first + count - 1, places)
    return None


def _district(text: Text, first: int, end: int) -> _Step | None:
    """ "quận …", "huyện …" with a name that is none of ours: a quận the province never had."""
    kinds = [(kind, length) for kind, length in types_at(text, first) if kind in DISTRICT_TYPES]
    if not kinds or text.low(first) in ("quan", "h") or first + kinds[0][1] >= end:
        return None
    kind, at = kinds[0][0], first + kinds[0][1]
    last = min(at + text.run(at, 2), end) - 1
    name = text.text[text.parts[at].start : text.parts[last].end]
    if not (text.parts[at].capital and text.capitals_tell) and not name.isdigit():
        return None
    places = (Abroad(name, kind, "", ()),) if kind == "quan" else ()
    return _Step(first, last, places, district=True)


def _looks_named(text: Text, first: int, end: int) -> _Step | None:
    """Two to four syllables with capitals between commas: a district that no list of ours holds."""
    count = text.run(first, 4)
    last = first + count - 1
    if count < 2 or last >= end or not text.capitals_tell or text.plain(first) in v.VILLAGE | v.STREET:
        return None
    apart = text.after_comma(first) and text.after_comma(last + 1)
    return _Step(first, last, ()) if apart and all(p.capital for p in text.parts[first : last + 1]) else None


def _weigh_followers(text: Text, book: NameBook, own: Mention, step: _Step) -> None:
    """No province is named, but "Yên Hòa, Cầu Giấy" are both in Hà Nội; "Thạch Bàn, Long Biên" is worth a
    question, unless nothing else in the country bears the name of today that is typed.
    """
    namesakes = _namesakes(text, book, own)
    provinces = {place.province for place in step.places}
    if not _is_listed(text, step):
        return
    if step.district and step.places:
        _send_abroad(own, step.places)
        own.within = text.text[text.parts[own.head].start : text.parts[own.last].end]
    elif (there := tuple(p for p in namesakes if p.province in provinces)) and len(provinces) == 1:
        _send_abroad(own, there)
    elif step.district or (step.places and (namesakes or all(r.kind != "new" for r in own.readings))):
        own.doubt = True


def _is_listed(text: Text, step: _Step) -> bool:
    """It stands as the next part of an address: after a comma or with capitals, and ends where it ends."""
    parts = text.parts[step.first : step.last + 1]
    capitals = text.capitals_tell and all(part.capital for part in parts)
    end = step.last + 1
    closed = end >= len(text.parts) or text.after_comma(end) or text.broken(step.last, end)
    closed = closed or (capitals and not text.parts[end].capital)
    return closed and (
        text.after_comma(step.first) or ((capitals or step.district) and text.name_gap[step.first - 1])
    )


def _weigh_last_word(text: Text, book: NameBook, own: Mention) -> None:
    """ "huong tra hue": one small syllable names a province when it ends what lies there."""
    at = own.last + 1
    if at != len(text.parts) - 1 or not text.name_gap[own.last]:
        return
    wide = [place for place in book.abroad.get(text.plain(at), ()) if place.province == ""]
    there = tuple(
        place for place in _namesakes(text, book, own) if any(one.text in place.province for one in wide)
    )
    if there:
        _send_abroad(own, there)


def _namesakes(text: Text, book: NameBook, own: Mention) -> tuple[Abroad, ...]:
    return book.abroad.get(" ".join(part.plain for part in text.parts[own.first : own.last + 1]), ())


def _send_abroad(own: Mention, places: tuple[Abroad, ...]) -> None:
    one = places[:1] if len({place.province for place in places}) == 1 else places
    own.readings, own.abroad, own.firm, own.doubt = (), one, True, True


def join_abroad(text: Text, mentions: Sequence[Mention], book: NameBook) -> None:
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
