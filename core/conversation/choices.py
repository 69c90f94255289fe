"""Which choice was meant: typing the number or the words of a choice is the same as pressing it."""

from __future__ import annotations

import re

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.text import fold

_NUMBER = re.compile(r"(?:so|chon|bam|phim|nut|y|muc|cau)?\s*(?:so |phim )?(\d)")
_SPOKEN = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9,
}  # fmt: skip
_ALONE = frozenset({"mot", "hai", "ba", "bon"})
"""Numbers that mean a choice without “bấm” or “số” before them; the others are also other words."""
_BEFORE_NUMBER = ("bam ", "chon ", "so ", "phim ")


def chosen_value(floor: Floor, heard: Heard) -> str | None:
    """The semantic value that was pressed, or whose number or words were typed; None when neither."""
    if heard.event.choice is not None:
        return heard.event.choice
    if not heard.text or heard.photos:
        return None
    folded = fold(heard.text)
    offered = floor.conversation.offered
    number = _number(folded)
    if number == 0 and floor.manner.spoken:
        return "human"
    if number is not None:
        return offered[number - 1].value if 1 <= number <= len(offered) else None
    for choice in offered:
        if choice.value == "cancel" and _may_be_name(floor, heard):
            continue  # “Huy”: asked back, where a draft would be lost
        if folded == fold(choice.label) or floor.known.phrases.is_one_of(choice.value, folded):
            return choice.value
    return _commune_named(floor, folded)


def _commune_named(floor: Floor, folded: str) -> str | None:
    """The one commune on offer whose bare name was typed: “Hà Huy Tập” for “Phường Hà Huy Tập”."""
    communes = floor.known.pack.places.communes
    named = []
    for choice in floor.conversation.offered:
        kind, _, code = choice.value.partition(":")
        if kind == "place" and code in communes and fold(communes[code].name) == folded:
            named.append(choice.value)
    return named[0] if len(named) == 1 else None


def _may_be_name(floor: Floor, heard: Heard) -> bool:
    asked, phrases = floor.conversation.asked, floor.known.phrases
    return asked is not None and phrases.speaks_of("cancel_as_name", heard.text)


def _number(folded: str) -> int | None:
    match = _NUMBER.fullmatch(folded)
    if match:
        return int(match.group(1))
    words = folded
    for prefix in _BEFORE_NUMBER:
        words = words.removeprefix(prefix)
    return _SPOKEN.get(words) if words != folded or folded in _ALONE else None


def is_bare_number(heard: Heard) -> bool:
    """Whether the message is nothing but the number of a choice."""
    return bool(heard.text) and _number(fold(heard.text)) is not None
