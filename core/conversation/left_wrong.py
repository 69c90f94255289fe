"""What is wrong still where something is solved: “có điện rồi nhưng yếu lắm”, “rác dọn rồi, đèn thì hỏng”.

Without a word of contrast only a surely known matter counts, as after a comma anything may be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.conversation.tokens import Token, covered, slice_of, term_at, terms, tokens_of
from core.phrases import Phrases
from core.text import fold

_DONE = frozenset({"roi", "xong"})


@dataclass(frozen=True, slots=True)
class LeftWrong:
    """`solved` is the clause that tells what is over, `left` what follows it; `against`: by a “nhưng”."""

    solved: str
    left: str
    against: bool


def what_is_left(text: str, phrases: Phrases) -> LeftWrong | None:
    """The first clause that says something is solved, and what comes after it, if anything does."""
    tokens = tokens_of(text)
    for index in range(1, len(tokens)):
        length, against = _border(tokens, index, phrases)
        if not length and not tokens[index].opens:
            continue
        solved, left = slice_of(text, tokens[:index]), slice_of(text, tokens[index + length :])
        if says_solved(solved, phrases):
            return LeftWrong(solved, left, against) if _tells(left, phrases) else None
    return None


def _tells(text: str, phrases: Phrases) -> bool:
    """More than thanks and particles."""
    return not all(covered(tokens_of(text), terms(phrases, "fillers", "courtesy", "vocatives")))


def says_solved(text: str, phrases: Phrases) -> bool:
    """“Họ dọn rồi”, and not “chưa dọn xong”."""
    folded = fold(text)
    return phrases.speaks_of("solved", folded) and not phrases.speaks_of("not_solved", folded)


def _border(tokens: Sequence[Token], index: int, phrases: Phrases) -> tuple[int, bool]:
    """How many words of a joint stand there, and whether it says that not all is well: “nhưng”, “rồi lại”."""
    length = term_at(tokens, index, terms(phrases, "but"))
    if length:
        return length, True
    over = tokens[index].opens or tokens[index - 1].folded in _DONE
    length = term_at(tokens, index, terms(phrases, "lasting")) if over else 0
    return length, bool(length)
