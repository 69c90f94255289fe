"""Which choice was meant: typing the number or the words of a choice is the same as pressing it."""

from __future__ import annotations

import re

from core.conversation.consent import asks_back
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.phrases import Phrases
from core.places.spelling import fits
from core.text import fold

_NUMBER = re.compile(r"(?:so|chon|bam|phim|nut|y|muc|cau)?\s*(?:so |phim )?(\d)")
_LAST_WORD = re.compile(r"\w+(?=\W*$)")
_ALONE = frozenset({"mot", "hai", "ba", "bon"})
"""Numbers that mean a choice without “bấm” or “số” before them; the others are also other words."""
_BEFORE_NUMBER = ("bam ", "chon ", "so ", "phim ")


def chosen_value(floor: Floor, heard: Heard) -> str | None:
    """The semantic value that was pressed, or whose number or words were typed; None when neither."""
    if heard.event.choice is not None:
        return heard.event.choice
    if not heard.text or heard.photos:
        return None
    phrases, offered = floor.known.phrases, floor.conversation.offered
    number = _number(heard.text, phrases)
    if number == 0 and floor.manner.spoken:
        return "human"
    if number is not None:
        return offered[number - 1].value if 1 <= number <= len(offered) else None
    for choice in offered:
        if choice.value == "cancel" and _may_be_name(floor, heard):
            continue  # “Huy”: asked back, where a draft would be lost
        if choice.value == "confirm" and asks_back(heard.text, phrases):
            continue  # “ok?”
        if fits(heard.text, choice.label) or phrases.is_one_of(choice.value, heard.text):
            return choice.value
    return _commune_named(floor, fold(heard.text))


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


def _number(text: str, phrases: Phrases) -> int | None:
    """“2”, “chọn số 2”, “hai”, “bấm hai”; “bà” is no “ba”."""
    folded = fold(text)
    match = _NUMBER.fullmatch(folded)
    if match:
        return int(match.group(1))
    word = folded
    for prefix in _BEFORE_NUMBER:
        word = word.removeprefix(prefix)
    last = _LAST_WORD.search(text)
    if " " in word or last is None or (word == folded and folded not in _ALONE):
        return None
    return phrases.number(last[0])


def is_bare_number(heard: Heard, phrases: Phrases) -> bool:
    """Whether the message is nothing but the number of a choice."""
    return bool(heard.text) and _number(heard.text, phrases) is not None
