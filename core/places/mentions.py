"""Where in a text a place is named, and what speaks for and against each name being a place.

Nothing is decided here between places; `words.py` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.places import vocabulary as v
from core.places.evidence import weigh
from core.places.mention import Mention, Source
from core.places.names import DISTRICT_TYPES, Name, NameBook, Reading
from core.places.sentence import Text
from core.places.spelling import Syllable, closeness, sound, without_keys

_VOWEL = re.compile("[aeiouyw]")
_KEY_LEFT = re.compile("[a-z][jfwsxr]$|w|dd")
"""A key for a mark left as a letter where no Vietnamese word has one."""

MOST_FUZZY = 16
"""Fuzzy searches in one text: enough for any sentence, and a bound for a hostile one."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a name may stand: `count` syllables from `first`, after the word of type `kind` at `head`."""

    head: int
    first: int
    count: int
    kind: str | None

    @property
    def last(self) -> int:
        return self.first + self.count - 1

    def parts(self, text: Text) -> list[Syllable]:
        return text.parts[self.first : self.first + self.count]


def find_mentions(text: Text, book: NameBook) -> list[Mention]:
    """All names in the text from left to right, none overlapping, weighed by the words around them."""
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
        weigh(text, book, mention)
    return found


def _at(text: Text, book: NameBook, i: int) -> Mention | None:
    """The name that begins at `i`, with or without a word of type."""
    for kind, length in types_at(text, i):
        mention = _name_at(text, book, i, i + length, kind)
        if mention:
            return mention
    return _name_at(text, book, i, i, None)


def types_at(text: Text, i: int) -> list[tuple[str, int]]:
    """The words of type that begin at `i`, each with how many syllables it has."""
    found = []
    for plain, kind, marked in v.TYPES_BY_START.get(text.plain(i), ()):
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
        spot = _Spot(head, first, count, kind)
        parts = spot.parts(text)
        key = " ".join(p.plain for p in parts)
        mention = _home_at(text, book, spot, key) or _glued_at(text, book, spot)
        away = _abroad_at(text, book, spot, key)
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


def _home_at(text: Text, book: NameBook, spot: _Spot, key: str) -> Mention | None:
    names = book.home.get(key)
    parts = spot.parts(text)
    if key == "ha tinh" and spot.kind in (None, "tinh"):
        close = min(closeness(p.marked, m) for p, m in zip(parts, ("ha`", "tinh~"), strict=True))
        return Mention(spot.head, spot.first, spot.last, spot.kind, (), (), "exact", close, home=True)
    if not names or (
        spot.count == 1
        and spot.kind is None
        and parts[0].bare
        and not parts[0].capital
        and len(text.parts) > 3
    ):
        return None
    ranked = [(min(closeness(p.marked, m) for p, m in zip(parts, n.marked, strict=True)), n) for n in names]
    close = max(rank for rank, _ in ranked)
    if spot.count == 1 and close == 0:
        return None
    kept = tuple(name for rank, name in ranked if rank == close)
    return _mention(text, spot, kept, "exact", close)


def _glued_at(text: Text, book: NameBook, spot: _Spot) -> Mention | None:
    """Names written as one word: "cambinh", "kyanh"."""
    if spot.count != 1 or len(text.plain(spot.first)) < 5:
        return None
    names = book.joined.get(text.plain(spot.first))
    return _mention(text, spot, names, "exact", 1) if names else None


def _mention(text: Text, spot: _Spot, names: tuple[Name, ...], source: Source, close: int) -> Mention:
    """A mention with the readings that fit the word of type and an old or new after the name."""
    kind = spot.kind
    readings = tuple(dict.fromkeys(r for name in names for r in name.readings))
    mention = Mention(spot.head, spot.first, spot.last, spot.kind, names, readings, source, close)
    mention.local = all(r.kind == "local" for r in readings)
    readings = _of_age(text, spot.last, readings)
    fitting = tuple(r for r in readings if r.type == kind)
    if kind is not None and fitting:
        mention.readings = fitting
    elif kind in DISTRICT_TYPES or kind == "tinh":
        districts = tuple(r for r in readings if r.kind == "district")
        mention.readings, mention.doubt = districts or readings, not districts
    elif kind is not None and mention.readings != readings:
        mention.readings = readings  # "xã Kỳ Anh cũ": there was none, so anything old of that name
    elif kind is not None:
        mention.readings = tuple(r for r in readings if r.kind != "district") or readings
    else:
        mention.readings = readings
    return mention


def _of_age(text: Text, last: int, readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """Only what was, or only what is, when the name that ends at `last` is followed by "cũ" or "mới"."""
    after, then = text.low(last + 1), text.low(last + 2)
    old = after in v.OLD_WORDS and not (after == "trước" and then != "đây")
    new = after in v.NEW_WORDS or (after, then) in (
        ("hiện", "nay"),
        ("bây", "giờ"),
        ("bay", "gio"),
        ("hien", "nay"),
    )
    if old:
        return tuple(r for r in readings if r.kind != "new") or readings
    if new:
        return tuple(r for r in readings if r.kind == "new") or readings
    return readings


def _abroad_at(text: Text, book: NameBook, spot: _Spot, key: str) -> Mention | None:
    """A place beyond the border: any with a word of type, provinces and familiar towns without."""
    parts = spot.parts(text)
    places = []
    for place in book.abroad.get(key, ()):
        close = min(closeness(p.marked, m) for p, m in zip(parts, place.marked, strict=True))
        commune = place.type in ("xa", "phuong", "dac_khu")
        if spot.kind is None:
            capital = all(p.capital for p in parts) and text.capitals_tell
            loose = (
                close >= 1
                and not text.marked
                and (spot.count > 1 or (capital and text.after_comma(spot.first)))
            )
            written = close == 4 and (capital or spot.count > 1 or v.names_a_place(text.low(spot.first - 1)))
            if commune or not (loose or written):
                continue
        elif commune and close and _was_district(book, spot, key):
            places.append((close, replace(place, type=spot.kind)))
            continue
        elif close == 0 or (spot.kind != place.type and (commune or spot.kind in ("xa", "phuong"))):
            continue
        places.append((close, place))
    if not places:
        return None
    best = max(close for close, _ in places)
    kept = tuple(place for close, place in places if close == best)
    return Mention(spot.head, spot.first, spot.last, spot.kind, (), (), "exact", best, abroad=kept)


def _was_district(book: NameBook, spot: _Spot, key: str) -> bool:
    """A district elsewhere that lives on in a commune of its name; a quận is never ours."""
    written_out = spot.kind in DISTRICT_TYPES and spot.count > 1 and spot.first - spot.head > 0
    return written_out and (spot.kind == "quan" or key not in book.home)


def _fuzzy_places(text: Text, i: int) -> tuple[int, str | None] | None:
    """Where a misspelt name may begin at `i`: after a word of type, or after "ở", "tại", "thuộc"."""
    if text.plain(i) == "xa" and text.plain(i - 1) in ("ba", "ong"):
        return None  # "bà xã" is a wife; a commune after it is spelt right
    for kind, length in types_at(text, i):
        if len(text.plain(i)) > 1 or text.text[text.parts[i].end : text.parts[i].end + 1] == ".":
            return i + length, kind
    if i > 0 and (
        text.low(i - 1) in ("ở", "tại", "thuộc")
        or (not text.marked and text.plain(i - 1) in ("o", "tai", "thuoc"))
    ):
        return i, None
    if i == 0 and len(text.parts) <= 4 and text.low(i) not in v.FEATURE:
        return i, None
    return None


def _fuzzy(text: Text, book: NameBook, head: int, first: int, kind: str | None) -> Mention | None:
    """The name that the next syllables misspell.

    One slip that no other name explains counts; else a question.
    """
    most = text.run(first, 3) if first < len(text.parts) else 0
    hits: dict[str, tuple[float, int]] = {}
    for count in range(1, most + 1):
        typed = text.parts[first : first + count]
        parts = [_without_keys(book, part) for part in typed]
        key = " ".join(p.plain for p in parts)
        if not (5 if kind else 7) <= len(key) <= 24:
            continue
        for name, distance, _ in process.extract(
            key, book.fuzzy_keys, scorer=OSA.distance, score_cutoff=2, limit=8
        ):
            ordinary = name in book.common and not any(_KEY_LEFT.search(part.plain) for part in typed)
            if kind is None and (ordinary or len({part.capital for part in parts}) > 1):
                continue  # a name has capitals throughout or nowhere: "cam Vinh" are oranges
            if kind in DISTRICT_TYPES and not any(one.is_district for one in book.home[name]):
                continue
            if name[0] != key[0] and sound(name.split()[0]) != sound(parts[0].plain):
                continue
            # letter by letter the same once the keys are out: nothing else is meant
            rank = _slip(book, parts, name, int(distance)) if distance else -1.0
            if rank < hits.get(name, (9, 0))[0]:
                hits[name] = (rank, count)
    if not hits:
        return None
    best, count = min(hits.values(), key=lambda hit: (hit[0], -hit[1]))
    names = [
        name
        for key, (rank, _) in hits.items()
        if rank <= (max(best, 1) if best >= 0 else best)
        for name in book.home[key]
    ]
    if best > (2 if kind else 0.5):
        return None
    mention = _mention(
        text, _Spot(head, first, count, kind), tuple(names), "loose" if best <= 0 else "fuzzy", 0
    )
    one = len({r.units[:1] for n in names for r in n.readings if r.kind != "district"}) <= 1
    mention.doubt = mention.doubt or best > 0.5 or not one
    return mention


def _without_keys(book: NameBook, part: Syllable) -> Syllable:
    """ "dducs" as "duc": with the keys for its marks taken out, where only that makes a syllable of names."""
    plain = without_keys(part.plain)
    return (
        replace(part, plain=plain) if part.plain not in book.inventory and plain in book.inventory else part
    )


def _slip(book: NameBook, parts: list[Syllable], name: str, distance: int) -> float:
    """How bad a misspelling is.

    0 sounds the same · 0.5 one letter in a syllable no place has · 1, 2 by letters.
    """
    wanted = name.split()
    if len(wanted) != len(parts):
        return 0.5 if distance == 1 and len(name) >= 8 and len(parts) == 1 else float(max(distance, 1))
    if all(sound(p.plain) == sound(w) for p, w in zip(parts, wanted, strict=True)):
        return 0.5 if distance > 1 else 0
    odd = [p for p, w in zip(parts, wanted, strict=True) if p.plain != w]
    typing = all(p.plain not in book.inventory and _VOWEL.search(p.plain) for p in odd)
    return 0.5 if distance == 1 and typing and len(name) >= 6 else float(max(distance, 1))
