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
    """The words that name the place: the interpreter's span, or else those the gazetteer knew."""
    meaning = heard.understanding
    if meaning is not None and meaning.place_text:
        return meaning.place_text
    if heard.place is not None and heard.place.spans:
        return ", ".join(heard.text[start:end] for start, end in heard.place.spans)
    return ""


def commune_name(floor: Floor, code: str) -> str:
    name = floor.known.pack.places.communes[code].full_name
    return name[:1].lower() + name[1:]


def keep_correction(floor: Floor, text: str, field: str, guessed: str | None, corrected: str) -> None:
    floor.do(Correct(text, "draft_open", field, guessed, corrected))
