"""Courtesy around a matter: “chào em, …” and “cảm ơn em, giờ cho báo thêm …” tell something of their own.

An engine may take such words for a greeting or thanks and nothing else. The words decide: what is left
beside the courtesy is heard as a matter, and greeted as well.
"""

from __future__ import annotations

from dataclasses import replace

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place, place_text
from core.phrases import Phrases
from core.text import fold

A_MATTER = 3
"""Words beside the courtesy from which they tell something."""
_NO_IDEA = (("khac", 0.0),)
"""A category nobody believes in: any guess is better, and without one a person looks."""


def beside_courtesy(floor: Floor, heard: Heard) -> Heard:
    """The message with its courtesy answered and the rest to be heard as a report; unchanged when it has
    none."""
    meaning = heard.understanding
    if meaning is None or meaning.intent not in ("greet", "thanks") or not heard.text:
        return heard
    phrases, folded = floor.known.phrases, fold(heard.text)
    greets, thanks = phrases.speaks_of("greets", folded), phrases.speaks_of("thanks", folded)
    rest = _without_courtesy(folded, phrases)
    if thanks:
        tells = phrases.speaks_of("announces", folded) and len(rest) >= A_MATTER
    else:
        beside = _without_place(rest, heard)
        tells = len(beside) >= A_MATTER or (names_place(heard) and bool(beside))
        tells = tells and not phrases.speaks_of("smalltalk", folded)
    if not tells or phrases.is_reserved(" ".join(rest)) or phrases.is_reserved(folded):
        return heard
    if meaning.intent == "thanks" and not thanks and not names_place(heard):
        praises = phrases.speaks_of("praises", folded)
        return heard if praises else replace(heard, understanding=replace(meaning, intent=""))
    if thanks:
        floor.say("thanks_in_draft")
    elif greets and floor.draft is None:
        floor.say("greet_first")
    introduced = phrases.speaks_of("introduces", folded) and len(_without_place(rest, heard)) <= A_MATTER
    ranked = () if introduced else meaning.categories or _NO_IDEA
    return replace(heard, understanding=replace(meaning, intent="report", categories=ranked))


def _without_courtesy(folded: str, phrases: Phrases) -> list[str]:
    courtesy = phrases.words("courtesy")
    longest = sorted((words for words in courtesy if " " in words), key=len, reverse=True)
    padded = f" {folded} "
    for words in longest:
        padded = padded.replace(f" {words} ", " ")
    return [word for word in padded.split() if word not in courtesy]


def _without_place(words: list[str], heard: Heard) -> list[str]:
    place = set(fold(place_text(heard)).split())
    return [word for word in words if word not in place]
