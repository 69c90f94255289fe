"""“Cùng thôn đó”, “chỗ đó”: after the rules of the talk, a draft without a place takes the one before."""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.place_before import with_same_place


def place_as_before(floor: Floor, heard: Heard) -> None:
    """The place of the report filed last, when the message says that it is the same."""
    draft = floor.draft
    if draft is None or not heard.text:
        return
    placed = with_same_place(floor, draft, heard)
    if placed is not draft:
        floor.change(draft=placed)
        floor.new_place = True
