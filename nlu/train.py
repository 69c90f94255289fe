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

from nlu.examples import fingerprint, read_examples, read_lookups
from nlu.fitting import weights_of
from nlu.heads import HEADS, Head
from nlu.interpreter import FORMAT
from nlu.lexicon import build_lexicon
from nlu.linear import Floats
from nlu.marks import Marks
from nlu.place_training import train_tagger
from nlu.training_set import Row, learnt_matrix, rows_of

DATA = Path(__file__).parent / "data"
MODEL = Path(__file__).parent / "model" / "interpreter.npz"


@dataclass(frozen=True, slots=True)
class Summary:
    """What was learnt from, and what it cost."""

    examples: int
    rows: int
    features: int
    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class _Fitted:
    """The classes of a head in order, weights (features × classes) and bias."""

    classes: list[str]
    weights: Floats
    bias: Floats


def train(data_dir: Path, out_path: Path) -> Summary:
    """Train on all examples of `data_dir` and write the model.

    Raises nlu.examples.BadExamples when the data are not in form.
    """
    started = time.perf_counter()
    examples = read_examples(data_dir)
    lookups = read_lookups(data_dir)
    lexicon = build_lexicon(lookups)
    rows = rows_of(examples, lookups.get("lead_in", ()))
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:  # a second core does half of the work
        tagging = beside.submit(train_tagger, examples, lookups)
        vocabulary, matrix = learnt_matrix(rows, lexicon)
        intent, category, plight = HEADS
        ranking = beside.submit(_fit, category, matrix, rows)
        first, last = _fit(intent, matrix, rows), _fit(plight, matrix, rows)
        fitted = (first, ranking.result(), last)
        tagger = tagging.result()
    meta = {
        "format": FORMAT,
        "fingerprint": fingerprint(data_dir),
        "intents": fitted[0].classes,
        "leaves": fitted[1].classes,
        "plights": fitted[2].classes,
        "temperatures": [head.temperature for head in HEADS],
        "lexicon": {term: list(concepts) for term, concepts in lexicon.items()},
        "tagger": tagger.to_json(),
        "marks": Marks.learnt_from(example.text for example in examples).to_json(),
    }
    _write(out_path, vocabulary.names, vocabulary.idf, fitted, meta)
    return Summary(
        examples=len(examples),
        rows=len(rows),
        features=len(vocabulary.names),
        seconds=time.perf_counter() - started,
        megabytes=out_path.stat().st_size / 1e6,
    )


def _fit(head: Head, matrix: Any, rows: Sequence[Row]) -> _Fitted:
    """Linear one-against-rest classifiers on the rows that have a label."""
    labels = head.labels(rows)
    classes = head.classes(labels)
    numbers = {name: number for number, name in enumerate(classes)}
    used = [number for number, label in enumerate(labels) if label]
    y = np.array([numbers[labels[number]] for number in used], dtype=np.int64)
    weights, bias = weights_of(matrix[used], y, len(classes), head.bayes)
    return _Fitted(classes, weights.astype(np.float32), bias.astype(np.float32))


def _write(
    path: Path, names: Sequence[str], idf: Floats, heads: Sequence[_Fitted], meta: dict[str, Any]
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
