"""What is kept of a citizen's words: the thing itself, without phones, greetings and other lead-ins."""

from __future__ import annotations

import re

from core.conversation.draft import Said
from core.conversation.heard import Heard
from core.conversation.reading import matter_words
from core.conversation.tokens import find_run, term_at, terms, tokens_of
from core.phrases import Phrases
from core.spans import find_phones
from core.text import fold

WHOLE_MATTER = 3
"""So many words must be left for a lead-in to be taken off."""
_EDGES = " ,;:.()–-\n"
_BREAK = re.compile(r"[,;.!?\n]")


def said_words(heard: Heard, phrases: Phrases) -> Said:
    """The words of the message as they go to the agency; `text` is empty when only a phone was told."""
    text = without_lead_in(without_phones(heard.text.strip(), phrases), phrases)
    matter = without_lead_in(without_phones(matter_words(heard), phrases), phrases)
    return Said(heard.event.event_id, text, matter if text else "")


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


def without_lead_in(text: str, phrases: Phrases) -> str:
    """The text without a greeting or “em báo giùm …” at its head, if a whole matter is left."""
    while True:
        tokens = tokens_of(text)
        for index in range(len(tokens) - WHOLE_MATTER, 0, -1):
            head = fold(text[: tokens[index - 1].end])
            if tokens[index].opens and phrases.speaks_of("lead_in", head):
                text = text[tokens[index].start :]
                break
        else:
            return text


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
