"""Words that point or assent and name no place: “ngay đây nè”, “chỗ cũ”, “à được rồi”. Never an address."""

from __future__ import annotations

from core.conversation.heard import Heard
from core.conversation.reading import names_place
from core.conversation.tokens import covered, terms, tokens_of
from core.phrases import Phrases

_SMALL = ("fillers", "prepositions")


def points_only(heard: Heard, phrases: Phrases) -> bool:
    """Whether the words only point at a place: “ngay chỗ tui đang đứng”."""
    return _is_only(heard, phrases, "pointing")


def assents_only(heard: Heard, phrases: Phrases) -> bool:
    """Whether the words only say that something was heard or agreed to: “à hiểu rồi”, “ok rồi em”."""
    return _is_only(heard, phrases, "assenting")


def _is_only(heard: Heard, phrases: Phrases, name: str) -> bool:
    if names_place(heard):
        return False
    tokens, compounds = tokens_of(heard.text), terms(phrases, "compounds")
    told = covered(tokens, terms(phrases, name))
    return any(told) and all(covered(tokens, terms(phrases, name, *_SMALL), compounds))
