"""A message as words with their places in it, for rules that cut it apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.phrases import Phrases
from core.text import fold, strip_marks

_WORD = re.compile(r"\w+")
_CLAUSE = re.compile(r"[,;:.!?()\n–—]")
LONGEST_TERM = 4
"""Words in the longest term of a pack's word list that is looked for inside a sentence."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Words of the pack to be found in a sentence, with and without diacritics."""

    folded: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    begins: frozenset[str] = field(init=False)
    """The first word of every term, in both writings."""

    def __post_init__(self) -> None:
        first = frozenset(term.split(" ", 1)[0] for term in self.folded | self.written)
        object.__setattr__(self, "begins", first)

    def __or__(self, other: Terms) -> Terms:
        return Terms(self.folded | other.folded, self.written | other.written)


NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Token:
    """A word from `start` to `end` of the text. `opens`: a comma or the like stands before it.

    `written` is the word in lower case with its diacritics; None in a text that is typed without any.
    """

    start: int
    end: int
    folded: str
    opens: bool = False
    written: str | None = None


@lru_cache(maxsize=512)
def terms(phrases: Phrases, *names: str) -> Terms:
    """The words of these lists of the pack."""
    return Terms(
        frozenset().union(*map(phrases.words, names)), frozenset().union(*map(phrases.written, names))
    )


def tokens_of(text: str) -> list[Token]:
    """The words of the text in order."""
    found: list[Token] = []
    last, marked = 0, strip_marks(text) != text
    for match in _WORD.finditer(text):
        folded = _folded(match[0])
        if folded:
            opens = bool(found) and bool(_CLAUSE.search(text, last, match.start()))
            written = match[0].lower() if marked else None
            found.append(Token(match.start(), match.end(), folded, opens, written))
            last = match.end()
    return found


@lru_cache(maxsize=16_384)
def _folded(word: str) -> str:
    return fold(word)


def term_at(tokens: Sequence[Token], index: int, names: Terms) -> int:
    """How many words from `index` on are the longest of the terms that stands there; 0: none does.

    Where the text has diacritics they count: “chợ” is not “chỗ”.
    """
    if index >= len(tokens):
        return 0
    if tokens[index].folded not in names.begins and tokens[index].written not in names.begins:
        return 0
    for length in range(min(LONGEST_TERM, len(tokens) - index), 0, -1):
        run = tokens[index : index + length]
        if any(token.opens for token in run[1:]):
            continue
        if all(token.written is not None for token in run):
            found = " ".join(token.written or "" for token in run) in names.written
        else:
            found = " ".join(token.folded for token in run) in names.folded
        if found:
            return length
    return 0


def covered(tokens: Sequence[Token], names: Terms, except_in: Terms = NO_TERMS) -> list[bool]:
    """For each word whether it is part of one of the terms, and not of a longer one of `except_in`."""
    marks, index = [False] * len(tokens), 0
    while index < len(tokens):
        length, longer = term_at(tokens, index, names), term_at(tokens, index, except_in)
        if length > longer:
            marks[index : index + length] = [True] * length
        index += max(length, longer) or 1
    return marks


def slice_of(text: str, tokens: Sequence[Token]) -> str:
    """The text from the first of the words to the last."""
    return text[tokens[0].start : tokens[-1].end] if tokens else ""


def trimmed(tokens: Sequence[Token], names: Terms, except_in: Terms = NO_TERMS) -> list[Token]:
    """The words without those of the terms at either end."""
    marks = covered(tokens, names, except_in)
    kept = [index for index, mark in enumerate(marks) if not mark]
    return list(tokens[kept[0] : kept[-1] + 1]) if kept else []


def trimmed_end(tokens: Sequence[Token], names: Terms) -> list[Token]:
    """The words without those of the terms at the end."""
    marks = covered(tokens, names)
    return list(tokens[: next((at + 1 for at in reversed(range(len(marks))) if not marks[at]), 0)])


def leading(tokens: Sequence[Token], names: Terms, except_in: Terms = NO_TERMS) -> int:
    """How many words at the front are of the terms."""
    marks = covered(tokens, names, except_in)
    return next((index for index, mark in enumerate(marks) if not mark), len(tokens))


def find_run(tokens: Sequence[Token], words: Sequence[str]) -> int:
    """Where these folded words stand one after another; -1: nowhere."""
    if not words:
        return -1
    for index in range(len(tokens) - len(words) + 1):
        if all(tokens[index + offset].folded == word for offset, word in enumerate(words)):
            return index
    return -1
