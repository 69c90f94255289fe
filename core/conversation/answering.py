"""Answers to the draft's questions: what was asked decides how words are taken."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.correcting import (
    answer_correction,
    ask_what_to_correct,
    correct_draft,
    named_category,
    set_category,
)
from core.conversation.draft import PhotoWish, PlaceSource
from core.conversation.duplicates import answer_continue, answer_duplicate
from core.conversation.filing import file_draft
from core.conversation.filling import add_place_words, add_words, choose_commune, without_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import (
    BELIEVED,
    TELLS,
    is_believed,
    is_matter,
    is_mostly_place,
    names_place,
    place_text,
)
from core.conversation.summary import gist, is_placed
from core.conversation.telling import begin_or_add
from core.message import Ask
from core.text import fold

ASIDES = ("greet", "thanks", "help", "out_of_scope", "abuse_spam", "human", "check_status")
PLACE_TRIES = 3
"""After so many questions the place stays as told, and a person finds the commune."""


def answer_draft_question(floor: Floor, heard: Heard) -> bool:
    """The words as an answer to what was asked last."""
    asked = floor.conversation.asked
    if floor.draft is None or asked is None or not heard.text:
        return False
    answer = _ANSWERS.get(asked)
    return answer is not None and answer(floor, heard)


def _answer_description(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    if draft is None or floor.known.phrases.is_reserved(fold(heard.text)):
        return False
    if is_believed(heard, *ASIDES, "confirm", "cancel") and not heard.categories:
        return False
    if not is_matter(heard) and heard.intent == "report":
        if names_place(heard) and is_mostly_place(heard):
            return False
        if len(heard.text.split()) < 3 and draft.rewrite != "what":
            return False
    after = add_words(draft, heard, floor.known)
    after = add_place_words(after, heard.place, place_text(heard, floor.known.phrases))
    floor.change(draft=after, photo_last=False)
    floor.new_words = True
    floor.new_place = floor.new_place or after.where != draft.where
    return True


# -- the category ----------------------------------------------------------------------------------------


def _answer_category(floor: Floor, heard: Heard) -> bool:
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    leaf = named_category(floor, heard.text)
    if leaf is None and phrases.is_one_of("yes", folded) and draft is not None and draft.ranked:
        leaf = draft.ranked[0][0]
    if leaf is None and phrases.is_one_of("no_photo", folded) and len(folded.split()) > 1:
        refuse_photo(floor)
        return True
    if leaf is None and phrases.is_reserved(folded):
        return not phrases.is_one_of("cancel", folded)  # none of them, or not sure: the best guess stays
    leaf = leaf or _told_category(heard)
    if leaf is None:
        return False
    set_category(floor, leaf)
    return True


def _told_category(heard: Heard) -> str | None:
    """A few words about the matter, such as “chuyện rác”, which the engine takes for one category."""
    few = len(heard.text.split()) <= 6 and not names_place(heard)
    if not few or heard.intent not in ("report", "deny_correct") or not heard.categories:
        return None
    leaf, p = heard.categories[0]
    return leaf if p >= TELLS else None


# -- the place -------------------------------------------------------------------------------------------


def _answer_location(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    if draft is None:
        return False
    folded, phrases = fold(heard.text), floor.known.phrases
    if phrases.is_one_of("dont_know", folded) or _says_unknown(floor, heard, folded):
        if draft.where.times_asked >= PLACE_TRIES - 1 or draft.where.words:
            give_up_place(floor)
        return True
    if phrases.is_one_of("yes", folded) or phrases.is_one_of("confirm", folded):
        return _accept_offered_place(floor)
    if phrases.is_reserved(folded):
        if draft.where.source is PlaceSource.HINT and phrases.is_one_of("no", folded):
            floor.change_draft(where=replace(draft.where, commune=None, source=PlaceSource.NONE))
            return True
        return False
    if not names_place(heard) and _is_no_address(heard):
        return False
    _take_address(floor, heard)
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


def _is_no_address(heard: Heard) -> bool:
    """Words without any known place that are an aside, or a matter, rather than an address of their own."""
    if is_believed(heard, *ASIDES):
        return True
    meaning = heard.understanding
    tells = heard.intent == "report" and bool(heard.categories) and heard.categories[0][1] >= BELIEVED
    return tells and meaning is not None and not meaning.place_text


def _take_address(floor: Floor, heard: Heard) -> None:
    draft = floor.draft
    if draft is None:
        return
    before = draft.where
    words = place_text(heard, floor.known.phrases) or gist(heard.text)
    tells_more = heard.intent == "report" and is_matter(heard) and len(heard.text) > len(words) + 25
    if tells_more:
        draft = add_words(draft, heard, floor.known)
        floor.new_words = True
    if draft.rewrite == "where":
        draft = without_words(draft, before.words, floor.known.phrases)
    hinted = before.commune if before.source is PlaceSource.HINT and not names_place(heard) else None
    draft = add_place_words(
        draft, heard.place, words, override=draft.rewrite == "where" or bool(before.outside)
    )
    floor.change(draft=choose_commune(draft, hinted) if hinted else draft)
    draft = floor.change_draft()
    floor.new_place = draft.where.commune is not None and draft.where != before
    if not is_placed(draft) and not draft.where.outside and draft.where.times_asked >= PLACE_TRIES:
        give_up_place(floor)


def give_up_place(floor: Floor) -> None:
    """The place stays as told; a coordinator finds the commune. A report is not held up by it."""
    draft = floor.draft
    if draft is None:
        return
    where = replace(draft.where, given_up=True, candidates=())
    floor.change(draft=replace(draft, where=where, rewrite="").marked("place_unclear"))
    floor.say("place_given_up")


# -- photos ----------------------------------------------------------------------------------------------


def refuse_photo_in_words(floor: Floor, heard: Heard) -> bool:
    """“Không có ảnh”, whether or not it was asked; asked, any short refusal will do."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or not folded or heard.photos:
        return False
    asked = floor.conversation.asked is Ask.PHOTO
    if asked and (phrases.speaks_of("photo_coming", folded) or phrases.speaks_of("photo_later", folded)):
        return False
    if asked and (phrases.is_one_of("no_photo", folded) or _refuses(floor, heard, folded)):
        refuse_photo(floor)
        return True
    if phrases.speaks_of("no_photo", folded) and len(folded.split()) <= 9 and draft.rewrite != "what":
        refuse_photo(floor)
        if floor.conversation.asked is Ask.CATEGORY:
            floor.change_draft(category_asked=True)
        return True
    return False


def _refuses(floor: Floor, heard: Heard, folded: str) -> bool:
    return floor.known.phrases.speaks_of("refuses", folded) and not names_place(heard)


def _answer_photo(floor: Floor, heard: Heard) -> bool:
    folded, phrases = fold(heard.text), floor.known.phrases
    if phrases.speaks_of("photo_later", folded):
        floor.say("photo_later")
        refuse_photo(floor)
        return True
    if phrases.speaks_of("photo_coming", folded):
        floor.put_question(Ask.PHOTO, "photo_waiting", floor.choice("skip_photo"))
        return True
    if phrases.is_one_of("confirm", folded) or (is_believed(heard, "confirm") and not heard.categories):
        refuse_photo(floor)
        return True
    return False


def refuse_photo(floor: Floor) -> None:
    """No photo is asked for any more; one that comes is welcome."""
    draft = floor.draft
    if draft is not None:
        rewrite = "" if draft.rewrite == "photos" else draft.rewrite
        floor.change_draft(photo_wish=PhotoWish.DONE, rewrite=rewrite)


# -- the summary -----------------------------------------------------------------------------------------


def _answer_confirm(floor: Floor, heard: Heard) -> bool:
    folded, phrases = fold(heard.text), floor.known.phrases
    if phrases.is_one_of("confirm", folded):
        file_draft(floor)
        return True
    leaf = named_category(floor, heard.text)
    if leaf is not None:
        set_category(floor, leaf)
        return True
    if phrases.is_one_of("no", folded):
        ask_what_to_correct(floor)
        return True
    if phrases.is_one_of("no_photo", folded) or phrases.speaks_of("no_phone", folded):
        return True  # a refusal of what is not asked any more: the summary is shown again
    if phrases.is_reserved(folded):
        return False
    if heard.intent == "confirm" and not heard.categories and not _refuses(floor, heard, folded):
        file_draft(floor)
        return True
    if heard.intent in ("deny_correct", "change_location"):
        return correct_draft(floor, heard)
    meaning = heard.understanding
    if meaning is not None and meaning.on_behalf is not None and not heard.categories:
        return correct_draft(floor, heard)
    if heard.intent == "report" and (is_matter(heard) or names_place(heard)):
        if not is_matter(heard) or (names_place(heard) and is_mostly_place(heard)):
            return correct_draft(floor, heard)
        begin_or_add(floor, heard)
        return True
    return False


_ANSWERS = {
    Ask.DESCRIPTION: _answer_description,
    Ask.CATEGORY: _answer_category,
    Ask.LOCATION: _answer_location,
    Ask.PHOTO: _answer_photo,
    Ask.CONFIRM: _answer_confirm,
    Ask.CORRECTION: answer_correction,
    Ask.DUPLICATE: answer_duplicate,
    Ask.CONTINUE: answer_continue,
}
