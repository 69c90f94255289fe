"""Knowing a matter again by words of it: “vụ cháy”, “cái đèn đường ấy”."""

from __future__ import annotations

from core.conversation.tokens import covered, terms, tokens_of
from core.phrases import Phrases

_SMALL = (
    "fillers", "prepositions", "units", "hamlets", "near", "living", "announcing", "courtesy", "place_heads",
)  # fmt: skip
"""Lists of words by which nothing can be told from another thing."""


def telling(text: str, phrases: Phrases) -> frozenset[str]:
    """The folded words of the text by which it is known again; a compound (“đèn đường”) with all of it."""
    tokens = tokens_of(text)
    small = covered(tokens, terms(phrases, *_SMALL), terms(phrases, "compounds"))
    return frozenset(token.folded for token, mark in zip(tokens, small, strict=True) if not mark)


def shares(text: str, other: str, phrases: Phrases) -> bool:
    """Whether the two have a telling word in common."""
    return bool(telling(text, phrases) & telling(other, phrases))
