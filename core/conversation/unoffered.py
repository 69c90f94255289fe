"""Words of a choice that is not on offer: done where that has a clear sense, else said that it has none."""

from __future__ import annotations

from collections.abc import Callable

from core.conversation.consent import wants_it_sent
from core.conversation.correcting import ask_what_to_correct
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.leaving import keep_draft
from core.conversation.pressing import edit_part, open_new, say_nothing_open, say_nothing_to_edit
from core.conversation.rating import ask_reopen_reason, rate
from core.message import Ask


def use_unoffered(floor: Floor, heard: Heard) -> bool:
    """“Sửa”, “gửi đi” while nothing of the kind is offered."""
    if not heard.text or heard.photos or heard.event.choice is not None:
        return False
    if floor.draft is not None:
        return _unoffered_in_draft(floor, heard.text)
    if floor.conversation.asked is not None:
        return False
    for names, answer in _IDLE_WORDS:
        if any(floor.known.phrases.is_one_of(name, heard.text) for name in names):
            answer(floor, heard)
            return True
    return False


def _unoffered_in_draft(floor: Floor, text: str) -> bool:
    phrases, draft = floor.known.phrases, floor.draft
    if draft is None:
        return False
    if phrases.is_one_of("edit", text):
        ask_what_to_correct(floor)
        return True
    if phrases.is_one_of("resume", text):
        keep_draft(floor)
        return True
    if floor.conversation.asked in (Ask.DESCRIPTION, Ask.LOCATION):
        return False
    for part in ("what", "where", "category", "photos"):
        if phrases.is_one_of(f"edit:{part}", text):
            edit_part(floor, part)
            return True
    return False


def _say_sent_already(floor: Floor, heard: Heard) -> None:
    """“Gửi đi” with nothing to send; a mere “vâng” needs no more than a word back."""
    last = floor.conversation.last_filed
    if not wants_it_sent(heard.text, floor.known.phrases):
        floor.say("okay")
    elif last is not None:
        floor.say("already_filed", code=last.code)
    else:
        floor.put_question(None, "nothing_open")
    floor.go_back()


def _say_okay(floor: Floor, heard: Heard) -> None:
    floor.say("okay")
    floor.go_back()


def _rate_unasked(floor: Floor, heard: Heard) -> None:
    ratings = ("unsatisfied", "acceptable", "satisfied")
    rating = next(r for r in ratings if floor.known.phrases.is_one_of(f"rate:{r}", heard.text))
    rate(floor, rating)


_IDLE_WORDS: tuple[tuple[tuple[str, ...], Callable[[Floor, Heard], None]], ...] = (
    (("edit", "edit:what", "edit:where", "edit:category", "edit:photos"), say_nothing_to_edit),
    (("resume", "place:pin", "use_voice"), say_nothing_open),
    (("start_anew", "report_anyway"), open_new),
    (("reopen",), lambda floor, heard: ask_reopen_reason(floor)),
    (("confirm", "yes"), _say_sent_already),
    (("rate:unsatisfied", "rate:acceptable", "rate:satisfied"), _rate_unasked),
    (("no_photo", "skip_phone", "no", "done", "keep", "erase:no", "dont_know"), _say_okay),
)
