"""Corrections: “à nhầm…” at any time, and the button *Sửa*."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.contrast import Contrast, after_yes, corrects, told_apart
from core.conversation.draft import Draft, PhotoWish
from core.conversation.filling import add_place_words, add_words
from core.conversation.floor import Floor
from core.conversation.grouping import category_told, say_group, set_category, take_group
from core.conversation.heard import Heard
from core.conversation.reading import (
    TELLS,
    is_believed,
    is_only_place,
    keep_correction,
    likeliest,
    names_place,
    other_words,
    place_text,
)
from core.conversation.relocating import correct_place, correct_spot_by
from core.conversation.rewording import put_words_right, reword, tells_matter
from core.conversation.second_matter import tells_another_thing
from core.conversation.summary import settled_category
from core.conversation.wording import said_words
from core.message import Ask
from core.text import fold


def correct_by_words(floor: Floor, heard: Heard) -> bool:
    """“À nhầm, ở xã …”, “không phải … mà là …”: whatever was asked, the draft is put right."""
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or not heard.text or not (draft.said or draft.where.words or draft.where.commune):
        return False
    if draft.rewrite == "what":
        return False  # whatever is said now is the new text
    if say_group(floor, heard):
        return True
    contrast, beside = told_apart(heard.text, phrases), after_yes(heard.text, phrases)
    if contrast is None and beside and correct_spot_by(floor, heard, Contrast(beside)):
        return True
    if not corrects(heard.text, phrases):
        return False
    if contrast is not None and _corrects_part(floor, heard, contrast):
        return True
    if names_place(heard) or heard.categories or heard.phones:
        return correct_draft(floor, heard)
    return contrast is not None and (put_words_right(floor, contrast) or _only_denies(floor, contrast))


def _only_denies(floor: Floor, contrast: Contrast) -> bool:
    """“Không phải xóm 3 đâu”: of what the draft says; then which is it?"""
    draft = floor.draft
    if draft is None or contrast.right or not contrast.wrong:
        return False
    if f" {fold(contrast.wrong)} " not in f" {fold(draft.where.words)} {fold(draft.description)} ":
        return False
    ask_what_to_correct(floor)
    return True


def _corrects_part(floor: Floor, heard: Heard, contrast: Contrast) -> bool:
    if reword(floor, heard, contrast):
        return True
    if tells_matter(heard, contrast, floor.known.phrases):
        return False  # “cống tắc” is no place, though places begin so
    return correct_spot_by(floor, heard, contrast) or _corrects_category(floor, contrast)


def _corrects_category(floor: Floor, contrast: Contrast) -> bool:
    """“Sai nhóm rồi, đường chứ”: the name of a category is what is right."""
    leaf = category_told(floor, contrast.right)
    if leaf is None:
        return False
    set_category(floor, leaf)
    return True


def correct_draft(floor: Floor, heard: Heard) -> bool:
    """The words say what is right: a place, a category, a phone, whom it is for, or the matter anew."""
    if floor.draft is None:
        return False
    corrected = [
        correct_place(floor, heard),
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


def _correct_matter(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    if draft is None or not heard.categories or heard.intent == "change_location":
        return False
    if is_only_place(heard, floor.known.phrases):
        return False
    leaf, p = likeliest(heard)
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
    said = said_words(heard, floor.known.phrases)
    if draft is not None and said.text:
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
    if take_group(floor, heard.text):
        return True
    phrases = floor.known.phrases
    if phrases.is_reserved(fold(heard.text)):
        return False
    if _names_right_spot(floor, heard):
        return True
    return correct_draft(floor, heard)


def _names_right_spot(floor: Floor, heard: Heard) -> bool:
    """“Xóm bảy”, “đường ở xóm bảy”: the spot is that one, and what else is told joins the matter."""
    phrases, words = floor.known.phrases, place_text(heard, floor.known.phrases)
    if told_apart(heard.text, phrases) is not None or not words:
        return False
    if not correct_spot_by(floor, heard, Contrast(words)):
        return False
    known = set(fold(floor.draft.description).split()) if floor.draft is not None else set()
    if any(word.folded not in known for word in other_words(heard, phrases)):
        _add_as_told(floor, heard)
    return True


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
    if is_only_place(heard, phrases) or tells_another_thing(floor, heard):
        return False
    after = add_words(draft, heard, floor.known)
    after = replace(after, ranked=draft.ranked, category=draft.category)
    floor.change(draft=add_place_words(after, heard.place, place_text(heard, phrases), phrases))
    floor.new_words = True
    return True
