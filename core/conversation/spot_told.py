"""“Thôn 4”, “trước nhà ông Sáu”: where in the commune, told when something else was asked."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.address import has_hamlet
from core.conversation.filling import correct_spot
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.locating import trimmed_address
from core.conversation.reading import other_words, tells_whom
from core.conversation.tokens import Token, covered, term_at, terms, tokens_of
from core.message import Ask
from core.phrases import Phrases
from core.text import fold

_ASKED = (Ask.PHOTO, Ask.CONFIRM, Ask.CORRECTION, Ask.CATEGORY)


def tell_spot(floor: Floor, heard: Heard) -> bool:
    """Words that only tell where in the draft's commune: they stand in the address, and change no group.

    A thôn takes the place of the one before; a house, a gate, a market stands beside it.
    """
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or draft.where.commune is None or draft.rewrite == "what":
        return False
    if floor.conversation.asked not in _ASKED or not draft.said or heard.phones or tells_whom(heard):
        return False
    if phrases.speaks_of("as_well", fold(heard.text)) or _names_elsewhere(heard, draft.where.commune):
        return False
    if not _tells_only_spot(heard, phrases):
        return False
    words = trimmed_address(heard, phrases)
    corrected = correct_spot(draft, words, "", phrases)
    floor.change_draft(where=corrected.where, said=corrected.said, rewrite="")
    floor.new_place = True
    return True


def _names_elsewhere(heard: Heard, commune: str) -> bool:
    place = heard.place
    if place is None or place.status == "unknown":
        return False
    return place.unit is None or place.unit.code != commune


def _tells_only_spot(heard: Heard, phrases: Phrases) -> bool:
    """Whether there are a thôn, or a house or market with the word that leads to it, and nothing else."""
    tokens = tokens_of(heard.text)
    houses, landmarks = _houses(heard.text, tokens, phrases), covered(tokens, terms(phrases, "landmarks"))
    led = any(covered(tokens, terms(phrases, "near")))
    if not has_hamlet(heard.text, phrases) and not (led and (houses or any(landmarks))):
        return False
    if any(covered(tokens, terms(phrases, "naming"))):
        return False  # “em tên Lan ở thôn 5”: a name goes into no address
    rest = [word for word in other_words(heard, phrases) if word not in houses]
    return all(covered(rest, terms(phrases, "near", "landmarks", "mistakes", "proper", "but")))


def _houses(text: str, tokens: Sequence[Token], phrases: Phrases) -> list[Token]:
    """The words of “nhà ông Sáu”."""
    found: list[Token] = []
    for at in range(len(tokens)):
        length = term_at(tokens, at, terms(phrases, "houses"))
        if not length or at + length >= len(tokens) or tokens[at + length].opens:
            continue
        end = at + length + 1
        while end < min(len(tokens), at + length + 3) and text[tokens[end].start].isupper():
            end += 1
        found += tokens[at:end]
    return found
