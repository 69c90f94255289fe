from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.places.spelling import closeness, fits, sound, spell, syllables, without_keys


@pytest.mark.parametrize(
    ("one", "other"), [("hoà", "hòa"), ("Quý", "quí"), ("Mỹ", "mĩ"), ("Kỳ", "kì"), ("thuỷ", "thủy")]
)
def test_one_word_in_two_writings_is_one(one: str, other: str) -> None:
    assert spell(one)[1:] == spell(other)[1:]


@pytest.mark.parametrize(("one", "other"), [("thúi", "thúy"), ("hà", "hạ"), ("đồng", "đông"), ("tai", "tay")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert spell(one)[2] != spell(other)[2]


@pytest.mark.parametrize(
    ("typed", "wanted", "expected"),
    [
        ("cẩm", "cẩm", 4),
        ("câm", "cẩm", 3),
        ("cảm", "cẩm", 3),
        ("cẫm", "cẩm", 2),
        ("cam", "cẩm", 1),
        ("cầm", "cẩm", 0),
        ("dưc", "đức", 3),
        ("duc", "đức", 1),
        ("hà", "hạ", 0),
    ],
)
def test_how_close_a_writing_is(typed: str, wanted: str, expected: int) -> None:
    assert closeness(spell(typed)[2], spell(wanted)[2]) == expected


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("dung", "đúng"),
        ("Đung rồi!", "đúng rồi"),
        ("đươc", "được"),
        ("sữa", "sửa"),
        ("Huỷ", "hủy"),
        ("ok 👍", "ok"),
    ],
)
def test_words_fit_with_marks_missing_or_alike(typed: str, wanted: str) -> None:
    assert fits(typed, wanted)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("đừng", "đúng"), ("dừng rồi", "đúng rồi"), ("đứng", "đúng"), ("bò", "bỏ"), ("cô", "có"), ("bà", "ba"),
     ("dung roi", "đúng")],
)  # fmt: skip
def test_words_with_other_marks_are_other_words(typed: str, wanted: str) -> None:
    assert not fits(typed, wanted)


def test_sounds_that_are_confused() -> None:
    assert sound("suien") == sound("xuien")
    assert sound("tri") == sound("chi")
    assert sound("binh") != sound("bong")


@given(st.text(max_size=60))
def test_offsets_are_those_of_the_text_given(text: str) -> None:
    for form in (text, unicodedata.normalize("NFD", text)):
        for part in syllables(form):
            assert unicodedata.normalize("NFC", form[part.start : part.end]).lower() == part.low


def test_decomposed_text_is_the_same_text() -> None:
    text = "xã Cẩm Bình"
    assert [p.marked for p in syllables(unicodedata.normalize("NFD", text))] == [
        p.marked for p in syllables(text)
    ]


@pytest.mark.parametrize(
    ("typed", "plain"), [("dduwcs", "duc"), ("thachj", "thach"), ("khee", "khe"), ("kim", "kim")]
)
def test_keys_left_in_a_word_are_taken_out(typed: str, plain: str) -> None:
    assert without_keys(typed) == plain
