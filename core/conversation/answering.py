"""Answers to the draft's questions: what was asked decides how words are taken."""

from __future__ import annotations

from core.conversation.confirming import answer_confirm
from core.conversation.correcting import answer_correction
from core.conversation.duplicates import answer_continue, answer_duplicate
from core.conversation.floor import Floor
from core.conversation.grouping import ask_within_field, category_told, set_category
from core.conversation.heard import Heard
from core.conversation.locating import answer_location
from core.conversation.photographing import answer_photo, refuse_photo
from core.conversation.reading import (
    ASIDES,
    BELIEVED,
    TELLS,
    is_believed,
    is_matter,
    is_only_place,
    knows_matter,
    likeliest,
    names_place,
)
from core.conversation.second_matter import add_matter
from core.conversation.summary import leads_clearly
from core.message import Ask
from core.text import fold


def answer_draft_question(floor: Floor, heard: Heard) -> bool:
    """The words as an answer to what was asked last."""
    asked = floor.conversation.asked
    if floor.draft is None or asked is None or not heard.text:
        return False
    answer = _ANSWERS.get(asked)
    return answer is not None and answer(floor, heard)


def _answer_description(floor: Floor, heard: Heard) -> bool:
    """What it is. Asked for anew, whatever is said is the new text, as long as it is words."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or not folded or heard.apart or phrases.is_reserved(folded):
        return False
    anew = draft.rewrite == "what"
    if anew and phrases.speaks_of("send", folded) and not knows_matter(heard):
        floor.change_draft(rewrite="")  # “thôi gửi đi”: it stays as it was
        return True
    if is_believed(heard, *ASIDES, *(() if anew else ("confirm", "cancel"))) and not heard.categories:
        return False
    if is_only_place(heard, phrases) and not anew:
        return False
    if not anew and not is_matter(heard, phrases) and heard.intent == "report" and len(folded.split()) < 3:
        return False
    add_matter(floor, draft, heard)
    return True


# -- the category ----------------------------------------------------------------------------------------


def _answer_category(floor: Floor, heard: Heard) -> bool:
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    leaf = category_told(floor, heard.text)
    if leaf is None and phrases.is_one_of("yes", heard.text) and draft is not None and draft.ranked:
        leaf = draft.ranked[0][0]
    if leaf is None and phrases.speaks_of("no_photo", folded):
        refuse_photo(floor)
        return True
    no_photo = phrases.is_one_of("no_photo", heard.text)
    if leaf is None and no_photo and draft is not None and leads_clearly(draft):
        return True  # “ko”, to the photo that was expected: the best guess stays and is shown
    none = phrases.is_one_of("no", heard.text) or phrases.is_one_of("none_of_these", heard.text)
    if leaf is None and none:
        leaf = "khac"  # none of those offered: a person looks
    if leaf is None and phrases.is_reserved(folded):
        # not sure: the best guess stays, and a person looks
        return not phrases.is_one_of("cancel", heard.text)
    if leaf is None and ask_within_field(floor, heard.text):
        return True
    if leaf is None:
        leaf = _told_category(floor, heard)
        if leaf is None or draft is None:
            return False
        add_matter(floor, draft, heard)  # more than a group's name: they tell of the matter
    set_category(floor, leaf)
    return True


def _told_category(floor: Floor, heard: Heard) -> str | None:
    """A few words about the matter, such as “rác nhiều quá”, which the engine takes for one category: surely,
    or for one of those that were offered.
    """
    few = len(heard.text.split()) <= 6 and not names_place(heard)
    if not few or heard.intent not in ("report", "deny_correct") or not heard.categories:
        return None
    leaf, p = likeliest(heard)
    offered = {choice.value for choice in floor.conversation.offered}
    return leaf if p >= (TELLS if f"category:{leaf}" in offered else BELIEVED) else None


_ANSWERS = {
    Ask.DESCRIPTION: _answer_description,
    Ask.CATEGORY: _answer_category,
    Ask.LOCATION: answer_location,
    Ask.PHOTO: answer_photo,
    Ask.CONFIRM: answer_confirm,
    Ask.CORRECTION: answer_correction,
    Ask.DUPLICATE: answer_duplicate,
    Ask.CONTINUE: answer_continue,
}
