"""What is kept of a citizen's words: the thing itself, without phones, greetings and other lead-ins."""

from __future__ import annotations

import re

from core.conversation.draft import Said
from core.conversation.heard import Heard
from core.conversation.reading import matter_words, place_text
from core.conversation.tokens import find_run, term_at, terms, tokens_of
from core.phrases import Phrases
from core.spans import find_phones
from core.text import fold

WHOLE_MATTER = 3
"""So many words must be left for a lead-in to be taken off."""
SHORTEST_MATTER = 2
"""So many after a colon, or after the name of whom it is for: “báo giúp mệ Xuân: ngõ sụt”."""
_LONGEST_LEAD_IN = 24
"""Words of a lead-in; what is longer tells something."""
_EDGES = " ,;:.()–-\n"
_BREAK = re.compile(r"[,;.!?\n]")


def said_words(heard: Heard, phrases: Phrases) -> Said:
    """The words of the message as they go to the agency; `text` is empty when only a phone was told."""
    text = _told(heard, heard.text.strip(), phrases)
    matter = _told(heard, matter_words(heard), phrases)
    return Said(heard.event.event_id, text, matter if text else "")


def _told(heard: Heard, text: str, phrases: Phrases) -> str:
    text = without_lead_in(without_phones(text, phrases), phrases)
    meaning = heard.understanding
    whom = meaning.on_behalf if meaning is not None else None
    return _without_whom(text, whom, place_text(heard, phrases), phrases) if whom else text


def _without_whom(text: str, whom: str, place: str, phrases: Phrases) -> str:
    """The text without “em nhắn thay mệ Xuân ở thôn Đông, …”, if a whole matter is left. For whom it is and
    the place stand in fields of their own; other words stay.
    """
    tokens, name = tokens_of(text), [token.folded for token in tokens_of(whom)]
    at = find_run(tokens, name)
    if at < 1 or not phrases.speaks_of("on_behalf_lead", fold(text[: tokens[at - 1].end])):
        return text
    start = at + len(name)
    clause = next((i for i in range(start, len(tokens)) if tokens[i].opens), start)
    known = set(fold(place).split()) | phrases.words("prepositions") | phrases.words("near")
    if all(token.folded in known for token in tokens[start:clause]):
        start = clause
    left = tokens[start:]
    return text[left[0].start :] if len(left) >= SHORTEST_MATTER else text


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
        for index in range(min(len(tokens) - SHORTEST_MATTER, _LONGEST_LEAD_IN), 0, -1):
            colon = ":" in text[tokens[index - 1].end : tokens[index].start]
            if len(tokens) - index < WHOLE_MATTER and not colon:
                continue
            head = fold(text[: tokens[index - 1].end])
            more = phrases.speaks_of("lead_in_more", text[: tokens[index - 1].end].lower())
            if more or (tokens[index].opens and phrases.speaks_of("lead_in", head)):
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
