"""A cancel taken back: for some minutes “bấm nhầm”, “gửi lại đi” bring the draft back as it was.

It is shown again before it is sent: one slip must not send it either.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.draft import Draft
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.likeness import shares
from core.conversation.reading import knows_matter, names_place
from core.conversation.summary import draft_gist
from core.text import fold

KEPT = timedelta(minutes=30)
"""So long a cancelled draft can be brought back; then it is forgotten."""
SHORT = 10
"""Words in the longest message that merely wants it back."""


def bring_back(floor: Floor, heard: Heard) -> bool:
    """“À khoan, gửi lại đi”, “em bấm nhầm”, “báo lại cái cống đó” after a cancel."""
    dropped = floor.conversation.dropped
    if dropped is None:
        return False
    last = floor.conversation.last_filed
    if floor.now - dropped.touched_at > KEPT or (last is not None and last.at > dropped.touched_at):
        floor.change(dropped=None)
        return False
    if heard.event.choice is not None or heard.photos or not _wants_back(floor, heard, dropped):
        return False
    _bring(floor, dropped)
    return True


def _wants_back(floor: Floor, heard: Heard, dropped: Draft) -> bool:
    """Beside another draft only words that undo the cancel; with nothing open also “gửi đi”."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if not folded or len(folded.split()) > SHORT or names_place(heard):
        return False
    told = f"{dropped.description} {dropped.where.words}"
    if knows_matter(heard) and not shares(heard.text, told, phrases):
        return False  # “báo lại: đèn đường hỏng” is another matter
    if phrases.speaks_of("undoes_cancel", folded):
        return True
    if floor.draft is not None:
        return False
    again = phrases.is_one_of("resume", heard.text) or phrases.is_one_of("keep", heard.text)
    return again or any(phrases.speaks_of(name, folded) for name in ("send", "tells_again", "slip_alone"))


def _bring(floor: Floor, dropped: Draft) -> None:
    """The draft as it was; one that was begun meanwhile waits behind it."""
    meanwhile = (floor.draft,) if floor.draft is not None else ()
    floor.change(
        draft=replace(dropped, touched_at=floor.now),
        dropped=None,
        later=(*meanwhile, *floor.conversation.later),
        asked=None,
        offered=(),
        unheard=0,
    )
    floor.say("brought_back", what=draft_gist(floor, dropped))
    floor.again = True
