"""How far the words for a place reach: the head word belongs to it ("chợ Hội", "ngõ 14 Lê Ninh").

Rules after any tagger, so that what an officer reads is an address and not half of one. A span is widened to
the left by head words right before it, and cut where a number on its right counts something else; where no
span was found, a head word with a name in capitals or a number behind it is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from core.text import fold, strip_marks
from nlu.place_heads import (
    BARE_HEADS,
    COUNTED,
    FIRST_WORDS,
    HEADS,
    HEADS_OF_NAMES,
    HOLES,
    NAMED_HEADS,
    TELLING,
    TELLING_BESIDE,
)
from nlu.place_leads import leads_from

Span = tuple[int, int]

_TOKEN = re.compile(r"[^\W\d_]+|\d+(?:[./+]\d+)*[A-Za-z]?\b|[^\w\s]")
_LONGEST_HEAD = 4
_MOST_HEADS = 3
_LONGEST_NAME = 3
_HOUSE_NUMBER = ("số", "so")


class _Token(NamedTuple):
    text: str
    low: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        return self.text[0].isupper() or self.text[0].isdigit()


def settle_extent(text: str, spans: Sequence[Span]) -> list[Span]:
    """The spans of a text (NFC), each with the whole of its place; found by head words when there is none."""
    tokens = [
        _Token(match[0], match[0].lower(), match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]
    heads = BARE_HEADS if text.isascii() or strip_marks(text) == text else HEADS
    if not spans:
        return [] if text.upper() == text else _named(tokens, heads)
    settled: list[Span] = []
    for start, end in spans:
        first = next((at for at, token in enumerate(tokens) if token.end > start), None)
        last = next((at for at in reversed(range(len(tokens))) if tokens[at].start < end), None)
        if first is None or last is None or first > last:
            continue
        first = _widened(tokens, first, heads)
        last = _cut(tokens, first, last)
        begin = tokens[first].start
        if settled and begin < settled[-1][1]:
            begin = settled[-1][1]
        if begin < tokens[last].end:
            settled.append((begin, tokens[last].end))
    return settled


def words_beside(text: str, spans: Sequence[Span]) -> str:
    """The text without these places; "" when there are none, or nothing else."""
    beside, last = "", 0
    for start, end in spans:
        beside += text[last:start]
        last = end
    beside += text[last:]
    return beside if spans and any(letter.isalnum() for letter in beside) else ""


def in_passing(text: str, spans: Sequence[Span]) -> list[Span]:
    """The places that only tell where something is: "ổ gà trước | cổng ủy ban", not "mái | trường dột"."""
    return [(start, end) for start, end in spans if leads_from(text, 0, start) is not None]


def _widened(tokens: Sequence[_Token], first: int, heads: frozenset[str]) -> int:
    """Where the place begins with the head words before it: "trường tiểu học" before "Sơn Lễ"."""
    first -= _head_around(tokens, first, heads)
    for _ in range(_MOST_HEADS):
        size = _head_before(tokens, first, heads)
        if not size:
            break
        first -= size
    if first > 1 and tokens[first - 1].text.isdigit() and tokens[first - 2].low in _HOUSE_NUMBER:
        return first - 2
    return first


def _head_around(tokens: Sequence[_Token], first: int, heads: frozenset[str]) -> int:
    """Words before `first` that make a head with the word there: "đại" of "đại lộ"."""
    for size in range(min(_LONGEST_HEAD - 1, first), 0, -1):
        if " ".join(token.low for token in tokens[first - size : first + 1]) in heads:
            return size
    return 0


def _head_before(tokens: Sequence[_Token], first: int, heads: frozenset[str]) -> int:
    """How many words right before are a head, or a head and a name in capitals: "quán bar Sky"."""
    for name in range(_LONGEST_NAME + 1):
        if name and not (name <= first and tokens[first - name].is_name):
            return 0
        for size in range(min(_LONGEST_HEAD, first - name), 0, -1):
            head = " ".join(token.low for token in tokens[first - name - size : first - name])
            if head in heads or (head in HEADS_OF_NAMES and tokens[first - name].text[0].isupper()):
                return size + name
    return 0


def _cut(tokens: Sequence[_Token], first: int, last: int) -> int:
    """What counts the next word is none of the place ("chung cư Vinhomes | 5 ngày"), nor what is wrong there
    ("nhà bác | hỏng", "cổng trường | ngập nặng")."""
    last = next((at - 1 for at in range(first + 1, last + 1) if _tells(tokens, first, at)), last)
    if last > first and last + 1 < len(tokens) and f"{tokens[last].low} {tokens[last + 1].low}" in HOLES:
        last -= 1
    after = fold(tokens[last + 1].text) if last + 1 < len(tokens) else ""
    if last > first + 1 and tokens[last].text[0].isdigit() and after in COUNTED:
        before = " ".join(token.low for token in tokens[first:last])
        if not any(before.endswith(head) for head in HEADS):
            return last - 1
    return last


def _tells(tokens: Sequence[_Token], first: int, at: int) -> bool:
    """Whether the word tells what is wrong at the place, and is no part of a head ("bãi rác") or a name
    ("thôn đông"). Capitals are names."""
    if tokens[at].text not in TELLING | TELLING_BESIDE:
        return False
    ended = [" ".join(token.low for token in tokens[begin : at + 1]) for begin in range(first, at)]
    if any(words in HEADS for words in ended):
        return False
    before = [" ".join(token.low for token in tokens[begin:at]) for begin in range(first, at)]
    return tokens[at].text in TELLING or not any(words in NAMED_HEADS for words in before)


def _named(tokens: Sequence[_Token], heads: frozenset[str]) -> list[Span]:
    """The first head word with a name behind it."""
    for at in range(len(tokens)):
        if tokens[at].low not in FIRST_WORDS:
            continue
        for size in range(min(_LONGEST_HEAD, len(tokens) - at - 1), 0, -1):
            if " ".join(token.low for token in tokens[at : at + size]) not in heads:
                continue
            end = at + size
            while end < len(tokens) and tokens[end].is_name:
                end += 1
            if end > at + size and not tokens[at + size].text.isdigit():
                first = _widened(tokens, at, heads)
                return [(tokens[first].start, tokens[_cut(tokens, at, end - 1)].end)]
            break
    return []
