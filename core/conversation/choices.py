"""Choices: which one was meant, and what pressing it does.

Typing the number or the words of a choice is the same as pressing it, on every channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from core.conversation.answering import refuse_photo
from core.conversation.asides import hand_over
from core.conversation.asking import category_choices
from core.conversation.correcting import ask_category_anew, ask_what_to_correct, rewrite, set_category
from core.conversation.draft import PhotoWish
from core.conversation.duplicates import follow_existing, not_the_same, take_new_instead
from core.conversation.effects import TakePhotosBack
from core.conversation.emergency import choose_place_of_emergency
from core.conversation.filing import file_draft
from core.conversation.filling import choose_commune
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.leaving import drop_draft
from core.conversation.privacy import erase, keep_data
from core.conversation.rating import ask_reopen_reason, rate
from core.conversation.reaching import skip_phone
from core.conversation.status import ask_status_of
from core.conversation.withdrawing import keep, withdraw
from core.message import Ask
from core.text import fold

_NUMBER = re.compile(r"(?:so|chon|bam|phim|nut|y|muc|cau)?\s*(?:so |phim )?(\d)")
_SPOKEN = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8,
    "chin": 9,
}  # fmt: skip
_ALONE = frozenset({"mot", "hai", "ba", "bon"})
"""Numbers that mean a choice without “bấm” or “số” before them; the others are also other words."""
_BEFORE_NUMBER = ("bam ", "chon ", "so ", "phim ")


def chosen_value(floor: Floor, heard: Heard) -> str | None:
    """The semantic value that was pressed, or whose number or words were typed; None when neither."""
    if heard.event.choice is not None:
        return heard.event.choice
    if not heard.text or heard.photos:
        return None
    folded = fold(heard.text)
    offered = floor.conversation.offered
    number = _number(folded)
    if number == 0 and floor.manner.spoken:
        return "human"
    if number is not None:
        return offered[number - 1].value if 1 <= number <= len(offered) else None
    for choice in offered:
        if folded == fold(choice.label) or floor.known.phrases.is_one_of(choice.value, folded):
            return choice.value
    return None


def _number(folded: str) -> int | None:
    match = _NUMBER.fullmatch(folded)
    if match:
        return int(match.group(1))
    words = folded
    for prefix in _BEFORE_NUMBER:
        words = words.removeprefix(prefix)
    return _SPOKEN.get(words) if words != folded or folded in _ALONE else None


def is_bare_number(heard: Heard) -> bool:
    """Whether the message is nothing but the number of a choice."""
    return bool(heard.text) and _number(fold(heard.text)) is not None


# -- words of choices that are not on offer --------------------------------------------------------------


def use_unoffered(floor: Floor, heard: Heard) -> bool:
    """Words of a choice that is not on offer: done where that has a clear sense, else said that it has
    none.
    """
    if not heard.text or heard.photos:
        return False
    folded = fold(heard.text)
    if floor.draft is not None:
        return _unoffered_in_draft(floor, folded)
    if floor.conversation.asked is not None:
        return False
    for names, answer in _IDLE_WORDS:
        if any(floor.known.phrases.is_one_of(name, folded) for name in names):
            answer(floor, heard)
            return True
    return False


def _unoffered_in_draft(floor: Floor, folded: str) -> bool:
    phrases, draft = floor.known.phrases, floor.draft
    if draft is None:
        return False
    if phrases.is_one_of("edit", folded):
        ask_what_to_correct(floor)
        return True
    if floor.conversation.asked in (Ask.DESCRIPTION, Ask.LOCATION):
        return False
    for part in ("what", "where", "category", "photos"):
        if phrases.is_one_of(f"edit:{part}", folded):
            _edit_part(floor, part)
            return True
    return False


def _say_sent_already(floor: Floor, heard: Heard) -> None:
    """“Gửi đi” with nothing to send; a mere “vâng” needs no more than a word back."""
    last = floor.conversation.last_filed
    if not floor.known.phrases.speaks_of("send", fold(heard.text)):
        floor.say("okay")
    elif last is not None:
        floor.say("already_filed", code=last.code)
    else:
        floor.put_question(None, "nothing_open")
    floor.go_back()


def _say_okay(floor: Floor, heard: Heard) -> None:
    floor.say("okay")
    floor.go_back()


def _say_nothing_open(floor: Floor, heard: Heard) -> None:
    floor.put_question(None, "nothing_open")
    floor.go_back()


def _say_nothing_to_edit(floor: Floor, heard: Heard) -> None:
    floor.say("nothing_to_edit")
    floor.go_back()


def _open_new(floor: Floor, heard: Heard) -> None:
    floor.change(about=None)
    floor.open_draft(heard.event.event_id)


def _rate_unasked(floor: Floor, heard: Heard) -> None:
    folded = fold(heard.text)
    ratings = ("unsatisfied", "acceptable", "satisfied")
    rating = next(r for r in ratings if floor.known.phrases.is_one_of(f"rate:{r}", folded))
    rate(floor, rating)


_IDLE_WORDS: tuple[tuple[tuple[str, ...], Callable[[Floor, Heard], None]], ...] = (
    (("edit", "edit:what", "edit:where", "edit:category", "edit:photos"), _say_nothing_to_edit),
    (("resume", "place:pin", "use_voice"), _say_nothing_open),
    (("start_anew", "report_anyway"), _open_new),
    (("reopen",), lambda floor, heard: ask_reopen_reason(floor)),
    (("confirm", "yes"), _say_sent_already),
    (("rate:unsatisfied", "rate:acceptable", "rate:satisfied"), _rate_unasked),
    (("no_photo", "skip_phone", "no", "done", "keep", "erase:no", "dont_know"), _say_okay),
)


# -- pressing --------------------------------------------------------------------------------------------


def press(floor: Floor, heard: Heard, value: str) -> bool:
    """Do what the choice says. A press that has lost its meaning (an old message) does nothing but say so."""
    name, _, argument = value.partition(":")
    action = _PRESSED.get(name)
    if action is None:
        return False
    floor.change(unheard=0)
    if _is_stale(floor, heard, name):
        _say_stale(floor)
    else:
        action(floor, heard, argument)
    return True


def _is_stale(floor: Floor, heard: Heard, name: str) -> bool:
    """Whether a choice of an older message was pressed that would now act on something else."""
    turn = heard.event.choice_turn
    return name in _BINDING and turn is not None and turn != floor.conversation.offered_turn


def _say_stale(floor: Floor) -> None:
    last = floor.conversation.last_filed
    if floor.draft is not None:
        floor.say("stale_choice")
    elif last is not None:
        floor.say("already_filed", code=last.code)
    else:
        floor.put_question(None, "stale_nothing")
    floor.go_back()


def _confirm(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if draft is not None and draft.shown and floor.conversation.asked is Ask.CONFIRM:
        file_draft(floor)
    elif draft is None:
        _say_stale(floor)


def _edit(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        _say_nothing_to_edit(floor, heard)
    elif argument:
        _edit_part(floor, argument)
    else:
        ask_what_to_correct(floor)


def _edit_part(floor: Floor, part: str) -> None:
    draft = floor.draft
    if draft is None:
        return
    if part == "category":
        ask_category_anew(floor, category_choices(floor, draft, 4))
    else:
        rewrite(floor, draft, part)


def _cancel(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_to_cancel")
        floor.settled = True
    else:
        drop_draft(floor)


def _skip_photo(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        _say_nothing_open(floor, heard)
    else:
        refuse_photo(floor)


def _new_report(floor: Floor, heard: Heard, argument: str) -> None:
    asked, last = floor.conversation.asked, floor.conversation.last_filed
    if asked is Ask.DUPLICATE:
        not_the_same(floor)
    elif asked is Ask.CONTINUE and floor.conversation.later:
        take_new_instead(floor)
    elif floor.draft is not None:
        floor.say("draft_still_open")
        floor.again = True
    elif last is not None and last.late:
        draft = floor.open_draft(heard.event.event_id)
        floor.change(draft=replace(draft, photos=last.late, photo_wish=PhotoWish.DONE))
        floor.do(TakePhotosBack(last.code, last.late))
        floor.change(last_filed=replace(last, late=()))
        floor.say("photos_moved", count=len(last.late))
    else:
        _open_new(floor, heard)


def _category(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        _say_nothing_open(floor, heard)
    elif argument in floor.known.pack.categories:
        set_category(floor, argument)


def _place(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if argument == "pin":
        floor.put_question(Ask.LOCATION, f"how_to_pin_{floor.manner.location}")
    elif argument not in floor.known.pack.places.communes or choose_place_of_emergency(floor, argument):
        return
    elif draft is not None:
        floor.change(draft=replace(choose_commune(draft, argument), rewrite=""))
        floor.new_place = True
    else:
        _say_nothing_open(floor, heard)


def _follow(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.conversation.asked is Ask.DUPLICATE:
        follow_existing(floor)
    else:
        _say_stale(floor)


def _use_voice(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        _say_nothing_open(floor, heard)
    elif floor.draft.voices:
        floor.change(draft=floor.draft.marked("voice"))


def _done(floor: Floor, heard: Heard, argument: str) -> None:
    floor.change(about=None, asked=None)
    floor.say("goodbye")
    floor.go_back()


def _resume(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        _say_nothing_open(floor, heard)
    floor.again = True


def _withdraw(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.conversation.asked is Ask.WITHDRAW:
        withdraw(floor)
    else:
        _say_stale(floor)


def _erase(floor: Floor, heard: Heard, argument: str) -> None:
    if argument != "yes":
        keep_data(floor)
    elif floor.conversation.asked is Ask.ERASE:
        erase(floor)
    else:
        _say_stale(floor)


_PRESSED: dict[str, Callable[[Floor, Heard, str], None]] = {
    "confirm": _confirm,
    "edit": _edit,
    "cancel": _cancel,
    "skip_photo": _skip_photo,
    "skip_phone": lambda floor, heard, argument: skip_phone(floor),
    "new_report": _new_report,
    "category": _category,
    "place": _place,
    "follow": _follow,
    "human": lambda floor, heard, argument: hand_over(floor, heard),
    "use_voice": _use_voice,
    "done": _done,
    "resume": _resume,
    "report_anyway": lambda floor, heard, argument: _open_new(floor, heard),
    "rate": lambda floor, heard, argument: rate(floor, argument),
    "reopen": lambda floor, heard, argument: ask_reopen_reason(floor),
    "no_reopen": _done,
    "withdraw": _withdraw,
    "keep": lambda floor, heard, argument: keep(floor),
    "status": lambda floor, heard, argument: ask_status_of(floor, argument),
    "erase": _erase,
}

_BINDING = frozenset({"confirm", "cancel", "withdraw", "erase", "follow", "rate", "skip_phone"})
"""Choices that act on what the last message showed."""
