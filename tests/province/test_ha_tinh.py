"""The data of Hà Tĩnh: complete, and marked where it is not confirmed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.pack import Pack, load_pack


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Path(__file__).parents[2] / "province" / "ha_tinh")


def test_sixty_communes_and_nine_wards(pack: Pack) -> None:
    types = [unit.type for unit in pack.places.communes.values()]
    assert (types.count("Xã"), types.count("Phường")) == (60, 9)


def test_every_commune_has_all_its_offices(pack: Pack) -> None:
    for code, unit in pack.places.communes.items():
        offices = {agency.id for agency in pack.agencies.values() if agency.commune == code}
        assert offices == {f"{office}-{code}" for office in ("ubnd", "vp", "pkt", "vhxh", "hcc", "ca", "tyt")}
        ward = "Phòng Kinh tế, Hạ tầng và Đô thị phường"
        assert pack.agencies[f"pkt-{code}"].name.startswith(ward if unit.is_ward else "Phòng Kinh tế xã")


def test_every_agency_and_category_has_a_source(pack: Pack) -> None:
    assert all(agency.source for agency in pack.agencies.values())
    assert all(category.source for category in pack.categories.values())


def test_labels_fit_a_button_and_are_distinct(pack: Pack) -> None:
    labels = [category.short for category in pack.categories.values()]
    assert all(0 < len(label) <= 20 for label in labels)
    assert len(set(labels)) == len(labels)


def test_no_limit_claims_to_be_the_province_s_own(pack: Pack) -> None:
    assert not any(level.confirmed for level in pack.router.levels.values())


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 1, 2), False),
        (date(2026, 1, 10), True),
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),
        (date(2026, 4, 30), False),
        (date(2026, 5, 1), False),
        (date(2026, 8, 22), True),
        (date(2026, 8, 31), False),
        (date(2026, 9, 2), False),
        (date(2026, 9, 3), True),
        (date(2026, 11, 24), False),
        (date(2026, 11, 25), True),
        (date(2026, 11, 28), False),
        (date(2027, 2, 11), False),
        (date(2027, 2, 12), True),
        (date(2027, 4, 16), False),
        (date(2027, 5, 3), False),
        (date(2031, 9, 2), False),
    ],
)
def test_days_of_the_calendar(pack: Pack, day: date, working: bool) -> None:
    assert bool(pack.calendar.hours(day)) is working


def test_what_is_not_certain_is_marked(pack: Pack) -> None:
    for day in (date(2026, 11, 24), date(2027, 2, 10), date(2027, 9, 3)):
        note = pack.calendar.note(day)
        assert note is not None
        assert not note.confirmed
        assert note.source
