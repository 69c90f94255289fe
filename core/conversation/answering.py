"""Answers to the draft's questions, corrections, and leaving it."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.asking import gist, is_placed, settled_category
from core.conversation.draft import Draft, PhotoWish, Said
from core.conversation.effects import Follow, JoinReport
from core.conversation.filing import file_draft
from core.conversation.filling import add_place_words, add_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_matter, is_mostly_place, keep_correction, names_place, place_text
from core.conversation.telling import ASIDES, TELLS, begin_or_add
from core.message import Ask
from core.text import fold


def cancel_draft(floor: Floor, heard: Heard) -> bool:
    """“Thôi, hủy giúp”: the draft is dropped at once; nothing was sent."""
    if floor.draft is None or not heard.text:
        return False
    meaning = heard.understanding
    folded = fold(heard.text)
    if not floor.known.phrases.is_one_of("cancel", folded) and (heard.intent != "cancel"):
        return False
    drop_draft(floor)
    return True


def drop_draft(floor: Floor) -> None:
    floor.change(draft=None, asked=None, offered=(), about=None, photo_last=False)
    floor.say("cancelled")


def answer_draft_question(floor: Floor, heard: Heard) -> bool:
    """What was asked decides how words are taken."""
    asked = floor.conversation.asked
    if floor.draft is None or asked is None or not heard.text:
        return False
    answer = _ANSWERS.get(asked)
    return answer is not None and answer(floor, heard)


def _answer_description(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    if (
        meaning is not None
        and meaning.intent in ASIDES
        and meaning.confidence >= 0.6
        and not meaning.categories
    ):
        return False
    if (
        meaning is not None
        and not is_matter(heard)
        and meaning.intent == "report"
        and len(heard.text.split()) < 6
    ):
        return False
    draft = floor.draft
    if draft is None:
        return False
    draft = add_words(draft, heard, floor.known)
    floor.change(draft=add_place_words(draft, heard.place, place_text(heard)), photo_last=False)
    floor.new_words = True
    return True


def _answer_category(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    leaf = named_category(floor, heard.text)
    if (
        leaf is None
        and meaning is not None
        and meaning.intent in ("report", "deny_correct")
        and meaning.categories
    ):
        if meaning.categories[0][1] >= TELLS and len(heard.text.split()) <= 6:
            leaf = meaning.categories[0][0]
    if leaf is None:
        return False
    set_category(floor, leaf)
    return True


def named_category(floor: Floor, text: str) -> str | None:
    """The category whose name, or a clear part of it, the words are."""
    folded = fold(text)
    for leaf, category in floor.known.pack.categories.items():
        names = {
            fold(category.short),
            fold(category.name),
            *(fold(part) for part in category.name.split(",")),
        }
        if folded in names:
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


def _answer_location(floor: Floor, heard: Heard) -> bool:
    draft = floor.draft
    if draft is None:
        return False
    folded = fold(heard.text)
    phrases = floor.known.phrases
    unsaid = phrases.speaks_of("dont_know", folded) and not names_place(heard) and len(folded.split()) <= 8
    if phrases.is_one_of("dont_know", folded) or unsaid:
        if draft.where.times_asked >= 2 or draft.where.words:
            _give_up_place(floor)
        return True
    meaning = heard.understanding
    status = heard.place.status if heard.place else "unknown"
    if status == "unknown" and meaning is not None:
        if (
            meaning.intent in ("help", "check_status", "thanks", "greet", "abuse_spam", "out_of_scope")
            and meaning.confidence >= 0.7
        ):
            return False
        if (
            meaning.intent == "report"
            and meaning.categories
            and meaning.categories[0][1] >= 0.6
            and not meaning.place_text
        ):
            return False
    before = draft
    words = place_text(heard) or gist(heard.text)
    if (
        meaning is not None
        and meaning.intent == "report"
        and is_matter(heard)
        and len(heard.text) > len(words) + 25
    ):
        draft = add_words(draft, heard, floor.known)
        floor.new_words = True
    draft = add_place_words(
        draft, heard.place, words, override=draft.rewrite == "where" or bool(draft.where.outside)
    )
    floor.change(draft=draft)
    floor.new_place = draft.where.commune is not None and draft.where != before.where
    if not is_placed(draft) and not draft.where.outside and draft.where.times_asked >= 3:
        _give_up_place(floor)
    return True


def _give_up_place(floor: Floor) -> None:
    """The place stays as told; a coordinator finds the commune. A report is not held up by it."""
    draft = floor.draft
    if draft is None:
        return
    where = replace(draft.where, given_up=True, candidates=())
    floor.change(draft=replace(draft, where=where).marked("place_unclear"))
    floor.say("place_given_up")


def _answer_photo(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    folded = fold(heard.text)
    phrases = floor.known.phrases
    if phrases.is_one_of("no_photo", folded) or phrases.speaks_of("no_photo", folded):
        refuse_photo(floor)
        return True
    if heard.intent in ("confirm", "deny_correct") and not meaning.categories:
        if phrases.speaks_of("photo_coming", folded):
            floor.say("photo_later")
        refuse_photo(floor)
        return True
    if phrases.speaks_of("photo_coming", folded):
        floor.put_question(Ask.PHOTO, "photo_waiting", floor.choice("skip_photo"))
        return True
    return False


def refuse_photo(floor: Floor) -> None:
    if floor.draft is not None:
        floor.change_draft(
            photo_wish=PhotoWish.DONE, rewrite="" if floor.draft.rewrite == "photos" else floor.draft.rewrite
        )


def _answer_confirm(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    folded = fold(heard.text)
    phrases = floor.known.phrases
    if phrases.is_one_of("confirm", folded) or (heard.intent == "confirm" and not meaning.categories):
        file_draft(floor)
        return True
    if phrases.is_one_of("no_photo", folded) or phrases.speaks_of("no_phone", folded):
        return True  # a refusal of what is not asked any more: the summary is shown again
    if meaning is None:
        return False
    if meaning.intent in ("deny_correct", "change_location"):
        return correct_draft(floor, heard)
    if meaning.intent == "confirm":
        file_draft(floor)
        return True
    if phrases.is_one_of("no", folded):
        ask_what_to_correct(floor)
        return True
    if meaning.intent == "report" and (is_matter(heard) or names_place(heard)):
        if not is_matter(heard) or (heard.place and heard.place.status == "unit" and is_mostly_place(heard)):
            return correct_draft(floor, heard)
        begin_or_add(floor, heard)
        return True
    return False


def _answer_correction(floor: Floor, heard: Heard) -> bool:
    meaning = heard.understanding
    if (
        meaning is not None
        and meaning.intent == "confirm"
        and not meaning.categories
        and not names_place(heard)
    ):
        return True
    leaf = named_category(floor, heard.text)
    if leaf is not None:
        set_category(floor, leaf)
        return True
    return correct_draft(floor, heard)


def correct_draft(floor: Floor, heard: Heard) -> bool:
    """“À nhầm…”: the words say what is right: a place, a category, or the matter anew."""
    draft = floor.draft
    if draft is None:
        return False
    meaning = heard.understanding
    intent = meaning.intent if meaning else ""
    changed = False
    if names_place(heard) or intent == "change_location":
        where = add_place_words(draft, heard.place, place_text(heard), override=True).where
        if heard.place is not None and heard.place.status == "unknown" and not place_text(heard):
            floor.change_draft(rewrite="where")
            return True
        if draft.where.commune and where.commune and where.commune != draft.where.commune:
            keep_correction(floor, draft.description, "commune", draft.where.commune, where.commune)
        draft = floor.change_draft(where=where)
        floor.new_place = changed = True
    if (
        meaning is not None
        and meaning.categories
        and intent != "change_location"
        and not is_mostly_place(heard)
    ):
        draft = _correct_matter(floor, draft, heard)
        changed = True
    if heard.phones:
        draft = floor.change_draft(contact_phone=heard.phones[0])
        floor.say("contact_kept", phone=heard.phones[0])
        changed = True
    if meaning is not None and meaning.on_behalf is not None:
        draft = floor.change_draft(on_behalf_of=meaning.on_behalf)
        changed = True
    if not changed:
        if (
            floor.conversation.asked is Ask.CORRECTION
            and len(heard.text.split()) >= 3
            and intent in ("report", "deny_correct")
        ):
            said = Said(heard.event.event_id, heard.text)
            floor.change_draft(said=(*draft.said, said))
            floor.new_words = True
            return True
        ask_what_to_correct(floor)
    return True


def _correct_matter(floor: Floor, draft: Draft, heard: Heard) -> Draft:
    meaning = heard.understanding
    if meaning is None:
        return draft
    leaf, p = meaning.categories[0]
    if p >= TELLS and leaf != settled_category(draft):
        keep_correction(floor, draft.description, "category", settled_category(draft), leaf)
        draft = floor.change_draft(
            category=leaf, ranked=meaning.categories, category_by_citizen=p >= 0.5, category_asked=True
        )
        floor.new_category = True
    draft = floor.change_draft(said=(*draft.said, Said(heard.event.event_id, heard.text)))
    floor.new_words = True
    return draft


def ask_what_to_correct(floor: Floor) -> None:
    draft = floor.draft
    if draft is None:
        return
    choices = [floor.choice("edit:what"), floor.choice("edit:where"), floor.choice("edit:category")]
    if floor.manner.asks_photo:
        choices.append(floor.choice("edit:photos"))
    floor.put_question(Ask.CORRECTION, "ask_correction", *choices)


def _answer_duplicate(floor: Floor, heard: Heard) -> bool:
    phrases = floor.known.phrases
    folded = fold(heard.text)
    meaning = heard.understanding
    if phrases.speaks_of("send", folded) or phrases.is_one_of("no", folded) or heard.intent == "deny_correct":
        not_the_same(floor)
        return True
    if phrases.is_one_of("yes", folded) or heard.intent == "confirm":
        follow_existing(floor)
        return True
    return False


def follow_existing(floor: Floor) -> None:
    """The matter is known already: the citizen follows it, and what they told joins it."""
    code, draft = floor.conversation.about, floor.draft
    if code is None:
        return
    floor.do(Follow(code))
    if draft is not None:
        floor.do(JoinReport(code, words=draft.description, photos=draft.photos))
    floor.change(draft=None, asked=None, about=None, offered=())
    floor.say("following", code=code)


def not_the_same(floor: Floor) -> None:
    draft = floor.draft
    if draft is not None and floor.conversation.about:
        floor.change_draft(not_same_as=(*draft.not_same_as, floor.conversation.about))


def _answer_continue(floor: Floor, heard: Heard) -> bool:
    phrases = floor.known.phrases
    folded = fold(heard.text)
    if phrases.speaks_of("new_one", folded):
        take_new_instead(floor)
        return True
    if phrases.is_one_of("yes", folded) or phrases.speaks_of("go_on", folded):
        return True
    return False


def take_new_instead(floor: Floor) -> None:
    """The later draft is taken up and the old one is left."""
    floor.change(draft=floor.conversation.later, later=None, asked=None, offered=())
    floor.new_words = True


_ANSWERS = {
    Ask.DESCRIPTION: _answer_description,
    Ask.CATEGORY: _answer_category,
    Ask.LOCATION: _answer_location,
    Ask.PHOTO: _answer_photo,
    Ask.CONFIRM: _answer_confirm,
    Ask.CORRECTION: _answer_correction,
    Ask.DUPLICATE: _answer_duplicate,
    Ask.CONTINUE: _answer_continue,
}
