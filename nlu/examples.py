"""Training examples, read from Rasa's own YAML form (version 3.1).

An intent written `report/<leaf>` is a report of that category; `report/none` has nothing to classify yet.
A block's or an example's `metadata` may hold `context` (one of, or a list of, the five contexts in which the
words mean this intent; absent: any) and `category` (the leaf, for emergencies and corrections with content).
Entity marks are Rasa's `[xã Cẩm Bình](place)`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from core.text import fold, strip_marks
from core.understanding import INTENTS, Context

_MARK = re.compile(r"\[([^\]\[]+)\]\((\w+)\)|\[([^\]\[]+)\]\{[^}]*\}")


class BadExamples(ValueError):
    """The training data are not in the form this module describes; the text says file and entry."""


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance. `places` are character spans in `text`; `contexts` empty means any."""

    text: str
    intent: str
    category: str | None = None
    contexts: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    written: bool = True

    def stripped(self) -> Example:
        """The same without diacritics; the spans stay where they are (the text is NFC)."""
        return replace(self, text=strip_marks(self.text))


def read_examples(folder: Path) -> list[Example]:
    """All examples of the `*.yml` files of a folder, in the order of file names, each writing once."""
    found: dict[tuple[str, str, str | None, tuple[str, ...]], Example] = {}
    for path in sorted(folder.glob("*.yml")):
        for example in _read_file(path):
            key = (fold(example.text) or example.text, example.intent, example.category, example.contexts)
            found.setdefault(key, example)
    if not found:
        raise BadExamples(f"{folder}: no examples in *.yml")
    return list(found.values())


def read_lookups(folder: Path) -> dict[str, tuple[str, ...]]:
    """Rasa's lookup tables of a folder: name → its entries."""
    tables: dict[str, tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.yml")):
        for block in _blocks(path):
            if "lookup" in block:
                tables[block["lookup"]] = tuple(item.text for item in _items(path, block))
    return tables


def fingerprint(folder: Path) -> str:
    """A hash of the training data, by which a model tells what it was built from."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:24]


def _blocks(path: Path) -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    if not isinstance(content, Mapping) or not isinstance(content.get("nlu"), list):
        raise BadExamples(f"{path.name}: expected a mapping with a list under `nlu`")
    return [block for block in content["nlu"] if isinstance(block, dict)]


def _read_file(path: Path) -> Iterator[Example]:
    for block in _blocks(path):
        if "intent" not in block:
            continue
        intent, _, leaf = str(block["intent"]).partition("/")
        if intent not in INTENTS:
            raise BadExamples(f"{path.name}: unknown intent {block['intent']!r}")
        for item in _items(path, block):
            text, places = _unmark(item.text)
            category = item.metadata.get("category") or (leaf if leaf and leaf != "none" else None)
            yield Example(text, intent, category, _contexts(path, item.metadata), places)


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    metadata: Mapping[str, Any]


def _items(path: Path, block: Mapping[str, Any]) -> Iterator[_Item]:
    metadata = block.get("metadata") or {}
    examples = block.get("examples")
    if isinstance(examples, str):
        for line in examples.splitlines():
            if line.strip():
                if not line.startswith("- "):
                    raise BadExamples(
                        f"{path.name}: {block.get('intent')}: a line does not begin with '- ': {line}"
                    )
                yield _Item(unicodedata.normalize("NFC", line[2:].strip()), metadata)
    elif isinstance(examples, list):
        for entry in examples:
            text = unicodedata.normalize("NFC", str(entry["text"]).strip())
            yield _Item(text, {**metadata, **(entry.get("metadata") or {})})
    else:
        raise BadExamples(f"{path.name}: {block.get('intent')}: no examples")


def _contexts(path: Path, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    given = metadata.get("context") or ()
    contexts = (given,) if isinstance(given, str) else tuple(given)
    for context in contexts:
        if context not in set(Context):
            raise BadExamples(f"{path.name}: unknown context {context!r}")
    return contexts


def _unmark(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text without entity marks, and where the places are in it."""
    plain, spans, last = "", [], 0
    for match in _MARK.finditer(text):
        plain += text[last : match.start()]
        words = match[1] or match[3]
        if match[2] == "place":
            spans.append((len(plain), len(plain) + len(words)))
        plain += words
        last = match.end()
    return plain + text[last:], tuple(spans)
