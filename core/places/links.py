"""How two names in a sentence stand to each other: joined, ends of one road, neighbours of one place."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.places.mention import Mention
from core.places.sentence import Text

_LINKS = frozenset(
    {"den", "toi", "va", "voi", "hoac", "hay", "giap", "sang", "cung", "lan", "noi", "di", "ranh"}
)
_LINK_MARKS = frozenset(
    {"đến", "tới", "và", "với", "hoặc", "hay", "giáp", "sang", "cùng", "lẫn", "nối", "đi", "ranh"}
)
_AND = frozenset({"và", "với", "hoặc", "va", "voi", "hoac"})
_WAYS = frozenset(
    {"ra", "vào", "vô", "lên", "xuống", "về", "sang", "qua", "đi", "đến", "tới"}
    | {"vao", "vo", "len", "xuong", "ve", "di", "den", "toi"}
)
"""Words of going from one place to another."""


def linked(text: Text, one: Mention, other: Mention) -> bool:
    """Something between two names tells them apart: "và", "đến", a dash in "đường A - B"."""
    for i in range(one.last + 1, other.head):
        if text.low(i) in _LINK_MARKS or (not text.marked and text.plain(i) in _LINKS):
            return True
    dashed = any(c in "-–→>" for c in text.text[text.parts[one.last].end : text.parts[other.head].start])
    return (dashed or is_way(text, one, other)) and any(
        text.plain(i) in ("tu", "duong", "tuyen") for i in range(max(0, one.head - 2), one.head)
    )


def is_way(text: Text, one: Mention, other: Mention) -> bool:
    """ "từ A ra B": only words of going stand between, and "từ" before."""
    between = [text.low(i) for i in range(one.last + 1, other.head)]
    return text.plain(one.head - 1) == "tu" and bool(between) and all(word in _WAYS for word in between)


def spread_doubt(text: Text, mentions: Sequence[Mention]) -> None:
    """ "đường A - B": a road that bears two names lies in neither for sure."""
    for one, other in pairwise(mentions):
        if one.doubt and one.readings and other.readings and other.type is None and linked(text, one, other):
            other.doubt = True


def spread_nearness(text: Text, mentions: Sequence[Mention]) -> None:
    """ "giáp ranh A với B" is near both; "từ A ra B" goes to B as much as it comes from A."""
    for one, other in pairwise(mentions):
        if not (one.readings and other.readings):
            continue
        between = range(one.last + 1, other.head)
        if one.near and len(between) == 1 and text.low(between[0]) in _AND:
            other.near = True
        elif other.near and is_way(text, one, other):
            other.near = one.near
