"""A text as it is to be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.speaking import as_said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Mã HT-2611-00042", "Mã hát tê, hai sáu một một, không không không bốn hai"),
        ("hạn 12/3/2026", "hạn mười hai tháng ba năm hai nghìn không trăm hai mươi sáu"),
        ("ngày 30/4", "ngày ba mươi tháng tư"),
        ("gọi 19009038", "gọi một chín không không chín không ba tám"),
        ("số 0900 000 123", "số không chín không không không không không một hai ba"),
        ("gọi 114", "gọi một trăm mười bốn"),
        ("500.000 đồng", "năm trăm nghìn đồng"),
        ("cách 150 m", "cách một trăm năm mươi mét"),
        ("21 người, 25 hộ, 105 cái", "hai mươi mốt người, hai mươi lăm hộ, một trăm linh năm cái"),
        ("bấm [[phím]] 1", "bấm phím một"),
    ],
)
def test_numbers_and_codes_are_said(text: str, said: str) -> None:
    assert as_said(text) == said


@given(st.text(max_size=80))
def test_nothing_is_left_that_a_program_takes_for_a_command(text: str) -> None:
    said = as_said(text)
    assert not any(letter in "[]<>{}|\\`" for letter in said)
