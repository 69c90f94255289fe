"""Words that only point (“ngay đây”) or assent (“à được rồi”): they name no place."""

from __future__ import annotations

from core.conversation.heard import Heard
from core.conversation.reading import names_place
from core.conversation.tokens import covered, terms, tokens_of
from core.phrases import Phrases

_BESIDE = ("fillers", "prepositions", "near")


def points_only(heard: Heard, phrases: Phrases) -> bool:
    """“Ở đây”, “ngay chỗ tui đang đứng”: a place is pointed at and not named."""
    return _is_only(heard, phrases, "pointing")


def assents_only(heard: Heard, phrases: Phrases) -> bool:
    """“Ok rồi em”, “à hiểu rồi”: an assent, and no place."""
    return _is_only(heard, phrases, "assenting")


def _is_only(heard: Heard, phrases: Phrases, name: str) -> bool:
    tokens = tokens_of(heard.text)
    if names_place(heard) or not any(covered(tokens, terms(phrases, name))):
        return False
    return all(covered(tokens, terms(phrases, name, *_BESIDE)))
