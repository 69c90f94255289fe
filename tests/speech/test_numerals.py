"""Spoken numbers: whatever is said aloud is read back, and what is no number stays words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.numerals import read_cardinal, read_row
from speech.speaking import digits_said, number_said


@given(st.integers(10, 10**12 - 1))
def test_every_number_that_is_said_is_read(value: int) -> None:
    words = number_said(value).split()
    read = read_cardinal(words, 0)
    assert read is not None
    assert (read.value, read.words) == (value, len(words))


@given(st.text("0123456789", min_size=2, max_size=12))
def test_every_row_of_digits_is_read(digits: str) -> None:
    words = digits_said(digits).split()
    read = read_row(words, 0)
    assert read is not None
    assert (read.digits, read.words) == (digits, len(words))


@pytest.mark.parametrize(
    ("said", "value", "words"),
    [
        ("mười", 10, 1), ("mười lăm hộ", 15, 2), ("mười năm nay", 10, 1), ("hai mươi năm", 20, 2),
        ("tư mươi", 40, 2), ("hai lăm", 25, 2), ("sáu mươi tư", 64, 3), ("hai mươi ba mươi", 20, 2),
        ("một trăm linh năm", 105, 4), ("một trăm lẻ năm", 105, 4), ("hai trăm rưỡi", 250, 3),
        ("một trăm hai", 120, 3), ("một nghìn hai", 1200, 3), ("một ngàn hai trăm", 1200, 4),
        ("hai triệu rưỡi", 2_500_000, 3), ("một tỷ hai", 1_200_000_000, 3), ("hai nghìn linh năm", 2005, 4),
        ("hai nghìn không trăm hai sáu", 2026, 6), ("ba chục", 30, 2),
    ],
)  # fmt: skip
def test_the_ways_people_shorten(said: str, value: int, words: int) -> None:
    read = read_cardinal(said.split(), 0)
    assert read is not None
    assert (read.value, read.words) == (value, words)


@pytest.mark.parametrize(
    "said", ["một", "một cái", "hai ba", "trăm", "không trăm", "năm nay", "", "cái cống"]
)
def test_what_is_no_number(said: str) -> None:
    assert read_cardinal(said.split(), 0) is None


@given(
    st.lists(
        st.sampled_from(
            [
                "không",
                "một",
                "hai",
                "tư",
                "năm",
                "lăm",
                "mười",
                "mươi",
                "trăm",
                "linh",
                "nghìn",
                "triệu",
                "rưỡi",
                "cái",
            ]
        )
    )
)
def test_any_words_are_read_within_bounds(words: list[str]) -> None:
    for at in range(len(words)):
        for read in (read_cardinal(words, at), read_row(words, at)):
            assert read is None or 0 < read.words <= len(words) - at
