"""“Nó sâu lắm rồi”, “bà con kêu lắm”: words without a thing of their own are about the matter that is told.

Beside a draft or a report filed just now, danger that a model alone sees in them is none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place
from core.conversation.tokens import covered, leading, term_at, terms, tokens_of
from core.phrases import Phrases
from core.text import fold

FRESH = timedelta(hours=2)
"""So long after filing “nó” is what was filed."""


def as_of_the_matter(floor: Floor, heard: Heard) -> Heard:
    """The message as more of the matter, when a model alone takes it for danger."""
    meaning = heard.understanding
    if meaning is None or meaning.intent != "emergency" or meaning.danger_said or heard.photos:
        return heard
    if not _is_matter_fresh(floor) or names_place(heard) or not has_no_thing(heard.text, floor.known.phrases):
        return heard
    calm = replace(meaning, intent="report", confidence=0.5, danger=None, danger_said=True, categories=())
    return replace(heard, understanding=calm)


def _is_matter_fresh(floor: Floor) -> bool:
    """Whether a matter is being told, or was filed just now and is no call for help."""
    if floor.draft is not None:
        return bool(floor.draft.said)
    last = floor.conversation.last_filed
    if last is None or last.code == floor.conversation.emergency:
        return False
    return floor.now - last.at <= FRESH


def tells_of_harm(text: str, phrases: Phrases) -> bool:
    """Whether the words tell of somebody, or of what falls, burns or hurts."""
    return any(covered(tokens_of(text), terms(phrases, "somebody", "harms"), terms(phrases, "compounds")))


def has_no_thing(text: str, phrases: Phrases) -> bool:
    """Whether the words stand for the matter (“nó”, “chỗ đó”), or only tell how it is or that people grumble:
    nobody and nothing else is told of, nothing falls or burns, and nobody does anything."""
    tokens = tokens_of(text)
    begins = leading(tokens, terms(phrases, "fillers"))
    stands = term_at(tokens, begins, terms(phrases, "stand_ins"))
    told = tokens[begins + stands :]
    if any(covered(told, terms(phrases, "somebody", "harms"), terms(phrases, "compounds"))):
        return phrases.speaks_of("grumbles", fold(text))
    if stands:
        return not term_at(told, 0, terms(phrases, "doings"))
    return term_at(told, 0, terms(phrases, "states")) > 0 or phrases.speaks_of("grumbles", fold(text))
