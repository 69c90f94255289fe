"""Questions about how to report, each with an answer of its own; then the draft goes on."""

from __future__ import annotations

from collections.abc import Callable

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.photographing import refuse_photo
from core.conversation.reading import names_place
from core.message import Ask
from core.text import fold

A_QUESTION = 12
"""Words up to which such a question is all that a message says."""


def answer_question(floor: Floor, heard: Heard) -> bool:
    """“Gửi vị trí kiểu gì”, “gửi ảnh sau được không”, “đừng lưu số của tôi”, “làm căn cước ở đâu”."""
    folded = fold(heard.text)
    if not folded or len(folded.split()) > A_QUESTION or heard.photos or names_place(heard):
        return False
    for name, answer in _ANSWERS:
        if floor.known.phrases.speaks_of(name, folded):
            floor.change(unheard=0)
            answer(floor)
            return True
    return False


def _tell_how_to_pin(floor: Floor) -> None:
    how = f"how_to_pin_{floor.manner.location}"
    if floor.draft is not None and floor.conversation.asked is Ask.LOCATION:
        floor.put_question(Ask.LOCATION, how)
        return
    floor.say(how)
    floor.go_back()


def _wait_for_no_photo(floor: Floor) -> None:
    floor.say("photo_later")
    refuse_photo(floor)
    floor.go_back()


def _forget_number(floor: Floor) -> None:
    """The number goes from what is being told; on the phone it is the one that calls."""
    if not floor.manner.spoken:
        floor.change(contact=None)
        if floor.draft is not None:
            floor.change_draft(contact_phone=None)
    floor.say("number_not_kept")
    floor.go_back()


def _tell_whom_to_ask(floor: Floor) -> None:
    floor.say("where_papers_are_made")
    floor.go_back()


_ANSWERS: tuple[tuple[str, Callable[[Floor], None]], ...] = (
    ("asks_how_to_pin", _tell_how_to_pin),
    ("asks_photo_later", _wait_for_no_photo),
    ("keep_no_number", _forget_number),
    ("asks_for_papers", _tell_whom_to_ask),
)
