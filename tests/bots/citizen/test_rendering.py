"""Outbounds as Telegram shows them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bots.citizen.rendering import PhotoStep, TextStep, render
from core.message import Ask, Choice, Outbound
from core.text import split_text, utf16_length

LABELS = {"share_location": "📍 Gửi vị trí", "share_phone": "Gửi số của tôi"}
CONFIRM = (Choice("confirm", "Gửi đi"), Choice("edit", "Sửa"), Choice("cancel", "Hủy"))


def test_choices_are_inline_buttons_with_their_turn() -> None:
    rendering = render(Outbound("Anh/chị xem lại:", CONFIRM, turn=7), LABELS, keyboard_shown=False)
    assert rendering.steps == (
        TextStep(
            "Anh/chị xem lại:",
            {
                "inline_keyboard": [
                    [
                        {"text": "Gửi đi", "callback_data": "7|confirm"},
                        {"text": "Sửa", "callback_data": "7|edit"},
                    ],
                    [{"text": "Hủy", "callback_data": "7|cancel"}],
                ]
            },
        ),
    )
    assert rendering.keyboard is None


def test_long_labels_stand_alone() -> None:
    choices = (Choice("a", "Xã Nghi Xuân bây giờ"), Choice("b", "Sửa"), Choice("c", "Hủy"))
    (step,) = render(Outbound("Chỗ nào?", choices), LABELS, keyboard_shown=False).steps
    assert isinstance(step, TextStep)
    assert step.markup is not None
    assert [len(row) for row in step.markup["inline_keyboard"]] == [1, 2]


def test_asking_for_a_place_shows_telegrams_own_button() -> None:
    message = Outbound("Chỗ nào ạ?", (Choice("skip", "Bỏ qua"),), Ask.LOCATION)
    rendering = render(message, LABELS, keyboard_shown=False)
    assert rendering.keyboard is True
    assert rendering.steps == (
        TextStep(
            "Chỗ nào ạ?",
            {
                "keyboard": [[{"text": "📍 Gửi vị trí", "request_location": True}], [{"text": "Bỏ qua"}]],
                "resize_keyboard": True,
                "one_time_keyboard": True,
            },
        ),
    )


def test_asking_for_a_phone() -> None:
    (step,) = render(Outbound("Số của anh/chị?", ask=Ask.PHONE), LABELS, keyboard_shown=True).steps
    assert isinstance(step, TextStep)
    assert step.markup is not None
    assert step.markup["keyboard"] == [[{"text": "Gửi số của tôi", "request_contact": True}]]


def test_without_a_label_choices_stay_inline() -> None:
    message = Outbound("Chỗ nào ạ?", (Choice("skip", "Bỏ qua"),), Ask.LOCATION)
    (step,) = render(message, {}, keyboard_shown=False).steps
    assert isinstance(step, TextStep)
    assert step.markup is not None
    assert "inline_keyboard" in step.markup


def test_plain_words_take_the_keyboard_away() -> None:
    rendering = render(Outbound("Đã nhận."), LABELS, keyboard_shown=True)
    assert rendering.steps == (TextStep("Đã nhận.", {"remove_keyboard": True}),)
    assert rendering.keyboard is False


def test_buttons_after_a_keyboard_come_in_a_second_message() -> None:
    """One message bears one kind of markup: the first line takes the keyboard away."""
    message = Outbound("Em đã nhận vị trí.\nViệc: cầu gãy\nNơi: Cẩm Bình", CONFIRM)
    rendering = render(message, LABELS, keyboard_shown=True)
    first, second = rendering.steps
    assert first == TextStep("Em đã nhận vị trí.", {"remove_keyboard": True})
    assert isinstance(second, TextStep)
    assert second.text == "Việc: cầu gãy\nNơi: Cẩm Bình"
    assert second.markup is not None
    assert "inline_keyboard" in second.markup
    assert rendering.keyboard is False


def test_one_line_with_buttons_leaves_the_keyboard_for_later() -> None:
    rendering = render(Outbound("Đúng không ạ?", CONFIRM), LABELS, keyboard_shown=True)
    assert len(rendering.steps) == 1
    assert rendering.keyboard is None


def test_a_value_too_long_for_a_button_is_answered_by_typing() -> None:
    choices = (Choice("x" * 63, "Một"), Choice("y", "Hai"))
    (step,) = render(Outbound("Chọn:", choices, turn=1), LABELS, keyboard_shown=False).steps
    assert step == TextStep("Chọn:\n1. Một\n2. Hai", {"remove_keyboard": True})


def test_a_short_text_is_the_caption_of_its_photos() -> None:
    (step,) = render(Outbound("Đã thay lan can.", photos=("a", "b")), LABELS, keyboard_shown=False).steps
    assert step == PhotoStep(("a", "b"), "Đã thay lan can.")


def test_photos_come_before_words_that_need_buttons_or_room() -> None:
    ids = tuple(f"{n:02}" for n in range(12))
    steps = render(Outbound("Anh/chị thấy thế nào?", CONFIRM, photos=ids), LABELS, keyboard_shown=False).steps
    assert steps[:2] == (PhotoStep(ids[:10]), PhotoStep(ids[10:]))
    assert isinstance(steps[2], TextStep)
    long = render(Outbound("a" * 1025, photos=("a",)), LABELS, keyboard_shown=False).steps
    assert [type(step) for step in long] == [PhotoStep, TextStep]


def test_nothing_to_say_has_no_steps() -> None:
    assert render(Outbound(" \n"), LABELS, keyboard_shown=False).steps == ()


def test_cuts_are_at_paragraphs_lines_sentences_and_words() -> None:
    assert split_text("aaaa aaaa\n\nbbbb\nbb", 16) == ["aaaa aaaa", "bbbb\nbb"]
    assert split_text("aaaa aaaa\nbbbb bb", 16) == ["aaaa aaaa", "bbbb bb"]
    assert split_text("Aaaa aaaa. Bbbb bb bb", 16) == ["Aaaa aaaa.", "Bbbb bb bb"]
    assert split_text("aaaa aaaa bbbb bbbb", 16) == ["aaaa aaaa bbbb", "bbbb"]
    assert split_text("a" * 20, 16) == ["a" * 16, "a" * 4]


def test_no_letter_loses_its_marks() -> None:
    decomposed = "a" * 15 + "e\u0302\u0301" + "b"
    assert split_text(decomposed, 16) == ["a" * 15, "e\u0302\u0301b"]


@given(
    st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from(" \n.🚰é"), max_size=300),
    st.integers(2, 40),
)
@example("\u0301" * 200, 40)
def test_splitting_loses_nothing(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(part and utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(
    st.text(st.characters(), max_size=6000),
    st.lists(
        st.builds(Choice, st.text(min_size=1, max_size=70), st.text(min_size=1, max_size=20)), max_size=6
    ),
    st.none() | st.sampled_from(Ask),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_what_is_rendered_is_always_allowed(
    text: str, choices: list[Choice], ask: Ask | None, turn: int, shown: bool
) -> None:
    steps = render(Outbound(text, tuple(choices), ask, turn=turn), LABELS, keyboard_shown=shown).steps
    for step in steps:
        assert isinstance(step, TextStep)
        assert 1 <= utf16_length(step.text) <= 4096
        for row in (step.markup or {}).get("inline_keyboard", ()):
            assert 1 <= len(row) <= 2
            assert all(1 <= len(button["callback_data"].encode()) <= 64 for button in row)
