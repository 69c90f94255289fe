"""A message apart from its places: what leads to a place goes with it, a place that is the thing stays."""

from __future__ import annotations

import pytest

from core.danger import DangerWords
from nlu.apart import words_apart


def _apart(marked: str) -> str:
    """The places stand in brackets."""
    text = ""
    places: list[tuple[int, int]] = []
    for part in marked.replace("]", "[").split("["):
        if marked.count("[", 0, marked.find(part)) > len(places):
            places.append((len(text), len(text) + len(part)))
        text += part
    return words_apart(text, places)


@pytest.mark.parametrize(
    ("told", "apart"),
    [
        ("nắp cống trước [cổng trường xã Kỳ Hoa] bị mất", "nắp cống bị mất"),
        ("cây ở ngay phía trước [nhà bà Lan] sắp đổ", "cây sắp đổ"),
        ("cột điện [số 15 thôn Nam Giang xã Thạch Khê] nghiêng", "cột điện nghiêng"),
        ("[đập thôn 3 xã Hương Đô] bị rò nước", "đập bị rò nước"),
        ("tường rào [trường mầm non thôn 2 xã Kỳ Hoa] sắp sập", "tường rào trường mầm non sắp sập"),
        ("lan can [cầu Rào xã Cẩm Bình] gãy", "lan can cầu Rào gãy"),
        ("cây đối diện [chùa xã Kỳ Hoa] đổ", "cây đổ"),
        ("day dien o truoc [nha van hoa] dut", "day dien dut"),
        ("cành [thôn 3] gãy", "cành gãy"),
        ("hố sâu [thôn 3] không nắp", "hố sâu không nắp"),
        ("[tỉnh lộ 554 xã Can Lộc] nát", "tỉnh lộ 554 nát"),
    ],
)
def test_the_thing_and_its_fault_come_together(told: str, apart: str) -> None:
    assert _apart(told) == apart


@pytest.mark.parametrize("told", ["cống tắc", "[cầu Rào] gãy", "[xã Kỳ Hoa]"])
def test_without_a_place_to_leave_out_it_is_empty(told: str) -> None:
    assert _apart(told) == ""


def test_danger_is_found_over_a_long_address(danger: DangerWords) -> None:
    told = "bà cụ ở ngõ 7 thôn Bắc Sơn xã Đức Thọ gần chợ Hôm cạnh cầu Rào xuống giếng chưa lên"
    apart = "bà cụ xuống giếng chưa lên"
    assert danger.find(told) is None
    assert danger.find(told, apart) == danger.find(apart) is not None
    assert danger.find(f"hôm qua {told}", apart) is None
