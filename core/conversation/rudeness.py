"""Rude words around a real matter: the matter is heard."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place, other_words

A_MATTER = 3
"""Words beside the place from which an angry message tells something."""


def beside_rudeness(floor: Floor, heard: Heard) -> Heard:
    """The message as a report when it says where and tells something, however it is worded."""
    meaning = heard.understanding
    if meaning is None or meaning.intent != "abuse_spam" or not names_place(heard):
        return heard
    if len(other_words(heard, floor.known.phrases)) < A_MATTER:
        return heard
    return replace(heard, understanding=replace(meaning, intent="report"))
