"""Telling: words about a matter on their way into the draft, and saying what was taken in."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.asking import what_is_missing
from core.conversation.draft import Draft
from core.conversation.filling import add_place_words, replace_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_only_place, names_place, place_text, tells_anything
from core.conversation.second_matter import begin_or_add
from core.conversation.summary import draft_gist, place_words, settled_category, whom
from core.message import Ask, InboundKind
from core.text import fold

_ASIDES = ("out_of_scope", "greet")
_TELLING = ("report", "emergency", "change_location", "deny_correct", "confirm")


def tell_matter(floor: Floor, heard: Heard) -> bool:
    """Words about a matter: they open a draft or add to it."""
    folded = fold(heard.text)
    if not folded or floor.known.phrases.is_reserved(folded):
        return False
    if heard.understanding is not None and heard.intent not in _TELLING and not _tells_where(floor, heard):
        return False
    if heard.intent == "confirm" and not heard.categories:
        return False
    if floor.draft is not None and floor.draft.said and not tells_anything(heard, floor.known.phrases):
        return False  # “cho chính em”: nothing to add
    changes = heard.intent in ("deny_correct", "change_location")
    if changes and floor.draft is None and not heard.categories and not names_place(heard):
        return False
    begin_or_add(floor, heard)
    return True


def _tells_where(floor: Floor, heard: Heard) -> bool:
    """“Em ở Lộc Hà”, and in a draft “tỉnh Nghệ An ấy”, whatever an engine takes it for; who is greeted with
    their place is only greeted."""
    phrases = floor.known.phrases
    if heard.place is None or not is_only_place(heard, phrases):
        return False
    if heard.place.outside:
        return floor.draft is not None
    return (
        names_place(heard) and heard.intent in _ASIDES and not phrases.speaks_of("greets", fold(heard.text))
    )


# -- an edited message -----------------------------------------------------------------------------------


def edit_earlier(floor: Floor, heard: Heard) -> None:
    """A message was edited in the channel: its words in the draft change with it."""
    draft = floor.draft
    phrases = floor.known.phrases
    edited = replace_words(draft, heard.event.replaces or "", heard, phrases) if draft is not None else None
    if edited is not None:
        words, named = place_text(heard, phrases), names_place(heard)
        floor.change(draft=add_place_words(edited, heard.place, words, phrases, override=named))
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
