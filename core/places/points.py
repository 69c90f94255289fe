"""A point → the commune it lies in, with doubt near borders, a snap at the shore, and names beyond the
border.

Distances are in metres on a plane scaled at the province's latitude (0.3 % off at its ends, far less than
the boundaries' own tens of metres).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from core.message import Point
from core.places.commune import Commune, PlaceAnswer

METRES_PER_LAT = 110_600.0
METRES_PER_LON_AT_EQUATOR = 111_320.0

ASSUMED_ACCURACY_M = 30.0
"""Radius when the channel does not say: a phone's GPS under open sky, and about the boundaries' own error."""

LEAST_ACCURACY_M = 15.0
MOST_ACCURACY_M = 1_000.0
"""Beyond this a radius says nothing about communes; candidates are taken within it all the same."""

SHORE_SNAP_M = 120.0
"""The shoreline is generalised: a quay can lie this far outside its commune, not farther."""


class BoundaryMap:
    """The polygons of the communes and of the neighbours, on one tree."""

    def __init__(self, communes: Mapping[str, Commune], shapes: Path, neighbours: Path) -> None:
        """Read two GeoJSON files.

        `shapes` must hold each commune once. Raises ValueError saying what is wrong.
        """
        own, own_properties = _read(shapes)
        others, other_properties = _read(neighbours)
        codes = [str(p.get("code")) for p in own_properties]
        if sorted(codes) != sorted(communes):
            odd = sorted(set(codes) ^ set(communes)) or [code for code in codes if codes.count(code) > 1]
            raise ValueError(f"units differ from units.csv: {', '.join(odd)}")
        self._own: list[Commune | None] = [communes[code] for code in codes] + [None] * len(others)
        self._names = [""] * len(own) + [
            f"{p['type'].lower()} {p['name']}, tỉnh {p['province']}" for p in other_properties
        ]
        self._scale = METRES_PER_LON_AT_EQUATOR * math.cos(
            math.radians(sum(c.lat for c in communes.values()) / len(communes))
        )
        self._shapes = shapely.transform(
            np.array(own + others), lambda xy: xy * (self._scale, METRES_PER_LAT)
        )
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)

    def at(self, point: Point) -> PlaceAnswer:
        """The commune of a point: see `PlaceAnswer`. Never raises on odd numbers."""
        lat, lon = point.lat, point.lon
        if not (math.isfinite(lat) and math.isfinite(lon)):
            return PlaceAnswer("unknown", why="tọa độ không phải là số")
        if lat == 0 and lon == 0:
            return PlaceAnswer("unknown", why="tọa độ (0, 0): máy chưa có vị trí")
        swapped = self._unit_at(lon, lat) if not self._unit_at(lat, lon) else None
        if swapped:
            return PlaceAnswer(
                "unknown",
                candidates=(swapped,),
                why=f"vĩ độ và kinh độ đổi chỗ? đổi lại thì ở {swapped.spoken}",
            )
        if abs(lat) > 90 or abs(lon) > 180:
            return PlaceAnswer("unknown", why="tọa độ ngoài phạm vi")
        return self._resolve(lat, lon, _radius(point.accuracy_m))

    def _resolve(self, lat: float, lon: float, radius: float) -> PlaceAnswer:
        spot = shapely.Point(lon * self._scale, lat * METRES_PER_LAT)
        near = self._near(spot, radius)
        holder = next((i for i, distance in near if distance == 0), None)
        units = tuple(unit for i, _ in near if (unit := self._own[i]))
        beyond = next((self._names[i] for i, _ in near if self._names[i]), "")
        if holder is None:
            return self._resolve_loose(spot, radius)
        if not units:
            return PlaceAnswer("outside", outside=self._names[holder], why="điểm nằm ngoài tỉnh")
        if len(units) == 1 and not beyond:
            return PlaceAnswer("unit", units[0], units, why="điểm nằm trong địa giới")
        why = f"điểm cách địa giới chưa tới {radius:.0f} m"
        return PlaceAnswer("ambiguous", candidates=units, outside=beyond, why=why)

    def _resolve_loose(self, spot: shapely.Point, radius: float) -> PlaceAnswer:
        """A point in no polygon: sea, Laos, or the seam between the two files."""
        near = self._near(spot, max(radius, SHORE_SNAP_M))
        units = [(unit, distance) for i, distance in near if (unit := self._own[i])]
        beyond = next((self._names[i] for i, _ in near if self._names[i]), "")
        if not units:
            return PlaceAnswer("outside", outside=beyond, why="điểm nằm ngoài tỉnh")
        nearest, distance = units[0]
        close = tuple(unit for unit, d in units if d <= distance + radius)
        if beyond or len(close) > 1 or distance > SHORE_SNAP_M:
            why = f"điểm ngoài địa giới, cách {nearest.spoken} {distance:.0f} m"
            return PlaceAnswer("ambiguous", candidates=close, outside=beyond, why=why)
        return PlaceAnswer("unit", nearest, (nearest,), why=f"ngay mép địa giới, cách {distance:.0f} m")

    def _near(self, spot: shapely.Point, radius: float) -> list[tuple[int, float]]:
        """(index, metres) of the polygons within `radius`, nearest first; own units before neighbours."""
        hits = [int(i) for i in self._tree.query(spot, predicate="dwithin", distance=radius)]
        if len(hits) == 1 and self._shapes[hits[0]].covers(spot):
            return [(hits[0], 0.0)]
        return sorted(
            ((i, float(shapely.distance(self._shapes[i], spot))) for i in hits),
            key=lambda hit: (hit[1], hit[0]),
        )

    def _unit_at(self, lat: float, lon: float) -> Commune | None:
        if not (-90 <= lat <= 90):
            return None
        spot = shapely.Point(lon * self._scale, lat * METRES_PER_LAT)
        return next((u for i in self._tree.query(spot, predicate="intersects") if (u := self._own[i])), None)


def _radius(accuracy: float | None) -> float:
    if accuracy is None or not math.isfinite(accuracy) or accuracy < 0:
        return ASSUMED_ACCURACY_M
    return min(max(accuracy, LEAST_ACCURACY_M), MOST_ACCURACY_M)


def _read(path: Path) -> tuple[list[shapely.Geometry], list[Mapping[str, Any]]]:
    """Geometries and properties of a FeatureCollection; a line can be wrong, so shapes are made valid."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    return [s if s.is_valid else shapely.make_valid(s) for s in shapes], [f["properties"] for f in features]
