"""Danger to life now, found by rules before any model looks at a message.

The rules are data (`danger.yml` of the province pack; patterns are described in `danger_patterns`):

    same:        short form or dialect word → the word of the patterns that it also stands for
    groups:      name → words that a pattern takes together as `+name`
    ambiguous:   words without marks that are also other words; what is read from them alone is not certain
    kinds:       kind → {numbers, clear, sure, said}; numbers to call, the first one first
    alone:       kind → whole messages
    patterns that take danger back:
        past, asked     anywhere in the message: told as past; asked about, practised, quoted
        settled         the same, told as over: nothing outweighs it
        feared          before or in the danger, in the same clause
        likened, denied before it: likened, awaited; said not to be there (right before)
        supposed        after it, in the same clause: "… thì ai chịu"
        figurative      upon it: the same words in another sense
        slurred         the same, only where no marks are typed ("lan can" is also "lan cạn")
    now:         patterns of the very moment, which outweigh a past
    urgent:      no danger now, but what may soon hurt somebody
    names:       {after, never_after}: words after which a name of a place without marks is one, and before
                 which nothing is; the names themselves are those of the pack (`core.danger_names`)
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.danger_names import PlaceNames, read_place_names
from core.danger_patterns import BadPattern, Hit, Language, Patterns, Said, bare, form

_NOT_ALONE = frozenset(("chaỵ", "chaỷ", "chạy", "chảy"))
_FEAR_REACH = 9
"""Words before a danger in which a word of fear takes it back, and after it one of supposing."""


class BadDangerWords(ValueError):
    """danger.yml is not in form; the text says where."""


@dataclass(frozen=True, slots=True)
class Danger:
    """A kind of danger and the numbers to call, the most fitting first. `words` is what was found.

    `certain` is False when it was read only from words without marks that may be other words as well;
    `clear` is True when it was told in a row of words that no disbelief takes back.
    """

    kind: str
    numbers: tuple[str, ...]
    words: str = ""
    certain: bool = True
    clear: bool = False


class DangerWords:
    """The rules of one province pack."""

    def __init__(self, rules: Mapping[str, Any], names: Iterable[str] = ()) -> None:
        """`names` of places are never read as words of danger."""
        language = Language(
            rules.get("same", {}),
            {name: str(words).split() for name, words in rules.get("groups", {}).items()},
            frozenset(str(rules.get("ambiguous", "")).split()),
        )

        def patterns(*names: str) -> Patterns:
            return language.patterns([row for name in names for row in rules.get(name, ())])

        self._numbers = {str(name): _numbers(name, rule) for name, rule in rules["kinds"].items()}
        self._dangers = language.index(
            [
                language.pattern(str(row), str(name), part == "sure", part == "clear")
                for name, rule in rules["kinds"].items()
                for part in ("clear", "sure", "said")
                for row in rule.get(part, ())
            ]
        )
        self._alone = {
            " ".join(bare(form(word)) for word in phrase.split()): kind
            for kind, phrases in rules.get("alone", {}).items()
            for phrase in phrases
        }
        if unknown := set(self._alone.values()) - set(self._numbers):
            raise BadDangerWords(f"alone: unknown kinds {sorted(unknown)}")
        self._past = patterns("past", "asked")
        self._settled = patterns("settled")
        self._feared = patterns("feared")
        self._likened = patterns("feared", "likened")
        self._supposed = patterns("supposed")
        self._denied = patterns("denied")
        self._figurative = patterns("figurative")
        self._slurred = patterns("slurred")
        self._now = patterns("now")
        self._urgent = patterns("urgent")
        around = rules.get("names", {})
        self._names = PlaceNames(
            names, str(around.get("after", "")).split(), str(around.get("never_after", "")).split()
        )

    @classmethod
    def load(cls, path: Path, names: Iterable[str] | None = None) -> DangerWords:
        """Read danger.yml; `names` of places are by default those of the pack it lies in.

        Raises BadDangerWords or OSError.
        """
        try:
            rules = yaml.safe_load(path.read_text(encoding="utf-8"))
            return cls(rules, read_place_names(path.parent / "places") if names is None else names)
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, re.error, BadPattern) as error:
            raise BadDangerWords(f"{path.name}: {error!r}") from error

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._numbers)

    def numbers(self, kind: str) -> tuple[str, ...]:
        """The numbers to call for a kind; of the last kind (the general one) when it is not known."""
        return self._numbers.get(kind) or self._numbers[self.kinds[-1]]

    def find(self, text: str, apart: str = "") -> Danger | None:
        """The danger that is told as happening now, or None. Past, feared and figurative danger is None.

        `apart` are the same words without the place: a long address may stand between those of danger.
        """
        found = self._find(text)
        if found is not None and (found.certain or not apart):
            return found
        if not apart or self.is_past(text):
            return found
        beside = self._find(apart)
        return beside if found is None or (beside is not None and beside.certain) else found

    def _find(self, text: str) -> Danger | None:
        said = self._names.hide(Said.of(text))
        if not said.words:
            return None
        alone = self._alone.get(" ".join(map(bare, said.words)))
        if alone and not _is_misspelt_alone(said):
            return Danger(alone, self._numbers[alone], said.line.strip())
        covered: list[tuple[Hit, int]] | None = None  # most messages have no word of danger at all
        doubtful: list[Danger] = []
        for hit in self._dangers.hits(said):
            if covered is None:
                if self._is_past(said):
                    return None
                covered = self._covered(said)
            if any(_is_undone(said.line, hit, other, least) for other, least in covered):
                continue
            if not hit.pattern.always and self._is_taken_back(said, hit):
                continue
            kind = hit.pattern.kind
            words = said.line[hit.start : hit.end].strip()
            found = Danger(kind, self._numbers[kind], words, hit.certain, hit.certain and hit.pattern.clear)
            if hit.certain:
                return found
            doubtful.append(found)
        return _most_told(doubtful)

    def warns(self, text: str, apart: str = "") -> bool:
        """Whether something is told that may soon hurt somebody, though nobody is in danger now.

        `apart` as for `find`.
        """
        return any(self._warns(self._names.hide(Said.of(words))) for words in (text, apart) if words)

    def _warns(self, said: Said) -> bool:
        hits = [hit for hit in self._urgent.hits(said) if _is_meant(said, hit)]
        covered = self._covered(said) if hits else []
        return any(not any(_is_undone(said.line, hit, other, n) for other, n in covered) for hit in hits)

    def guess(self, text: str) -> Danger | None:
        """The kind that the words name, however told: for a message that a model takes for an emergency."""
        for hit in self._dangers.hits(self._names.hide(Said.of(text))):
            return Danger(hit.pattern.kind, self._numbers[hit.pattern.kind], certain=False)
        return None

    def is_past(self, text: str) -> bool:
        """Whether the message tells its danger as past, settled or recurring."""
        return self._is_past(self._names.hide(Said.of(text)))

    def _covered(self, said: Said) -> list[tuple[Hit, int]]:
        """Where words are meant in another sense than danger, and how many shared words undo any danger."""
        found = [(hit, 2) for hit in self._figurative.hits(said) if _is_meant(said, hit)]
        if not said.marked:
            found += [(hit, len(said.words) + 1) for hit in self._slurred.hits(said)]
        return found

    def _is_past(self, said: Said) -> bool:
        if _holds(self._settled, said):
            return True
        return _holds(self._past, said) and not any(True for _ in self._now.hits(said))

    def _is_taken_back(self, said: Said, hit: Hit) -> bool:
        """Feared before or inside the words of danger, supposed after them, or said right before not to be
        there."""
        clause = max((at for at in said.breaks if at <= hit.start), default=0)
        rest = min((at for at in said.breaks if at >= hit.end), default=len(said.line))
        before, inside = said.line[clause : hit.start].split(), said.line[hit.start : hit.end].split()
        after = said.line[hit.end : rest].split()
        return (
            _holds(self._likened, said.part(before[-_FEAR_REACH:]))
            or _holds(self._denied, said.part(before[-2:]))
            or _holds(self._feared, said.part([*before[-2:], *inside[:-1]]))
            or _holds(self._supposed, said.part([*inside[1:], *after[:_FEAR_REACH]]))
        )


def _holds(patterns: Patterns, said: Said) -> bool:
    return any(_is_meant(said, hit) for hit in patterns.hits(said))


def _is_meant(said: Said, hit: Hit) -> bool:
    """Whether words that take danger back are there for sure.

    Where marks are typed, a word without its tone is another word ("tôi qua" is not "tối qua"); where none
    are, several words in a row mean what they say.
    """
    if said.marked:
        return hit.certain and hit.exact
    return hit.certain or said.line.count(" ", hit.start, hit.end) > 1


def _is_undone(line: str, danger: Hit, other: Hit, least: int) -> bool:
    """Whether words in another sense take away half of a danger, or `least` words of it: a long row of words
    is not undone by its last one."""
    shared = line[max(danger.start, other.start) : min(danger.end, other.end)].count(" ")
    return shared >= least or (shared > 0 and 2 * shared >= line[danger.start : danger.end].count(" "))


def _most_told(doubtful: Sequence[Danger]) -> Danger | None:
    """The first of the kind that most patterns tell: of words that may be others no single one decides."""
    if not doubtful:
        return None
    kinds = Counter(one.kind for one in doubtful)
    return max(doubtful, key=lambda one: kinds[one.kind])


def _is_misspelt_alone(said: Said) -> bool:
    """ "Chạy" or "chảy" alone is not a cry of fire, though it is the same without marks."""
    return any(word in _NOT_ALONE for word in said.words)


def _numbers(name: object, rule: Mapping[str, Any]) -> tuple[str, ...]:
    numbers: Sequence[str] = [str(number) for number in rule["numbers"]]
    if not numbers:
        raise BadDangerWords(f"{name}: no number to call")
    return tuple(numbers)
