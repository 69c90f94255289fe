"""Words that name a danger (“cháy”, “kẹt”), told from words like them by the marks that were typed."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.likeness import telling
from core.conversation.tokens import Token
from core.phrases import Phrases

THE_ALARM = "baonguy"
"""Stands for a word of the danger in the text that patterns such as `denies_alarm` are asked of."""


def perils_of(alarm: str, phrases: Phrases) -> frozenset[str]:
    """The words of the alarm that name the danger; all that tell something, where none is known for one."""
    told = telling(alarm, phrases)
    return told & phrases.words("perils") or told


def is_peril(token: Token, phrases: Phrases) -> bool:
    """Whether the word is one of danger; without marks also what may be one."""
    if token.written is None:
        return token.folded in phrases.words("perils")
    return token.written in phrases.written("perils")


def marked(tokens: Sequence[Token], perils: frozenset[str], phrases: Phrases) -> str:
    """The folded words, with `THE_ALARM` for each of these perils; “chạy” is no “cháy”."""
    known = phrases.words("perils")

    def is_told(token: Token) -> bool:
        return token.folded in perils and (token.folded not in known or is_peril(token, phrases))

    return " ".join(THE_ALARM if is_told(token) else token.folded for token in tokens)
