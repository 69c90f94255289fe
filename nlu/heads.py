"""The classifiers of the in-process interpreter: which rows each learns from, and under which class.

The temperatures turn scores into probabilities. `python -m nlu.calibrate` measures them on held-out examples;
messages are easier to tell apart than the examples, so that of the category is lower, as the development sets
ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlu.linear import DANGER_CLASSES, NO_CATEGORY
from nlu.training_set import Row

Label = Callable[[Sequence[Row]], list[str]]
"""Rows → the class of each; "" where a row is not learnt from."""


@dataclass(frozen=True, slots=True)
class Head:
    """`bayes` is what naive Bayes counts beside the support vector machine."""

    name: str
    labels: Label
    bayes: float
    temperature: float

    def classes(self, labels: Sequence[str]) -> list[str]:
        """The classes in their order in the model."""
        found = sorted(set(labels) - {"", NO_CATEGORY})
        return [*DANGER_CLASSES] if self.name == "danger" else found + [NO_CATEGORY] * (NO_CATEGORY in labels)


def intent_labels(rows: Sequence[Row]) -> list[str]:
    """The intent; of a report with its category, which keeps unlike reports apart."""
    return [f"report/{row.category}" if row.intent == "report" else row.intent for row in rows]


def category_labels(rows: Sequence[Row]) -> list[str]:
    """Each writing once: the state of the talk says nothing about the category."""
    seen: set[str] = set()
    labels = []
    for row in rows:
        labels.append("" if row.text in seen else row.category)
        seen.add(row.text)
    return labels


def danger_labels(rows: Sequence[Row]) -> list[str]:
    """Danger now against everything told in words: once for each writing, one-word answers left out."""
    seen: set[str] = set()
    labels = []
    for row in rows:
        said = row.intent == "emergency" or len(row.text.split()) > 2
        labels.append(DANGER_CLASSES[row.intent == "emergency"] if said and row.text not in seen else "")
        seen.add(row.text)
    return labels


HEADS = (
    Head("intent", intent_labels, 0.5, 0.6),
    Head("category", category_labels, 1.5, 0.75),
    Head("danger", danger_labels, 0.5, 0.5),
)
"""In the order of their columns in the model."""
