"""Words typed without diacritics are read with those they most likely have, letter for letter."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import strip_marks
from nlu.marks import Marks

TELLINGS = (
    "đèn đường trước ngõ nhà tôi hỏng",
    "đường trước trường học hỏng nặng",
    "trâu bò thả rông phá lúa",
    "lửa cháy to lắm",
    "chạy xe qua ổ gà",
    "xe chạy ẩu",
    "rác không ai dọn ở chợ Hội",
    "gửi cho bác",
)
MARKS = Marks.learnt_from(TELLINGS)


@pytest.mark.parametrize("text", TELLINGS)
def test_what_was_learnt_is_restored(text: str) -> None:
    assert MARKS.restored(strip_marks(text)) == text


def test_the_neighbour_decides_between_two_words() -> None:
    assert MARKS.restored("lua chay") == "lửa cháy"
    assert MARKS.restored("xe chay") == "xe chạy"


def test_capitals_and_what_stands_between_words_stay() -> None:
    assert MARKS.restored("DEN DUONG hong!! 0900 000 001, Duong") == "ĐÈN ĐƯỜNG hỏng!! 0900 000 001, Đường"


def test_what_is_typed_with_marks_is_left_as_it_is() -> None:
    assert MARKS.restored("đường hong nặng rồi") == "đường hong nặng rồi"
    assert MARKS.restored("hello my friend") == "hello my friend"
    assert MARKS.restored("") == ""


def test_another_language_gets_no_marks() -> None:
    assert (
        MARKS.restored("den duong truoc ngo, trau bo pha lua, ok")
        == "đèn đường trước ngõ, trâu bò phá lúa, ok"
    )
    assert MARKS.restored("the lamp in xe duong is broken") == "the lamp in xe duong is broken"


def test_texts_without_marks_teach_nothing() -> None:
    assert Marks.learnt_from(["duong hong", *TELLINGS]).to_json() == MARKS.to_json()


def test_it_is_kept_as_json() -> None:
    again = Marks.from_json(json.loads(json.dumps(MARKS.to_json())))
    assert again.restored("den duong hong") == "đèn đường hỏng"


@given(st.text() | st.lists(st.sampled_from([*"abđĐươ İßﬁ\u0301.", "duong ", "CHAY "])).map("".join))
def test_every_letter_stays_in_its_place(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    restored = MARKS.restored(text)
    assert len(restored) == len(text)
    assert strip_marks(restored) == strip_marks(text)
