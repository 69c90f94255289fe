"""Danger to life now, found by rules before any model looks at a message.

The rules are data (`danger.yml` of the province pack):

    same:        short form or dialect word → the word of the patterns that it also stands for
    groups:      name → words that a pattern takes together as `+name`
    ambiguous:   words without marks that are also other words; what is read from them alone is not certain
    kinds:       kind → {numbers, sure, said}; numbers to call, the first one first
    alone:       kind → whole messages
    patterns that take danger back:
        past, asked     anywhere in the message: told as past or settled; asked about, practised, quoted
        feared          before or in the danger, in the same clause
        likened, denied before it: likened, awaited; said not to be there (right before)
        supposed        after it, in the same clause: "… thì ai chịu"
        figurative      upon it: the same words in another sense
        slurred         the same, only where no marks are typed ("lan can" is also "lan cạn")
    now:         patterns of the very moment, which outweigh a past

A pattern is a row of words: `a/b` one of several, `two_words` as one, `+name` one of a group, `word?` may be
missing, `!a/b` none of these comes next, `~` up to four words between, `~~` up to ten. A word matches as
written, without its tone, or without any marks; a word that is typed with *other* marks does not ("chạy" is
not "cháy").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from core.text import strip_marks

_LOOKED_AT = 1_000
_WORD = re.compile(r"[^\W\d_]+|\d+")
_BREAK = re.compile(r"[,.;:!?\n]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_NOT_ALONE = frozenset(("chaỵ", "chaỷ", "chạy", "chảy"))
_FEAR_REACH = 9
"""Words before a danger in which a word of fear takes it back, and after it one of supposing."""
_MARKED = 0.35
"""Share of words with marks from which a message is typed with them."""


class BadDangerWords(ValueError):
    """danger.yml is not in form; the text says where."""


@dataclass(frozen=True, slots=True)
class Danger:
    """A kind of danger and the numbers to call, the most fitting first. `words` is what was found.

    `certain` is False when it was read only from words without marks that may be other words as well.
    """

    kind: str
    numbers: tuple[str, ...]
    words: str = ""
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Pattern:
    """`source` matches on words joined and closed by single blanks; of each of `needed`, the first words of a
    slot that must be there, a message holds one, or the pattern need not be tried."""

    source: re.Pattern[str]
    exact: re.Pattern[str]
    needed: tuple[frozenset[str], ...]
    kind: str = ""
    always: bool = False
    """Whether fear does not matter."""


class _Patterns:
    """Patterns in their order, found by the words of a message: of a thousand only a few need be tried."""

    def __init__(self, patterns: Sequence[_Pattern]) -> None:
        self._all = tuple(patterns)
        self._by_word: dict[str, list[int]] = {}
        self._always: list[int] = []
        for number, pattern in enumerate(self._all):
            if not pattern.needed:
                self._always.append(number)
                continue
            for word in pattern.needed[0]:
                self._by_word.setdefault(word, []).append(number)

    def possible(self, vocabulary: frozenset[str]) -> Iterator[_Pattern]:
        """Those of which the message has a word for every slot that must be there."""
        numbers = set(self._always)
        for word in vocabulary & self._by_word.keys():
            numbers.update(self._by_word[word])
        for number in sorted(numbers):
            pattern = self._all[number]
            if not any(vocabulary.isdisjoint(first) for first in pattern.needed[1:]):
                yield pattern


class DangerWords:
    """The rules of one province pack."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self._alike = _alike(rules.get("same", {}))
        self._ambiguous = frozenset(str(rules.get("ambiguous", "")).split())
        self._groups = {name: str(words).split() for name, words in rules.get("groups", {}).items()}
        self._numbers = {str(name): _numbers(name, rule) for name, rule in rules["kinds"].items()}
        self._dangers = _Patterns(
            [
                self._compile(str(pattern), str(name), always)
                for name, rule in rules["kinds"].items()
                for part, always in (("sure", True), ("said", False))
                for pattern in rule.get(part, ())
            ]
        )
        self._alone = {
            " ".join(strip_marks(_form(word)) for word in phrase.split()): kind
            for kind, phrases in rules.get("alone", {}).items()
            for phrase in phrases
        }
        self._past = self._compiled([*rules.get("past", ()), *rules.get("asked", ())])
        self._feared = self._compiled(rules.get("feared", ()))
        self._likened = self._compiled([*rules.get("feared", ()), *rules.get("likened", ())])
        self._supposed = self._compiled(rules.get("supposed", ()))
        self._denied = self._compiled(rules.get("denied", ()))
        self._figurative = self._compiled(rules.get("figurative", ()))
        self._slurred = self._compiled(rules.get("slurred", ()))
        self._now = self._compiled(rules.get("now", ()))
        unknown = set(self._alone.values()) - set(self._numbers)
        if unknown:
            raise BadDangerWords(f"alone: unknown kinds {sorted(unknown)}")

    @classmethod
    def load(cls, path: Path) -> DangerWords:
        """Read danger.yml. Raises BadDangerWords or OSError."""
        try:
            rules = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(rules)
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, re.error) as error:
            raise BadDangerWords(f"{path.name}: {error!r}") from error

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._numbers)

    def numbers(self, kind: str) -> tuple[str, ...]:
        """The numbers to call for a kind; of the last kind (the general one) when it is not known."""
        return self._numbers.get(kind) or self._numbers[self.kinds[-1]]

    def find(self, text: str) -> Danger | None:
        """The danger that is told as happening now, or None. Past, feared and figurative danger is None."""
        said = self._said(text)
        if not said.words:
            return None
        alone = self._alone.get(" ".join(map(_bare, said.words)))
        if alone and not self._misspelt_alone(said):
            return Danger(alone, self._numbers[alone], said.line.strip())
        covered: list[tuple[tuple[int, int], int]] | None = None  # most messages have no word of danger at all
        doubtful: Danger | None = None
        past: bool | None = None
        for pattern, match in self._matches(self._dangers, said):
            start, end = match.span()
            if covered is None:
                covered = self._covered(said)
            if any(_undone(said.line, (start, end), span, least) for span, least in covered):
                continue
            if past is None:
                past = self._is_past(said)
            if past:
                return None
            if not pattern.always and self._is_taken_back(said, start, end):
                continue
            certain = self._is_certain(pattern, match)
            found = Danger(pattern.kind, self._numbers[pattern.kind], match[0].strip(), certain)
            if certain:
                return found
            doubtful = doubtful or found
        return doubtful

    def guess(self, text: str) -> Danger | None:
        """The kind that the words name, however told: for a message that a model takes for an emergency."""
        said = self._said(text)
        for pattern, _ in self._matches(self._dangers, said):
            return Danger(pattern.kind, self._numbers[pattern.kind], certain=False)
        return None

    def is_past(self, text: str) -> bool:
        """Whether the message tells its danger as past, settled or recurring."""
        return self._is_past(self._said(text))

    def _said(self, text: str) -> _Said:
        lower = _REPEATED.sub(r"\1", unicodedata.normalize("NFC", text[:_LOOKED_AT]).lower())
        words = []
        line = ""
        breaks = []
        last = 0
        for match in _WORD.finditer(lower):
            if _BREAK.search(lower, last, match.start()):
                breaks.append(len(line))
            word = _form(match[0])
            words.append(word)
            line += word + " "
            last = match.end()
        marked = sum(not word.isascii() for word in words) > _MARKED * len(words)
        return _Said(words, line, frozenset(words), breaks, marked)

    def _covered(self, said: _Said) -> list[tuple[tuple[int, int], int]]:
        """Where words are meant in another sense than danger, and how many shared words undo any danger."""
        found = [
            (match.span(), 2)
            for pattern, match in self._matches(self._figurative, said)
            if self._is_certain(pattern, match)
        ]
        if not said.marked:
            found += [(match.span(), _LOOKED_AT) for _, match in self._matches(self._slurred, said)]
        return found

    def _matches(self, patterns: _Patterns, said: _Said) -> Iterator[tuple[_Pattern, re.Match[str]]]:
        for pattern in patterns.possible(said.vocabulary):
            for match in pattern.source.finditer(said.line):
                yield pattern, match

    def _is_certain(self, pattern: _Pattern, match: re.Match[str]) -> bool:
        # without any marks in the message, "lo" may as well be "lở"
        if not match.string.isascii() and pattern.exact.match(match.string, match.start()):
            return True
        return self._ambiguous.isdisjoint(map(_bare, match[0].split()))

    def _is_past(self, said: _Said) -> bool:
        return self._holds(self._past, said) and not any(True for _ in self._matches(self._now, said))

    def _is_taken_back(self, said: _Said, start: int, end: int) -> bool:
        """Feared before or inside the words of danger, supposed after them, or said right before not to be
        there."""
        clause = max((at for at in said.breaks if at <= start), default=0)
        rest = min((at for at in said.breaks if at >= end), default=len(said.line))
        before, inside = said.line[clause:start].split(), said.line[start:end].split()
        after = said.line[end:rest].split()
        return (
            self._holds(self._likened, said.part(before[-_FEAR_REACH:]))
            or self._holds(self._denied, said.part(before[-2:]))
            or self._holds(self._feared, said.part([*before[-2:], *inside[:-1]]))
            or self._holds(self._supposed, said.part([*inside[1:], *after[:_FEAR_REACH]]))
        )

    def _holds(self, patterns: _Patterns, said: _Said) -> bool:
        """Whether one is there for sure. Where marks are typed, a word without its tone is another word
        ("tôi qua" is not "tối qua")."""
        return any(
            self._is_certain(pattern, match)
            and (not said.marked or pattern.exact.match(said.line, match.start()))
            for pattern, match in self._matches(patterns, said)
        )

    def _compiled(self, patterns: Sequence[str]) -> _Patterns:
        return _Patterns([self._compile(str(pattern)) for pattern in patterns])

    def _compile(self, pattern: str, kind: str = "", always: bool = False) -> _Pattern:
        needed: list[frozenset[str]] = []
        source = exact = r"(?:(?<=\s)|^)"
        for slot in pattern.split():
            if slot.startswith("!"):
                ways = [way.split("_") for way in self._ways(slot[1:])]
                source += "(?!" + "|".join(_phrase(way, self._exact_or_bare) for way in ways) + ")"
                exact += "(?!" + "|".join(_phrase(way, self._exact) for way in ways) + ")"
                continue
            if slot in ("~", "~~"):
                gap = rf"(?:\S+ ){{0,{4 if slot == '~' else 10}}}?"
                source += gap
                exact += gap
                continue
            optional = "?" if slot.endswith("?") else ""
            ways = [way.split("_") for way in self._ways(slot.rstrip("?"))]
            source += "(?:" + "|".join(_phrase(way, self._writings) for way in ways) + ")" + optional
            exact += "(?:" + "|".join(_phrase(way, self._exact) for way in ways) + ")" + optional
            if not optional:
                needed.append(frozenset(writing for way in ways for writing in self._writings(way[0])))
        if not needed:
            raise BadDangerWords(f"a pattern needs a word that must be there: {pattern!r}")
        return _Pattern(re.compile(source), re.compile(exact), tuple(sorted(needed, key=len)), kind, always)

    def _ways(self, slot: str) -> list[str]:
        """What may stand in a slot, groups spelt out."""
        ways: list[str] = []
        for way in slot.split("/"):
            ways += self._groups[way[1:]] if way.startswith("+") else [way]
        return ways

    def _exact(self, word: str) -> list[str]:
        form = _form(word)
        return [form, *self._alike.get(form, ())]

    def _exact_or_bare(self, word: str) -> list[str]:
        return list(dict.fromkeys(one for form in self._exact(word) for one in (form, strip_marks(form))))

    def _writings(self, word: str) -> list[str]:
        """As written, without its tone, without any marks; the same of the words that stand for it."""
        found: dict[str, None] = {}
        for form in self._exact(word):
            toneless = unicodedata.normalize("NFC", unicodedata.normalize("NFD", form).translate(_TONES))
            found.update(dict.fromkeys((form, toneless, strip_marks(form))))
        return list(found)

    def _misspelt_alone(self, said: _Said) -> bool:
        """ "Chạy" or "chảy" alone is not a cry of fire, though it is the same without marks."""
        return any(word in _NOT_ALONE for word in said.words)


@dataclass(frozen=True, slots=True)
class _Said:
    """The words of a message, joined with a blank after each, where in the line a clause begins, and whether
    it is typed with marks."""

    words: list[str]
    line: str
    vocabulary: frozenset[str]
    breaks: list[int]
    marked: bool

    def part(self, words: list[str]) -> _Said:
        return _Said(words, " ".join(words) + " ", frozenset(words), [], self.marked)


def _undone(line: str, danger: tuple[int, int], other: tuple[int, int], least: int) -> bool:
    """Whether words in another sense take away half of a danger, or `least` words of it: a long row of words
    is not undone by its last one."""
    shared = line[max(danger[0], other[0]) : min(danger[1], other[1])].count(" ")
    return shared >= least or (shared > 0 and 2 * shared >= line[danger[0] : danger[1]].count(" "))


def _numbers(name: str, rule: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = tuple(str(number) for number in rule["numbers"])
    if not numbers:
        raise BadDangerWords(f"{name}: no number to call")
    return numbers


@lru_cache(maxsize=20_000)
def _bare(word: str) -> str:
    return strip_marks(word)


@lru_cache(maxsize=20_000)
def _form(word: str) -> str:
    """Lower case NFC with the tone moved to the end: "hoả" and "hỏa" are one."""
    word = unicodedata.normalize("NFC", word.lower())
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFD", word)
    tones = "".join(ch for ch in decomposed if ord(ch) in _TONES)
    return unicodedata.normalize("NFC", decomposed.translate(_TONES)) + tones


def _alike(same: Mapping[str, str]) -> dict[str, list[str]]:
    """Word of the patterns → the other words that stand for it."""
    words: dict[str, list[str]] = {}
    for short, word in same.items():
        words.setdefault(_form(str(word)), []).append(_form(str(short)))
    return words


def _phrase(words: Sequence[str], writings: Callable[[str], list[str]]) -> str:
    return "".join(
        "(?:" + "|".join(re.escape(writing) for writing in writings(word)) + ") " for word in words
    )
