"""Telling: words, photos and places on their way into the draft, and the answers to its questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.asking import (
    draft_gist,
    gist,
    place_words,
    settled_category,
    what_is_missing,
)
from core.conversation.draft import Draft
from core.conversation.filling import (
    add_contact,
    add_photos,
    add_place_words,
    add_spot,
    add_words,
    replace_words,
)
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import commune_name, is_matter, is_mostly_place, keep_correction, names_place, place_text
from core.message import Ask
from core.text import fold

BREAK = timedelta(hours=6)
"""After so long a pause the draft is named again before it goes on."""
TELLS = 0.35
"""From this probability on a category shows that the words are about a matter of their own."""
ASIDES = ("greet", "thanks", "help", "out_of_scope", "abuse_spam", "human", "check_status")


def take_attachments(floor: Floor, heard: Heard) -> bool:
    """Photos, a voice, a pin, a contact: taken in wherever they come. True when there are no words beside them."""
    event = heard.event
    carries = heard.photos or heard.lost or heard.voice or event.point or event.contact or heard.files
    if not carries:
        return False
    _after_a_break(floor)
    _take_photos(floor, heard)
    _take_voice(floor, heard)
    if event.point is not None or (heard.spot is not None and heard.photos):
        _take_spot(floor, heard)
    if event.contact is not None and (event.contact.phone or event.contact.name):
        floor.open_draft(event.event_id)
        floor.change(draft=add_contact(floor.open_draft(event.event_id), event.contact))
        floor.say("contact_kept", phone=event.contact.phone or event.contact.name)
    if heard.files:
        floor.say("files_not_kept")
    if heard.text:
        return False
    if floor.draft is None and not floor.lines:
        floor.say("not_understood")
    return True


def _take_photos(floor: Floor, heard: Heard) -> None:
    if heard.photos:
        draft, fresh, too_many = add_photos(floor.open_draft(heard.event.event_id), heard.photos)
        floor.change(draft=draft, photo_last=True)
        floor.new_photos += fresh
        if too_many:
            floor.say("too_many_photos", count=len(draft.photos))
    for reason in heard.lost:
        floor.say(f"photo_lost_{reason}")
        if floor.draft is not None:
            floor.change(draft=floor.draft.marked("photo_lost"))


def _take_voice(floor: Floor, heard: Heard) -> None:
    if heard.voice is None:
        return
    draft = floor.open_draft(heard.event.event_id)
    floor.change(draft=replace(draft, voices=(*draft.voices, heard.voice)))
    if heard.transcribed and heard.text:
        floor.say("voice_heard", words=gist(heard.text, 200))
    else:
        floor.say("voice_kept")


def _take_spot(floor: Floor, heard: Heard) -> None:
    answer = heard.spot
    pinned = heard.event.point is not None
    if answer is None or answer.status == "unknown":
        if pinned:
            floor.open_draft(heard.event.event_id)
            floor.say("pin_unreadable")
        return
    if not pinned and floor.draft is None:
        return
    before = floor.open_draft(heard.event.event_id)
    draft = add_spot(before, heard)
    floor.change(draft=draft)
    floor.new_place = floor.new_place or draft.where != before.where
    told = before.where.commune
    if pinned and told and draft.where.commune and told != draft.where.commune:
        floor.say("pin_elsewhere", place=commune_name(floor, draft.where.commune))
        keep_correction(floor, draft.description, "commune", told, draft.where.commune)


def tell_matter(floor: Floor, heard: Heard) -> bool:
    """Words about a matter: they open a draft or add to it."""
    meaning = heard.understanding
    if not heard.text:
        return False
    if heard.intent not in (
        "report",
        "emergency",
        "change_location",
        "deny_correct",
        "confirm",
    ):
        return False
    if heard.intent == "confirm" and floor.draft is None:
        return False
    if floor.draft is None and heard.intent in ("deny_correct", "change_location"):
        if not meaning.categories and not names_place(heard):
            return False
    begin_or_add(floor, heard)
    return True


def begin_or_add(floor: Floor, heard: Heard) -> None:
    """The words go into the draft; after a long pause, or when said so, they are a second matter."""
    draft = floor.draft
    if draft is not None and draft.said and not draft.rewrite and _is_another_matter(floor, draft, heard):
        later = _new_draft(floor, heard)
        floor.change(later=later)
        if floor.now - draft.touched_at >= BREAK:
            floor.put_question(
                Ask.CONTINUE,
                "ask_continue",
                floor.choice("resume"),
                floor.choice("new_report"),
                what=draft_gist(floor, draft),
            )
        else:
            floor.say("second_matter_kept", what=draft_gist(floor, later))
        return
    _after_a_break(floor)
    draft = floor.open_draft(heard.event.event_id)
    if draft.said and not draft.rewrite and names_place(heard) and is_mostly_place(heard):
        _more_of_the_place(floor, draft, heard)
        return
    if heard.understanding is not None and not is_matter(heard):
        _only_begins(floor, draft, heard)
        return
    before = draft
    draft = add_words(draft, heard, floor.known)
    draft = add_place_words(draft, heard.place, place_text(heard))
    floor.change(draft=draft, photo_last=False)
    floor.new_words = True
    floor.new_place = floor.new_place or draft.where != before.where


def _more_of_the_place(floor: Floor, draft: Draft, heard: Heard) -> None:
    """Words that name a place and hardly anything else belong to the place, not to the matter."""
    after = add_place_words(draft, heard.place, place_text(heard))
    floor.change(draft=after)
    floor.new_place = floor.new_place or after.where != draft.where


def _only_begins(floor: Floor, draft: Draft, heard: Heard) -> None:
    """“Em muốn phản ánh”, perhaps with a place or a neighbour, but no matter yet."""
    meaning = heard.understanding
    if meaning is not None and meaning.on_behalf is not None:
        draft = replace(draft, on_behalf_of=meaning.on_behalf)
    if heard.phones:
        draft = replace(draft, contact_phone=heard.phones[0])
    if names_place(heard):
        before = draft.where
        draft = add_place_words(draft, heard.place, place_text(heard))
        floor.new_place = draft.where != before
    floor.change(draft=draft)


def _new_draft(floor: Floor, heard: Heard) -> Draft:
    draft = Draft(f"{floor.address.channel}:{heard.event.event_id}", floor.now, floor.now)
    return add_place_words(add_words(draft, heard, floor.known), heard.place, place_text(heard))


def _is_another_matter(floor: Floor, draft: Draft, heard: Heard) -> bool:
    meaning = heard.understanding
    if meaning is None or not meaning.categories or meaning.intent != "report":
        return False
    leaf, p = meaning.categories[0]
    differs = leaf != settled_category(draft) and p >= TELLS
    if floor.now - draft.touched_at >= BREAK:
        return differs and len(heard.text.split()) >= 4
    return differs and floor.known.phrases.speaks_of("another_matter", fold(heard.text))


def _after_a_break(floor: Floor) -> None:
    draft, seen = floor.draft, floor.conversation.seen_at
    if draft is not None and seen is not None and floor.now - seen >= BREAK and (draft.said or draft.photos):
        floor.say(
            "draft_resumed", what=draft_gist(floor, draft), day=floor.known.phrases.day(draft.started_at)
        )


def edit_earlier(floor: Floor, heard: Heard) -> None:
    """A message was edited in the channel: its words in the draft change with it."""
    draft = floor.draft
    edited = replace_words(draft, heard.event.replaces or "", heard, floor.known) if draft else None
    if edited is None:
        if draft is not None or floor.conversation.last_filed is None:
            hear_again = replace(heard, event=replace(heard.event, replaces=None))
            if draft is not None:
                begin_or_add(floor, hear_again)
            else:
                floor.say("edit_unknown")
        else:
            floor.say("edit_after_filing")
        return
    edited = add_place_words(edited, heard.place, place_text(heard), override=names_place(heard))
    floor.change(draft=edited)
    floor.new_words = True


def take_up_later(floor: Floor) -> None:
    """A second matter was told meanwhile: it is next."""
    later = floor.conversation.later
    if later is not None:
        floor.change(draft=later, later=None)
        floor.say("later_taken_up", what=draft_gist(floor, later))


def acknowledge(floor: Floor) -> None:
    """Repeat what was understood before asking the next thing."""
    draft = floor.draft
    if draft is None:
        return
    summary_follows = what_is_missing(floor, draft) is Ask.CONFIRM
    if floor.new_words and draft.said and not summary_follows:
        place = place_words(floor, draft) if draft.where.commune else ""
        first = len(draft.said) == 1 and not draft.shown
        key = "noted_at" if place else "noted"
        floor.say(
            key, yes=floor.phrase("yes_first") if first else "", what=draft_gist(floor, draft), place=place
        )
        if draft.urgent and first:
            floor.say("be_careful")
        if draft.on_behalf_of:
            floor.say("noted_for", whom=draft.on_behalf_of)
    if floor.new_photos:
        key = "got_photos_and_place" if floor.new_place and draft.where.commune else "got_photos"
        floor.say(key, count=floor.new_photos, place=place_words(floor, draft))
    elif floor.new_place and not floor.new_words and draft.where.commune and not summary_follows:
        floor.say("got_place", place=place_words(floor, draft))
    if floor.new_category:
        floor.say("got_category", category=floor.known.pack.categories[settled_category(draft)].name)
