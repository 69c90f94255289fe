"""Points → communes: label points, borders, the shore, the neighbours, and broken coordinates."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from core.message import Point
from core.places.places import Places

DATA = Path(__file__).parents[3] / "province" / "ha_tinh" / "places"
SHAPES = {
    feature["properties"]["code"]: shapely.geometry.shape(feature["geometry"])
    for feature in json.loads((DATA / "communes.geojson").read_text(encoding="utf-8"))["features"]
}
METRES = 110_600.0


def test_every_label_point_lies_in_its_unit(places: Places) -> None:
    for unit in places.communes.values():
        assert places.at(Point(unit.lat, unit.lon)).unit == unit
        assert places.at(Point(unit.lat, unit.lon, accuracy_m=20)).unit == unit


def test_a_point_near_a_border_belongs_to_both_sides(places: Places) -> None:
    one, other = SHAPES["18685"], SHAPES["18673"]
    neighbours = [code for code, shape in SHAPES.items() if code != "18685" and shape.touches(one)]
    assert neighbours
    other = SHAPES[neighbours[0]]
    middle = one.intersection(other).interpolate(0.5, normalized=True)
    answer = places.at(Point(middle.y, middle.x))
    assert answer.status == "ambiguous"
    assert {"18685", neighbours[0]} <= {unit.code for unit in answer.candidates}


def test_accuracy_decides_how_near_is_near(places: Places) -> None:
    unit = places.named("18685")
    spot = shapely.Point(unit.lon, unit.lat)
    metres = SHAPES["18685"].exterior.distance(spot) * 105_000
    assert places.at(Point(unit.lat, unit.lon, accuracy_m=min(metres / 2, 900))).status == "unit"
    assert places.at(Point(unit.lat, unit.lon, accuracy_m=1e9)).status in ("unit", "ambiguous")


def test_the_sea_snaps_only_near_the_shore(places: Places) -> None:
    shape = SHAPES["18676"]  # Thiên Cầm, on the sea
    union = shapely.union_all(list(SHAPES.values()))
    east = max(shapely.get_coordinates(shape).tolist(), key=lambda xy: xy[0])
    offshore = next(
        (lon, lat)
        for step in range(1, 200)
        for lon, lat in [(east[0] + step * 0.0001, east[1])]
        if union.distance(shapely.Point(lon, lat)) * METRES > 60
    )
    near = places.at(Point(offshore[1], offshore[0]))
    assert near.status in ("unit", "ambiguous")
    assert "18676" in [unit.code for unit in near.candidates]
    far = places.at(Point(east[1], east[0] + 0.05))
    assert far.status == "outside"
    assert far.outside == ""


def test_the_neighbour_is_named(places: Places) -> None:
    answer = places.at(Point(18.68, 105.68))
    assert (answer.status, answer.outside) == ("outside", "phường Thành Vinh, tỉnh Nghệ An")
    assert places.at(Point(21.03, 105.85)).status == "outside"


@pytest.mark.parametrize(
    ("lat", "lon"), [(0.0, 0.0), (math.nan, 105.0), (18.3, math.inf), (95.0, 200.0), (-91.0, 0.0)]
)
def test_broken_coordinates_are_unknown_with_a_reason(places: Places, lat: float, lon: float) -> None:
    answer = places.at(Point(lat, lon))
    assert answer.status == "unknown"
    assert answer.why


def test_swapped_coordinates_are_offered_not_taken(places: Places) -> None:
    unit = places.named("18073")
    answer = places.at(Point(unit.lon, unit.lat))
    assert answer.status == "unknown"
    assert answer.candidates == (unit,)
    assert "đổi" in answer.why


@given(st.floats(17.8, 18.9), st.floats(105.0, 106.6), st.none() | st.floats(-5, 5_000) | st.just(math.nan))
def test_any_point_of_the_region(places: Places, lat: float, lon: float, accuracy: float | None) -> None:
    answer = places.at(Point(lat, lon, accuracy))
    holder = {code for code, shape in SHAPES.items() if shape.covers(shapely.Point(lon, lat))}
    if answer.status == "unit":
        assert answer.unit is not None
        near = SHAPES[answer.unit.code].distance(shapely.Point(lon, lat)) * METRES
        assert answer.unit.code in holder or near <= 130
    else:
        assert not holder or holder <= {unit.code for unit in answer.candidates}


@given(st.floats(), st.floats(), st.none() | st.floats())
def test_no_numbers_break_it(places: Places, lat: float, lon: float, accuracy: float | None) -> None:
    answer = places.at(Point(lat, lon, accuracy))
    assert (answer.unit is not None) == (answer.status == "unit")
