"""One more sentence of the matter that is being told, more of its place, or a second matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.contrast import corrects
from core.conversation.draft import Draft, PlaceSource, Where
from core.conversation.filling import FIRM, add_place_words, add_words
from core.conversation.floor import Floor
from core.conversation.for_whom import place_told
from core.conversation.heard import Heard
from core.conversation.locating import address_told
from core.conversation.place_before import with_same_place
from core.conversation.reading import (
    BELIEVED,
    TELLS,
    is_beside,
    is_matter,
    is_only_place,
    likeliest,
    names_place,
    other_words,
    place_text,
    surely_reports,
    tells_whom,
)
from core.conversation.relocating import correct_place
from core.conversation.remarks import began_with_remark
from core.conversation.summary import draft_gist, gist, settled_category
from core.message import Ask
from core.phrases import Phrases
from core.text import fold

BREAK = timedelta(hours=6)
"""After so long a pause the draft is named again before it goes on."""
CERTAIN = 0.97
"""From this probability on, of both, a thing of another group is a second matter although nothing says so."""
MOST_LATER = 5
"""Further matters kept while one is being told."""


def begin_or_add(floor: Floor, heard: Heard) -> None:
    """The words go into the draft; after a long pause, or when said so, they are a second matter."""
    floor.change(unheard=0)
    draft, phrases = floor.draft, floor.known.phrases
    if draft is not None and draft.said and not draft.rewrite and _is_another_matter(floor, draft, heard):
        _keep_for_later(floor, draft, heard)
        return
    if draft is not None and _was_only_remark(draft, heard, phrases):
        floor.change(draft=None, later=(draft, *floor.conversation.later))
    draft = floor.open_draft(heard.event.event_id)
    if not draft.rewrite and is_only_place(heard, phrases):
        _more_of_the_place(floor, draft, heard)
    elif not is_matter(heard, phrases) and (not draft.said or tells_whom(heard)):
        _only_begins(floor, draft, heard)
    else:
        add_matter(floor, draft, heard)


def _was_only_remark(draft: Draft, heard: Heard, phrases: Phrases) -> bool:
    """“Mạng lag quá” and now the matter itself: that goes first, the net waits."""
    if not began_with_remark(draft, phrases) or not surely_reports(heard):
        return False
    return likeliest(heard)[0] != settled_category(draft) and not is_only_place(heard, phrases)


def add_matter(floor: Floor, draft: Draft, heard: Heard) -> None:
    """The words are the matter, or more of it; the place they name is the place."""
    after = add_words(draft, heard, floor.known)
    phrases = floor.known.phrases
    anew = draft.rewrite == "what" and names_elsewhere(floor, draft, heard)
    if draft.where.commune is None or not is_beside(heard, phrases):
        after = add_place_words(after, heard.place, place_told(heard, phrases), phrases, override=anew)
    floor.change(draft=after, photo_last=False)
    floor.new_words = True
    floor.new_place = floor.new_place or after.where != draft.where


def _more_of_the_place(floor: Floor, draft: Draft, heard: Heard) -> None:
    """Words that name a place and nothing else belong to the place; another commune than told corrects it."""
    if names_elsewhere(floor, draft, heard):
        correct_place(floor, heard)
        return
    phrases = floor.known.phrases
    if draft.where.commune is not None and is_beside(heard, phrases):
        after = add_place_words(draft, None, gist(heard.text), phrases)
    else:
        named = place_text(heard, phrases)
        landmark = bool(other_words(heard, phrases)) and (bool(draft.said) or not named)
        words = address_told(floor, heard) if landmark else named
        after = add_place_words(draft, heard.place, words, phrases)
    meaning = heard.understanding
    if meaning is not None and meaning.on_behalf is not None and not after.on_behalf_of:
        after = replace(after, on_behalf_of=meaning.on_behalf)
    floor.change(draft=after)
    floor.new_place = floor.new_place or after.where != draft.where


_NOT_TOLD = (PlaceSource.PIN, PlaceSource.HINT, PlaceSource.PHOTO)


def names_elsewhere(floor: Floor, draft: Draft, heard: Heard) -> bool:
    """Whether the place is surely another than the draft's, and not only beside it. A pin is not corrected by
    words.
    """
    if is_beside(heard, floor.known.phrases):
        return False
    where, place = draft.where, heard.place
    if where.commune is None or place is None or where.source in _NOT_TOLD:
        return False
    outside = place.status == "outside" and bool(place.outside)
    return outside or (place.unit is not None and place.unit.code != where.commune)


def _only_begins(floor: Floor, draft: Draft, heard: Heard) -> None:
    """“Em muốn phản ánh”, perhaps with a place or a neighbour, but no matter yet."""
    meaning = heard.understanding
    if meaning is not None and meaning.on_behalf is not None:
        draft = replace(draft, on_behalf_of=meaning.on_behalf)
    if heard.phones:
        draft = replace(draft, contact_phone=heard.phones[0])
    floor.change(draft=draft)
    if names_place(heard):
        _more_of_the_place(floor, draft, heard)


# -- a second matter -------------------------------------------------------------------------------------


def _is_another_matter(floor: Floor, draft: Draft, heard: Heard) -> bool:
    """Another kind of thing after a pause or when said so; any thing told of in another commune."""
    phrases = floor.known.phrases
    if heard.apart:
        return True
    if is_only_place(heard, phrases):
        return False
    if is_told_of_elsewhere(floor, draft, heard) or tells_another_thing(floor, heard):
        return True
    if not surely_reports(heard, TELLS) or likeliest(heard)[0] == settled_category(draft):
        return False
    if floor.now - draft.touched_at >= BREAK or floor.after_break:
        return len(heard.text.split()) >= 4
    return phrases.speaks_of("another_matter", fold(heard.text))


def tells_another_thing(floor: Floor, heard: Heard) -> bool:
    """Whether the words surely are of another category than the draft, which is sure of its own: “rác cũng
    nhiều lắm” after street lamps. What hangs on the first thing (“nó làm …”, “chỗ đó …”) is a detail of it.
    """
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or not draft.said or not draft.ranked or draft.rewrite or heard.intent != "report":
        return False
    if not heard.categories or heard.photos or is_only_place(heard, phrases):
        return False
    leaf, p = likeliest(heard)
    own = settled_category(draft)
    if leaf in (own, "khac") or draft.ranked[0][1] < FIRM or phrases.speaks_of("detail", folded):
        return False
    if corrects(heard.text, phrases):
        return False
    if phrases.speaks_of("as_well", folded):
        return p >= BELIEVED
    fields = floor.known.pack.categories
    apart = fields[leaf].group != fields[own].group if own in fields else False
    return apart and min(p, draft.ranked[0][1]) >= CERTAIN and len(other_words(heard, phrases)) >= 3


def is_told_of_elsewhere(floor: Floor, draft: Draft, heard: Heard) -> bool:
    """Whether a matter is told of in another commune than the draft's, and not as a correction."""
    phrases = floor.known.phrases
    if not names_elsewhere(floor, draft, heard) or is_only_place(heard, phrases):
        return False
    if corrects(heard.text, phrases):
        return False
    return is_matter(heard, phrases) and bool(other_words(heard, phrases))


def _keep_for_later(floor: Floor, draft: Draft, heard: Heard) -> None:
    """The second matter waits; after a long pause the citizen says which of the two goes first."""
    phrases = floor.known.phrases
    later = add_words(floor.new_draft(heard.event.event_id), heard, floor.known)
    later = add_place_words(later, heard.place, place_told(heard, phrases), phrases)
    later = _presumed_here(with_same_place(floor, later, heard, draft), draft)
    if len(floor.conversation.later) >= MOST_LATER:
        floor.say("too_many_matters")
        return
    floor.change(later=(*floor.conversation.later, later))
    if floor.after_break:
        floor.put_question(
            Ask.CONTINUE,
            "ask_continue",
            floor.choice("resume"),
            floor.choice("new_report"),
            what=draft_gist(floor, draft),
        )
    else:
        floor.say("second_matter_kept", what=draft_gist(floor, later))
        floor.again = True


def _presumed_here(later: Draft, draft: Draft) -> Draft:
    """A matter told without a place is asked about in the commune of the one before."""
    where = later.where
    unplaced = where == Where() or (where.commune is None and where.source is PlaceSource.HINT)
    if not unplaced or draft.where.commune is None:
        return later
    return replace(later, where=Where(commune=draft.where.commune, source=PlaceSource.HINT))


def take_up_later(floor: Floor) -> None:
    """A second matter was told meanwhile: it is next."""
    if floor.conversation.later:
        later, *rest = floor.conversation.later
        floor.change(draft=replace(later, touched_at=floor.now), later=tuple(rest))
        floor.say("later_taken_up", what=draft_gist(floor, later))
