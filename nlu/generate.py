"""Made examples, kept apart from written ones: noise of typing and other numbers and places.

They are for measuring (does a typing error cost much?) and for whoever trains a larger engine; the
in-process interpreter is trained on the written examples alone. Everything made is marked `written=False`
and repeatable.
`python -m nlu.generate OUT.yml [--each N]` writes them in Rasa's form.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from core.text import strip_marks
from nlu.examples import Example, read_examples, read_lookups

_SHORT_FORMS = {
    "không": "ko", "được": "dc", "rồi": "r", "người": "ng", "đường": "đg", "nước": "nc", "gì": "j",
    "vậy": "z", "với": "vs", "mọi người": "mn", "ủy ban": "ub", "bao nhiêu": "bn", "biết": "bik",
}  # fmt: skip
_NEIGHBOURS = {"a": "s", "o": "p", "e": "r", "n": "m", "t": "y", "h": "j", "i": "u", "g": "h"}


def other_place(example: Example, names: Sequence[str], chance: random.Random) -> Example | None:
    """The same with another commune where a place is marked."""
    if not example.places or not names:
        return None
    start, end = example.places[0]
    name = "xã " + chance.choice(names)
    text = example.text[:start] + name + example.text[end:]
    shift = len(name) - (end - start)
    moved = tuple((s + shift, e + shift) for s, e in example.places[1:])
    return replace(example, text=text, places=((start, start + len(name)), *moved), written=False)


def short_forms(example: Example, chance: random.Random) -> Example | None:
    """The same in the short forms of chats; only where no place is marked (spans would move)."""
    words = example.text.split(" ")
    changed = [_SHORT_FORMS.get(word, word) if chance.random() < 0.8 else word for word in words]
    if changed == words or example.places:
        return None
    return replace(example, text=" ".join(changed), written=False)


def mistyped(example: Example, chance: random.Random) -> Example | None:
    """One neighbouring letter hit instead of another: spans stay."""
    spots = [at for at, letter in enumerate(example.text) if letter in _NEIGHBOURS]
    if len(spots) < 4:
        return None
    at = chance.choice(spots)
    text = example.text[:at] + _NEIGHBOURS[example.text[at]] + example.text[at + 1 :]
    return replace(example, text=text, written=False)


def half_marked(example: Example, chance: random.Random) -> Example | None:
    """Marks on some words only, as hurried thumbs do: spans stay."""
    words = example.text.split(" ")
    changed = [strip_marks(word) if chance.random() < 0.5 else word for word in words]
    return None if changed == words else replace(example, text=" ".join(changed), written=False)


def made_from(examples: Sequence[Example], names: Sequence[str], each: int = 1) -> Iterator[Example]:
    """Up to `each` of every kind of change for every written example, in their order."""
    changes: tuple[Callable[[Example, random.Random], Example | None], ...] = (
        lambda example, chance: other_place(example, names, chance),
        short_forms,
        mistyped,
        half_marked,
    )
    for example in examples:
        chance = random.Random(hashlib.blake2s(example.text.encode()).digest())
        seen = {example.text}
        for change in changes:
            for _ in range(each):
                made = change(example, chance)
                if made is not None and made.text not in seen:
                    seen.add(made.text)
                    yield made


def to_rasa(examples: Sequence[Example]) -> str:
    """Examples as a Rasa 3 NLU document, marks and metadata included."""
    blocks: dict[tuple[str, tuple[str, ...], str | None], list[str]] = {}
    for example in examples:
        leaf = example.category if example.intent == "report" else None
        intent = f"report/{leaf or 'none'}" if example.intent == "report" else example.intent
        category = None if leaf else example.category
        blocks.setdefault((intent, example.contexts, category), []).append(_marked(example))
    nlu = []
    for (intent, contexts, category), texts in blocks.items():
        metadata: dict[str, object] = {"context": list(contexts)} if contexts else {}
        if category:
            metadata["category"] = category
        nlu.append({
            "intent": intent,
            **({"metadata": metadata} if metadata else {}),
            "examples": "".join(f"- {text}\n" for text in texts),
        })  # fmt: skip
    return yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True, sort_keys=False, width=1_000)


def _marked(example: Example) -> str:
    text = example.text
    for start, end in reversed(example.places):
        text = f"{text[:start]}[{text[start:end]}](place){text[end:]}"
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m nlu.generate", description="make noisy copies of the data"
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path(__file__).parent / "data")
    parser.add_argument("--each", type=int, default=1)
    options = parser.parse_args(arguments)
    written = read_examples(options.data)
    made = list(made_from(written, read_lookups(options.data).get("place_name", ()), options.each))
    options.out.write_text(to_rasa(made), encoding="utf-8")
    sys.stdout.write(f"{len(written):,} written examples, {len(made):,} made\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
