"""“Cùng thôn đó”: the place of what was told before is the place of this, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.draft import Draft, PlaceSource, Where
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place, place_text
from core.text import fold

REMEMBERED = timedelta(hours=6)
"""So long after filing “chỗ đó” means the place of that report."""


def same_place(floor: Floor, heard: Heard, before: Draft | None = None) -> Where | None:
    """The place of `before`, or else of the report filed last, when the message says that it is the same.

    A thôn or a street that the message names itself stands in its address.
    """
    phrases, last, folded = floor.known.phrases, floor.conversation.last_filed, fold(heard.text)
    same = phrases.speaks_of("same_place", folded) or phrases.speaks_of("that_place", folded)
    if names_place(heard) or not same:
        return None
    where = before.where if before is not None else None
    if where is None and last is not None and floor.now - last.at <= REMEMBERED:
        where = last.where
    if where is None or where.commune is None:
        return None
    words = place_text(heard, phrases)
    if not words or f" {fold(words)} " in f" {fold(where.words)} ":
        return replace(where, times_asked=0)
    return Where(commune=where.commune, words=words, source=PlaceSource.WORDS)


def with_same_place(floor: Floor, draft: Draft, heard: Heard, before: Draft | None = None) -> Draft:
    """The draft, at the same place as before when the message says so and names no other."""
    unplaced = draft.where.commune is None and draft.where.point is None and not draft.where.outside
    where = same_place(floor, heard, before) if unplaced else None
    return draft if where is None else replace(draft, where=where)
