"""Words that are likely now, as a tree of tokens that a beam search walks along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.places.spelling import syllables

START = "▁"
"""What a token begins with that begins a word."""
_MOST_SPELLINGS = 3


@dataclass(slots=True, eq=False)
class BiasNode:
    """A place in the tree. `ends` says that a phrase is complete here."""

    depth: int = 0
    ends: bool = False
    next: dict[int, BiasNode] = field(default_factory=dict)


class TokenBook:
    """The tokens of a model by their text."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tuple(tokens)
        self._ids = {token: number for number, token in enumerate(tokens) if token}
        self._longest = max(map(len, self._ids), default=0)
        self.spellings = lru_cache(maxsize=4096)(self._spellings)

    def _spellings(self, word: str) -> tuple[tuple[int, ...], ...]:
        """The ways to write a word in tokens, with the fewest tokens first."""
        whole = self._ids.get(START + word)
        if whole is not None:
            return ((whole,),)
        ways = list(self._split(START + word, 4))
        return tuple(sorted(ways, key=len)[:_MOST_SPELLINGS])

    def _split(self, rest: str, most: int) -> Iterable[tuple[int, ...]]:
        if not rest:
            yield ()
            return
        if not most:
            return
        for length in range(min(len(rest), self._longest), 0, -1):
            number = self._ids.get(rest[:length])
            if number is not None:
                for tail in self._split(rest[length:], most - 1):
                    yield (number, *tail)


def bias_tree(phrases: Iterable[str], book: TokenBook) -> BiasNode | None:
    """The tree of phrases (any case, any punctuation); None when nothing is left of them."""
    root = BiasNode()
    for phrase in phrases:
        words = [book.spellings(syllable.low) for syllable in syllables(phrase)]
        if not words or not all(words):
            continue
        ends = [root]
        for ways in words:
            ends = [_walk(node, way) for node in ends for way in ways]
        for node in ends:
            node.ends = True
    return root if root.next else None


def _walk(node: BiasNode, way: Sequence[int]) -> BiasNode:
    for token in way:
        node = node.next.setdefault(token, BiasNode(node.depth + 1))
    return node
