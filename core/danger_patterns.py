"""Rows of words, matched on a message however it is typed: the language in which danger.yml is written.

A pattern is a row of words: `a/b` one of several, `two_words` as one, `+name` one of a group, `word?` may be
missing, `!a/b` none of these comes next, `=a/b` these with their marks only, `~` up to four words between,
`~~` up to ten; rows joined by ` & ` stand in any order within `_NEAR` words. A word matches as written,
without its tone, or without any marks; one that is typed with *other* marks does not ("chạy" is not "cháy").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.text import strip_marks

_LOOKED_AT = 1_000
_NEAR = 14
"""Words that rows joined by & may lie apart, all in all beside their own."""
_MARKED = 0.35
"""Share of words with marks from which a message is typed with them."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BREAK = re.compile(r"[,.;:!?\n]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))


class BadPattern(ValueError):
    """A pattern is not in form; the text shows it."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a message, joined with a blank after each, where in the line a clause begins, and whether
    it is typed with marks."""

    words: list[str]
    line: str
    vocabulary: frozenset[str]
    breaks: list[int]
    marked: bool

    @classmethod
    def of(cls, text: str) -> Said:
        """Only the beginning of a long text is looked at."""
        lower = _REPEATED.sub(r"\1", unicodedata.normalize("NFC", text[:_LOOKED_AT]).lower())
        words: list[str] = []
        breaks = []
        length = last = 0
        for match in _WORD.finditer(lower):
            if _BREAK.search(lower, last, match.start()):
                breaks.append(length)
            words.append(form(match[0]))
            length += len(words[-1]) + 1
            last = match.end()
        marked = sum(not word.isascii() for word in words) > _MARKED * len(words)
        return cls(words, "".join(f"{word} " for word in words), frozenset(words), breaks, marked)

    def part(self, words: list[str]) -> Said:
        return Said(words, " ".join(words) + " ", frozenset(words), [], self.marked)


@dataclass(frozen=True, slots=True)
class _Row:
    """`source` and `exact` match on words joined and closed by single blanks; of each of `needed`, the first
    words of a slot that must be there, a message holds one, or the row need not be tried."""

    source: re.Pattern[str]
    exact: re.Pattern[str]
    needed: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One or more rows and what they tell: the kind of danger, whether fear does not matter, and whether the
    row is clear, as a whole, where no marks are typed."""

    rows: tuple[_Row, ...]
    needed: tuple[frozenset[str], ...]
    kind: str = ""
    always: bool = False
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a pattern matches. `exact`: as written, marks and all; `certain`: nothing else can be meant."""

    pattern: Pattern
    start: int
    end: int
    exact: bool
    certain: bool


class Patterns:
    """Patterns in their order, found by the words of a message: of a thousand only a few need be tried."""

    def __init__(self, patterns: Sequence[Pattern], ambiguous: frozenset[str]) -> None:
        self._all = tuple(patterns)
        self._ambiguous = ambiguous
        self._by_word: dict[str, list[int]] = {}
        for number, pattern in enumerate(self._all):
            for word in pattern.needed[0]:
                self._by_word.setdefault(word, []).append(number)

    def hits(self, said: Said) -> Iterator[Hit]:
        """All matches, by the order of the patterns."""
        for pattern in self._possible(said.vocabulary):
            if len(pattern.rows) == 1:
                row = pattern.rows[0]
                for match in row.source.finditer(said.line):
                    exact, certain = self._seen(pattern, row, match)
                    yield Hit(pattern, match.start(), match.end(), exact, certain)
            elif hit := self._together(pattern, said.line):
                yield hit

    def _possible(self, vocabulary: frozenset[str]) -> Iterator[Pattern]:
        """Those of which the message has a word for every slot that must be there."""
        numbers: set[int] = set()
        for word in vocabulary & self._by_word.keys():
            numbers.update(self._by_word[word])
        for number in sorted(numbers):
            pattern = self._all[number]
            if not any(vocabulary.isdisjoint(first) for first in pattern.needed[1:]):
                yield pattern

    def _together(self, pattern: Pattern, line: str) -> Hit | None:
        """The first place where a match of every row lies near those of the others, none upon another."""
        first, *others = pattern.rows
        for match in first.source.finditer(line):
            found = [(first, match)]
            for row in others:
                near = next((m for m in row.source.finditer(line) if _is_near(line, m, found)), None)
                if near is None:
                    break
                found.append((row, near))
            else:
                seen = [self._seen(pattern, *one) for one in found]
                start, end = min(m.start() for _, m in found), max(m.end() for _, m in found)
                return Hit(pattern, start, end, all(one[0] for one in seen), all(one[1] for one in seen))
        return None

    def _seen(self, pattern: Pattern, row: _Row, match: re.Match[str]) -> tuple[bool, bool]:
        exact = row.exact.match(match.string, match.start()) is not None
        # without any marks in the message, "lo" may as well be "lở"
        certain = pattern.clear if match.string.isascii() else exact
        return exact, certain or self._ambiguous.isdisjoint(map(bare, match[0].split()))


class Language:
    """Compiles rows. `same`: word → the word that it also stands for; `ambiguous`: bare words that are not
    certain."""

    def __init__(
        self, same: Mapping[str, str], groups: Mapping[str, Sequence[str]], ambiguous: frozenset[str]
    ) -> None:
        self._groups = groups
        self._ambiguous = ambiguous
        self._alike: dict[str, list[str]] = {}
        for short, word in same.items():
            self._alike.setdefault(form(str(word)), []).append(form(str(short)))

    def patterns(self, rows: Sequence[str]) -> Patterns:
        return self.index([self.pattern(str(row)) for row in rows])

    def index(self, patterns: Sequence[Pattern]) -> Patterns:
        return Patterns(patterns, self._ambiguous)

    def pattern(self, text: str, kind: str = "", always: bool = False, clear: bool = False) -> Pattern:
        """Raises BadPattern."""
        rows = tuple(self._row(part) for part in text.split(" & "))
        needed = sorted((words for row in rows for words in row.needed), key=len)
        return Pattern(rows, tuple(needed), kind, always, clear)

    def _row(self, text: str) -> _Row:
        needed: list[frozenset[str]] = []
        source = exact = r"(?:(?<=\s)|^)"
        for slot in text.split():
            if slot in ("~", "~~"):
                gap = rf"(?:\S+ ){{0,{4 if slot == '~' else 10}}}?"
                source, exact = source + gap, exact + gap
                continue
            ways = self._ways(slot.strip("!?="))
            after = "?" if slot.endswith("?") else ""
            if slot.startswith("!"):
                source += f"(?!{_one_of(ways, self._as_is)})"
                exact += f"(?!{_one_of(ways, self._exact)})"
                continue
            writings = self._exact if slot.startswith("=") else self._writings
            source += f"(?:{_one_of(ways, writings)}){after}"
            exact += f"(?:{_one_of(ways, self._exact)}){after}"
            if not after:
                needed.append(frozenset(writing for way in ways for writing in writings(way[0])))
        if not needed:
            raise BadPattern(f"a pattern needs a word that must be there: {text!r}")
        return _Row(re.compile(source), re.compile(exact), tuple(needed))

    def _ways(self, slot: str) -> list[list[str]]:
        """What may stand in a slot, groups spelt out, each as its words."""
        ways: list[str] = []
        for way in slot.split("/"):
            ways += self._groups[way[1:]] if way.startswith("+") else [way]
        return [way.split("_") for way in ways]

    def _exact(self, word: str) -> list[str]:
        own = form(word)
        return [own, *self._alike.get(own, ())]

    def _as_is(self, word: str) -> list[str]:
        return list(dict.fromkeys(one for own in self._exact(word) for one in (own, bare(own))))

    def _writings(self, word: str) -> list[str]:
        """As written, without its tone, without any marks; the same of the words that stand for it."""
        found: dict[str, None] = {}
        for own in self._exact(word):
            toneless = unicodedata.normalize("NFC", unicodedata.normalize("NFD", own).translate(_TONES))
            found.update(dict.fromkeys((own, toneless, bare(own))))
        return list(found)


@lru_cache(maxsize=20_000)
def form(word: str) -> str:
    """Lower case NFC with the tone moved to the end: "hoả" and "hỏa" are one."""
    word = unicodedata.normalize("NFC", word.lower())
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(ch for ch in decomposed if ord(ch) in _TONES)
    return unicodedata.normalize("NFC", decomposed.translate(_TONES)) + tones


@lru_cache(maxsize=20_000)
def bare(word: str) -> str:
    """A word without marks."""
    return strip_marks(word)


def _one_of(ways: Sequence[Sequence[str]], writings: Callable[[str], list[str]]) -> str:
    return "|".join(
        "".join("(?:" + "|".join(map(re.escape, writings(word))) + ") " for word in way) for way in ways
    )


def _is_near(line: str, match: re.Match[str], found: Sequence[tuple[_Row, re.Match[str]]]) -> bool:
    for _, other in found:
        if match.start() < other.end() and other.start() < match.end():
            return False
        if line[min(match.end(), other.end()) : max(match.start(), other.start())].count(" ") > _NEAR:
            return False
    return True
