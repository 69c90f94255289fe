"""Taking in: what a message adds to the draft, in whatever order it comes. Pure functions of the draft."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.address import joined, parts_of, put_right, written
from core.conversation.draft import MAX_PHOTOS, Draft, Photo, PhotoWish, PlaceSource, Said, Where
from core.conversation.heard import Heard, Known
from core.conversation.wording import cut, said_words
from core.message import Contact, Point
from core.phrases import Phrases
from core.places.commune import PlaceAnswer
from core.text import fold

MAX_DESCRIPTION = 4_000
FIRM = 0.5
"""From this probability on a guess is not changed by what is told beside it, only by a correction."""


def add_words(draft: Draft, heard: Heard, known: Known) -> Draft:
    """The draft with the words of the message: the matter, its category, whom it is for, a phone."""
    meaning = heard.understanding
    text = heard.text.strip()
    told = said_words(heard, known.phrases)
    said = () if draft.rewrite == "what" else draft.said
    if _is_new(told, said) and len(draft.description) + len(told.text) <= MAX_DESCRIPTION:
        said = (*said, told)
    if draft.rewrite == "what":
        draft = replace(draft, rewrite="", ranked=() if heard.categories else draft.ranked)
    draft = replace(draft, said=said)
    if heard.transcribed:
        draft = replace(draft, transcript=f"{draft.transcript}\n{text}".strip())
    if is_urgent(heard, known.phrases):
        draft = replace(draft, urgent=True)
    if known.phrases.speaks_of("no_photo", fold(text)) and not heard.photos:
        draft = replace(draft, photo_wish=PhotoWish.DONE)
    if meaning is None:
        return draft.marked("not_understood")
    if meaning.on_behalf is not None and not draft.on_behalf_of:
        draft = replace(draft, on_behalf_of=meaning.on_behalf)
    if meaning.phones:
        draft = replace(draft, contact_phone=heard.phones[0])
    return add_category_guess(draft, meaning.categories)


def is_urgent(heard: Heard, phrases: Phrases) -> bool:
    """Whether what is told may soon hurt somebody, however long an address stands between its words."""
    meaning = heard.understanding
    if meaning is not None and meaning.urgent:
        return True
    apart = meaning.apart if meaning is not None else ""
    return any(phrases.speaks_of("urgent", fold(words)) for words in (heard.text, apart))


def _is_new(told: Said, said: tuple[Said, ...]) -> bool:
    """Whether the words say anything that was not said in just these words."""
    return bool(told.text) and fold(told.text) not in {fold(earlier.text) for earlier in said}


def add_category_guess(draft: Draft, ranked: tuple[tuple[str, float], ...]) -> Draft:
    """The better founded of the guesses so far; the citizen's own word is never guessed over."""
    if draft.category_by_citizen or not ranked:
        return draft
    if draft.ranked and draft.ranked[0][1] >= min(FIRM, ranked[0][1]):
        return draft
    return replace(draft, ranked=ranked, category=ranked[0][0])


def replace_words(draft: Draft, event_id: str, heard: Heard, phrases: Phrases) -> Draft | None:
    """The draft after one of its messages was edited in the channel; None when it is not one of them."""
    if not any(said.event_id == event_id for said in draft.said):
        return None
    new = replace(said_words(heard, phrases), event_id=event_id)
    said = tuple(new if s.event_id == event_id else s for s in draft.said)
    draft = replace(draft, said=tuple(s for s in said if s.text))
    if heard.understanding and heard.understanding.categories and not draft.category_by_citizen:
        ranked = heard.understanding.categories
        draft = replace(draft, ranked=ranked, category=ranked[0][0])
    return draft


def without_words(draft: Draft, words: str, phrases: Phrases, instead: str = "") -> Draft:
    """The draft without a place that was taken back, so that the matter does not contradict the address.

    Streets, bridges, schools stay in the words: they may be the very thing that is told of.
    """
    named = (part.text for part in parts_of(words, phrases) if part.kind != "spot")
    said = draft.said
    for part in (words,) if instead else named:
        said = tuple(
            replace(s, text=cut(s.text, part, phrases, instead), matter=cut(s.matter, part, phrases, instead))
            for s in said
        )
    return replace(draft, said=said)


def without_name(draft: Draft, name: str, phrases: Phrases) -> Draft:
    """The draft without a commune's bare name in its words."""
    said = (
        replace(s, text=cut(s.text, name, phrases), matter=cut(s.matter, name, phrases)) for s in draft.said
    )
    return replace(draft, said=tuple(said))


def correct_spot(draft: Draft, right: str, wrong: str, phrases: Phrases) -> Draft:
    """The draft with another thôn, ngõ … in the same commune, in its address and in its words."""
    words, gone = put_right(draft.where.words, right, wrong, phrases)
    draft = replace(draft, where=replace(draft.where, words=words))
    return without_words(draft, gone or wrong, phrases, instead=right) if gone or wrong else draft


def spots_of(words: str, phrases: Phrases) -> str:
    """The address without its communes and districts: what stays when only the commune was wrong."""
    return written(part for part in parts_of(words, phrases) if part.kind in ("spot", "hamlet"))


def add_place_words(
    draft: Draft,
    answer: PlaceAnswer | None,
    words: str,
    phrases: Phrases | None = None,
    *,
    override: bool = False,
) -> Draft:
    """The draft with the place that words lead to. A pin wins; what is settled changes only by `override`.

    With the phrases, what is told twice stands once in the address.
    """
    where = draft.where
    rewriting = override or draft.rewrite == "where"
    if rewriting:
        words = words or where.words
        settled = False
    else:
        words = joined(where.words, words, phrases) if phrases else _joined(where.words, words)
        settled = where.commune is not None
    status = answer.status if answer else "unknown"
    if answer is None or status == "unknown":
        where = replace(where, words=words)
    elif status == "unit" and answer.unit:
        if where.point is not None and not rewriting and where.source is PlaceSource.PIN:
            same = where.commune in (None, answer.unit.code)
            where = replace(where, words=words if same else where.words)  # a pin wins over words
        elif not settled or where.source in (PlaceSource.HINT, PlaceSource.PHOTO):
            keep = where.point if where.commune == answer.unit.code else None
            where = _at(where, answer.unit.code, words, PlaceSource.WORDS, keep)
        else:
            where = replace(where, words=words)
    elif settled:
        where = replace(where, words=words)
    elif status == "outside":
        where = Where(words=words, outside=answer.outside, times_asked=where.times_asked)
    else:
        codes = tuple(unit.code for unit in answer.candidates)
        narrowed = tuple(code for code in codes if code in where.candidates) or codes
        where = replace(where, commune=None, words=words, candidates=narrowed, outside="")
    return replace(draft, where=where, rewrite="" if draft.rewrite == "where" else draft.rewrite)


def add_spot(draft: Draft, heard: Heard) -> Draft:
    """The draft with a pin (or the position a photo carries). Words stay as the address."""
    answer, event = heard.spot, heard.event
    if answer is None:
        return draft
    source = PlaceSource.PIN if event.point is not None else PlaceSource.PHOTO
    point = event.point or next((photo.point for photo in heard.photos if photo.point), None)
    where = draft.where
    known_codes = {where.commune, *where.candidates} - {None}
    if source is PlaceSource.PHOTO and (where.point is not None or answer.status == "outside"):
        return draft
    words = _joined(where.words, event.place_label)
    if answer.status == "unit" and where.commune not in (None, answer.unit.code if answer.unit else None):
        words = event.place_label  # the words named another commune
    if answer.status == "unit" and answer.unit:
        if source is PlaceSource.PHOTO and known_codes and answer.unit.code not in known_codes:
            return draft  # the photo was taken elsewhere: the words say where the matter is
        where = _at(where, answer.unit.code, words, source, point)
    elif answer.status == "ambiguous":
        codes = tuple(unit.code for unit in answer.candidates)
        told = [code for code in codes if code in known_codes]
        if len(told) == 1:
            where = _at(where, told[0], words, source, point)
        else:
            where = replace(
                where, commune=None, candidates=codes, point=point, words=words, outside="", source=source
            )
    elif answer.status == "outside" and answer.outside:  # without a name it is no place at all: out at sea
        where = Where(words=words, outside=answer.outside, times_asked=where.times_asked)
    return replace(draft, where=where, rewrite="" if draft.rewrite == "where" else draft.rewrite)


def choose_commune(draft: Draft, code: str) -> Draft:
    """The draft with a commune picked among the candidates; its point stays."""
    where = draft.where
    source = where.source if where.point else PlaceSource.CHOSEN
    return replace(draft, where=_at(where, code, where.words, source, where.point))


def add_photos(draft: Draft, photos: tuple[Photo, ...]) -> tuple[Draft, int, int]:
    """The draft with the photos, and how many were new and how many too many. The same picture counts
    once.
    """
    kept = () if draft.rewrite == "photos" else draft.photos
    known = {photo.media_id for photo in kept}
    fresh = [p for i, p in enumerate(photos) if p.media_id not in known and p not in photos[:i]]
    room = max(0, MAX_PHOTOS - len(kept))
    draft = replace(
        draft,
        photos=(*kept, *fresh[:room]),
        photo_wish=PhotoWish.DONE if fresh or kept else draft.photo_wish,
        rewrite="" if draft.rewrite == "photos" else draft.rewrite,
    )
    return draft, len(fresh[:room]), max(0, len(fresh) - room)


def add_contact(draft: Draft, contact: Contact) -> Draft:
    """The draft with a contact card that was handed over."""
    name = contact.name or draft.contact_name
    return replace(draft, contact_phone=contact.phone or draft.contact_phone, contact_name=name)


def _at(where: Where, code: str, words: str, source: PlaceSource, point: Point | None) -> Where:
    return replace(
        where,
        commune=code,
        words=words,
        source=source,
        point=point,
        candidates=(),
        outside="",
        given_up=False,
    )


def _joined(old: str, new: str) -> str:
    if not new or fold(new) in fold(old):
        return old
    if not old or fold(old) in fold(new):
        return new
    return f"{old}, {new}"
