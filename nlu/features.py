"""From a message to named features, in blocks that are weighed one by one.

Training and interpretation share this file, so that both see the same. A feature's name begins with its
block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from core.text import strip_marks
from nlu.views import Syllable, writings

BLOCKS = ("typed letters", "bare letters", "typed syllables", "plain syllables", "concepts", "context")
WORD_BLOCKS = 4
"""The first four blocks have features that depend on one syllable only and may be kept for the next
message."""

BLOCK_WEIGHTS = (1.0, 1.1, 1.3, 1.9, 0.4, 0.9)
"""How much each block counts; chosen by `nlu.compare` and the development set."""
UNMARKED_WEIGHTS = (0.0, 1.5, 0.0, 2.4, 0.4, 0.9)
"""The same for a message without any diacritics: as typed it says no more than bare, only less surely."""

_LETTERS = ((2, 4), (2, 5))
_LONGEST_CONCEPT = 5
_SHORT = 6
"""Syllables up to which a message is read together with the state of the talk."""

Lexicon = Mapping[str, Sequence[str]]
"""Plain writing of a term (syllables with single blanks) → the concepts it stands for."""


@lru_cache(maxsize=16_384)
def word_features(syllable: Syllable) -> tuple[list[str], list[str], list[str], list[str]]:
    """Features of one syllable, one list for each of the word blocks."""
    return (
        [f"0{gram}" for gram in _grams(f" {syllable.typed} ", *_LETTERS[0])],
        [f"1{gram}" for gram in _grams(f" {syllable.bare} ", *_LETTERS[1])],
        [f"2{syllable.typed}"],
        [f"3{word}" for word in syllable.plain],
    )


def phrase_features(syllables: Sequence[Syllable]) -> tuple[list[str], list[str]]:
    """Features of neighbouring syllables: typed pairs, and plain pairs, triples and pairs with a gap."""
    typed = [s.typed for s in syllables]
    plain = [word for s in syllables for word in s.plain]
    pairs = [f"2{one} {two}" for one, two in pairwise(typed)]
    wider = [f"3{one} {two}" for one, two in pairwise(plain)]
    wider += [f"3{a} {b} {c}" for a, b, c in zip(plain, plain[1:], plain[2:], strict=False)]
    wider += [f"3{one} _ {two}" for one, two in zip(plain, plain[2:], strict=False)]
    if plain:
        wider += [f"3^{plain[0]}", f"3{plain[-1]}$"]
    return pairs, wider


def concept_features(syllables: Sequence[Syllable], lexicon: Lexicon) -> list[str]:
    """One feature for every term of the lexicon that occurs, longest first at each place."""
    plain = [word for s in syllables for word in s.plain]
    found: list[str] = []
    for start in range(len(plain)):
        term = ""
        for word in plain[start : start + _LONGEST_CONCEPT]:
            term = f"{term} {word}" if term else word
            found += [f"4{concept}" for concept in lexicon.get(term, ())]
    return found


def context_features(text: str, syllables: Sequence[Syllable], context: str) -> list[str]:
    """The state of the talk, alone and together with the words of a short message."""
    plain = [word for s in syllables for word in s.plain]
    size = ["1", "2", "3", "4-6", "7-12", "13+"][sum(len(plain) > top for top in (1, 2, 3, 6, 12))]
    found = [f"5{context}", f"5{context}|{size}", f"5size {size}"]
    if "?" in text:
        found += ["5?", f"5{context}|?"]
    if len(plain) <= _SHORT:
        found += [f"5{context}|{word}" for word in plain]
        found.append(f"5{context}|{' '.join(plain)}|")
    elif plain:
        found += [f"5{context}|^{plain[0]}", f"5{context}|^{plain[0]} {plain[1]}" if len(plain) > 1 else ""]
    return [name for name in found if name]


def block_weights(text: str) -> tuple[float, ...]:
    """What each block counts in this message."""
    unmarked = text.isascii() or strip_marks(text) == text
    return UNMARKED_WEIGHTS if unmarked else BLOCK_WEIGHTS


def all_features(text: str, context: str, lexicon: Lexicon) -> Iterator[tuple[int, list[str]]]:
    """Every block's features of one message: (number of the block, names, repeated as often as they
    occur)."""
    syllables = writings(text)
    blocks: list[list[str]] = [[] for _ in BLOCKS]
    for one in syllables:
        for block, names in enumerate(word_features(one)):
            blocks[block] += names
    pairs, wider = phrase_features(syllables)
    blocks[2] += pairs
    blocks[3] += wider
    blocks[4] = concept_features(syllables, lexicon)
    blocks[5] = context_features(text, syllables, context)
    yield from enumerate(blocks)


def _grams(word: str, shortest: int, longest: int) -> list[str]:
    size = len(word)
    return [
        word[start : start + n]
        for n in range(shortest, min(longest, size) + 1)
        for start in range(size - n + 1)
    ]
