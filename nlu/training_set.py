"""From written examples to rows of a sparse matrix: what the two heads, intent and category, learn from.

An example is learnt as written, and mostly without diacritics, too. One that is good in any state of the talk
is put into the states where people say such things most, chosen by its own hash, so that training is
repeatable.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from core.text import fold
from core.understanding import Context
from nlu.examples import Example
from nlu.features import (
    Lexicon,
    block_weights,
    concept_features,
    context_features,
    phrase_features,
    word_features,
)
from nlu.linear import NO_CATEGORY, Floats
from nlu.views import Syllable, syllable, writings

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

_STRIPPED_EVERY = 2
"""Of longer examples so many are learnt without marks, too; a message gets its marks back (`nlu.marks`)."""

_LEAD_IN_EVERY = 6
_TELLING = frozenset(("report", "emergency", "help", "check_status", "human"))

_ALWAYS_KEPT = "45"


@dataclass(frozen=True, slots=True)
class Row:
    """One writing of one example in one state. `example` is its number, by which folds are kept apart."""

    text: str
    context: str
    intent: str
    category: str
    example: int


def fold_of(example: int, folds: int) -> int:
    """The fold of an example in cross-validation: all its writings and states are in one."""
    return (example * 2_654_435_761 >> 7) % folds


def rows_of(examples: Sequence[Example], lead_ins: Sequence[str] = ()) -> list[Row]:
    """All rows of a list of examples. Of those who tell something every sixth does it after a lead-in: a
    greeting before a matter is no greeting."""
    return [row for number, example in enumerate(examples) for row in _variants(number, example, lead_ins)]


def _variants(number: int, example: Example, lead_ins: Sequence[str]) -> Iterator[Row]:
    category = example.category or (NO_CATEGORY if _has_no_matter(example) else "")
    states = example.contexts or _USUAL_FOR.get(example.intent, _USUAL)
    start = int.from_bytes(hashlib.blake2s(example.text.encode()).digest()[:4], "big")
    short = len(fold(example.text).split()) <= _SHORT
    if lead_ins and start % _LEAD_IN_EVERY == 0 and example.intent in _TELLING and not short:
        example = replace(example, text=f"{lead_ins[start // 7 % len(lead_ins)]} {example.text}")
    stripped = short or example.intent == "emergency" or start // 64 % _STRIPPED_EVERY == 0
    texts = dict.fromkeys((example.text, example.stripped().text) if stripped else (example.text,))
    for turn, text in enumerate(texts):
        # a state in which something is seldom said is not made usual by short examples
        usual = sorted({state for state in states if len(states) < 4 * states.count(state) + 4})
        chosen = usual if short else [states[(start + turn * 5) % len(states)]]
        for state in chosen:
            yield Row(text, str(state), example.intent, category, number)


def _has_no_matter(example: Example) -> bool:
    return example.intent not in ("emergency", "deny_correct", "feedback_negative", "feedback_positive")


Weigh = Callable[[str], Sequence[float]]
"""A message → what each block of its features counts."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Feature names in order, and log((1 + N) / (1 + df)) + 1 for each."""

    names: list[str]
    idf: Floats


def learnt_matrix(
    rows: Sequence[Row],
    lexicon: Lexicon,
    *,
    others: Sequence[Row] = (),
    weigh: Weigh = block_weights,
    each: Callable[[str], Syllable] = syllable,
) -> tuple[Vocabulary, Any]:
    """The vocabulary of the rows, and the rows, then `others`, as a CSR matrix over it.

    Kept are features that occur in at least two examples; rarer ones only where they are whole syllables or
    states. Each block of a row is brought to its own length, as `nlu.linear` does.
    """
    names, counts = _counted([*rows, *others], lexicon, each)
    examples = np.array([row.example for row in rows])
    total = len(np.unique(examples))
    seen = _examples_with(counts[: len(rows)], examples)
    kept = sorted(
        (name, number) for number, name in enumerate(names) if seen[number] > 1 or _kept_when_rare(name)
    )
    order = np.array([number for _, number in kept])
    idf = (np.log((1 + total) / (1 + seen[order])) + 1).astype(np.float32)
    block = np.array([int(name[0]) for name, _ in kept])
    return Vocabulary([name for name, _ in kept], idf), _weighted(
        counts[:, order], idf, block, np.array([weigh(row.text) for row in [*rows, *others]])
    )


def _counted(rows: Sequence[Row], lexicon: Lexicon, each: Callable[[str], Syllable]) -> tuple[list[str], Any]:
    """Feature names in the order in which they are met, and how often each row has each (CSR)."""
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    number_of = numbers.__getitem__
    known: dict[Syllable, list[int]] = {}
    told: dict[str, tuple[list[Syllable], list[int]]] = {}  # a text is counted once for all its states
    columns = array("i")
    ends = [0]
    for row in rows:
        if row.text not in told:
            syllables = writings(row.text, each)
            told[row.text] = syllables, _numbered(syllables, lexicon, number_of, known)
        syllables, own = told[row.text]
        columns.extend(own)
        columns.extend(map(number_of, context_features(row.text, syllables, row.context)))
        ends.append(len(columns))
    counts = csr_matrix(
        (np.ones(len(columns), dtype=np.float32), np.frombuffer(columns, dtype=np.int32), ends),
        shape=(len(rows), len(numbers)),
    )
    counts.sum_duplicates()
    return list(numbers), counts


def _numbered(
    syllables: Sequence[Syllable],
    lexicon: Lexicon,
    number_of: Callable[[str], int],
    known: dict[Syllable, list[int]],
) -> list[int]:
    """The numbers of a text's features, those of the state of the talk left out."""
    found: list[int] = []
    for one in syllables:
        if one not in known:
            known[one] = [number_of(name) for names in word_features(one) for name in names]
        found += known[one]
    for names in phrase_features(syllables):
        found += map(number_of, names)
    found += map(number_of, concept_features(syllables, lexicon))
    return found


def _examples_with(counts: Any, examples: NDArray[np.int64]) -> NDArray[np.int64]:
    """In how many examples each feature occurs; an example's writings and states are one."""
    _, place = np.unique(examples, return_inverse=True)
    ones = csr_matrix((np.ones(len(place), dtype=np.float32), (place, np.arange(len(place)))))
    return np.bincount((ones @ counts).indices, minlength=counts.shape[1])


def _kept_when_rare(name: str) -> bool:
    return name[0] in _ALWAYS_KEPT or (name[0] == "3" and " " not in name)


def _weighted(counts: Any, idf: Floats, block: NDArray[np.int64], weights: NDArray[np.float64]) -> Any:
    """count · idf · weight of the block in the row ÷ √Σ count · idf² of the block in the row."""
    squares = csr_matrix((idf.astype(np.float64) ** 2, (np.arange(len(idf)), block)))
    lengths = np.sqrt((counts @ squares).toarray()).clip(min=1e-9)
    weighted = counts.astype(np.float64)
    row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    of = block[weighted.indices]
    weighted.data *= idf[weighted.indices] * (weights / lengths)[row, of]
    weighted.eliminate_zeros()
    weighted.sort_indices()
    return weighted
