"""What is wrong still, where a message says that something is solved."""

import pytest

from core.conversation.left_wrong import what_is_left
from core.phrases import Phrases


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("có điện rồi nhưng yếu lắm", "yếu lắm"),
        ("cống thông rồi nhưng đường còn bùn", "đường còn bùn"),
        ("họ dọn rồi còn sót một đống", "sót một đống"),
        ("có nước lại rồi em", None),
        ("hết tắc rồi nhé, cảm ơn em", None),
        ("chưa dọn xong mà đã về", None),
        ("không còn ngập nữa", None),
    ],
)
def test_the_clause_after_what_is_solved(text: str, left: str | None, phrases: Phrases) -> None:
    found = what_is_left(text, phrases)
    assert (found.left if found is not None else None) == left
