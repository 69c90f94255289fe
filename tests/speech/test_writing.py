"""What was heard as it is written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.speech import Word
from speech.writing import write_numbers


def heard(text: str) -> list[Word]:
    return [
        Word(word, round(at * 0.2, 2), round(at * 0.2 + 0.2, 2), 0.99) for at, word in enumerate(text.split())
    ]


def written(text: str) -> str:
    return " ".join(word.text for word in write_numbers(heard(text)))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("quốc lộ một a bị sụt", "quốc lộ 1A bị sụt"),
        ("trên quốc lộ tám b", "trên quốc lộ 8B"),
        ("tỉnh lộ năm trăm năm mươi mốt", "tỉnh lộ 551"),
        ("tỉnh lộ năm năm một", "tỉnh lộ 551"),
        ("quốc lộ mười lăm", "quốc lộ 15"),
        ("là không chín không không một hai ba bốn năm sáu ạ", "là 0900123456 ạ"),
        ("số không chín không không một hai ba bốn năm không", "số 0900123450"),
        ("gọi một chín không không chín không ba tám", "gọi 19009038"),
        ("gọi một một bốn", "gọi 114"),
        ("biển số ba mươi tám a một hai ba bốn năm", "biển số 38A-123.45"),
        ("xe ba tám bê một hai ba bốn năm sáu", "xe 38B1-234.56"),
        ("mã hát tê hai sáu một một không không không bốn hai", "mã HT-2611-00042"),
        ("ngõ năm mươi sáu trên bốn đường phan đình phùng", "ngõ 56/4 đường phan đình phùng"),
        ("số nhà mười hai bê", "số nhà 12B"),
        ("thôn ba xã cẩm bình", "thôn 3 xã cẩm bình"),
        ("tổ dân phố hai phường thành sen", "tổ dân phố 2 phường thành sen"),
        ("ngày mười hai tháng ba năm hai nghìn không trăm hai sáu", "ngày 12/3/2026"),
        ("ngày hai tháng chín", "ngày 2/9"),
        ("tháng năm năm hai không hai sáu", "tháng 5/2026"),
        ("đường ba mươi tháng tư", "đường 30/4"),
        ("mùng hai tết", "mùng 2 tết"),
        ("bảy giờ ba mươi phút", "7 giờ 30 phút"),
        ("bảy giờ rưỡi", "7 giờ 30"),
        ("hai phẩy năm mét", "2,5 mét"),
        ("ba mươi phần trăm", "30%"),
        ("năm trăm nghìn đồng", "500.000 đồng"),
        ("hai mươi ba mươi người", "20 30 người"),
        ("hai nghìn hai trăm hộ", "2200 hộ"),
        ("hai ki lô mét", "hai km"),
    ],
)
def test_numbers_are_written(said: str, wanted: str) -> None:
    assert written(said) == wanted


@pytest.mark.parametrize(
    "said",
    [
        "một cái cống", "hai ba hôm nay", "không một ai", "tôi không hai ba lần", "ngày một xấu",
        "ba tháng nay chưa sửa", "thứ hai", "ngã ba", "ngã tư", "năm nay", "một số hộ", "trăm người",
        "không", "bê tông", "ca trực", "đường một chiều", "mấy giờ",
    ],
)  # fmt: skip
def test_ordinary_words_stay(said: str) -> None:
    assert written(said) == said


def test_a_written_word_keeps_times_least_confidence_and_what_was_heard() -> None:
    words = [
        Word("quốc", 0, 0.2, 0.9),
        Word("lộ", 0.2, 0.4, 0.95),
        Word("một", 0.4, 0.6, 0.5),
        Word("a", 0.6, 0.8, 1),
    ]
    assert write_numbers(words) == [words[0], words[1], Word("1A", 0.4, 0.8, 0.5, "một a")]


VOCABULARY = tuple(
    word
    for line in (
        "không một hai ba bốn tư năm lăm mốt mười mươi trăm linh nghìn triệu rưỡi phẩy phần giờ phút",
        "ngày tháng mùng quốc lộ tỉnh số nhà ngõ trên thôn tổ dân phố hát tê a bê ki lô mét đường cái và",
    )
    for word in line.split()
)


@given(st.lists(st.sampled_from(VOCABULARY), max_size=14))
def test_any_words_come_out_in_order_with_none_lost(said: list[str]) -> None:
    words = heard(" ".join(said))
    made = write_numbers(words)
    assert bool(made) == bool(words)
    assert all(one.start <= other.start for one, other in pairwise(made))
    kept = " ".join(word.heard or word.text for word in made).split()
    assert kept == said
    if words:
        assert made[0].start == words[0].start
        assert max(word.end for word in made) == words[-1].end
