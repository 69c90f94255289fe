from __future__ import annotations

from pathlib import Path

import pytest

from core.pack import Pack, load_pack
from core.places.command import locate_line


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Path(__file__).parents[3] / "province" / "ha_tinh")


def test_words_and_points(pack: Pack) -> None:
    line = locate_line(pack, {"id": "a", "text": "ở xã Cẩm Bình"})
    assert (line["id"], line["status"], line["code"], line["name"]) == ("a", "unit", "18685", "Cẩm Bình")
    assert line["candidates"] == [{"code": "18685", "name": "Cẩm Bình"}]
    point = locate_line(pack, {"id": 2, "lat": 18.34188, "lon": 105.90287, "accuracy_m": 10})
    assert point["name"] == "Thành Sen"
    doubt = locate_line(pack, {"id": 3, "text": "Nghi Xuân"})
    assert (doubt["status"], doubt["code"], doubt["name"]) == ("ambiguous", None, None)


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"id": 1},
        {"id": 1, "text": 5},
        {"id": 1, "lat": 18.3},
        {"id": 1, "lat": "18", "lon": 105},
        [],
        "x",
        {"id": 1, "lat": True, "lon": 105},
        {"id": 1, "lat": 10**400, "lon": 105},
    ],
)
def test_bad_input_is_a_clear_error_not_an_exception(pack: Pack, obj: dict[str, object]) -> None:
    line = locate_line(pack, obj)
    assert set(line) == {"id", "error"}
    assert line["error"]
