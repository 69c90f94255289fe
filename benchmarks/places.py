"""Places from words, measured on the development set of tests/core/places: shares and speed.

    python -m benchmarks.places [SET.jsonl]

right: the unit, the full choice where words are ambiguous, "outside" or "unknown" where it is so; honest: a
choice that holds the unit; missed: asked again without need; wrong: another unit than meant, which never may
be. Each as typed and without marks.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from core.places.commune import PlaceAnswer
from core.places.places import Places
from core.text import strip_marks

ROOT = Path(__file__).resolve().parents[1]
SET = ROOT / "tests" / "core" / "places" / "locate_dev.jsonl"
GRADES = ("right", "honest", "missed", "wrong")


def grade(expected: Mapping[str, Any], answer: PlaceAnswer) -> str:
    """How good an answer is, by the words above."""
    offered = {unit.code for unit in answer.candidates}
    if expected["status"] == "unit":
        if answer.status == "unit":
            return "right" if answer.unit and answer.unit.code == expected["code"] else "wrong"
        return "honest" if answer.status == "ambiguous" and expected["code"] in offered else "missed"
    if answer.status == "unit":
        return "wrong"
    if answer.status != expected["status"]:
        return "missed"
    whole = answer.status != "ambiguous" or set(expected["candidates"]) <= offered
    return "right" if whole else "missed"


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    lines = Path(given[0] if given else SET).read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    places = Places.load(ROOT / "province" / "ha_tinh" / "places", "42")
    for name, write in (("as typed", str), ("no marks", strip_marks)):
        times = []
        grades: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for row in rows:
            text = write(row["text"])
            started = time.perf_counter()
            answer = places.find(text)
            times.append(1000 * (time.perf_counter() - started))
            grades[grade(row, answer)] += 1
            statuses[answer.status] += 1
        shares = "  ".join(f"{one} {grades[one] / len(rows):.3f}" for one in GRADES)
        said = "  ".join(f"{one} {statuses[one] / len(rows):.3f}" for one in sorted(statuses))
        cuts = quantiles(times, n=100)
        sys.stdout.write(f"{name}  {len(rows)}  {shares}  p50 {cuts[49]:.2f} ms  p95 {cuts[94]:.2f} ms\n")
        sys.stdout.write(f"{'':>8}  answered: {said}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
