"""“Thôn bốn” is “thôn 4”: on the telephone every number is a word, and the address is written in digits."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.tokens import Token, term_at, terms, tokens_of
from core.phrases import Phrases
from core.spoken_numbers import bare_number_of, number_of

_ARTICLE = 1
"""“Một” also means “a”."""


def with_village_numbers(text: str, phrases: Phrases) -> str:
    """The text with the number of a thôn, a xóm, a tổ … in digits where it is told in words."""
    tokens = tokens_of(text)
    heads, compounds = terms(phrases, "hamlets"), terms(phrases, "compounds")
    written, last, index = "", 0, 0
    while index < len(tokens):
        head = term_at(tokens, index, heads)
        index += head or 1
        value, length = _number_at(tokens, index) if head else (0, 0)
        if not length:
            continue
        within = index > head and term_at(tokens, index - head - 1, compounds) > 1  # “trong xóm ba nhà”
        sure = not within and _stands_alone(text, tokens, index + length, phrases)
        if not (sure and value != _ARTICLE) and not _ends_name(tokens, index + length, phrases):
            continue
        written += f"{text[last : tokens[index].start]}{value}"
        last = tokens[index + length - 1].end
    return written + text[last:]


def _number_at(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """The number that is told from `at` on and how many words it has; (0, 0): none."""
    end = next((i for i in range(at + 1, len(tokens)) if tokens[i].opens), len(tokens))
    run = tokens[at : min(end, at + 3)] if at < len(tokens) and not tokens[at].opens else ()
    if any(token.written is None for token in run):
        return bare_number_of([token.folded for token in run])
    return number_of([token.written or "" for token in run])


def _ends_name(tokens: Sequence[Token], at: int, phrases: Phrases) -> bool:
    """Whether nothing but the end, a commune or a particle stands there: no more of a name."""
    called = term_at(tokens, at, terms(phrases, "vocatives"))  # “thôn bốn em ạ”
    if at + called >= len(tokens) or tokens[at].opens:
        return True
    at += called
    if called and tokens[at].opens:
        return True
    return term_at(tokens, at, terms(phrases, "unit_heads", "districts", "particles", "prepositions")) > 0


def _stands_alone(text: str, tokens: Sequence[Token], at: int, phrases: Phrases) -> bool:
    """Whether the number before `at` counts nothing (“xóm ba người”), and is no part of a name in capitals
    (“xóm Ba Giang”)."""
    if at >= len(tokens) or tokens[at].opens:
        return True
    name = text[tokens[at - 1].start].isupper() and text[tokens[at].start].isupper()
    if name or tokens[at].written is None or _number_at(tokens, at)[1]:
        return False
    counted = term_at(tokens, at - 1, terms(phrases, "counted")) > 1 or term_at(
        tokens, at, terms(phrases, "counted")
    )
    return not counted and not counts(tokens, at, phrases)


def counts(tokens: Sequence[Token], at: int, phrases: Phrases) -> bool:
    """Whether the number before `at` counts what stands there: “ba nhà”, not “thôn ba nhà ông Sáu”."""
    if term_at(tokens, at, terms(phrases, "not_counted", "houses", "own_house")):
        return False
    return term_at(tokens, at, terms(phrases, "measures")) > 0
