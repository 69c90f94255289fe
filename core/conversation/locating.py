"""Answers to “ở đâu?”: an address, a commune of those offered, or that it is not known."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.consent import is_yes
from core.conversation.draft import Draft, PlaceSource
from core.conversation.filling import add_place_words, add_words, choose_commune, spots_of, without_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.nameless import assents_only, points_only
from core.conversation.place_before import same_place
from core.conversation.reading import (
    ASIDES,
    is_believed,
    is_matter,
    is_only_place,
    names_place,
    other_words,
    place_text,
    surely_reports,
)
from core.conversation.summary import gist, is_placed
from core.conversation.tokens import covered, leading, terms, tokens_of, trimmed
from core.message import Ask
from core.phrases import Phrases
from core.text import fold

PLACE_TRIES = 3
"""After so many questions the place stays as told, and a person finds the commune."""


def answer_location(floor: Floor, heard: Heard) -> bool:
    """The words as an address."""
    draft = floor.draft
    if draft is None:
        return False
    folded, phrases = fold(heard.text), floor.known.phrases
    if phrases.is_one_of("dont_know", heard.text) or _says_unknown(floor, heard, folded):
        if draft.where.times_asked >= PLACE_TRIES - 1 or draft.where.words:
            give_up_place(floor)
        return True
    if is_yes(heard.text, phrases):
        return _accept_offered_place(floor)
    if phrases.is_one_of("unit_heads", folded) and draft.where.candidates:
        _choose_by_type(floor, draft, folded)
        return True
    if _is_too_wide(floor, heard):
        floor.put_question(Ask.LOCATION, "ask_commune_words")
        return True
    only_place = is_only_place(heard, phrases)
    if phrases.is_reserved(heard.text if only_place else folded):  # “chợ” is a place, “chỗ” and “cỏ” none
        return _denies_offered(floor, draft, heard.text)
    if points_only(heard, phrases) or assents_only(heard, phrases):
        _ask_for_a_name(floor, draft, heard)
        return True
    if not only_place and not names_place(heard) and _is_no_address(heard):
        return False
    _take_address(floor, draft, heard)
    return True


def _says_unknown(floor: Floor, heard: Heard, folded: str) -> bool:
    unknown = floor.known.phrases.speaks_of("dont_know", folded)
    return unknown and not names_place(heard) and len(folded.split()) <= 8


def _accept_offered_place(floor: Floor) -> bool:
    """“Đúng” accepts the one commune that was offered; of several it chooses none."""
    draft = floor.draft
    if draft is None:
        return False
    offered = [choice.value for choice in floor.conversation.offered if choice.value != "place:pin"]
    communes = [value.partition(":")[2] for value in offered if value.startswith("place:")]
    if len(communes) == 1:
        floor.change(draft=choose_commune(draft, communes[0]))
        floor.new_place = True
    return True


def _choose_by_type(floor: Floor, draft: Draft, folded: str) -> None:
    """“Phường”: of the communes that may be meant, those of that type."""
    communes = floor.known.pack.places.communes
    candidates = tuple(
        code for code in draft.where.candidates if code in communes and fold(communes[code].type) == folded
    )
    if len(candidates) == 1:
        floor.change(draft=choose_commune(draft, candidates[0]))
        floor.new_place = True
    elif candidates:
        floor.change_draft(where=replace(draft.where, candidates=candidates))


def _is_too_wide(floor: Floor, heard: Heard) -> bool:
    """“Hà Tĩnh”, “quê tui”: true, but no place to send anybody to."""
    phrases, tokens = floor.known.phrases, tokens_of(heard.text)
    wide, small = terms(phrases, "too_wide"), terms(phrases, "too_wide", "fillers", "prepositions")
    return any(covered(tokens, wide)) and all(covered(tokens, small))


def _denies_offered(floor: Floor, draft: Draft, text: str) -> bool:
    """“Không phải”, “ko” to the communes that were offered: none of them."""
    if draft.where.candidates and floor.known.phrases.is_one_of("no", text):
        floor.change_draft(where=replace(draft.where, candidates=()))
        return True
    if draft.where.source is PlaceSource.HINT and floor.known.phrases.is_one_of("no", text):
        floor.change_draft(where=replace(draft.where, commune=None, source=PlaceSource.NONE))
        return True
    return False


def _ask_for_a_name(floor: Floor, draft: Draft, heard: Heard) -> None:
    """“Ở đây”, “à được rồi”: no name yet. Who points is told how to send the place."""
    if draft.where.times_asked >= PLACE_TRIES:
        give_up_place(floor)
    elif points_only(heard, floor.known.phrases) and same_place(floor, heard) is None:
        where = replace(draft.where, times_asked=draft.where.times_asked + 1)
        floor.change_draft(where=where)
        floor.put_question(Ask.LOCATION, f"how_to_pin_{floor.manner.location}")


def _is_no_address(heard: Heard) -> bool:
    """Words without any known place that are an aside, or a matter, rather than an address of their own."""
    if is_believed(heard, *ASIDES):
        return True
    meaning = heard.understanding
    return surely_reports(heard) and meaning is not None and not meaning.place_text


def _take_address(floor: Floor, draft: Draft, heard: Heard) -> None:
    before, phrases = draft.where, floor.known.phrases
    words = address_told(floor, heard)
    tells_more = heard.intent == "report" and is_matter(heard, phrases) and len(heard.text) > len(words) + 25
    if tells_more:
        draft = add_words(draft, heard, floor.known)
        floor.new_words = True
    if draft.rewrite == "where" or (before.outside and names_place(heard)):
        draft = without_words(draft, before.words, phrases)
    hinted = before.commune if before.source is PlaceSource.HINT and not names_place(heard) else None
    override = draft.rewrite == "where" or bool(before.outside)
    draft = add_place_words(draft, heard.place, words, phrases, override=override)
    floor.change(draft=choose_commune(draft, hinted) if hinted else draft)
    draft = floor.change_draft()
    floor.new_place = draft.where.commune is not None and draft.where != before
    if not is_placed(draft) and not draft.where.outside and draft.where.times_asked >= PLACE_TRIES:
        give_up_place(floor)


def address_told(floor: Floor, heard: Heard) -> str:
    """The address in the answer: all of it but fillers at its ends, unless it tells other things too."""
    phrases = floor.known.phrases
    named = place_text(heard, phrases)
    whole = gist(trimmed_address(heard, phrases) or heard.text)
    if not named:
        return whole
    rest = other_words(heard, phrases)
    only_points = all(covered(rest, terms(phrases, "near", "landmarks")))
    points = any(covered(rest, terms(phrases, "near", "place_heads"))) and not spots_of(named, phrases)
    return whole if only_points or (points and len(rest) <= 8) else named


def trimmed_address(heard: Heard, phrases: Phrases) -> str:
    """The words without fillers at their ends, but never out of a unit's name (“Kỳ Anh”); “trên” leads to a
    place only before it (“xóm trên”)."""
    compounds = terms(phrases, "compounds")
    kept = trimmed(tokens_of(heard.text), terms(phrases, "fillers", "mistakes"), compounds)
    kept = kept[leading(kept, terms(phrases, "fillers", "prepositions", "mistakes"), compounds) :]
    if not kept:
        return ""
    spans = heard.place.spans if heard.place is not None else ()
    start = min([kept[0].start, *(a for a, _ in spans)])
    return heard.text[start : max([kept[-1].end, *(b for _, b in spans)])]


def give_up_place(floor: Floor) -> None:
    """The place stays as told; a coordinator finds the commune. A report is not held up by it."""
    draft = floor.draft
    if draft is None:
        return
    where = replace(draft.where, given_up=True, candidates=())
    floor.change(draft=replace(draft, where=where, rewrite="").marked("place_unclear"))
    floor.say("place_given_up")
