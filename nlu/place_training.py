"""Learning the place tagger from the entity marks of the examples: a linear support vector machine.

Each word is learnt with the right tags before it; with and without diacritics and capitals.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from core.text import fold
from nlu.examples import Example
from nlu.place_tagger import PlaceTagger, Reading

_SEED = 11
_TAGS = "OBI"
_PENALTY = 0.03
_HARDLY_SPEAKS = 0.005


def train_tagger(examples: Sequence[Example], lookups: Mapping[str, Sequence[str]]) -> PlaceTagger:
    """Learn from the entity marks of all examples; features that one word alone has are left out."""
    names = frozenset(fold(name) for name in lookups.get("place_name", ()))
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    columns, ends, tags = array("i"), [0], []
    for example in examples:
        for text in _writings(example):
            reading = Reading(text, names)
            for token in reading.tokens:
                columns.extend(map(numbers.__getitem__, reading.features()))
                ends.append(len(columns))
                tag = _right_tag(token.start, example.places)
                tags.append(_TAGS.index(tag))
                reading.put(tag)
    ones = np.ones(len(columns), dtype=np.float64)
    x = csr_matrix((ones, np.frombuffer(columns, dtype=np.int32), ends), shape=(len(tags), len(numbers)))
    kept = np.flatnonzero(np.bincount(x.indices, minlength=len(numbers)) > 1)
    named = list(numbers)
    return PlaceTagger(_weights(x[:, kept], np.array(tags), [named[n] for n in kept]), names)


def _weights(x: Any, tags: Any, names: Sequence[str]) -> dict[str, tuple[float, float, float]]:
    machine = LinearSVC(C=_PENALTY, dual=True, tol=1.0, random_state=_SEED, fit_intercept=False).fit(x, tags)
    table = np.zeros((x.shape[1], len(_TAGS)))
    table[:, machine.classes_] = machine.coef_.T if len(machine.classes_) > 2 else _both(machine.coef_[0])
    loud = np.abs(table).max(axis=1) >= _HARDLY_SPEAKS
    return {
        name: (round(o, 3), round(b, 3), round(i, 3))
        for name, (o, b, i), speaks in zip(names, table.tolist(), loud, strict=True)
        if speaks
    }


def _both(coefficients: Any) -> Any:
    """Two classes are given as one column."""
    return np.stack([-coefficients, coefficients], axis=1)


def _right_tag(start: int, places: Sequence[tuple[int, int]]) -> str:
    span = next((place for place in places if place[0] <= start < place[1]), None)
    return "O" if span is None else "B" if start == span[0] else "I"


def _writings(example: Example) -> Iterator[str]:
    """As written; without marks, half of them also without capitals; of a third without capitals alone. Of
    what names no place every third writing is enough."""
    size = len(example.text)
    bare = example.stripped().text
    found = [example.text, bare.lower() if size % 2 else bare]
    if example.places and size % 3 == 0:
        found.append(example.text.lower())
    for text in dict.fromkeys(found):
        if len(text) == size and (example.places or size % 3 == 0):
            yield text
