"""Training of the in-process interpreter: examples in Rasa's form → one file of weights.

`python -m nlu.train [DATA] [OUT]` trains and prints a short table. scikit-learn and scipy are needed here
only.
Repeatable: the same data give the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.text import strip_marks
from nlu.examples import fingerprint, read_examples, read_lookups
from nlu.fitting import temperature_of, weights_of
from nlu.lexicon import build_lexicon
from nlu.linear import DANGER_CLASSES, NO_CATEGORY, Floats
from nlu.place_training import train_tagger
from nlu.training_set import Row, fold_of, learnt_matrix, rows_of

DATA = Path(__file__).parent / "data"
MODEL = Path(__file__).parent / "model" / "interpreter.npz"
FORMAT = 2

_FOLDS = 4
_INTENT_BAYES = 0.5
_CATEGORY_BAYES = 1.5
"""What naive Bayes counts in a head; chosen by held-out examples and the development sets."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What training measured. Accuracies, 0..1, are of the quarter of the examples that is held out while the
    temperature is chosen (`nlu.compare` cross-validates)."""

    examples: int
    rows: int
    features: int
    intent: float
    intent_bare: float
    category: float
    category_bare: float
    category_top3: float
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class _Head:
    """One classifier: its classes in order, weights (features × classes), bias, temperature, held-out
    results."""

    classes: list[str]
    weights: Floats
    bias: Floats
    temperature: float
    held_out: NDArray[np.float64]
    truth: NDArray[np.int64]
    rows: list[int]


def train(data_dir: Path, out_path: Path) -> Summary:
    """Train on all examples of `data_dir` and write the model.

    Raises nlu.examples.BadExamples when the data are not in form.
    """
    started = time.perf_counter()
    examples = read_examples(data_dir)
    lookups = read_lookups(data_dir)
    lexicon = build_lexicon(lookups)
    rows = rows_of(examples)
    leaves = sorted({row.category for row in rows if row.category and row.category != NO_CATEGORY})
    said = [joint_label(row) for row in rows]
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:  # a second core does half of the work
        tagging = beside.submit(train_tagger, examples, lookups)
        vocabulary, matrix = learnt_matrix(rows, lexicon)
        ranking = beside.submit(
            _fit, matrix, rows, [*leaves, NO_CATEGORY], category_labels(rows), _CATEGORY_BAYES
        )
        intent = _fit(matrix, rows, sorted(set(said)), said, _INTENT_BAYES)
        danger = _fit(matrix, rows, list(DANGER_CLASSES), _danger_labels(rows), _INTENT_BAYES)
        tagger, category = tagging.result(), ranking.result()
    meta = {
        "format": FORMAT,
        "fingerprint": fingerprint(data_dir),
        "intents": intent.classes,
        "leaves": category.classes,
        "temperatures": [intent.temperature, category.temperature, danger.temperature],
        "lexicon": {term: list(concepts) for term, concepts in lexicon.items()},
        "tagger": tagger.to_json(),
    }
    _write(out_path, vocabulary.names, vocabulary.idf, (intent, category, danger), meta)
    return Summary(
        examples=len(examples),
        rows=len(rows),
        features=len(vocabulary.names),
        intent=_intent_accuracy(intent, rows, bare=False),
        intent_bare=_intent_accuracy(intent, rows, bare=True),
        category=_accuracy(category, rows, bare=False),
        category_bare=_accuracy(category, rows, bare=True),
        category_top3=_accuracy(category, rows, bare=False, top=3),
        seconds=time.perf_counter() - started,
        megabytes=out_path.stat().st_size / 1e6,
    )


def joint_label(row: Row) -> str:
    """The class of the intent head: the intent; of a report with its category, which keeps unlike reports
    apart."""
    return f"report/{row.category}" if row.intent == "report" else row.intent


def _danger_labels(rows: Sequence[Row]) -> list[str]:
    """Danger now against everything told in words: once for each writing, one-word answers left out."""
    seen: set[str] = set()
    labels = []
    for row in rows:
        said = row.intent == "emergency" or len(row.text.split()) > 2
        labels.append(DANGER_CLASSES[row.intent == "emergency"] if said and row.text not in seen else "")
        seen.add(row.text)
    return labels


def category_labels(rows: Sequence[Row]) -> list[str]:
    """Each writing once: the state of the talk says nothing about the category."""
    seen: set[str] = set()
    labels = []
    for row in rows:
        labels.append("" if row.text in seen else row.category)
        seen.add(row.text)
    return labels


def _fit(matrix: Any, rows: Sequence[Row], classes: list[str], labels: list[str], bayes: float) -> _Head:
    """Linear one-against-rest classifiers on the rows that have a label, and the temperature that
    calibrates them."""
    used = [number for number, label in enumerate(labels) if label]
    x = matrix[used]
    numbers = {name: number for number, name in enumerate(classes)}
    y = np.array([numbers[labels[number]] for number in used], dtype=np.int64)
    out = np.array([fold_of(rows[number].example, _FOLDS) == 0 for number in used])
    weights, bias = weights_of(x[~out], y[~out], len(classes), bayes)
    held_out = x[out] @ weights + bias
    weights, bias = weights_of(x, y, len(classes), bayes)
    return _Head(
        classes,
        weights.astype(np.float32),
        bias.astype(np.float32),
        temperature_of(held_out, y[out]),
        held_out,
        y[out],
        [number for number, apart in zip(used, out, strict=True) if apart],
    )


def _intent_accuracy(head: _Head, rows: Sequence[Row], *, bare: bool) -> float:
    """The best class need only be of the right intent."""
    intents = np.array([name.partition("/")[0] for name in head.classes])
    best = intents[head.held_out.argmax(axis=1)]
    wanted = np.array([(strip_marks(rows[number].text) == rows[number].text) == bare for number in head.rows])
    return float(np.mean((best == intents[head.truth])[wanted]))


def _accuracy(head: _Head, rows: Sequence[Row], *, bare: bool, top: int = 1) -> float:
    wanted = np.array([(strip_marks(rows[number].text) == rows[number].text) == bare for number in head.rows])
    if NO_CATEGORY in head.classes:
        wanted &= head.truth != head.classes.index(NO_CATEGORY)
    best = np.argsort(-head.held_out, axis=1)[:, :top]
    return float(np.mean((best == head.truth[:, None]).any(axis=1)[wanted]))


def _write(
    path: Path, names: Sequence[str], idf: Floats, heads: Sequence[_Head], meta: dict[str, Any]
) -> None:
    weights = np.hstack([head.weights for head in heads])
    path.parent.mkdir(parents=True, exist_ok=True)
    rough = path.with_suffix(".part.npz")
    np.savez_compressed(
        rough,
        names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        idf=idf,
        weights=weights.astype(np.float16),
        bias=np.concatenate([head.bias for head in heads]),
        meta=np.frombuffer(json.dumps(meta, ensure_ascii=False, sort_keys=True).encode(), dtype=np.uint8),
    )
    rough.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.train", description="train the in-process interpreter"
    )
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("out", nargs="?", type=Path, default=MODEL)
    options = parser.parse_args(arguments)
    summary = train(options.data, options.out)
    for name, value in asdict(summary).items():
        sys.stdout.write(
            f"{name:>14}  {value:,.3f}\n" if isinstance(value, float) else f"{name:>14}  {value:,}\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
