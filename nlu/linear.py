"""The trained weights at run time: numpy and one dictionary, nothing of scikit-learn.

A block's part of a score is Σ idf·weight over its features, divided by the block's length √Σ idf², so that
long and short messages weigh the same. What depends on one syllable alone is kept for the next message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.features import (
    BLOCKS,
    WORD_BLOCKS,
    Lexicon,
    block_weights,
    concept_features,
    context_features,
    phrase_features,
    word_features,
)
from nlu.views import Syllable, syllable, words

Floats = NDArray[np.float32]

NO_CATEGORY = "none"
"""The class of the category head for words with no matter in them."""

_KEPT_WORDS = 20_000


class LinearModel:
    """Scores of all classes of all heads at once. `weights` has one row a feature, one column a class."""

    def __init__(
        self, names: Sequence[str], idf: Floats, weights: Floats, bias: Floats, lexicon: Lexicon
    ) -> None:
        self._index = {name: number for number, name in enumerate(names)}
        classes = weights.shape[1]
        # one more column carries idf², so that one sum gives score and length
        self._rows = np.empty((len(names), classes + 1), dtype=np.float32)
        np.multiply(weights, idf[:, None], out=self._rows[:, :classes])
        self._rows[:, classes] = idf * idf
        self._bias = bias
        self._lexicon = lexicon
        self._kept: dict[str, tuple[Syllable, Floats]] = {}

    def scores(self, text: str, context: str) -> Floats:
        """One score a class (not yet probabilities)."""
        sums = np.zeros((len(BLOCKS), self._rows.shape[1]), dtype=np.float32)
        syllables: list[Syllable] = []
        parts: list[Floats] = []
        for word in words(text):
            known = self._kept.get(word) or self._keep(word)
            syllables.append(known[0])
            parts.append(known[1])
        if parts:
            np.add.reduce(parts, axis=0, out=sums[:WORD_BLOCKS])
        pairs, wider = phrase_features(syllables)
        sums[2] += self._sum(pairs)
        sums[3] += self._sum(wider)
        sums[4] = self._sum(concept_features(syllables, self._lexicon))
        sums[5] = self._sum(context_features(text, syllables, context))
        lengths = np.sqrt(sums[:, -1:])
        np.maximum(lengths, 1e-6, out=lengths)
        counts = np.array(block_weights(text), dtype=np.float32)[:, None]
        result: Any = (sums[:, :-1] * (counts / lengths)).sum(axis=0) + self._bias
        return np.asarray(result, dtype=np.float32)

    def _sum(self, names: Sequence[str]) -> Floats | float:
        index = self._index
        rows = [index[name] for name in names if name in index]
        if not rows:
            return 0.0
        return np.asarray(np.add.reduce(self._rows[rows], axis=0), dtype=np.float32)

    def _keep(self, word: str) -> tuple[Syllable, Floats]:
        one = syllable(word)
        sums = np.zeros((WORD_BLOCKS, self._rows.shape[1]), dtype=np.float32)
        for block, names in enumerate(word_features(one)):
            sums[block] = self._sum(names)
        if len(self._kept) >= _KEPT_WORDS:  # only a flood of nonsense fills it
            self._kept.clear()
        self._kept[word] = (one, sums)
        return one, sums


def softmax(scores: Floats, temperature: float) -> Floats:
    """Probabilities of one head."""
    shifted = np.exp((scores - scores.max()) / temperature)
    return np.asarray(shifted / shifted.sum(), dtype=np.float32)
