"""A name found in a text, with what it can stand for and what speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.places.names import Abroad, Name, Reading

Source = Literal["exact", "loose", "fuzzy"]


@dataclass(slots=True)
class Mention:
    """A name in the text. `first` and `last` are syllable indices of the name, `head` of the word of its
    type.

    `readings` are what it can stand for here. `doubt`: it may not be a place, or not this place, so that
    alone it is only worth a question. `within` is a commune named before a place abroad, which lies there.
    `firm`: it counts without support. `near`: it only says what lies beside the place.
    """

    head: int
    first: int
    last: int
    type: str | None
    names: tuple[Name, ...]
    readings: tuple[Reading, ...]
    source: Source
    close: int
    firm: bool = False
    doubt: bool = False
    near: bool = False
    negated: bool = False
    cue: bool = False
    abroad: tuple[Abroad, ...] = ()
    within: str = ""
    home: bool = False
    local: bool = False
    units: tuple[str, ...] = ()

    @property
    def is_district(self) -> bool:
        return any(reading.kind == "district" for reading in self.readings)
