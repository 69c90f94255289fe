"""The group a matter belongs to, from the citizen's own mouth: “rác”, “nhóm đường sá”, “sai nhóm rồi”."""

from __future__ import annotations

import re

from core.conversation.asking import category_choices, choices_of
from core.conversation.contrast import told_apart
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import TELLS, keep_correction
from core.conversation.tokens import covered, slice_of, terms, tokens_of, trimmed
from core.message import Ask, Choice
from core.text import fold

A_GROUP = 6
"""Words in the longest answer about the group alone."""
_PARTS = re.compile(r"[,:]")


def named_category(floor: Floor, text: str) -> str | None:
    """The category whose name, or a clear part of it, the words are."""
    folded = fold(text)
    for leaf, category in floor.known.pack.categories.items():
        names = (category.short, category.name, *_PARTS.split(category.name), *_PARTS.split(category.short))
        if folded and folded in {fold(name) for name in (*names, *category.also)}:
            return leaf
    return None


def category_told(floor: Floor, text: str) -> str | None:
    """The category that is named among words that only lead up to it: “chuyện rác”, “đổi sang đường sá”."""
    return named_category(floor, text) or named_category(floor, _name_alone(floor, text))


def _name_alone(floor: Floor, text: str) -> str:
    return slice_of(text, trimmed(tokens_of(text), terms(floor.known.phrases, "group_words", "fillers")))


def ask_within_field(floor: Floor, text: str) -> bool:
    """“Môi trường”, a field of several groups: which of them?"""
    draft, name = floor.draft, fold(_name_alone(floor, text))
    if draft is None or not name:
        return False
    order = {leaf: place for place, (leaf, _) in enumerate(draft.ranked)}
    leaves = [
        leaf
        for leaf, category in floor.known.pack.categories.items()
        if name in {fold(part) for part in _PARTS.split(category.group_name)} and leaf != "khac"
    ]
    if leaves:
        best_first = sorted(leaves, key=lambda leaf: order.get(leaf, len(order)))
        floor.put_question(Ask.CATEGORY, "ask_category", *choices_of(floor, best_first[:4]))
    return bool(leaves)


def take_group(floor: Floor, text: str) -> bool:
    """“Rác thải” sets the group; “môi trường”, a field of several, asks which of them."""
    leaf = named_category(floor, text)
    if leaf is None:
        return ask_within_field(floor, text)
    set_category(floor, leaf)
    return True


def say_group(floor: Floor, heard: Heard) -> bool:
    """“Nhóm đường sá”, “đổi nhóm sang rác thải”: words about the group never join the matter."""
    draft, phrases = floor.draft, floor.known.phrases
    contrast = told_apart(heard.text, phrases)
    told = contrast.right if contrast is not None and contrast.right else heard.text
    tokens = tokens_of(heard.text)
    if draft is None or not draft.said or not any(covered(tokens, terms(phrases, "group_heads"))):
        return False
    leaf = category_told(floor, told)
    if leaf is None and (len(tokens) > A_GROUP or phrases.speaks_of("negation", fold(told))):
        return False  # “không nhóm nào” answers the question
    if leaf is None and ask_within_field(floor, told):
        return True
    if leaf is None and floor.conversation.asked in (Ask.CATEGORY, Ask.CORRECTION):
        leaf = next((leaf for leaf, p in heard.categories[:1] if p >= TELLS), None)
        if leaf is None:
            ask_category_anew(floor, category_choices(floor, draft, 4, anew=True))
            return True
    if leaf is None:
        return False
    set_category(floor, leaf)
    return True


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
    """The group that was taken is wrong: which is it?"""
    floor.put_question(Ask.CATEGORY, "ask_category_anew", *choices)
