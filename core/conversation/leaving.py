"""Leaving the draft: “thôi, hủy giúp”. It is dropped at once; nothing was sent."""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed
from core.message import Ask
from core.text import fold


def cancel_draft(floor: Floor, heard: Heard) -> bool:
    """Clear words, or an engine that is fairly sure of words the pack does not know."""
    if floor.draft is None or not heard.text:
        return False
    phrases, folded = floor.known.phrases, fold(heard.text)
    if floor.conversation.asked is Ask.PHOTO and phrases.is_one_of("no_photo", folded):
        return False
    clear = phrases.is_one_of("cancel", folded) or phrases.speaks_of("cancel", folded)
    refuses = phrases.speaks_of("refuses", folded) and floor.conversation.asked is Ask.PHOTO
    believed = is_believed(heard, "cancel") and not phrases.is_reserved(folded) and not refuses
    if not (clear or believed):
        return False
    drop_draft(floor)
    return True


def drop_draft(floor: Floor) -> None:
    """The draft is gone; a further matter told meanwhile is next."""
    floor.change(draft=None, asked=None, offered=(), about=None, photo_last=False)
    floor.say("cancelled")
