"""The training data as Rasa learns best from it: every example also without diacritics, and in the states of
the talk in which it is said.

`python -m nlu.rasa.export OUT` writes `nlu.yml` into the folder OUT. Beside each example stands the class
that each head of `nlu.heads` learns from it, for `nlu.rasa.heads`; the intent is not written `report/leaf`,
which Rasa takes for a question with set answers. A pipeline of Rasa's own components also takes `nlu/data` as
it is; it then knows no states and does worse without diacritics.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import yaml

from nlu.examples import Example, read_examples, read_lookups
from nlu.heads import HEADS
from nlu.rasa.marker import with_context
from nlu.train import DATA
from nlu.training_set import rows_of


def export(data_dir: Path, out_dir: Path) -> int:
    """Write the training data for Rasa; the number of its examples. Raises nlu.examples.BadExamples."""
    examples = read_examples(data_dir)
    lookups = read_lookups(data_dir)
    rows = rows_of(examples, lookups.get("lead_in", ()))
    labels = [head.labels(rows) for head in HEADS]
    blocks: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    for row, *classes in zip(rows, *labels, strict=True):
        # the copy without marks is as long: the text is NFC
        marked = _marked(row.text, examples[row.example])
        blocks[row.intent, *classes][with_context(marked, row.context)] = None
    content = [
        {
            "intent": intent,
            "metadata": {"heads": {h.name: label for h, label in zip(HEADS, classes, strict=True) if label}},
            "examples": "".join(f"- {text}\n" for text in texts),
        }
        for (intent, *classes), texts in sorted(blocks.items())
    ]
    content += [
        {"lookup": name, "examples": "".join(f"- {entry}\n" for entry in entries)}
        for name, entries in sorted(lookups.items())
    ]
    out_dir.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(
        {"version": "3.1", "nlu": content}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000
    )
    (out_dir / "nlu.yml").write_text(text, encoding="utf-8")
    return sum(len(texts) for texts in blocks.values())


def _marked(text: str, example: Example) -> str:
    """The text, which may begin with a lead-in, with its places marked Rasa's way."""
    shift = len(text) - len(example.text)
    for start, end in sorted(((a + shift, b + shift) for a, b in example.places), reverse=True):
        text = f"{text[:start]}[{text[start:end]}](place){text[end:]}"
    return text


class _Dumper(yaml.SafeDumper):
    """Writes texts of many lines as blocks."""


def _represent(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _represent)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.rasa.export", description="write training data for Rasa"
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{export(options.data, options.out)} examples for Rasa in {options.out}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
