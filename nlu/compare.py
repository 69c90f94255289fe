"""Ways to understand, side by side: what each part of the interpreter's model is worth.

`python -m nlu.compare [--folds N] [--sample N]` prints one table, a row a way: intent and category by
cross-validation over the written examples, then both on the development set, as typed and without marks. It
is the model alone that is measured here, without the rules of `nlu.judgement`; a way is the model as it is
with one thing changed. Features are counted once and shared; it takes minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.text import strip_marks
from core.understanding import INTENTS
from nlu.evaluate import Labelled, calibration_error, read_set
from nlu.examples import read_examples, read_lookups
from nlu.features import BLOCK_WEIGHTS, BLOCKS, UNMARKED_WEIGHTS, block_weights
from nlu.fitting import temperature_of, weights_of
from nlu.heads import HEADS, Head, category_labels, intent_labels
from nlu.lexicon import build_lexicon
from nlu.linear import NO_CATEGORY
from nlu.marks import Marks
from nlu.train import DATA
from nlu.training_set import Row, Weigh, fold_of, learnt_matrix, rows_of
from nlu.views import Syllable, syllable

DEVELOPMENT = Path(__file__).parent / "dev" / "understanding.jsonl"

Numbers = NDArray[np.int64]
Scores = NDArray[np.float64]
Fit = Callable[[Any, Numbers, int], tuple[Scores, Scores]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to understand; the defaults are the interpreter's own.

    `normalised`: teencode, typing errors and dialect are put right; `restored`: so are missing diacritics.
    `scheme`: "one stage" has classes report/leaf beside the other intents; "two stages" has one head for the
    intent and one for the category; "both" takes the intent from the first, the category from the second.
    """

    name: str
    weigh: Weigh = block_weights
    fit: Fit | None = None
    normalised: bool = True
    restored: bool = True
    scheme: str = "both"
    calibrated: bool = True


@dataclass(slots=True)
class _Table:
    """Rows of training, then the development set as typed, then without marks; blocks weigh 1."""

    matrix: Any
    block: Numbers
    rows: list[Row]
    texts: list[str]
    labels: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: list[Row], dev: Sequence[Labelled], data: Path, way: Way) -> _Table:
        texts = [m.text for m in dev] + [strip_marks(m.text) for m in dev]
        if way.restored:
            marks = Marks.learnt_from(dict.fromkeys(row.text for row in rows))
            texts = [marks.restored(text) for text in texts]
        told = [
            Row(text, str(m.context), m.intents[0], "", -1)
            for text, m in zip(texts, [*dev, *dev], strict=True)
        ]
        vocabulary, matrix = learnt_matrix(
            rows,
            build_lexicon(read_lookups(data)),
            others=told,
            weigh=lambda text: (1.0,) * len(BLOCKS),
            each=syllable if way.normalised else _as_it_is,
        )
        intents = [row.intent for row in rows]
        leaves = category_labels(rows)
        joint = intent_labels(rows)
        block = np.array([int(name[0]) for name in vocabulary.names])
        texts = [row.text for row in (*rows, *told)]
        return cls(matrix, block, rows, texts, {"intent": intents, "category": leaves, "joint": joint})

    def weighted(self, weigh: Weigh) -> Any:
        matrix = self.matrix.copy()
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        matrix.data *= np.array([weigh(text) for text in self.texts])[row, self.block[matrix.indices]]
        matrix.eliminate_zeros()
        return matrix


def _only(blocks: Sequence[int], weights: Sequence[float]) -> tuple[float, ...]:
    return tuple(weight if number in blocks else 0.0 for number, weight in enumerate(weights))


def _as_it_is(word: str) -> Syllable:
    """A syllable without the put-right writing of teencode, typing errors and dialect."""
    one = syllable(word)
    return Syllable(one.typed, one.bare, (one.bare,))


def _one_kind(x: Any, y: Numbers, classes: int, *, make: Callable[[], Any]) -> tuple[Scores, Scores]:
    """Weights and bias of one kind of classifier alone, at a spread of 1."""
    model = make().fit(x, y)
    weights = np.zeros((x.shape[1], classes))
    bias = np.full(classes, -3.0)
    table = getattr(model, "coef_", None)
    if table is None:
        table = model.feature_log_prob_ - model.feature_log_prob_.mean(axis=1, keepdims=True)
    intercept = getattr(model, "intercept_", np.zeros(len(table)))
    spread = float(np.mean((x @ table.T + intercept).std(axis=1)))
    weights[:, model.classes_] = table.T / spread
    bias[model.classes_] = intercept / spread
    return weights, bias


def ways() -> Iterator[Way]:
    """All ways that are compared, the interpreter's own first."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    yield Way("as it is")
    yield Way("missing marks not put back", restored=False)
    yield Way("not put back, but looked for all the same", lambda text: BLOCK_WEIGHTS, restored=False)
    yield Way("view: as typed only", lambda text: _only((0, 2, 5), BLOCK_WEIGHTS))
    yield Way("view: stripped only", lambda text: _only((1, 3, 4, 5), UNMARKED_WEIGHTS))
    yield Way("syllables only", lambda text: _only((2, 3, 4, 5), block_weights(text)))
    yield Way("letter n-grams only", lambda text: _only((0, 1, 4, 5), block_weights(text)))
    yield Way("no lexicon of terms", lambda text: _only((0, 1, 2, 3, 5), block_weights(text)))
    yield Way("teencode, dialect not put right", normalised=False)
    yield Way("no context", lambda text: _only((0, 1, 2, 3, 4), block_weights(text)))
    yield Way("one stage: report/leaf", scheme="one stage")
    yield Way("two stages: intent, then category", scheme="two stages")
    yield Way("SVM alone", fit=partial(_one_kind, make=lambda: LinearSVC(C=0.2, tol=1.0, random_state=7)))
    yield Way(
        "logistic regression alone",
        fit=partial(_one_kind, make=lambda: LogisticRegression(C=8.0, solver="saga", tol=0.02, max_iter=15)),
    )
    yield Way("naive Bayes alone", fit=partial(_one_kind, make=ComplementNB))
    yield Way("not calibrated", calibrated=False)


@dataclass(frozen=True, slots=True)
class Line:
    """Shares, 0..1. `error` is the expected calibration error of the intent on the development set."""

    way: str
    intent_folds: float
    category_folds: float
    intent: float
    intent_bare: float
    category: float
    category_bare: float
    top3: float
    error: float


@dataclass(frozen=True, slots=True)
class _Head:
    """One classifier on one set of labels: right answers by cross-validation, scores of the set."""

    classes: list[str]
    folds: float
    scores: Scores
    temperature: float


def _fit_head(way: Way, head: Head, matrix: Any, table: _Table, labels: Sequence[str], folds: int) -> _Head:
    fit = way.fit or partial(weights_of, bayes=head.bayes)
    used = np.array([number for number, label in enumerate(labels) if label])
    classes = sorted({labels[number] for number in used})
    number_of = {name: number for number, name in enumerate(classes)}
    y = np.array([number_of[labels[number]] for number in used])
    apart = np.array([fold_of(table.rows[number].example, folds) for number in used])
    x = matrix[used]
    held = np.zeros((len(used), len(classes)))
    for fold_number in range(folds):
        out = apart == fold_number
        weights, bias = fit(x[~out], y[~out], len(classes))
        held[out] = x[out] @ weights + bias
    weights, bias = fit(x, y, len(classes))
    matters = y != number_of.get(NO_CATEGORY, -1)
    own = np.array([_intent_of(name) for name in classes])
    right = float(np.mean((own[held.argmax(axis=1)] == own[y])[matters]))
    temperature = temperature_of(held, y) if way.calibrated else 1.0
    return _Head(classes, right, matrix[len(table.rows) :] @ weights + bias, temperature)


def _intent_of(label: str) -> str:
    return label.partition("/")[0]


def measure(way: Way, table: _Table, dev: Sequence[Labelled], folds: int) -> Line:
    """Fit one way and measure it."""
    matrix = table.weighted(way.weigh)
    joined = way.scheme != "two stages"
    intents, categories, _ = HEADS
    first = _fit_head(way, intents, matrix, table, table.labels["joint" if joined else "intent"], folds)
    intent = _summed(first, _intent_of)
    if way.scheme == "one stage":
        leaves = [name.partition("/")[2] for name in first.classes]
        category = (leaves, np.where([bool(leaf) for leaf in leaves], first.scores, -np.inf))
        category_right = float("nan")
    else:
        second = _fit_head(way, categories, matrix, table, table.labels["category"], folds)
        category, category_right = (second.classes, second.scores), second.folds
    folds_right = (first.folds, category_right)
    found = [
        _on_development(dev, intent, category, slice(start, start + len(dev))) for start in (0, len(dev))
    ]
    return Line(way.name, *folds_right, found[0][0], found[1][0], found[0][1], found[1][1], *found[0][2:])


def _summed(head: _Head, intent_of: Callable[[str], str]) -> tuple[list[str], Scores]:
    """Probabilities of intents: those of all classes of an intent together."""
    z = head.scores / head.temperature
    shares = np.exp(z - z.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    names = list(INTENTS)
    summed = np.zeros((len(shares), len(names)))
    for column, name in enumerate(head.classes):
        summed[:, names.index(intent_of(name))] += shares[:, column]
    return names, summed


def _on_development(
    dev: Sequence[Labelled], intent: tuple[list[str], Scores], category: tuple[list[str], Scores], part: slice
) -> tuple[float, float, float, float]:
    """Intent, category, category among the first three, calibration error of the intent."""
    names, shares = intent[0], intent[1][part]
    guessed = [
        (float(row.max()), names[row.argmax()] in m.intents) for m, row in zip(dev, shares, strict=True)
    ]
    leaves, scores = category[0], category[1][part].copy()
    scores[:, [leaf == NO_CATEGORY for leaf in leaves]] = -np.inf
    ranks = [
        [leaves[column] in m.categories for column in np.argsort(-row)[:3]]
        for m, row in zip(dev, scores, strict=True)
        if m.categories
    ]
    return (
        float(np.mean([right for _, right in guessed])),
        float(np.mean([ranked[0] for ranked in ranks])),
        float(np.mean([any(ranked) for ranked in ranks])),
        calibration_error(guessed),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.compare", description="compare ways to understand")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", type=Path, default=DEVELOPMENT)
    parser.add_argument("--folds", type=int, default=2)
    parser.add_argument("--sample", type=int, default=1, help="learn from every Nth example only")
    options = parser.parse_args(arguments)
    dev = read_set(options.set)
    rows = rows_of(read_examples(options.data)[:: options.sample])
    tables: dict[tuple[bool, bool], _Table] = {}
    out = sys.stdout.write
    out("| way | intent c-v | category c-v | intent | no marks | category | no marks | top 3 | error |\n")
    out("|---|" + "---:|" * 8 + "\n")
    for way in ways():
        seen = way.normalised, way.restored
        if seen not in tables:
            tables[seen] = _Table.of(rows, dev, options.data, way)
        line = measure(way, tables[seen], dev, options.folds)
        name, *shares = astuple(line)
        out(f"| {name} | " + " | ".join("–" if isnan(share) else f"{share:.3f}" for share in shares) + " |\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
