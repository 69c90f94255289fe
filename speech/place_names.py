"""Names of places among heard words: written with capitals, and mended when they were misheard.

A recognizer writes common words for rare names ("tiên cầm"). A name is put in their place only where words
say that a place is named (xã, ở …) or nothing else was said, when exactly one name of the province sounds
nearly so, and when what was heard is not itself a name of some place. Which commune it is, is decided
elsewhere (`core.places`), which asks back in doubt: here nothing is decided, only spelt.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.places.spelling import syllables
from core.speech import Word
from speech.phonetics import unlikeness

_TYPES = (("thị", "trấn"), ("thị", "xã"), ("thành", "phố"), ("xã",), ("phường",), ("huyện",))
"""What a name of a unit stands behind."""
_CUES = frozenset({"ở", "tại", "thuộc", "về"})
"""What a place stands behind."""
_NEVER = frozenset({"có", "bị", "thì", "là", "đang", "này", "kia", "mà", "nhà", "em", "tôi", "tui", "chị"})
_NAMED, _HINTED = 0.75, 0.4
"""How unlike a misheard name may be, its syllables together: behind a type, behind a cue or alone."""
_SYLLABLE = 0.6
"""How unlike one of its syllables may be."""
_MARGIN = 0.3
"""How much nearer it must be than any other name."""


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name, its syllables (lower case) and whether ordinary words make it too."""

    text: tuple[str, ...]
    said: tuple[str, ...]
    common: bool


class PlaceNames:
    """The names of a province, and those of other places that must not be taken for them."""

    def __init__(self, names: Iterable[str], elsewhere: Iterable[str], common: Iterable[str] = ()) -> None:
        ordinary = {tuple(s.low for s in syllables(name)) for name in common}
        self._names: dict[tuple[str, ...], PlaceName] = {}
        self._by_length: dict[int, list[PlaceName]] = {}
        for name in names:
            parts = syllables(name)
            said = tuple(s.low for s in parts)
            if len(said) < 2 or said in self._names or any(part.low.isdigit() for part in parts):
                continue
            text = tuple(name[s.start : s.end] for s in parts)
            place = self._names[said] = PlaceName(text, said, said in ordinary)
            self._by_length.setdefault(len(said), []).append(place)
        self._elsewhere = {tuple(s.low for s in syllables(name)) for name in elsewhere}

    def write(self, words: Sequence[Word]) -> list[Word]:
        """The words with names of places in their own spelling; a mended word tells what was heard."""
        said = [word.text.lower() for word in words]
        made = list(words)
        at = 0
        while at < len(made):
            found = self._at(said, at)
            if found is None:
                at += 1
                continue
            for offset, syllable in enumerate(found.text):
                made[at + offset] = _spelt(words[at + offset], syllable)
            at += len(found.text)
        return made

    def _at(self, said: Sequence[str], at: int) -> PlaceName | None:
        """The name that begins here."""
        limit = _evidence(said, at)
        for length in sorted(self._by_length, reverse=True):
            window = tuple(said[at : at + length])
            if len(window) < length:
                continue
            exact = self._names.get(window)
            if exact is not None:
                return exact if limit or not exact.common else None
            if window in self._elsewhere:
                return None
        return self._nearest(said, at, limit) if limit else None

    def _nearest(self, said: Sequence[str], at: int, limit: float) -> PlaceName | None:
        ranked: list[tuple[float, PlaceName]] = []
        for length, places in self._by_length.items():
            window = said[at : at + length]
            if len(window) < length or any(word in _NEVER for word in window):
                continue
            if limit == _HINTED and at == 0 and len(said) != length:
                continue  # alone means: nothing else was said
            for place in places:
                cost = _unlike(window, place.said, limit + _MARGIN)
                if cost is not None:
                    ranked.append((cost, place))
        ranked.sort(key=lambda one: one[0])
        if not ranked or ranked[0][0] > limit:
            return None
        if len(ranked) > 1 and ranked[1][0] - ranked[0][0] < _MARGIN:
            return None
        best = ranked[0][1]
        least = max(unlikeness(h, m) for h, m in zip(said[at:], best.said, strict=False))
        return best if least <= _SYLLABLE else None


def _unlike(heard: Sequence[str], meant: Sequence[str], most: float) -> float | None:
    """The sum over the syllables; None when it is more than `most`."""
    total = 0.0
    for one, other in zip(heard, meant, strict=True):
        total += unlikeness(one, other)
        if total > most:
            return None
    return total


def _evidence(said: Sequence[str], at: int) -> float:
    """How unlike a name may be here: 0 when nothing says that a place is named."""
    if any(tuple(said[max(0, at - len(type_)) : at]) == type_ for type_ in _TYPES):
        return _NAMED
    if at == 0:
        return _HINTED if len(said) <= 4 else 0.0
    return _HINTED if said[at - 1] in _CUES else 0.0


def _spelt(word: Word, text: str) -> Word:
    if word.text.lower() == text.lower():
        return replace(word, text=text)
    return replace(word, text=text, heard=word.heard or word.text)
