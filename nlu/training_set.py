"""From written examples to rows of a sparse matrix: what the two heads, intent and category, learn from.

Every example is learnt twice, as written and without diacritics. One that is good in any state of the talk is
put into the states where people say such things most, chosen by its own hash so that training is repeatable.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.text import fold
from core.understanding import Context
from nlu.examples import Example
from nlu.features import BLOCK_WEIGHTS, Lexicon, all_features
from nlu.linear import NO_CATEGORY, Floats

_USUAL: tuple[str, ...] = (
    Context.IDLE, Context.IDLE, Context.DRAFT_OPEN, Context.DRAFT_OPEN, Context.PHOTO_SENT,
    Context.CONFIRM_DRAFT, Context.RATE_RESULT,
)  # fmt: skip
_USUAL_FOR: dict[str, tuple[str, ...]] = {
    "report": (*[Context.IDLE] * 10, *[Context.DRAFT_OPEN] * 7, *[Context.PHOTO_SENT] * 4,
               *[Context.CONFIRM_DRAFT] * 2, Context.RATE_RESULT),
    "change_location": (Context.CONFIRM_DRAFT, Context.CONFIRM_DRAFT, Context.DRAFT_OPEN, Context.PHOTO_SENT),
    "cancel": (Context.DRAFT_OPEN, Context.CONFIRM_DRAFT, Context.PHOTO_SENT, Context.IDLE),
}  # fmt: skip

_SHORT = 4
"""Syllables up to which an example is learnt in each of its states: there the state decides."""

_ALWAYS_KEPT = "45"


@dataclass(frozen=True, slots=True)
class Row:
    """One writing of one example in one state. `example` is its number, by which folds are kept apart."""

    text: str
    context: str
    intent: str
    category: str
    example: int


def rows_of(examples: Sequence[Example]) -> list[Row]:
    """All rows of a list of examples."""
    return [row for number, example in enumerate(examples) for row in _variants(number, example)]


def _variants(number: int, example: Example) -> Iterator[Row]:
    category = example.category or (NO_CATEGORY if _has_no_matter(example) else "")
    states = example.contexts or _USUAL_FOR.get(example.intent, _USUAL)
    start = int.from_bytes(hashlib.blake2s(example.text.encode()).digest()[:4], "big")
    texts = dict.fromkeys((example.text, example.stripped().text))
    short = len(fold(example.text).split()) <= _SHORT
    for turn, text in enumerate(texts):
        # a state in which something is seldom said is not made usual by short examples
        usual = sorted({state for state in states if len(states) < 4 * states.count(state) + 4})
        chosen = usual if short else [states[(start + turn * 5) % len(states)]]
        for state in chosen:
            yield Row(text, str(state), example.intent, category, number)


def _has_no_matter(example: Example) -> bool:
    return example.intent not in ("emergency", "deny_correct", "feedback_negative", "feedback_positive")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Feature names in order, and log((1 + N) / (1 + df)) + 1 for each."""

    names: list[str]
    idf: Floats


def learnt_matrix(rows: Sequence[Row], lexicon: Lexicon) -> tuple[Vocabulary, Any]:
    """The vocabulary of the rows, and the rows as a CSR matrix over it.

    Kept are features that occur in at least two examples; rarer ones only where they are whole syllables or
    states. Each block of a row is brought to its own length, as `nlu.linear` does.
    """
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    number_of = numbers.__getitem__
    seen: list[set[int]] = []
    counted: list[list[Counter[int]]] = []
    for row in rows:
        blocks = []
        for _, names in all_features(row.text, row.context, lexicon):
            counts = Counter(map(number_of, names))
            seen += [set() for _ in range(len(numbers) - len(seen))]
            for number in counts:
                seen[number].add(row.example)
            blocks.append(counts)
        counted.append(blocks)
    total = len({row.example for row in rows})
    kept = sorted(name for name, number in numbers.items() if len(seen[number]) > 1 or _kept_when_rare(name))
    idf = np.array(
        [math.log((1 + total) / (1 + len(seen[numbers[name]]))) + 1 for name in kept], dtype=np.float32
    )
    columns = np.full(len(numbers), -1, dtype=np.int32)
    columns[[numbers[name] for name in kept]] = np.arange(len(kept))
    return Vocabulary(kept, idf), _matrix(counted, columns, idf)


def _kept_when_rare(name: str) -> bool:
    return name[0] in _ALWAYS_KEPT or (name[0] == "3" and " " not in name)


def _matrix(counted: Sequence[Sequence[Counter[int]]], columns: NDArray[np.int32], idf: Floats) -> Any:
    data: list[NDArray[np.float64]] = []
    where: list[NDArray[np.int32]] = []
    ends = [0]
    for blocks in counted:
        size = 0
        for block, counts in enumerate(blocks):
            at = columns[np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))]
            times = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))[at >= 0]
            at = at[at >= 0]
            if len(at):
                length = math.sqrt(float(np.sum(times * idf[at] ** 2)))
                data.append(BLOCK_WEIGHTS[block] * times * idf[at] / length)
                where.append(at)
                size += len(at)
        ends.append(ends[-1] + size)
    return csr_matrix((np.concatenate(data), np.concatenate(where), ends), shape=(len(counted), len(idf)))
