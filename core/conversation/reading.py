"""Reading a heard message: small questions that several rules ask."""

from __future__ import annotations

from core.conversation.effects import Correct
from core.conversation.floor import Floor
from core.conversation.heard import Heard


def is_matter(heard: Heard) -> bool:
    """Whether the words tell of a matter, rather than only that one is coming."""
    meaning = heard.understanding
    return meaning is None or bool(meaning.categories)


def names_place(heard: Heard) -> bool:
    return heard.place is not None and heard.place.status != "unknown"


def is_mostly_place(heard: Heard) -> bool:
    return len(place_text(heard).split()) * 2 >= len(heard.text.split())


def place_text(heard: Heard) -> str:
    """The words that name the place: the interpreter's span, widened by what the gazetteer knew beside it."""
    meaning = heard.understanding
    spans = list(heard.place.spans) if heard.place is not None else []
    told = meaning.place_text if meaning is not None and meaning.place_text else ""
    start = heard.text.find(told) if told else -1
    if start < 0:
        return told or ", ".join(heard.text[a:b] for a, b in spans)
    end = start + len(told)
    for a, b in spans:
        if a <= end + 2 and start <= b + 2:
            start, end = min(start, a), max(end, b)
    return heard.text[start:end]


def commune_name(floor: Floor, code: str) -> str:
    name = floor.known.pack.places.communes[code].full_name
    return name[:1].lower() + name[1:]


def keep_correction(floor: Floor, text: str, field: str, guessed: str | None, corrected: str) -> None:
    floor.do(Correct(text, "draft_open", field, guessed, corrected))
