"""Answers as Zalo takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zalo.rendering import MOST_TEXT, Style, TextStep, is_echo_of, render
from core.message import Choice, Outbound
from core.text import split_text, utf16_length


@given(st.text(max_size=300), st.integers(2, 40))
def test_parts_fit_and_lose_nothing_but_blanks(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part and utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize("separator", ["\n\n", "\n", ". ", " "])
def test_a_cut_falls_on_a_sensible_place(separator: str) -> None:
    first, second = "a" * 1_500, "b" * 1_500
    assert split_text(first + separator + second, MOST_TEXT) == [(first + separator).rstrip(), second]


def test_an_emoji_is_never_cut_in_two() -> None:
    text = "🛣" * 1_500
    assert [len(part) for part in split_text(text, MOST_TEXT)] == [MOST_TEXT // 2, 1_500 - MOST_TEXT // 2]


def test_photos_come_first_and_one_a_message() -> None:
    steps = render(Outbound("Xong", photos=("a", "b")), Style())
    assert [type(step).__name__ for step in steps] == ["PhotoStep", "PhotoStep", "TextStep"]


def test_buttons_stand_below_the_last_part() -> None:
    steps = render(Outbound("x" * 2_500, choices=(Choice("a", "A"),)), Style(buttons=True))
    assert [bool(step.buttons) for step in steps if isinstance(step, TextStep)] == [False, True]


def test_an_echo_is_known_by_its_words_whichever_way_choices_were_shown() -> None:
    message = Outbound("Gửi nhé?", choices=(Choice("confirm", "Gửi đi"),))
    for style in (Style(), Style(buttons=True)):
        (step,) = render(message, style)
        assert is_echo_of(message, step.digest)
    (other,) = render(Outbound("Khác"), Style())
    assert not is_echo_of(message, other.digest)
