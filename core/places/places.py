"""The places of a province: `at` a point, or `find` in words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from core.message import Point
from core.places.commune import Commune, PlaceAnswer
from core.places.names import read_communes, read_names
from core.places.points import BoundaryMap
from core.places.words import WordResolver


class Places:
    """`communes` are the units of today by code, in the order of codes."""

    def __init__(self, communes: Mapping[str, Commune], boundaries: BoundaryMap, words: WordResolver) -> None:
        self.communes: Mapping[str, Commune] = MappingProxyType(dict(communes))
        self._boundaries = boundaries
        self._words = words

    @classmethod
    def load(cls, folder: Path, province_code: str) -> Places:
        """Read a pack's `places` folder. Raises FileNotFoundError or ValueError (which file, which row)."""
        communes = read_communes(folder / "units.csv")
        boundaries = BoundaryMap(communes, folder / "communes.geojson", folder / "neighbours.geojson")
        return cls(communes, boundaries, WordResolver(read_names(folder, communes, province_code), communes))

    def named(self, code: str) -> Commune:
        """The unit of a code. Raises KeyError when the province has none such."""
        return self.communes[code]

    def at(self, point: Point) -> PlaceAnswer:
        """The commune a point lies in; candidates near a border; "outside" with the neighbour's name."""
        return self._boundaries.at(point)

    def find(self, text: str) -> PlaceAnswer:
        """The commune that words name: an address, an answer to "where?", or a whole report."""
        return self._words.find(text)

    def without_slips(self, text: str) -> str:
        """The text without the places that it takes back itself: of "xã A, à nhầm xã B" it leaves "xã B"."""
        return self._words.without_slips(text)
