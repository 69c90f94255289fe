"""From heard words to written ones, in order: syllables apart, names of places, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.pack import Pack
from core.places.names import NameBook, read_names
from core.places.spelling import syllables
from core.speech import Word
from speech.phonetics import unglue
from speech.place_names import PlaceNames
from speech.writing import write_numbers


class SpeechWriting:
    """Writes what was heard. Fills `speech.recognizer.Writing`."""

    def __init__(self, places: PlaceNames | None = None) -> None:
        self._places = places

    def write(self, words: Sequence[Word]) -> list[Word]:
        apart = [part for word in words for part in _apart(word)]
        named = self._places.write(apart) if self._places is not None else apart
        return write_numbers(named)


def _apart(word: Word) -> list[Word]:
    """A word that glues two syllables, as two."""
    parts = unglue(word.text)
    if len(parts) == 1:
        return [word]
    middle = round((word.start + word.end) / 2, 2)
    return [replace(word, text=parts[0], end=middle), replace(word, text=parts[1], start=middle)]


def read_book(pack: Pack) -> NameBook:
    """The names of a pack's places, and of those beyond the province."""
    return read_names(pack.folder / "places", pack.places.communes, "")


def place_names(book: NameBook) -> PlaceNames:
    """What `SpeechWriting` spells the names by."""
    home = [name.text for names in book.home.values() for name in names]
    elsewhere = {place.text for places in book.abroad.values() for place in places} - set(home)
    common = [text for text in home if " ".join(s.plain for s in syllables(text)) in book.common]
    return PlaceNames(home, elsewhere, common)


def likely_phrases(book: NameBook) -> tuple[str, ...]:
    """Names that are likelier than usual in every utterance: today's communes and the old districts."""
    names = {
        name.text
        for found in book.home.values()
        for name in found
        if any(reading.kind in ("new", "district") for reading in name.readings) and " " in name.text
    }
    return tuple(sorted(name for name in names if not any(ch.isdigit() for ch in name)))
