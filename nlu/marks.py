"""Words typed without diacritics, read with the marks they most likely have.

A table of words and of neighbouring words, counted in the training examples, and the likeliest way through it
(Viterbi). One letter stands for one letter: whatever is found in the restored text stands at the same place
in the typed one. What the talk shows and the rules of danger read is always what was typed.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from core.text import strip_marks

_WORD = re.compile(r"[^\W\d_]+")
_BEGIN = ""
_BY_NEIGHBOUR = 0.7
"""How much the word before counts beside how usual a word is."""
_UNSEEN = 0.1
_MOST_FORMS = 10
_MOST_WAYS = 8
_MOST_WORDS = 120
"""Words of a message that are restored; longer ones without any mark are noise."""
_HARDLY_MARKED = 0.2
"""Share of words with marks up to which a message counts as typed without; Vietnamese has about 0.7."""
_VIETNAMESE = 0.7
"""Share of known words from which a text without marks is Vietnamese; English reaches 0.67, of Vietnamese
messages of the development sets 99 in 100 reach 0.87."""


class _Way(NamedTuple):
    score: float
    word: str
    before: _Way | None


class Marks:
    """Puts diacritics back. One instance may serve many threads."""

    def __init__(self, words: Mapping[str, int], pairs: Mapping[str, int]) -> None:
        """`words`: lower-case word → how often it was seen; `pairs`: the same of "one two"; "" begins a
        text."""
        total = sum(words.values()) + 1
        self._words, self._pairs = dict(words), dict(pairs)
        self._alone = {word: (1 - _BY_NEIGHBOUR) * count / total for word, count in words.items()}
        self._new = (1 - _BY_NEIGHBOUR) * _UNSEEN / total
        self._after: dict[str, dict[str, float]] = {}  # word → the word before it → their share
        for pair, count in pairs.items():
            one, _, two = pair.partition(" ")
            self._after.setdefault(two, {})[one] = _BY_NEIGHBOUR * count / words[one]
        forms: dict[str, list[str]] = {}
        for word in sorted(words, key=lambda word: (-words[word], word)):
            forms.setdefault(strip_marks(word), []).append(word)
        self._forms = {bare: tuple(found[:_MOST_FORMS]) for bare, found in forms.items() if found != [bare]}
        self._known = frozenset(forms)

    @classmethod
    def learnt_from(cls, texts: Iterable[str]) -> Marks:
        """Count the texts that are typed with marks."""
        words: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for text in texts:
            found = [word.lower() for word in _WORD.findall(unicodedata.normalize("NFC", text))]
            if _hardly_marked(found):
                continue
            known = [word for word in found if len(strip_marks(word)) == len(word)]
            words.update((_BEGIN, *known))
            pairs.update(f"{one} {two}" for one, two in zip((_BEGIN, *known), known, strict=False))
        return cls(words, pairs)

    def restored(self, text: str) -> str:
        """A Vietnamese text (NFC) that is typed without marks, or almost, with them; any other as it is."""
        places = list(_WORD.finditer(text))[:_MOST_WORDS]
        typed = [place[0].lower() for place in places]
        if (
            _hardly_marked(typed)
            and self._is_vietnamese(typed)
            and any(word in self._forms for word in typed)
        ):
            parts: list[str] = []
            last = 0
            for place, word in zip(places, self._likeliest(typed), strict=True):
                parts += text[last : place.start()], _in_case_of(place[0], word)
                last = place.end()
            text = "".join(parts) + text[last:]
        return text

    def _is_vietnamese(self, typed: list[str]) -> bool:
        known = sum(strip_marks(word) in self._known for word in typed)
        return known >= _VIETNAMESE * len(typed)

    def _likeliest(self, typed: list[str]) -> list[str]:
        ways = [_Way(0.0, _BEGIN, None)]
        for word in typed:
            found = [self._best(ways, form) for form in self._forms.get(word, (word,))]
            ways = sorted(found, key=lambda way: -way.score)[:_MOST_WAYS]
        words = []
        way: _Way | None = max(ways, key=lambda way: way.score)
        while way is not None and way.before is not None:
            words.append(way.word)
            way = way.before
        return words[::-1]

    def _best(self, ways: list[_Way], word: str) -> _Way:
        """The likeliest way that goes on with `word`; the ways come likeliest first."""
        alone = self._alone.get(word, self._new)
        after = self._after.get(word, {})
        best, score = ways[0], ways[0].score + math.log(alone)
        for way in ways:
            together = after.get(way.word)
            if together is not None and (value := way.score + math.log(alone + together)) > score:
                best, score = way, value
        return _Way(score, word, best)

    def to_json(self) -> dict[str, Any]:
        return {"words": self._words, "pairs": self._pairs}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Marks:
        return cls(data["words"], data["pairs"])


def _hardly_marked(words: list[str]) -> bool:
    marked = sum(not word.isascii() and strip_marks(word) != word for word in words)
    return marked <= _HARDLY_MARKED * len(words)


def _in_case_of(typed: str, word: str) -> str:
    """The word with the capitals that were typed."""
    if typed.islower() or len(typed) != len(word):
        return word
    return "".join(new.upper() if old.isupper() else new for old, new in zip(typed, word, strict=True))
