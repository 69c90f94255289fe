"""Corrections: “à nhầm…” at any time, the button *Sửa*, and the category from the citizen's own mouth."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.draft import Draft, PhotoWish, Said
from core.conversation.filling import add_place_words, add_words, without_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import (
    TELLS,
    is_believed,
    is_mostly_place,
    keep_correction,
    matter_words,
    names_place,
    place_text,
)
from core.conversation.summary import settled_category
from core.message import Ask, Choice
from core.text import fold


def correct_by_words(floor: Floor, heard: Heard) -> bool:
    """“À nhầm, ở xã …”, “không phải … mà là …”: whatever was asked, the draft is put right."""
    draft = floor.draft
    if draft is None or not heard.text or not (draft.said or draft.where.words or draft.where.commune):
        return False
    if not floor.known.phrases.speaks_of("mistaken", fold(heard.text)):
        return False
    if not (names_place(heard) or heard.categories or heard.phones):
        return False
    return correct_draft(floor, heard)


def correct_draft(floor: Floor, heard: Heard) -> bool:
    """The words say what is right: a place, a category, a phone, whom it is for, or the matter anew."""
    if floor.draft is None:
        return False
    corrected = [
        _correct_place(floor, heard),
        _correct_matter(floor, heard),
        _correct_person(floor, heard),
    ]
    if any(corrected):
        return True
    if is_believed(heard, "change_location"):
        floor.change_draft(rewrite="where")
    elif floor.conversation.asked is Ask.CORRECTION and heard.intent in ("report", "deny_correct"):
        _add_as_told(floor, heard)
    else:
        ask_what_to_correct(floor)
    return True


def _correct_place(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    words = place_text(heard, floor.known.phrases)
    if draft is None or not (names_place(heard) or (heard.intent == "change_location" and words)):
        return False
    where = add_place_words(draft, heard.place, words, override=True).where
    before = draft.where
    if before.commune and where.commune and where.commune != before.commune:
        keep_correction(floor, draft.description, "commune", before.commune, where.commune)
        draft = without_words(draft, before.words, floor.known.phrases)
    floor.change_draft(
        where=where, said=draft.said, rewrite="" if draft.rewrite == "where" else draft.rewrite
    )
    floor.new_place = True
    return True


def _correct_matter(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    if draft is None or not heard.categories or heard.intent == "change_location" or is_mostly_place(heard):
        return False
    leaf, p = heard.categories[0]
    if p >= TELLS and leaf != settled_category(draft):
        keep_correction(floor, draft.description, "category", settled_category(draft), leaf)
        floor.change_draft(
            category=leaf, ranked=heard.categories, category_by_citizen=p >= 0.5, category_asked=True
        )
        floor.new_category = True
    _add_as_told(floor, heard)
    return True


def _correct_person(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    if heard.phones:
        floor.change_draft(contact_phone=heard.phones[0])
        floor.say("contact_kept", phone=heard.phones[0])
    if meaning is not None and meaning.on_behalf is not None:
        floor.change_draft(on_behalf_of=meaning.on_behalf)
    return bool(heard.phones) or (meaning is not None and meaning.on_behalf is not None)


def _add_as_told(floor: Floor, heard: Heard) -> None:
    draft = floor.draft
    if draft is not None:
        said = Said(heard.event.event_id, heard.text, matter_words(heard))
        floor.change_draft(said=(*draft.said, said))
        floor.new_words = True


def ask_what_to_correct(floor: Floor) -> None:
    """“Sửa” alone: which part?"""
    choices = [floor.choice("edit:what"), floor.choice("edit:where"), floor.choice("edit:category")]
    if floor.manner.asks_photo:
        choices.append(floor.choice("edit:photos"))
    floor.put_question(Ask.CORRECTION, "ask_correction", *choices)


def answer_correction(floor: Floor, heard: Heard) -> bool:
    """What the citizen says after *Sửa*."""
    if is_believed(heard, "confirm") and not heard.categories and not names_place(heard):
        return True
    leaf = named_category(floor, heard.text)
    if leaf is not None:
        set_category(floor, leaf)
        return True
    if floor.known.phrases.is_reserved(fold(heard.text)):
        return False
    return correct_draft(floor, heard)


# -- the category ----------------------------------------------------------------------------------------


def named_category(floor: Floor, text: str) -> str | None:
    """The category whose name, or a clear part of it, the words are."""
    folded = fold(text)
    for leaf, category in floor.known.pack.categories.items():
        parts = (category.short, category.name, *category.name.split(","), *category.short.split(","))
        if folded in {fold(part) for part in parts}:
            return leaf
    return None


def set_category(floor: Floor, leaf: str) -> None:
    """The citizen says which category it is; a changed guess is kept for training."""
    draft = floor.draft
    if draft is None:
        return
    guessed = draft.ranked[0][0] if draft.ranked else None
    if guessed != leaf:
        keep_correction(floor, draft.description, "category", guessed, leaf)
    floor.change_draft(category=leaf, category_by_citizen=True, category_asked=True)
    floor.new_category = True


def ask_category_anew(floor: Floor, choices: list[Choice]) -> None:
    floor.put_question(Ask.CATEGORY, "ask_category_anew", *choices)


def rewrite(floor: Floor, draft: Draft, part: str) -> None:
    """The next words, place or photos replace what is there."""
    if part == "where":
        where = replace(draft.where, times_asked=0, outside="", candidates=())
        floor.change_draft(rewrite=part, where=where)
    elif part == "photos":
        floor.change_draft(rewrite=part, shown=False, photo_wish=PhotoWish.OPEN)
    else:
        floor.change_draft(rewrite=part)


def add_detail(floor: Floor, heard: Heard) -> bool:
    """“Thêm là …” while the draft is open: one more sentence, not another matter or category."""
    draft = floor.draft
    phrases = floor.known.phrases
    if draft is None or not draft.said or draft.rewrite or not heard.text:
        return False
    if phrases.is_reserved(fold(heard.text)) or not phrases.speaks_of("addition", fold(heard.text)):
        return False
    after = add_words(draft, heard, floor.known)
    after = replace(after, ranked=draft.ranked, category=draft.category)
    floor.change(draft=add_place_words(after, heard.place, place_text(heard, phrases)))
    floor.new_words = True
    return True
