"""Knowing a matter again by words of it: “vụ cháy”, “cái đèn đường ấy”."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.tokens import Token, covered, terms, tokens_of
from core.phrases import Phrases

_SMALL = (
    "fillers", "prepositions", "units", "hamlets", "near", "living", "announcing", "courtesy",
)  # fmt: skip
"""Lists of words by which nothing can be told from another thing."""
_FORMS = ("fillers", "prepositions", "units", "hamlets", "announcing", "courtesy")
"""Those of them that hardly ever are another word without its marks."""


def telling(text: str, phrases: Phrases) -> frozenset[str]:
    """The folded words of the text by which it is known again; a compound (“đèn đường”) with all of it."""
    return frozenset(token.folded for token in _without(text, phrases, (*_SMALL, "place_heads")))


def things(text: str, phrases: Phrases) -> tuple[Token, ...]:
    """The same, where a bridge or a drain may be what is told of: “cái cống”, “cống thông rồi”."""
    return _without(text, phrases, (*_SMALL, "solving"))


def in_common(text: str, other: str, phrases: Phrases) -> frozenset[str]:
    """The things, folded, that both tell of. Where both are typed with marks these count: “cống”, “công”."""
    others = things(other, phrases)
    told = _without(text, phrases, _FORMS)  # “cong” may be “cổng”, “den” “đến”: the other text decides
    if told and told[0].written is not None:
        told = things(text, phrases)
    return frozenset(mine.folded for mine in told if any(_same(mine, its) for its in others))


def _same(one: Token, other: Token) -> bool:
    unmarked = one.written is None or other.written is None
    return one.folded == other.folded if unmarked else one.written == other.written


def _without(text: str, phrases: Phrases, names: Sequence[str]) -> tuple[Token, ...]:
    tokens = tokens_of(text)
    small = covered(tokens, terms(phrases, *names), terms(phrases, "compounds"))
    return tuple(token for token, mark in zip(tokens, small, strict=True) if not mark)


def shares(text: str, other: str, phrases: Phrases) -> bool:
    """Whether the two have a telling word in common."""
    return bool(telling(text, phrases) & telling(other, phrases))
