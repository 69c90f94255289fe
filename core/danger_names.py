"""Names of communes, wards and districts, hidden before words of danger are looked for.

"Đông Kinh" is a commune, and also "động kinh" (a seizure) typed without its tone.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.danger_patterns import Said, bare, form

_HIDDEN = "_"
"""Stands for each word of a name, so that the words around it stay as far apart."""
_COLUMNS = (("units.csv", "name"), ("old_to_new.csv", "old_name"), ("old_districts.csv", "old_district"))
_TYPES = ("Thành phố ", "Thị xã ", "Huyện ")


@dataclass(frozen=True, slots=True)
class _Name:
    words: tuple[str, ...]
    bare: tuple[str, ...]
    marked: bool


class PlaceNames:
    """Names by their first word. `after`: bare words such as "xa", "o"; `never_after`: "con", "bi"."""

    def __init__(self, names: Iterable[str], after: Iterable[str], never_after: Iterable[str]) -> None:
        self._after = frozenset(bare(form(word)) for word in after)
        self._never_after = frozenset(form(word) for word in never_after)
        self._by_word: dict[str, list[_Name]] = {}
        for text in sorted(set(names), key=len, reverse=True):
            words = tuple(map(form, text.split()))
            if words:
                name = _Name(words, tuple(map(bare, words)), any(not word.isascii() for word in words))
                self._by_word.setdefault(name.bare[0], []).append(name)

    def hide(self, said: Said) -> Said:
        """The same message with every name of a place made unreadable: as typed with its marks anywhere,
        without marks only after a word of place."""
        words = said.words
        spots: list[tuple[int, int]] = []
        at = 0
        while at < len(words):
            found = self._at(words, at)
            if found:
                spots.append((at, found))
            at += found or 1
        return _without(said, spots) if spots else said

    def _at(self, words: Sequence[str], at: int) -> int:
        """How many words from `at` are a name; 0 when none are."""
        for name in self._by_word.get(bare(words[at]), ()):
            own = tuple(words[at : at + len(name.words)])
            if own == name.words and name.marked:
                if not (at and words[at - 1] in self._never_after):
                    return len(own)
            elif (own in (name.words, name.bare) or tuple(map(bare, own)) == name.bare) and self._is_placed(
                words, at
            ):
                return len(own)
        return 0

    def _is_placed(self, words: Sequence[str], at: int) -> bool:
        """Whether a word of place stands right before, or with a number: "thon 3 Dong Kinh"."""
        before = at - 1
        if before > 0 and words[before].isdigit():
            before -= 1
        return before >= 0 and bare(words[before]) in self._after


def read_place_names(folder: Path) -> Iterator[str]:
    """Names of the units of a pack, old and new. Yields nothing of a file that is not there; raises KeyError
    for one without its column of names, OSError where it cannot be read."""
    for file, column in _COLUMNS:
        path = folder / file
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                name = row[column]
                yield next((name.removeprefix(kind) for kind in _TYPES if name.startswith(kind)), name)


def _without(said: Said, spots: Sequence[tuple[int, int]]) -> Said:
    """`said` with words hidden; where clauses begin moves along."""
    words = list(said.words)
    for at, count in spots:
        words[at : at + count] = [_HIDDEN] * count
    moved: dict[int, int] = {}
    old = new = 0
    for before, after in zip(said.words, words, strict=True):
        moved[old] = new
        old += len(before) + 1
        new += len(after) + 1
    return replace(
        said,
        words=words,
        line="".join(f"{word} " for word in words),
        vocabulary=frozenset(words),
        breaks=[moved[at] for at in said.breaks],
    )
