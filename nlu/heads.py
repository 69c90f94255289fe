"""The classifiers of the in-process interpreter: which rows each learns from, and under which class.

The temperatures turn scores into probabilities. `python -m nlu.calibrate` measures them on held-out examples;
messages are easier to tell apart than the examples, so that of the category is lower, as the development sets
ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlu.linear import NO_CATEGORY
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
        return found + [NO_CATEGORY] * (NO_CATEGORY in labels)


def intent_labels(rows: Sequence[Row]) -> list[str]:
    """The intent; of a report with its category, which keeps unlike reports apart."""
    return [f"report/{row.category}" if row.intent == "report" else row.intent for row in rows]


def category_labels(rows: Sequence[Row]) -> list[str]:
    """The category of what is told in peace."""
    labels = _once(rows)
    return ["" if row.intent == "emergency" else label for row, label in zip(rows, labels, strict=True)]


def plight_labels(rows: Sequence[Row]) -> list[str]:
    """Of words of danger alone what they are about: what burns is no matter of town order."""
    labels = _once(rows)
    return [label if row.intent == "emergency" else "" for row, label in zip(rows, labels, strict=True)]


def _once(rows: Sequence[Row]) -> list[str]:
    """The category, of each writing once: the state of the talk says nothing about it."""
    seen: set[str] = set()
    labels = []
    for row in rows:
        labels.append("" if row.text in seen else row.category)
        seen.add(row.text)
    return labels


HEADS = (
    Head("intent", intent_labels, 0.5, 0.6),
    Head("category", category_labels, 1.5, 0.75),
    Head("plight", plight_labels, 1.5, 0.75),
)
"""In the order of their columns in the model."""
