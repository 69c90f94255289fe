"""Choices: which one was meant, and what pressing it does.

Typing the number or the words of a choice is the same as pressing it, on every channel.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from core.conversation.after_filing import ask_reopen_reason, ask_status_of, rate, withdraw
from core.conversation.answering import (
    ask_what_to_correct,
    drop_draft,
    follow_existing,
    not_the_same,
    refuse_photo,
    set_category,
    take_new_instead,
)
from core.conversation.asides import hand_over
from core.conversation.asking import category_choices
from core.conversation.draft import PhotoWish
from core.conversation.effects import JoinReport, TakePhotosBack
from core.conversation.filing import file_draft
from core.conversation.filling import choose_commune
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.privacy import erase, keep_data
from core.message import Ask
from core.text import fold

_NUMBER = re.compile(r"(?:so|chon|bam|phim|nut|y|muc|cau)?\s*(?:so |phim )?(\d)")
_SPOKEN = {
    "mot": 1,
    "hai": 2,
    "ba": 3,
    "bon": 4,
    "tu": 4,
    "nam": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
    "khong": 0,
}
_ZERO_IS_A_PERSON = "human"


def chosen_value(floor: Floor, heard: Heard) -> str | None:
    """The semantic value that was pressed, or whose number or words were typed; None when neither."""
    event = heard.event
    if event.choice is not None:
        return event.choice
    if not heard.text or heard.photos:
        return None
    folded = fold(heard.text)
    offered = floor.conversation.offered
    number = _number(folded)
    if number == 0 and floor.manner.spoken:
        return _ZERO_IS_A_PERSON
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
    words = folded.removeprefix("bam ").removeprefix("so ").removeprefix("phim ")
    return _SPOKEN.get(words) if words != folded or folded in ("mot", "hai", "ba", "bon") else None


def is_bare_number(heard: Heard) -> bool:
    """Whether the message is nothing but the number of a choice."""
    return bool(heard.text) and _number(fold(heard.text)) is not None


def press(floor: Floor, heard: Heard, value: str) -> bool:
    """Do what the choice says. A press that has lost its meaning (an old message) does nothing but say so."""
    name, _, argument = value.partition(":")
    if _is_stale(floor, heard, name):
        _say_stale(floor)
        return True
    action = _PRESSED.get(name)
    if action is None:
        return False
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
        floor.say("stale_nothing")


def _confirm(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if draft is not None and draft.shown and floor.conversation.asked is Ask.CONFIRM:
        file_draft(floor)
    elif draft is None:
        _say_stale(floor)


def _edit(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if draft is None:
        floor.say("nothing_to_edit")
    elif argument == "what":
        floor.change_draft(rewrite="what")
    elif argument == "where":
        floor.change_draft(
            rewrite="where", where=replace(draft.where, times_asked=0, outside="", candidates=())
        )
    elif argument == "photos":
        floor.change_draft(rewrite="photos", shown=False)
    elif argument == "category":
        floor.put_question(Ask.CATEGORY, "ask_category_anew", *category_choices(floor, draft, 4))
    else:
        ask_what_to_correct(floor)


def _cancel(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_to_cancel")
    else:
        drop_draft(floor)


def _skip_photo(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_open")
    else:
        refuse_photo(floor)


def _skip_phone(floor: Floor, heard: Heard, argument: str) -> None:
    floor.change(about=None, asked=None)
    floor.say("phone_skipped")


def _new_report(floor: Floor, heard: Heard, argument: str) -> None:
    asked, last = floor.conversation.asked, floor.conversation.last_filed
    if asked is Ask.DUPLICATE:
        not_the_same(floor)
    elif asked is Ask.CONTINUE and floor.conversation.later is not None:
        take_new_instead(floor)
    elif floor.draft is not None:
        floor.say("draft_still_open")
    elif last is not None and last.late:
        draft = floor.open_draft(heard.event.event_id)
        floor.change(draft=replace(draft, photos=last.late, photo_wish=PhotoWish.DONE))
        floor.do(TakePhotosBack(last.code, last.late))
        floor.change(last_filed=replace(last, late=()))
        floor.say("photos_moved", count=len(last.late))
    else:
        floor.change(about=None)
        floor.open_draft(heard.event.event_id)


def _category(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_open")
    elif argument in floor.known.pack.categories:
        set_category(floor, argument)


def _place(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if argument == "pin":
        floor.put_question(Ask.LOCATION, f"how_to_pin_{floor.manner.location}")
    elif argument in floor.known.pack.places.communes:
        if floor.conversation.emergency and floor.conversation.asked is Ask.LOCATION:
            floor.do(JoinReport(floor.conversation.emergency, commune=argument))
            floor.change(emergency=None)
            floor.say("emergency_place_passed_on")
        elif draft is not None:
            floor.change(draft=replace(choose_commune(draft, argument), rewrite=""))
            floor.new_place = True
        else:
            floor.say("nothing_open")


def _follow(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.conversation.asked is Ask.DUPLICATE:
        follow_existing(floor)
    else:
        _say_stale(floor)


def _human(floor: Floor, heard: Heard, argument: str) -> None:
    hand_over(floor, heard)


def _use_voice(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is not None and floor.draft.voices:
        floor.change(draft=floor.draft.marked("voice"))


def _done(floor: Floor, heard: Heard, argument: str) -> None:
    floor.change(about=None)
    floor.say("goodbye")


def _report_anyway(floor: Floor, heard: Heard, argument: str) -> None:
    floor.open_draft(heard.event.event_id)


def _resume(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_open")


def _start(floor: Floor, heard: Heard, argument: str) -> None:
    floor.say("how_to_start")


_PRESSED: dict[str, Callable[[Floor, Heard, str], None]] = {
    "confirm": _confirm,
    "edit": _edit,
    "cancel": _cancel,
    "skip_photo": _skip_photo,
    "skip_phone": _skip_phone,
    "new_report": _new_report,
    "category": _category,
    "place": _place,
    "follow": _follow,
    "human": _human,
    "use_voice": _use_voice,
    "done": _done,
    "resume": _resume,
    "report_anyway": _report_anyway,
    "how_to": _start,
    "rate": lambda floor, heard, argument: rate(floor, argument),
    "reopen": lambda floor, heard, argument: ask_reopen_reason(floor),
    "no_reopen": lambda floor, heard, argument: _done(floor, heard, argument),
    "withdraw": lambda floor, heard, argument: withdraw(floor),
    "keep": lambda floor, heard, argument: _kept(floor),
    "status": lambda floor, heard, argument: ask_status_of(floor, argument),
    "erase": lambda floor, heard, argument: erase(floor) if argument == "yes" else keep_data(floor),
}

_BINDING = frozenset({"confirm", "cancel", "withdraw", "erase", "follow", "rate", "skip_phone"})
"""Choices that act on what the last message showed."""


def _kept(floor: Floor) -> None:
    floor.change(about=None)
    floor.say("kept")
