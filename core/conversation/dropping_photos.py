"""“Bỏ ảnh đi”, “ảnh thứ hai gửi nhầm, bỏ đi”: photos of the draft are taken out again."""

from __future__ import annotations

from core.conversation.draft import MAX_PHOTOS, PhotoWish
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.photographing import refuse_photo
from core.conversation.reading import knows_matter, names_place
from core.phrases import Phrases
from core.text import fold

A_WISH = 12
"""Words up to which the wish is all that a message says."""


def drop_photos(floor: Floor, heard: Heard) -> bool:
    """The photo that is named by its number goes, or one sent by mistake; else all of them."""
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or heard.photos or not phrases.speaks_of("drop_photo", heard.text.lower()):
        return False
    if len(heard.text.split()) > A_WISH or names_place(heard) or knows_matter(heard):
        return False
    floor.change(unheard=0)
    if not draft.photos:
        refuse_photo(floor)
        return True
    count, at = len(draft.photos), _which(fold(heard.text), phrases)
    if at is not None and at >= count:
        floor.say("photo_not_there", count=count)
        floor.go_back()
        return True
    kept = tuple(photo for n, photo in enumerate(draft.photos) if at is not None and n != at % count)
    floor.change_draft(photos=kept, photo_wish=PhotoWish.DONE)
    floor.say("photos_dropped", count=count - len(kept))
    floor.again = True
    return True


def _which(folded: str, phrases: Phrases) -> int | None:
    """Its place in the row, -1 the last; None when all are meant."""
    for number in range(1, MAX_PHOTOS + 1):
        if phrases.speaks_of(f"photo_{number}", folded):
            return number - 1
    last = phrases.speaks_of("photo_last", folded) or phrases.speaks_of("photo_mistaken", folded)
    return -1 if last else None
