"""What is kept of a citizen's words: the thing itself, without phones, greetings and other lead-ins."""

from __future__ import annotations

import re

from core.conversation.draft import Said
from core.conversation.heard import Heard
from core.conversation.lead_in import (
    SHORTEST_MATTER,
    without_address,
    without_lead_in,
    without_telling,
)
from core.conversation.reading import matter_words, place_text
from core.conversation.tokens import covered, find_run, term_at, terms, tokens_of
from core.phrases import Phrases
from core.spans import find_phones

_EDGES = " ,;:.()–-\n"
_BREAK = re.compile(r"[,;.!?\n]")


def said_words(heard: Heard, phrases: Phrases) -> Said:
    """The words of the message as they go to the agency; `text` is empty when only a phone was told."""
    told, thing = heard.text.strip(), matter_words(heard)
    text = _told(heard, told[max(told.find(thing), 0) :], phrases)  # “cho tui phản ánh cái …” tells nothing
    matter = _told(heard, thing, phrases)
    return Said(heard.event.event_id, text, matter if text else "")


def _told(heard: Heard, text: str, phrases: Phrases) -> str:
    places = [place_text(heard, phrases)]
    places += [heard.text[a:b] for a, b in (heard.place.spans if heard.place is not None else ())]
    text = without_lead_in(without_phones(text, phrases), phrases, places)
    meaning = heard.understanding
    if meaning is not None and meaning.on_behalf is not None:
        text = without_lead_in(without_telling(text, phrases, places), phrases, places)
    return "" if _is_plea(text, phrases) else without_address(text, heard.text, phrases)


def _is_plea(text: str, phrases: Phrases) -> bool:
    """“Nhờ các anh chị xử lý sớm giúp bà con”, “có ảnh đây”: courtesy, nothing of the matter."""
    tokens = tokens_of(text)
    return len(tokens) >= SHORTEST_MATTER and all(covered(tokens, terms(phrases, "pleading", "fillers")))


def without_phones(text: str, phrases: Phrases) -> str:
    """The text without phone numbers and the words that lead up to them (“có gì gọi tui số …”)."""
    for phone in reversed(find_phones(text)):
        start = phone.start
        for token in reversed(tokens_of(text[: phone.start])):
            leads = term_at([token], 0, terms(phrases, "phone_words"))
            if not leads or _BREAK.search(text, token.end, start):
                break
            start = token.start
        before, after = text[:start].rstrip(_EDGES), text[phone.end :].lstrip(_EDGES)
        text = f"{before}, {after}" if before and after else before or after
    return text if tokens_of(text) else ""


def cut(text: str, words: str, phrases: Phrases, instead: str = "") -> str:
    """The text without these words and the preposition before them, or with others instead; unchanged when
    hardly anything else would be left.
    """
    tokens, gone = tokens_of(text), [token.folded for token in tokens_of(words)]
    at = find_run(tokens, gone)
    if at < 0:
        return text
    start, end = tokens[at].start, tokens[at + len(gone) - 1].end
    if instead:
        return f"{text[:start]}{instead}{text[end:]}"
    while at > 0 and term_at(tokens, at - 1, terms(phrases, "prepositions")) == 1:
        at -= 1
        start = tokens[at].start
    before, after = text[:start].rstrip(" ,"), text[end:].lstrip(" ,")
    rest = f"{before} {after}".strip(" ,")
    return rest if len(rest.split()) >= 2 else text
