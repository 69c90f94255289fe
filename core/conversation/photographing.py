"""Photos in words: refused, promised, asked how; asked for once and never insisted on."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.address import begins_with_place
from core.conversation.consent import holds_back, is_yes, wants_it_sent
from core.conversation.draft import PhotoWish
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed, knows_matter, names_place
from core.conversation.second_matter import begin_or_add
from core.conversation.tokens import covered, terms, tokens_of
from core.message import Ask
from core.text import fold

SHORT_TALK = 10
"""Words in the longest message about taking a photo that is taken for nothing else."""
SHORT_REFUSAL = 9
_REFUSALS = ("refuses", "enough", "not_needed")
_PROMISES = ("photo_coming", "photo_later", "photo_how")


def refuse_photo_in_words(floor: Floor, heard: Heard) -> bool:
    """“Không có ảnh”, whether or not it was asked; asked, any short refusal will do."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or not folded or heard.photos or draft.rewrite == "what":
        return False
    asked = floor.conversation.asked is Ask.PHOTO
    if asked and any(phrases.speaks_of(name, folded) for name in _PROMISES):
        return False
    if asked and (phrases.is_one_of("no_photo", heard.text) or refuses(floor, heard, folded)):
        refuse_photo(floor)
        return True
    if asked and _refuses_and_goes_on(floor, heard):
        return True
    if phrases.speaks_of("no_photo", folded) and len(folded.split()) <= SHORT_REFUSAL:
        refuse_photo(floor)
        if floor.conversation.asked is Ask.CATEGORY:
            floor.change_draft(category_asked=True)
        return True
    return False


def refuses(floor: Floor, heard: Heard, folded: str) -> bool:
    """Whether the message is a short “không …” and names no place; “nó to thêm” tells of the matter."""
    phrases = floor.known.phrases
    if names_place(heard) or phrases.speaks_of("of_it", folded):
        return False
    if phrases.speaks_of("begins_with_it", heard.text.lower()):  # typed without marks “nó” and “nỏ” are alike
        return False
    return any(phrases.speaks_of(name, folded) for name in _REFUSALS)


def _refuses_and_goes_on(floor: Floor, heard: Heard) -> bool:
    """“Không có, chỗ gần chợ ấy”: the refusal, and what follows it when that tells of place or matter."""
    phrases = floor.known.phrases
    first = next((token for token in tokens_of(heard.text) if token.opens), None)
    if first is None or not phrases.is_one_of("no_photo", heard.text[: first.start]):
        return False
    refuse_photo(floor)
    rest = _from(heard, first.start)
    words = tokens_of(rest.text)
    near = bool(words) and any(covered(words[:2], terms(phrases, "near")))
    tells = names_place(rest) or begins_with_place(rest.text, phrases) or near
    tells = tells or knows_matter(heard)
    if tells and not phrases.is_reserved(fold(rest.text)):
        begin_or_add(floor, rest)
    return True


def _from(heard: Heard, start: int) -> Heard:
    """The message from a character on; what was understood of the whole stands for the rest."""
    rest, place, meaning = heard.text[start:], heard.place, heard.understanding
    if place is not None:
        spans = tuple((a - start, b - start) for a, b in place.spans if a >= start)
        place = replace(place, spans=spans) if spans else None
    if meaning is not None:
        told = meaning.place_text if meaning.place_text and meaning.place_text in rest else None
        meaning = replace(meaning, intent="report", matter=rest, place_text=told)
    return replace(heard, text=rest, place=place, understanding=meaning)


def answer_photo(floor: Floor, heard: Heard) -> bool:
    """What is said to “có ảnh không?”, other than a refusal."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if phrases.speaks_of("photo_how", folded):
        floor.put_question(Ask.PHOTO, f"how_to_photo_{floor.manner.location}", floor.choice("skip_photo"))
        return True
    if phrases.speaks_of("photo_later", folded):
        floor.say("photo_later")
        refuse_photo(floor)
        return True
    if phrases.speaks_of("photo_coming", folded) or _talks_of_photos(floor, heard, folded):
        _await_photo(floor)
        return True
    if wants_it_sent(heard.text, phrases) and not knows_matter(heard) and not names_place(heard):
        refuse_photo(floor)  # “thôi cứ gửi đi”: the summary, not the sending
        return True
    believed = is_believed(heard, "confirm") and not knows_matter(heard)
    if is_yes(heard.text, phrases) or (believed and not holds_back(heard.text, phrases)):
        _await_photo(floor)
        return True
    return False


def _talks_of_photos(floor: Floor, heard: Heard, folded: str) -> bool:
    tells = names_place(heard) or knows_matter(heard)
    short = len(folded.split()) <= SHORT_TALK
    return short and not tells and floor.known.phrases.speaks_of("photo_talk", folded)


def _await_photo(floor: Floor) -> None:
    """There is one: we wait for it. Said a second time it is waited for no longer; it may come later."""
    draft = floor.draft
    if draft is not None and draft.photo_wish is PhotoWish.AWAITED:
        floor.say("photo_later")
        refuse_photo(floor)
        return
    floor.change_draft(photo_wish=PhotoWish.AWAITED)
    floor.put_question(Ask.PHOTO, "photo_waiting", floor.choice("skip_photo"))


def refuse_photo(floor: Floor) -> None:
    """No photo is asked for any more; one that comes is welcome."""
    draft = floor.draft
    if draft is not None:
        rewrite = "" if draft.rewrite == "photos" else draft.rewrite
        floor.change_draft(photo_wish=PhotoWish.DONE, rewrite=rewrite)
