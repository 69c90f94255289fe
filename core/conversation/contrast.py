"""“Không phải thôn 2 mà thôn 4”, “thôn 4 chứ không phải thôn 2”, “à nhầm, thôn 4 mới đúng”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.conversation.tokens import Terms, Token, covered, slice_of, term_at, terms, tokens_of, trimmed
from core.phrases import Phrases
from core.text import fold

MOST_CHANGED = 7
"""Words, and one, between “sửa” and “thành”."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """The words that are right and those that were wrong; either may be empty, not both."""

    right: str
    wrong: str = ""


def corrects(text: str, phrases: Phrases) -> bool:
    """Whether the words put something right: by their form (“… chứ không phải …”), or by a word that says so
    (“ghi lộn rồi”).
    """
    return told_apart(text, phrases) is not None or phrases.speaks_of("mistaken", fold(text))


@lru_cache(maxsize=64)
def told_apart(text: str, phrases: Phrases) -> Contrast | None:
    """What a correction puts right; None when the words are no correction by their form."""
    tokens = tokens_of(text)
    denial, change = _first(tokens, terms(phrases, "denials")), _changed(tokens, phrases)
    if denial is not None:
        right, wrong = _around_denial(tokens, *denial, phrases)
    elif change is not None:
        right, wrong = change
    else:
        right, wrong = _after_mistake(tokens, phrases), []
        if not right:
            return None
    fillers, compounds = terms(phrases, "fillers"), terms(phrases, "compounds")
    right, wrong = (trimmed(part, fillers, compounds) for part in (right, wrong))
    if not right and not wrong:
        return None
    return Contrast(slice_of(text, right), slice_of(text, wrong))


def _around_denial(
    tokens: Sequence[Token], start: int, length: int, phrases: Phrases
) -> tuple[list[Token], list[Token]]:
    before, after = list(tokens[:start]), list(tokens[start + length :])
    opening, compounds = terms(phrases, "fillers", "mistakes", "but"), terms(phrases, "compounds")
    told = trimmed(before, opening, compounds)
    if told:
        end = next((i for i, token in enumerate(after) if token.opens), len(after))
        return _last_clause(told), after[:end]
    if after and after[0].opens:
        return after, []
    for index in range(1, len(after)):
        but = term_at(after, index, terms(phrases, "but"))
        if but or after[index].opens:
            return after[index + but :], after[:index]
    return [], after


def _changed(tokens: Sequence[Token], phrases: Phrases) -> tuple[list[Token], list[Token]] | None:
    """“Sửa thôn 3 thành thôn 4”, also after “gửi đi, mà …”."""
    changes, into, but = (terms(phrases, name) for name in ("changes", "into", "but"))
    for start in range(len(tokens)):
        length = term_at(tokens, start, changes)
        begins = start == 0 or tokens[start].opens or term_at(tokens, start - 1, but)
        if not length or not begins:
            continue
        for end in range(start + length + 1, min(start + length + MOST_CHANGED, len(tokens) - 1)):
            turn = term_at(tokens, end, into)
            if turn and not any(token.opens for token in tokens[start + length : end + turn]):
                return list(tokens[end + turn :]), list(tokens[start + length : end])
    return None


def after_yes(text: str, phrases: Phrases) -> str:
    """What follows “đúng rồi nhưng …”, “gửi đi, mà …”; empty when no such yes stands first."""
    tokens, fillers = tokens_of(text), terms(phrases, "fillers")
    start = length = term_at(tokens, 0, terms(phrases, "confirm"))
    while length and start < len(tokens) and not term_at(tokens, start, terms(phrases, "but")):
        length = term_at(tokens, start, fillers)
        start += length
    if not length or start >= len(tokens):
        return ""
    start += term_at(tokens, start, terms(phrases, "but"))
    return slice_of(text, trimmed(tokens[start:], fillers, terms(phrases, "compounds")))


def _last_clause(tokens: list[Token]) -> list[Token]:
    """“Em nhìn lại rồi, đèn hỏng chứ không phải …”: what stands right before the denial."""
    begins = [index for index, token in enumerate(tokens) if token.opens]
    return tokens[begins[-1] :] if begins else tokens


def _after_mistake(tokens: Sequence[Token], phrases: Phrases) -> list[Token]:
    """What follows “à nhầm”, or stands before “mới đúng”."""
    start, fillers = 0, terms(phrases, "fillers")
    while start < len(tokens) and (length := term_at(tokens, start, fillers)):
        start += length
    mistake = term_at(tokens, start, terms(phrases, "mistakes")) or _slip_at(tokens, start, phrases)
    right = _first(tokens, terms(phrases, "proper"))
    end = right[0] if right is not None else len(tokens)
    if mistake:
        start += mistake
        return _after_aspect(tokens[start:end], phrases)
    if right is None and _ends_with_slip(tokens, phrases):
        return list(tokens[:-1])
    return list(tokens[:end]) if right is not None else []


def _slip_at(tokens: Sequence[Token], index: int, phrases: Phrases) -> int:
    """“Lộn, …” as one word; without diacritics, as “lon” also is a pig, only with a comma after it."""
    if index + 1 >= len(tokens) or not term_at(tokens[: index + 1], index, terms(phrases, "slips")):
        return 0
    return 1 if tokens[index].written is not None or tokens[index + 1].opens else 0


def _ends_with_slip(tokens: Sequence[Token], phrases: Phrases) -> bool:
    """“Cẩm Lạc nha, lộn”."""
    last = len(tokens) - 1
    return last > 0 and tokens[last].opens and bool(term_at(tokens, last, terms(phrases, "slips")))


def _after_aspect(tokens: Sequence[Token], phrases: Phrases) -> list[Token]:
    """Without what it is that was wrong: “nhầm thôn, thôn 4”, “sai nhóm rồi, đường chứ”."""
    names = ("hamlets", "units", "place_heads", "edit:category", "edit:where", "edit:what", "fillers")
    aspects = terms(phrases, *names)
    begins = next((index for index, token in enumerate(tokens) if index and token.opens), 0)
    return list(tokens[begins:] if all(covered(tokens[:begins], aspects)) else tokens)


def _first(tokens: Sequence[Token], names: Terms) -> tuple[int, int] | None:
    for index in range(len(tokens)):
        length = term_at(tokens, index, names)
        if length:
            return index, length
    return None
