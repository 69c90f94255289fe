"""What each head is worth on examples it has not seen, and the temperature that makes its shares honest.

`python -m nlu.calibrate [DATA]` learns from three quarters of the examples and measures on the fourth. The
temperatures it prints belong into `nlu.heads`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.text import strip_marks
from nlu.examples import read_examples, read_lookups
from nlu.fitting import temperature_of, weights_of
from nlu.heads import HEADS, Head
from nlu.lexicon import build_lexicon
from nlu.linear import NO_CATEGORY
from nlu.train import DATA
from nlu.training_set import Row, fold_of, learnt_matrix, rows_of

_FOLDS = 4


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Shares, 0..1, of right answers as typed and without marks, and the best temperature beside the one in
    use."""

    head: str
    right: float
    right_bare: float
    top3: float
    temperature: float
    in_use: float


def measure(head: Head, matrix: Any, rows: Sequence[Row]) -> HeldOut:
    """One head on the quarter it has not learnt from. A report of any category is a report."""
    labels = head.labels(rows)
    classes = head.classes(labels)
    used = np.array([number for number, label in enumerate(labels) if label])
    numbers = {name: number for number, name in enumerate(classes)}
    y = np.array([numbers[labels[number]] for number in used], dtype=np.int64)
    out = np.array([fold_of(rows[number].example, _FOLDS) == 0 for number in used])
    x = matrix[used]
    weights, bias = weights_of(x[~out], y[~out], len(classes), head.bayes)
    scores, truth = x[out] @ weights + bias, y[out]
    bare = np.array([strip_marks(rows[number].text) == rows[number].text for number in used[out]])
    told = truth != numbers.get(NO_CATEGORY, -1)
    ranks = np.argsort(-scores, axis=1)
    own = np.array([name.partition("/")[0] for name in classes])
    right = own[ranks[:, 0]] == own[truth]
    third = (ranks[:, :3] == truth[:, None]).any(axis=1)
    return HeldOut(
        head.name,
        _share(right, told & ~bare),
        _share(right, told & bare),
        _share(third, told),
        temperature_of(scores, truth),
        head.temperature,
    )


def _share(hits: NDArray[np.bool_], of: NDArray[np.bool_]) -> float:
    return float(hits[of].mean())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m nlu.calibrate", description="measure the heads")
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    lookups = read_lookups(options.data)
    rows = rows_of(read_examples(options.data), lookups.get("lead_in", ()))
    _, matrix = learnt_matrix(rows, build_lexicon(lookups))
    sys.stdout.write("head      as typed  no marks   top 3  temperature  in use\n")
    for head in HEADS:
        name, *shares = astuple(measure(head, matrix, rows))
        sys.stdout.write("{:<9} {:8.3f} {:9.3f} {:7.3f} {:12.3f} {:7.3f}\n".format(name, *shares))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
