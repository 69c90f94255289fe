"""Measuring an interpreter on labelled messages, with and without diacritics.

A line of a set: {"id", "text", "context", "intent", "category" (or null), "also_ok"? [leaf or intent …],
"intent_also_ok"? [intent …], "place_text"? (or null)}.
`python -m nlu.evaluate SET.jsonl DANGER.yml [--errors]` prints a table.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.danger import DangerWords
from core.text import fold, strip_marks
from core.understanding import INTENTS, Context, Understanding
from nlu.interpreter import load
from nlu.train import MODEL

Understand = Callable[[str, Context], Understanding]

_BINS = 10


class BadSet(ValueError):
    """A line of a labelled set is not in form; the text says which."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled message. `categories` are all leaves that count as right, empty when none is expected."""

    id: str
    text: str
    context: Context
    intents: tuple[str, ...]
    categories: tuple[str, ...]
    place: str | None
    place_known: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares are 0..1. `false_alarms` is the share of all other messages that were taken for emergencies.

    `place_f1` counts a span as right when its words overlap by at least half; `place_exact_f1` when all
    are the
    same. `calibration_error` is the expected calibration error of the intent's confidence over ten bins.
    """

    messages: int
    intent: float
    category: float
    category_top3: float
    emergency_recall: float
    false_alarms: float
    place_f1: float
    place_exact_f1: float
    calibration_error: float
    category_calibration_error: float
    milliseconds: float


def read_set(path: Path) -> list[Labelled]:
    """All messages of a JSON-lines file. Raises BadSet."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(_labelled(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise BadSet(f"{path.name}:{number}: {error!r}") from error
    return found


def _labelled(item: dict[str, Any]) -> Labelled:
    intent, also = item["intent"], tuple(item.get("also_ok", ()))
    intents = (intent, *item.get("intent_also_ok", ()), *(name for name in also if name in INTENTS))
    if set(intents) - set(INTENTS):
        raise ValueError(f"unknown intent {intents}")
    category = item.get("category")
    leaves = tuple(name for name in also if name not in INTENTS)
    return Labelled(
        str(item["id"]),
        item["text"],
        Context(item.get("context") or Context.IDLE),
        intents,
        (category, *leaves) if category else (),
        item.get("place_text"),
        "place_text" in item,
    )


def measure(messages: Sequence[Labelled], understand: Understand, *, bare: bool = False) -> Figures:
    """Figures of an interpreter on a set; with `bare` every text loses its diacritics first."""
    started = time.perf_counter()
    answers = [understand(strip_marks(m.text) if bare else m.text, m.context) for m in messages]
    elapsed = time.perf_counter() - started
    pairs = list(zip(messages, answers, strict=True))
    with_category = [(m, a) for m, a in pairs if m.categories]
    urgent = [a for m, a in pairs if m.intents[0] == "emergency"]
    calm = [a for m, a in pairs if "emergency" not in m.intents]
    with_place = [(m, a) for m, a in pairs if m.place_known]
    return Figures(
        messages=len(messages),
        intent=_share([a.intent in m.intents for m, a in pairs]),
        category=_share([a.category in m.categories for m, a in with_category]),
        category_top3=_share(
            [any(leaf in m.categories for leaf, _ in a.categories[:3]) for m, a in with_category]
        ),
        emergency_recall=_share([a.intent == "emergency" for a in urgent]),
        false_alarms=_share([a.intent == "emergency" for a in calm]),
        place_f1=_f1(with_place, _overlap),
        place_exact_f1=_f1(with_place, lambda one, other: fold(one) == fold(other)),
        calibration_error=calibration_error([(a.confidence, a.intent in m.intents) for m, a in pairs]),
        category_calibration_error=calibration_error(
            [(a.categories[0][1], a.category in m.categories) for m, a in with_category if a.categories]
        ),
        milliseconds=1000 * elapsed / max(1, len(messages)),
    )


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 1.0


def _overlap(one: str, other: str) -> bool:
    left, right = fold(one).split(), fold(other).split()
    shared = sum(min(left.count(word), right.count(word)) for word in set(left))
    return 2 * shared >= max(len(left), len(right), 1)


def _f1(pairs: Sequence[tuple[Labelled, Understanding]], same: Callable[[str, str], bool]) -> float:
    right = sum(bool(m.place and a.place_text and same(m.place, a.place_text)) for m, a in pairs)
    given = sum(bool(a.place_text) for _, a in pairs)
    wanted = sum(bool(m.place) for m, _ in pairs)
    return 2 * right / (given + wanted) if given + wanted else 1.0


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error over equal bins of confidence."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for confidence, right in pairs:
        bins[min(_BINS - 1, int(confidence * _BINS))].append((confidence, right))
    return sum(abs(sum(c for c, _ in held) - sum(r for _, r in held)) for held in bins) / max(1, len(pairs))


def errors(messages: Sequence[Labelled], understand: Understand, *, bare: bool = False) -> list[str]:
    """One line for every message whose intent, category or place is wrong."""
    lines = []
    for m in messages:
        text = strip_marks(m.text) if bare else m.text
        a = understand(text, m.context)
        wrong = []
        if a.intent not in m.intents:
            wrong.append(f"intent {m.intents[0]} → {a.intent} {a.confidence:.2f}")
        if m.categories and a.category not in m.categories:
            wrong.append(f"category {m.categories[0]} → {[leaf for leaf, _ in a.categories[:3]]}")
        if m.place_known and (m.place or a.place_text) and not _overlap(m.place or "", a.place_text or ""):
            wrong.append(f"place {m.place!r} → {a.place_text!r}")
        if wrong:
            lines.append(f"{m.id} [{m.context}] {text}\n      " + "; ".join(wrong))
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.evaluate", description="measure the interpreter on a set"
    )
    parser.add_argument("set", type=Path)
    parser.add_argument("danger", type=Path)
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--prefix", default="HT")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args(arguments)
    interpreter = load(options.model, DangerWords.load(options.danger), options.prefix)
    messages = read_set(options.set)
    typed, bare = (asdict(measure(messages, interpreter.understand, bare=flag)) for flag in (False, True))
    out = sys.stdout.write
    out(f"{'':>28}  as typed  no marks\n")
    for name, value in typed.items():
        out(f"{name:>28}  {value:8.3f}  {bare[name]:8.3f}\n")
    if options.errors:
        out("\n".join(errors(messages, interpreter.understand)) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
