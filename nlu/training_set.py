"""From written examples to rows of a sparse matrix: what the two heads, intent and category, learn from.

Every example is learnt twice, as written and without diacritics. One that is good in any state of the talk is
put into the states where people say such things most, chosen by its own hash so that training is repeatable.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
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

_RARE_BLOCKS = "0123"
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


def build_vocabulary(rows: Sequence[Row], lexicon: Lexicon) -> Vocabulary:
    """Features that occur in at least two examples; rarer ones only where they are whole syllables or states."""
    seen: dict[str, set[int]] = {}
    for row in rows:
        for _, names in all_features(row.text, row.context, lexicon):
            for name in names:
                seen.setdefault(name, set()).add(row.example)
    kept = sorted(name for name, where in seen.items() if len(where) > 1 or _kept_when_rare(name))
    total = len({row.example for row in rows})
    idf = [math.log((1 + total) / (1 + len(seen[name]))) + 1 for name in kept]
    return Vocabulary(kept, np.array(idf, dtype=np.float32))


def _kept_when_rare(name: str) -> bool:
    return name[0] in _ALWAYS_KEPT or (name[0] == "3" and " " not in name)


def matrix_of(rows: Sequence[Row], vocabulary: Vocabulary, lexicon: Lexicon) -> Any:
    """The rows as a CSR matrix, each block brought to its own length as `nlu.linear` does."""
    index = {name: number for number, name in enumerate(vocabulary.names)}
    idf = vocabulary.idf
    values: list[float] = []
    columns: list[int] = []
    ends = [0]
    for row in rows:
        for block, names in all_features(row.text, row.context, lexicon):
            counts = Counter(index[name] for name in names if name in index)
            length = math.sqrt(sum(count * float(idf[column]) ** 2 for column, count in counts.items()))
            for column, count in counts.items():
                columns.append(column)
                values.append(BLOCK_WEIGHTS[block] * count * float(idf[column]) / length)
        ends.append(len(columns))
    data = np.array(values, dtype=np.float64)
    shape = (len(rows), len(vocabulary.names))
    return csr_matrix((data, np.array(columns, dtype=np.int32), np.array(ends)), shape=shape)
