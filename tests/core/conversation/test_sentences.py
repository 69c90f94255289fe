"""Cutting sentences apart: addresses by their parts, right and wrong, what goes to the agency."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conversation.address import joined, parts_of, put_right
from core.conversation.contrast import Contrast, corrects, told_apart
from core.conversation.lead_in import without_lead_in
from core.conversation.tokens import terms, tokens_of, trimmed
from core.conversation.wording import cut, without_phones
from core.phrases import Phrases

PLACES = st.lists(
    st.sampled_from(
        ["thôn 3", "xóm Bắc", "ngõ 12", "đường Trần Phú", "chợ Nầm", "xã Sơn Tây", "phường Thành Sen",
         "gần cây đa", "huyện Đức Thọ cũ", "tổ dân phố 4", "xom 5", "x mai phu", "cạnh xã Cẩm Lạc"]
    ),
    max_size=4,
    unique=True,
)  # fmt: skip
ADDRESSES = st.builds(lambda parts, comma: comma.join(parts), PLACES, st.sampled_from([" ", ", "]))


@pytest.mark.parametrize(
    ("words", "right", "wrong"),
    [
        ("không phải xóm 3 mà xóm 5", "xóm 5", "xóm 3"),
        ("khong phai xom 3 ma xom 5", "xom 5", "xom 3"),
        ("không phải thôn Đông, thôn Tây", "thôn Tây", "thôn Đông"),
        ("thôn 7 nha không phải thôn 2", "thôn 7", "thôn 2"),
        ("xóm 5 chứ không phải xóm 3 em ơi", "xóm 5", "xóm 3"),
        ("sai rồi xóm 5", "xóm 5", ""),
        ("không đúng, xóm ba", "xóm ba", ""),
        ("à nhầm thôn 4 mới đúng", "thôn 4", ""),
        ("nhầm thôn, thôn 4", "thôn 4", ""),
        ("à quên, xã Cẩm Duệ mới đúng", "xã Cẩm Duệ", ""),
        ("đổi thành thôn 5", "thôn 5", ""),
        ("không phải cống mà là ổ gà", "ổ gà", "cống"),
        ("à nhầm, ổ gà chứ không phải đèn", "ổ gà", "đèn"),
        ("sai nhóm rồi, đường chứ", "đường", ""),
        ("không phải xóm 3 đâu", "", "xóm 3"),
    ],
)
def test_right_and_wrong_are_told_apart(phrases: Phrases, words: str, right: str, wrong: str) -> None:
    assert told_apart(words, phrases) == Contrast(right, wrong)


@pytest.mark.parametrize(
    "words",
    ["lợn xả nước thải ra mương", "mặt đường nham nhở", "sửa lại cái cầu cho dân", "lò mổ lợn xả thải",
     "đường này mới làm đã hỏng", "xã Cẩm Duệ", "hố to 2 mét"],
)  # fmt: skip
def test_a_telling_is_no_correction(phrases: Phrases, words: str) -> None:
    assert told_apart(words, phrases) is None


@pytest.mark.parametrize(
    ("words", "right"),
    [
        ("xóm 5 chứ không phải xóm 3", True),  # by its form
        ("ghi lộn mất rồi em", True),  # by a word that says so
        ("à nhầm", True),
        ("xóm 5 nha em", False),
        ("ở xã bên cũng bị", False),
        ("thịt lợn bán ở chợ ôi thiu", False),
    ],
)
def test_a_correction_is_known_by_its_form_or_a_word_of_it(phrases: Phrases, words: str, right: bool) -> None:
    assert corrects(words, phrases) is right


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ("thôn 2 xã Cẩm Duệ", ["thôn 2", "xã Cẩm Duệ"]),
        ("tổ dân phố 3 phường Trần Phú", ["tổ dân phố 3", "phường Trần Phú"]),
        ("ngõ 12 đường Trần Phú phường Thành Sen", ["ngõ 12", "đường Trần Phú", "phường Thành Sen"]),
        ("giáp ranh xã Cẩm Lạc", ["giáp ranh xã Cẩm Lạc"]),
        ("chợ Nầm, xã Sơn Tây", ["chợ Nầm", "xã Sơn Tây"]),
        ("", []),
    ],
)
def test_an_address_has_parts(phrases: Phrases, words: str, parts: list[str]) -> None:
    assert [part.text for part in parts_of(words, phrases)] == parts


@pytest.mark.parametrize(
    ("old", "new", "both"),
    [
        ("xã Sơn Tây", "chợ Nầm, xã Sơn Tây", "chợ Nầm, xã Sơn Tây"),
        ("thôn 2 xã Sơn Tây", "trường tiểu học cũ, xã Sơn Tây", "thôn 2, trường tiểu học cũ, xã Sơn Tây"),
        ("huyện Đức Thọ cũ", "xã Trường Sơn cũ", "xã Trường Sơn cũ"),
        ("thôn 3", "thôn 30", "thôn 3, thôn 30"),
        ("thôn 3", "Thôn 3", "thôn 3"),
        ("", "thôn 3", "thôn 3"),
    ],
)
def test_two_addresses_are_one(phrases: Phrases, old: str, new: str, both: str) -> None:
    assert joined(old, new, phrases) == both


@pytest.mark.parametrize(
    ("old", "right", "wrong", "address"),
    [
        ("xóm 3 xã Mai Phụ", "xóm 5", "xóm 3", "xóm 5, xã Mai Phụ"),
        ("xóm 3 xã Mai Phụ", "xóm 5", "", "xóm 5, xã Mai Phụ"),
        ("ngõ 12 đường Trần Phú phường Thành Sen", "ngõ 21", "", "ngõ 21, đường Trần Phú, phường Thành Sen"),
        ("xã Mai Phụ", "xóm 5", "xóm 3", "xóm 5, xã Mai Phụ"),
    ],
)
def test_one_part_is_put_right(phrases: Phrases, old: str, right: str, wrong: str, address: str) -> None:
    assert put_right(old, right, wrong, phrases)[0] == address


@settings(max_examples=150, deadline=None)
@given(old=ADDRESSES, new=ADDRESSES)
def test_joining_loses_and_doubles_nothing(phrases: Phrases, old: str, new: str) -> None:
    both = joined(old, new, phrases)
    told = {token.folded for token in tokens_of(f"{old} {new}")}
    kept = {token.folded for token in tokens_of(both)}
    assert kept <= told
    assert told - kept <= {"huyen", "duc", "tho", "cu"}, "only a district yields"
    assert joined(both, new, phrases) == both


@settings(max_examples=150, deadline=None)
@given(words=ADDRESSES)
def test_parts_are_the_whole_address(phrases: Phrases, words: str) -> None:
    told = " ".join(part.text for part in parts_of(words, phrases))
    assert [t.folded for t in tokens_of(told)] == [t.folded for t in tokens_of(words)]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("nước máy đục, gọi cho tôi 0900 000 456", "nước máy đục"),
        ("nước máy đục. sđt 0900000456 nhé anh", "nước máy đục, nhé anh"),
        ("số của tui là 0900 000 456, nước máy đục", "nước máy đục"),
        ("0900000456", ""),
        ("đèn 3 bóng hỏng từ 20/11", "đèn 3 bóng hỏng từ 20/11"),
    ],
)
def test_a_phone_is_no_part_of_the_matter(phrases: Phrases, told: str, kept: str) -> None:
    assert without_phones(told, phrases) == kept


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("chào em, đường vào thôn 5 bị sạt", "đường vào thôn 5 bị sạt"),
        ("e báo giùm ông Tư, đường vào nhà ông bị sạt", "đường vào nhà ông bị sạt"),
        ("thôi để tui gõ: ruộng khô nứt nẻ", "ruộng khô nứt nẻ"),
        ("mà thôi vẫn báo đi, loa kéo hát cả đêm", "loa kéo hát cả đêm"),
        ("alo em ơi, cho tôi phản ánh, rác đầy ngõ nhà tôi", "rác đầy ngõ nhà tôi"),
        ("chào em, rác quá", "chào em, rác quá"),
        ("rác đầy ngõ, hôi thối lắm em ơi", "rác đầy ngõ, hôi thối lắm em ơi"),
        ("báo cáo của thôn sai, thiếu hộ nghèo", "báo cáo của thôn sai, thiếu hộ nghèo"),
    ],
)
def test_a_lead_in_is_left_out_of_a_whole_matter(phrases: Phrases, told: str, kept: str) -> None:
    assert without_lead_in(told, phrases) == kept


@pytest.mark.parametrize(
    ("text", "words", "instead", "left"),
    [
        ("mất nước 2 ngày ở xã Cẩm Hưng", "xã Cẩm Hưng", "", "mất nước 2 ngày"),
        ("cống tắc ở xóm 3 xã Mai Phụ", "xóm 3", "xóm 5", "cống tắc ở xóm 5 xã Mai Phụ"),
        ("rác ở xã Cẩm Hưng", "xã Cẩm Hưng", "", "rác ở xã Cẩm Hưng"),
        ("đường hỏng", "xã Cẩm Hưng", "", "đường hỏng"),
    ],
)
def test_a_place_taken_back_is_cut_out(
    phrases: Phrases, text: str, words: str, instead: str, left: str
) -> None:
    assert cut(text, words, phrases, instead) == left


def test_marks_tell_small_words_from_others(phrases: Phrases) -> None:
    fillers = terms(phrases, "fillers")
    assert [t.folded for t in trimmed(tokens_of("chỗ chợ Nầm ấy em ạ"), fillers)] == ["cho", "nam"]
    assert [t.folded for t in trimmed(tokens_of("o xa mai phu em a"), fillers)] == ["xa", "mai", "phu"]
