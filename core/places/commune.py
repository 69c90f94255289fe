"""A commune-level unit and the answer to "which one is meant?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["unit", "ambiguous", "outside", "unknown"]


@dataclass(frozen=True, slots=True)
class Commune:
    """A xã or phường of today. `code` is the statistics office's code, a string; `lat`, `lon` a point
    inside.
    """

    code: str
    name: str
    type: str
    full_name: str
    lat: float
    lon: float

    @property
    def is_ward(self) -> bool:
        return self.type == "Phường"

    @property
    def spoken(self) -> str:
        """The name inside a sentence: "xã Cẩm Bình"."""
        return f"{self.type.lower()} {self.name}"


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """What a point or some words say about the commune. A guess is not an answer.

    `unit` is set only for status "unit". `candidates` holds the units that may be meant, likeliest first:
    the unit itself for "unit", one or more for "ambiguous" (one: it needs a yes or no), and sometimes one
    for "unknown" (the place after swapping lat and lon). `outside` names a place outside the province ("xã
    X, tỉnh Nghệ An"), "" when there is none or it has no name here. `spans` are (start, end) in the given
    text of the words that named the place. `why` is a short note in Vietnamese for the trace, not for the
    citizen.
    """

    status: Status
    unit: Commune | None = None
    candidates: tuple[Commune, ...] = ()
    outside: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    why: str = ""
