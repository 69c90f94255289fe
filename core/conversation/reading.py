"""Reading a heard message: small questions that several rules ask."""

from __future__ import annotations

import re

from core.conversation.effects import Correct
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.phrases import Phrases
from core.text import fold

TELLS = 0.35
"""From this probability on a category shows that the words are about a matter of their own."""
BELIEVED = 0.6
"""From this confidence on an intent alone, without a word of the pack, decides."""
_LONG_ENOUGH = 10
_LAST_WORD = re.compile(r"(\w+)\W*$")


def is_matter(heard: Heard) -> bool:
    """Whether the words tell of a matter, rather than only that one is coming."""
    if heard.understanding is None or heard.categories:
        return True
    return heard.intent == "report" and len(matter_words(heard).split()) >= _LONG_ENOUGH


def matter_words(heard: Heard) -> str:
    """The words about the thing itself: without greetings, phones and codes."""
    meaning = heard.understanding
    return (meaning.matter if meaning is not None else "") or heard.text


def is_believed(heard: Heard, *intents: str) -> bool:
    """Whether the engine is fairly sure of one of these intents."""
    meaning = heard.understanding
    return meaning is not None and meaning.intent in intents and meaning.confidence >= BELIEVED


def names_place(heard: Heard) -> bool:
    return heard.place is not None and heard.place.status != "unknown"


def is_mostly_place(heard: Heard) -> bool:
    return len(place_text(heard).split()) * 2 >= len(heard.text.split())


def place_text(heard: Heard, phrases: Phrases | None = None) -> str:
    """The words that name the place: the interpreter's span, widened by what the gazetteer knew beside it.

    With the phrases, a word such as “thôn” or “ngõ” before them belongs to them, and whom it is for does not.
    """
    start, end = _place_span(heard)
    if start < 0:
        meaning = heard.understanding
        spans = list(heard.place.spans) if heard.place is not None else []
        told = meaning.place_text if meaning is not None and meaning.place_text else ""
        return told or ", ".join(heard.text[a:b] for a, b in spans)
    if phrases is None:
        return heard.text[start:end]
    while (before := _LAST_WORD.search(heard.text, 0, start)) and fold(before[1]) in phrases.words(
        "place_heads"
    ):
        start = before.start(1)
    return _without_person(heard.text[start:end], heard, phrases)


def _place_span(heard: Heard) -> tuple[int, int]:
    """Where the interpreter's place words stand, joined with the gazetteer's that touch them; (-1, -1):
    nowhere.
    """
    meaning = heard.understanding
    spans = list(heard.place.spans) if heard.place is not None else []
    told = meaning.place_text if meaning is not None and meaning.place_text else ""
    start = heard.text.find(told) if told else -1
    if start < 0:
        return min(spans) if len(spans) == 1 else (-1, -1)
    end = start + len(told)
    for a, b in spans:
        if a <= end + 2 and start <= b + 2:
            start, end = min(start, a), max(end, b)
    return start, end


def _without_person(words: str, heard: Heard, phrases: Phrases) -> str:
    """“Xuân ở thôn Đông” said for mệ Xuân is thôn Đông."""
    meaning = heard.understanding
    whom = (meaning.on_behalf or "") if meaning is not None else ""
    parts, name = words.split(), whom.split()
    if not name or fold(parts[0] if parts else "") != fold(name[-1]):
        return words
    rest = parts[1:]
    while rest and fold(rest[0]) in phrases.words("prepositions"):
        rest = rest[1:]
    return " ".join(rest) or words


def commune_name(floor: Floor, code: str) -> str:
    """The name inside a sentence: “xã Cẩm Bình”."""
    return floor.known.pack.places.communes[code].spoken


def keep_correction(floor: Floor, text: str, field: str, guessed: str | None, corrected: str) -> None:
    """The citizen's correction of a guess is kept as a candidate example."""
    floor.do(Correct(text, "draft_open", field, guessed, corrected))
