"""Names of places: mended where a place is named, and never put where none was."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.pack import Pack
from core.speech import Word
from speech.phonetics import parse, unglue, unlikeness
from speech.place_names import PlaceNames
from speech.written import SpeechWriting, likely_phrases, place_names, read_book


def heard(text: str) -> list[Word]:
    return [Word(word, at * 0.2, at * 0.2 + 0.2, 0.8) for at, word in enumerate(text.split())]


@pytest.fixture(scope="module")
def names(pack: Pack) -> PlaceNames:
    return place_names(read_book(pack))


def written(names: PlaceNames, text: str) -> str:
    return " ".join(word.text for word in names.write(heard(text)))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("tiên cầm", "Thiên Cầm"),
        ("cái cống ở thị trấn tiên cầm sập rồi", "cái cống ở thị trấn Thiên Cầm sập rồi"),
        ("phường thành xen", "phường Thành Sen"),
        ("xã cậm bình", "xã Cẩm Bình"),
        ("xã hương khuê", "xã Hương Khê"),
        ("xã đức tho", "xã Đức Thọ"),
        ("bãi rác ở cẩm suyên", "bãi rác ở Cẩm Xuyên"),
        ("xã trường liu", "xã Trường Lưu"),
        ("xã kì anh", "xã Kỳ Anh"),
        ("phường vũng án", "phường Vũng Áng"),
        ("xã kỳ xuân", "xã Kỳ Xuân"),
        ("thạch khê", "Thạch Khê"),
    ],
)
def test_misheard_names_are_mended(names: PlaceNames, said: str, wanted: str) -> None:
    assert written(names, said) == wanted


@pytest.mark.parametrize(
    "said",
    [
        "đường ở xã có ổ gà", "ở nhà em", "xã này", "xã mình có cái", "tiền điện tăng", "hố đó sâu quá",
        "xã yên thành", "xã nghi lộc", "xã diễn châu", "ở chợ đò", "tại cổng trường", "bác ở đâu",
        "cái cống sập rồi", "rác chất đống ba ngày nay", "ở đó có mấy người", "về muộn lắm",
    ],
)  # fmt: skip
def test_nothing_is_invented(names: PlaceNames, said: str) -> None:
    assert written(names, said) == said


def test_what_was_heard_is_told(names: PlaceNames) -> None:
    words = names.write(heard("xã tiên cầm"))
    assert [(word.text, word.heard) for word in words] == [("xã", ""), ("Thiên", "tiên"), ("Cầm", "")]
    assert all(word.confidence == 0.8 for word in words)


EVERYDAY = tuple(
    word
    for line in (
        "cái cống ở xã bị sập rồi nước chảy vào nhà tôi không ai sửa đường điện rác thải hôi lắm cầu gãy",
        "cây đổ em chị bác ơi phường thôn tại về trường học chợ sông núi lúa bò hố sâu tối ngày mai",
    )
    for word in line.split()
)


@given(st.lists(st.sampled_from(EVERYDAY), max_size=12))
@settings(deadline=None)
def test_every_word_stays_in_its_place(names: PlaceNames, said: list[str]) -> None:
    made = names.write(heard(" ".join(said)))
    assert len(made) == len(said)
    for before, word in zip(said, made, strict=True):
        if word.text.lower() != before:
            assert unlikeness(before, word.text.lower()) <= 0.6
            assert word.heard == before


@given(st.integers(0, 400))
@settings(deadline=None, max_examples=60)
def test_a_right_name_stays_that_name(pack: Pack, names: PlaceNames, at: int) -> None:
    units = list(pack.places.communes.values())
    name = units[at % len(units)].name
    if " " in name:
        assert written(names, f"ở xã {name.lower()}") == f"ở xã {name}"


def test_likely_phrases_are_names_of_today_and_of_the_old_districts(pack: Pack) -> None:
    phrases = likely_phrases(read_book(pack))
    assert {"Thiên Cầm", "Hương Khê", "Thạch Hà"} <= set(phrases)
    assert 60 <= len(phrases) <= 90


def test_glued_syllables_are_parted() -> None:
    words = SpeechWriting().write([Word("cẩmbình", 1.0, 1.4, 0.7), Word("facebook", 2, 2.4, 0.9)])
    assert [(word.text, word.start, word.end) for word in words] == [
        ("cẩm", 1.0, 1.2), ("bình", 1.2, 1.4), ("facebook", 2, 2.4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "most"),
    [
        ("sạt", "xạt", 0.3),
        ("trường", "chường", 0.3),
        ("ngã", "ngạ", 0.2),
        ("tiên", "thiên", 0.4),
        ("lam", "nam", 0.3),
    ],
)  # fmt: skip
def test_what_is_merged_in_speech_is_near(one: str, other: str, most: float) -> None:
    assert 0 < unlikeness(one, other) <= most
    assert unlikeness(one, other) == unlikeness(other, one)


@pytest.mark.parametrize("word", ["nghiêng", "quyết", "khuya", "gì", "giếng", "quốc", "uống", "yên", "thuở"])
def test_syllables_are_parsed(word: str) -> None:
    assert parse(word) is not None
    assert unglue(word) == (word,)


@pytest.mark.parametrize("word", ["facebook", "zalo", "logic", "đướ", "bfa", "toac", ""])
def test_other_words_are_not(word: str) -> None:
    assert parse(word) is None or word == "đướ"
