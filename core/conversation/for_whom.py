"""For whom it is told: a volunteer's next neighbour, a name that was wrong."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.address import joined
from core.conversation.contrast import told_apart
from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place, place_text
from core.conversation.tokens import leading, slice_of, term_at, terms, tokens_of
from core.message import Ask
from core.on_behalf import find_person_at_head, find_telling, person_in, with_kin_of
from core.phrases import Phrases
from core.text import fold

_LONGEST_NAME = 3
A_NAME = 10
"""Words up to which “tên là Lài, không phải Lựu” is about the name alone."""


def as_told_for(floor: Floor, heard: Heard) -> Heard:
    """“Ông Lý thôn 4: ngõ sụt” from somebody who has just told for another is for ông Lý."""
    meaning, last = heard.understanding, floor.conversation.last_filed
    helps = floor.conversation.volunteer or (last is not None and last.on_behalf)
    if meaning is None or meaning.on_behalf is not None or floor.draft is not None or not helps:
        return heard
    person = find_person_at_head(heard.text)
    return replace(heard, understanding=replace(meaning, on_behalf=person.whom)) if person else heard


def place_told(heard: Heard, phrases: Phrases) -> str:
    """The words that name the place; the thôn told with the person belongs to them: “em ở xã Cẩm Bình, báo hộ
    bà Hoan thôn 2: …”.
    """
    words = place_text(heard, phrases)
    telling = find_telling(heard.text) if heard.understanding and heard.understanding.on_behalf else None
    if telling is None:
        return words
    after = heard.text[telling.stretches[0][1] :]
    tokens = tokens_of(after)
    start = leading(tokens, terms(phrases, "prepositions", "near"))
    head = term_at(tokens, start, terms(phrases, "hamlets"))
    end = start + head
    if not head or any(token.opens for token in tokens[: end + 1]):
        return words
    while end < min(len(tokens), start + head + _LONGEST_NAME) and not tokens[end].opens:
        if not (after[tokens[end].start].isupper() or after[tokens[end].start].isdigit()):
            break
        end += 1
    hamlet = slice_of(after, tokens[start:end]) if end > start + head else ""
    return joined(hamlet, words, phrases) if hamlet else words


def correct_whom(floor: Floor, heard: Heard) -> bool:
    """“À nhầm, o Lài chứ không phải o Lựu”, “tên là Lài”: the name of the one it is told for."""
    whom = _told_for(floor)
    if whom is None or not heard.text or heard.photos or len(heard.text.split()) > A_NAME:
        return False
    name = _right_name(floor, heard, whom)
    if name is None or fold(name) == fold(whom):
        return False
    floor.change(unheard=0)
    if floor.draft is not None:
        floor.change_draft(on_behalf_of=name)
        floor.say("whom_corrected", whom=name)
        floor.go_back()
        return True
    code = floor.conversation.about
    if code is not None:
        floor.do(JoinReport(code, words=heard.text, on_behalf_of=name))
        floor.say("whom_corrected", whom=name)
        floor.put_question(Ask.PHONE, "ask_neighbour_phone", *floor.conversation.offered, whom=name)
    return code is not None


def _told_for(floor: Floor) -> str | None:
    """The one that the draft is for, or whose phone is being asked for; None for oneself."""
    if floor.draft is not None:
        return floor.draft.on_behalf_of
    asked = floor.conversation.asked is Ask.PHONE and floor.conversation.about is not None
    return "" if asked else None


def _right_name(floor: Floor, heard: Heard, whom: str) -> str | None:
    """The name that is right; None when the words are not about the name."""
    phrases = floor.known.phrases
    contrast = told_apart(heard.text, phrases)
    right = contrast.right if contrast is not None else heard.text
    names_it = phrases.speaks_of("tells_name", heard.text.lower())
    person = person_in(right, bare=names_it or bool(contrast and contrast.wrong))
    if person is None:
        return None
    if contrast is not None and contrast.wrong:
        wrong = fold(contrast.wrong).split()
        meant = not whom or wrong[-1:] == fold(whom).split()[-1:]
    else:
        meant = names_it or (contrast is not None and not names_place(heard))
    return with_kin_of(person, whom) if meant else None
