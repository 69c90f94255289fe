"""Telling: words about a matter on their way into the draft, and saying what was taken in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.asking import what_is_missing
from core.conversation.draft import Draft
from core.conversation.filling import add_place_words, add_words, replace_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import TELLS, is_matter, is_mostly_place, names_place, place_text
from core.conversation.summary import draft_gist, place_words, settled_category, whom
from core.message import Ask, InboundKind
from core.text import fold

BREAK = timedelta(hours=6)
"""After so long a pause the draft is named again before it goes on."""
MOST_LATER = 5
"""Further matters kept while one is being told."""
_TELLING = ("report", "emergency", "change_location", "deny_correct", "confirm")


def tell_matter(floor: Floor, heard: Heard) -> bool:
    """Words about a matter: they open a draft or add to it."""
    if not heard.text or floor.known.phrases.is_reserved(fold(heard.text)):
        return False
    if heard.understanding is not None and heard.intent not in _TELLING:
        return False
    if heard.intent == "confirm" and not heard.categories:
        return False
    changes = heard.intent in ("deny_correct", "change_location")
    if changes and floor.draft is None and not heard.categories and not names_place(heard):
        return False
    begin_or_add(floor, heard)
    return True


def begin_or_add(floor: Floor, heard: Heard) -> None:
    """The words go into the draft; after a long pause, or when said so, they are a second matter."""
    floor.change(unheard=0)
    draft = floor.draft
    if draft is not None and draft.said and not draft.rewrite and _is_another_matter(floor, draft, heard):
        _keep_for_later(floor, draft, heard)
        return
    draft = floor.open_draft(heard.event.event_id)
    if draft.said and not draft.rewrite and names_place(heard) and is_mostly_place(heard):
        _more_of_the_place(floor, draft, heard)
    elif heard.understanding is not None and not is_matter(heard) and not draft.said:
        _only_begins(floor, draft, heard)
    else:
        _add_matter(floor, draft, heard)


def _add_matter(floor: Floor, draft: Draft, heard: Heard) -> None:
    after = add_words(draft, heard, floor.known)
    after = add_place_words(after, heard.place, place_text(heard, floor.known.phrases))
    floor.change(draft=after, photo_last=False)
    floor.new_words = True
    floor.new_place = floor.new_place or after.where != draft.where


def _more_of_the_place(floor: Floor, draft: Draft, heard: Heard) -> None:
    """Words that name a place and hardly anything else belong to the place, not to the matter."""
    after = add_place_words(draft, heard.place, place_text(heard, floor.known.phrases))
    floor.change(draft=after)
    floor.new_place = floor.new_place or after.where != draft.where


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
    if heard.intent != "report" or not heard.categories:
        return False
    leaf, p = heard.categories[0]
    if leaf == settled_category(draft) or p < TELLS:
        return False
    if floor.now - draft.touched_at >= BREAK or floor.after_break:
        return len(heard.text.split()) >= 4
    if floor.known.phrases.speaks_of("another_matter", fold(heard.text)):
        return True
    unit = heard.place.unit if heard.place is not None else None
    return unit is not None and draft.where.commune not in (None, unit.code) and not is_mostly_place(heard)


def _keep_for_later(floor: Floor, draft: Draft, heard: Heard) -> None:
    """The second matter waits; after a long pause the citizen says which of the two goes first."""
    later = add_words(floor.new_draft(heard.event.event_id), heard, floor.known)
    later = add_place_words(later, heard.place, place_text(heard, floor.known.phrases))
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


def take_up_later(floor: Floor) -> None:
    """A second matter was told meanwhile: it is next."""
    if floor.conversation.later:
        later, *rest = floor.conversation.later
        floor.change(draft=replace(later, touched_at=floor.now), later=tuple(rest))
        floor.say("later_taken_up", what=draft_gist(floor, later))


# -- an edited message -----------------------------------------------------------------------------------


def edit_earlier(floor: Floor, heard: Heard) -> None:
    """A message was edited in the channel: its words in the draft change with it."""
    draft = floor.draft
    edited = replace_words(draft, heard.event.replaces or "", heard) if draft is not None else None
    if edited is not None:
        words = place_text(heard, floor.known.phrases)
        floor.change(draft=add_place_words(edited, heard.place, words, override=names_place(heard)))
        floor.new_words = True
    elif draft is not None and heard.text:
        begin_or_add(floor, replace(heard, event=replace(heard.event, kind=InboundKind.MESSAGE)))
    else:
        floor.say("edit_unknown" if floor.conversation.last_filed is None else "edit_after_filing")
        floor.go_back()


# -- saying what was taken in ----------------------------------------------------------------------------


def acknowledge(floor: Floor) -> None:
    """Repeat what was understood before asking the next thing; a summary that follows says it all itself."""
    draft = floor.draft
    if draft is None:
        return
    summary_follows = what_is_missing(floor, draft) is Ask.CONFIRM
    if not summary_follows:
        if floor.new_words and draft.said:
            _acknowledge_words(floor, draft)
        elif floor.after_break and (draft.said or draft.photos):
            floor.say("draft_resumed", what=draft_gist(floor, draft), day=floor.day(draft.started_at))
    if floor.new_photos:
        key = "got_photos_and_place" if _is_pinned_now(floor, draft) else "got_photos"
        floor.say(key, count=floor.new_photos, place=place_words(floor, draft))
    elif floor.new_place and not floor.new_words and draft.where.commune and not summary_follows:
        floor.say("got_place", place=place_words(floor, draft))
    if floor.new_category and not summary_follows:
        floor.say("got_category", category=floor.known.pack.categories[settled_category(draft)].name)


def _is_pinned_now(floor: Floor, draft: Draft) -> bool:
    return floor.new_place and draft.where.point is not None and draft.where.commune is not None


def _is_place_news(floor: Floor, draft: Draft) -> bool:
    """Whether the place must be said beside the words: they do not name today's commune themselves."""
    unit = floor.known.pack.places.communes.get(draft.where.commune or "")
    said_with_photos = bool(floor.new_photos) and _is_pinned_now(floor, draft)
    return unit is not None and not said_with_photos and unit.spoken.lower() not in draft.description.lower()


def _acknowledge_words(floor: Floor, draft: Draft) -> None:
    place = place_words(floor, draft) if _is_place_news(floor, draft) else ""
    first = len(draft.said) == 1 and not draft.shown
    key = "noted_voice" if floor.by_voice else "noted_at" if place else "noted"
    yes = floor.phrase("yes_first") if first else ""
    me = floor.manner.me if yes else floor.manner.me.capitalize()
    floor.say(key, yes=yes, who=me, what=draft_gist(floor, draft), place=place)
    if draft.urgent and first:
        floor.say("be_careful")
    if draft.on_behalf_of:
        floor.say("noted_for", whom=whom(floor, draft))
