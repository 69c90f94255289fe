"""What comes beside words: photos, a voice, a pin, a contact card, files. Taken in wherever they come."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.filling import add_contact, add_photos, add_spot, without_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import commune_name, keep_correction
from core.conversation.summary import gist

MOST_VOICES = 300


def remember_voice(floor: Floor, heard: Heard) -> None:
    """Whose voice it is stays known, whatever becomes of the words."""
    known = floor.conversation.voices
    if heard.voice is not None and heard.voice not in known:
        floor.change(voices=(*known, heard.voice)[-MOST_VOICES:])


def take_attachments(floor: Floor, heard: Heard) -> bool:
    """Take in all that is not words. True when there are no words beside it."""
    event = heard.event
    if not (heard.photos or heard.lost or heard.voice or event.point or event.contact or heard.files):
        return False
    _take_photos(floor, heard)
    _take_voice(floor, heard)
    if event.point is not None or (heard.spot is not None and heard.photos):
        _take_spot(floor, heard)
    _take_contact(floor, heard)
    if heard.files:
        floor.say("files_not_kept")
    if not heard.text:
        floor.change(unheard=0)
    return not heard.text


def _take_photos(floor: Floor, heard: Heard) -> None:
    if heard.photos:
        draft, fresh, too_many = add_photos(floor.open_draft(heard.event.event_id), heard.photos)
        floor.change(draft=draft, photo_last=True)
        floor.new_photos += fresh
        if too_many:
            floor.say("too_many_photos", count=len(draft.photos))
    for reason in heard.lost:
        what = "voice" if heard.event.voice is not None else "photo"
        floor.say(f"{what}_lost_{reason}")
        if floor.draft is not None:
            floor.change(draft=floor.draft.marked(f"{what}_lost"))


def _take_voice(floor: Floor, heard: Heard) -> None:
    """A voice nobody could write down is kept for a person; written down, its words go their own way."""
    if heard.voice is None or (heard.transcribed and heard.text):
        return
    draft = floor.open_draft(heard.event.event_id)
    floor.change(draft=replace(draft, voices=(*draft.voices, heard.voice)))
    floor.say("voice_kept")


def keep_voice(floor: Floor, heard: Heard) -> None:
    """The recording stays with the words that were taken from it."""
    draft = floor.draft
    if heard.voice is None or not heard.transcribed or draft is None or heard.voice in draft.voices:
        return
    if any(said.event_id == heard.event.event_id for said in draft.said):
        floor.change(draft=replace(draft, voices=(*draft.voices, heard.voice)))
        floor.by_voice = True


def repeat_voice(floor: Floor, heard: Heard) -> None:
    """What was heard, when the answer would not show it otherwise."""
    if heard.transcribed and heard.text:
        floor.say("voice_heard", words=gist(heard.text, 200))


def _take_contact(floor: Floor, heard: Heard) -> None:
    contact = heard.event.contact
    if contact is None or not (contact.phone or contact.name):
        return
    floor.change(contact=contact)
    if floor.draft is not None:
        floor.change(draft=add_contact(floor.draft, contact))
    if not floor.manner.spoken:  # a caller's number comes with the call: nothing they told
        floor.say("contact_kept", phone=contact.phone or contact.name)


def _take_spot(floor: Floor, heard: Heard) -> None:
    answer = heard.spot
    pinned = heard.event.point is not None
    nowhere = answer is not None and answer.status == "outside" and not answer.outside
    if answer is None or answer.status == "unknown" or nowhere:
        if pinned:
            floor.open_draft(heard.event.event_id)
            floor.say("pin_nowhere" if nowhere else "pin_unreadable")
        return
    if not pinned and floor.draft is None:
        return
    before = floor.open_draft(heard.event.event_id)
    draft = add_spot(before, heard)
    floor.change(draft=draft)
    floor.new_place = floor.new_place or draft.where != before.where
    told = before.where.commune
    if pinned and told and draft.where.commune and told != draft.where.commune:
        floor.change(draft=without_words(draft, before.where.words, floor.known.phrases))
        floor.say("pin_elsewhere", place=commune_name(floor, draft.where.commune))
        keep_correction(floor, draft.description, "commune", told, draft.where.commune)
