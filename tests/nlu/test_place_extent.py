"""An officer reads a whole address: its head word, its name, and nothing that is counted behind it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import strip_marks
from nlu.place_extent import in_passing, settle_extent, words_beside


def widened(text: str, found: str) -> list[str]:
    start = text.index(found)
    return [text[a:b] for a, b in settle_extent(text, [(start, start + len(found))])]


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("mái trường tiểu học Sơn Lễ dột", "Sơn Lễ", "trường tiểu học Sơn Lễ"),
        ("nhạc quán bar Sky đường Trần Phú ồn", "Trần Phú", "quán bar Sky đường Trần Phú"),
        ("đèn đại lộ Xô Viết tắt", "lộ Xô Viết", "đại lộ Xô Viết"),
        ("địa chỉ là số 14 ngõ 3 Hà Hoàng", "Hà Hoàng", "số 14 ngõ 3 Hà Hoàng"),
        ("rác chung cư Vinhomes 5 ngày chưa dọn", "chung cư Vinhomes 5", "chung cư Vinhomes"),
        ("kênh N1 cạn", "N1", "kênh N1"),
        ("đèn trước nhà bác hỏng", "nhà bác hỏng", "nhà bác"),
        ("rác ở xóm 5 ngày nào cũng đốt", "xóm 5", "xóm 5"),
        ("trước cổng trường ngập nặng", "cổng trường ngập nặng", "cổng trường"),
        ("rác ở bãi biển nhiều quá", "bãi biển nhiều", "bãi biển"),
        ("rác ở đầu xóm hôi lắm", "đầu xóm hôi", "đầu xóm"),
        ("ổ gà ở ngã tư xe đông quá", "ngã tư xe đông", "ngã tư"),
        ("ổ gà ở bãi rác xã Kỳ Hoa", "bãi rác xã Kỳ Hoa", "bãi rác xã Kỳ Hoa"),
        ("mất điện thôn đông xã Gia Hanh", "thôn đông xã Gia Hanh", "thôn đông xã Gia Hanh"),
        ("nắp hố ga ngã ba Cây Đa bay mất", "ngã ba Cây Đa", "ngã ba Cây Đa"),
    ],
)
def test_a_place_is_taken_whole(text: str, found: str, whole: str) -> None:
    assert widened(text, found) == [whole]


def test_without_marks_only_heads_that_are_no_other_word() -> None:
    assert widened("mai truong tieu hoc Son Le dot", "Son Le") == ["truong tieu hoc Son Le"]
    assert widened("gui cho Hoi bo doi", "Hoi") == ["Hoi"]  # "cho" is not the market here


def test_a_named_place_is_found_where_nothing_was() -> None:
    text = "xích đu công viên Lý Tự Trọng đứt dây"
    assert [text[a:b] for a, b in settle_extent(text, [])] == ["công viên Lý Tự Trọng"]
    assert settle_extent("đi chợ mua rau", []) == []
    assert settle_extent("ĐƯỜNG TRƯỜNG HỌC NÁT HẾT", []) == []


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 20)), max_size=4))
def test_spans_stay_in_the_text_in_order_and_apart(text: str, wanted: list[tuple[int, int]]) -> None:
    text = unicodedata.normalize("NFC", text)
    spans, last = [], 0
    for start, size in sorted(wanted):
        if start >= last and start + size <= len(text):
            spans.append((start, start + size))
            last = start + size
    for written in (text, strip_marks(text)):
        if len(written) != len(text):
            continue
        end = 0
        for start, stop in settle_extent(written, spans):
            assert end <= start < stop <= len(written)
            end = stop


def test_a_place_after_a_preposition_only_tells_where() -> None:
    text = "ổ gà trước cổng ủy ban xã Toàn Lưu"
    place = (text.index("cổng"), len(text))
    assert in_passing(text, [place]) == [place]
    assert words_beside(text, [place]) == "ổ gà trước "
    roof = "mái trường mầm non dột"
    assert in_passing(roof, [(4, 18)]) == []
    assert words_beside("xã Cẩm Duệ", [(0, 10)]) == ""


@pytest.mark.parametrize(
    ("before", "leads"),
    [
        ("ổ gà sát ", True),
        ("ổ gà đối diện ", True),
        ("mặt đường nát đoạn ", True),
        ("lũ vô nhanh quá, ", False),  # not "qua"
        ("đường sạt ", False),  # not "sát"
        ("phát diện ", False),  # only "đối diện"
    ],
)
def test_words_lead_to_a_place_with_their_marks(before: str, leads: bool) -> None:
    place = (len(before), len(before) + len("xóm Bãi Vạc"))
    assert in_passing(before + "xóm Bãi Vạc", [place]) == [place] * leads
