"""How many examples there are: `python -m nlu.count [DATA]` prints the tables of `nlu/README.md`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nlu.examples import Example, read_examples, read_lookups
from nlu.generate import made_from
from nlu.linear import NO_CATEGORY
from nlu.train import DATA


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    data = Path(given[0]) if given else DATA
    written = read_examples(data)
    made = list(made_from(written, read_lookups(data).get("place_name", ())))
    out = sys.stdout.write
    out(f"Together {len(written):,} written, {len(made):,} made.\n\n")
    out(_table("intent", [e.intent for e in written], [e.intent for e in made]))
    out("\nOf `report`, by leaf (`none`: the wish to report, nothing told yet):\n\n")
    out(_table("leaf", _leaves(written), _leaves(made)))
    return 0


def _leaves(examples: Iterable[Example]) -> list[str]:
    return [example.category or NO_CATEGORY for example in examples if example.intent == "report"]


def _table(head: str, written: Sequence[str], made: Sequence[str]) -> str:
    counts, copies = Counter(written), Counter(made)
    rows = [f"| {name} | {counts[name]:,} | {copies[name]:,} |\n" for name in sorted(counts)]
    return f"| {head} | written | made |\n|---|---:|---:|\n" + "".join(rows)


if __name__ == "__main__":
    raise SystemExit(main())
