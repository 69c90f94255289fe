"""Pressing a choice: what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.conversation.asides import hand_over
from core.conversation.asking import category_choices
from core.conversation.correcting import ask_what_to_correct, rewrite
from core.conversation.draft import PhotoWish
from core.conversation.duplicates import follow_existing, not_the_same, take_new_instead
from core.conversation.effects import TakePhotosBack
from core.conversation.emergency import choose_place_of_emergency
from core.conversation.filing import file_draft
from core.conversation.filling import choose_commune
from core.conversation.floor import Floor
from core.conversation.grouping import ask_category_anew, set_category
from core.conversation.heard import Heard
from core.conversation.leaving import drop_draft, keep_draft
from core.conversation.photographing import refuse_photo
from core.conversation.privacy import erase, keep_data
from core.conversation.rating import ask_reopen_reason, rate
from core.conversation.reaching import skip_phone
from core.conversation.status import ask_status_of
from core.conversation.withdrawing import keep, take_back, withdraw
from core.message import Ask


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
        say_nothing_to_edit(floor, heard)
    elif argument:
        edit_part(floor, argument)
    else:
        ask_what_to_correct(floor)


def _cancel(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        floor.say("nothing_to_cancel")
        floor.settled = True
    else:
        drop_draft(floor)


def _skip_photo(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        say_nothing_open(floor, heard)
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
        open_new(floor, heard)


def _category(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        say_nothing_open(floor, heard)
    elif argument in floor.known.pack.categories:
        set_category(floor, argument)


def _place(floor: Floor, heard: Heard, argument: str) -> None:
    draft = floor.draft
    if argument == "pin":
        floor.put_question(Ask.LOCATION, f"how_to_pin_{floor.manner.location}")
    elif argument == "elsewhere":
        if draft is None:
            say_nothing_open(floor, heard)
        else:
            floor.change_draft(where=replace(draft.where, candidates=draft.where.candidates[1:]))
    elif argument not in floor.known.pack.places.communes or choose_place_of_emergency(floor, argument):
        return
    elif draft is not None:
        floor.change(draft=replace(choose_commune(draft, argument), rewrite=""))
        floor.new_place = True
    else:
        say_nothing_open(floor, heard)


def _follow(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.conversation.asked is Ask.DUPLICATE:
        follow_existing(floor)
    else:
        _say_stale(floor)


def _use_voice(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        say_nothing_open(floor, heard)
    elif floor.draft.voices:
        floor.change(draft=floor.draft.marked("voice"))


def _done(floor: Floor, heard: Heard, argument: str) -> None:
    floor.change(about=None, asked=None)
    floor.say("goodbye")
    floor.go_back()


def _resume(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is None:
        say_nothing_open(floor, heard)
    floor.again = True


def _withdraw(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.conversation.asked is Ask.WITHDRAW:
        withdraw(floor)
    else:
        _say_stale(floor)


def _keep(floor: Floor, heard: Heard, argument: str) -> None:
    if floor.draft is not None and floor.conversation.asked is not Ask.WITHDRAW:
        keep_draft(floor)
    else:
        keep(floor)


def _erase(floor: Floor, heard: Heard, argument: str) -> None:
    if argument != "yes":
        keep_data(floor)
    elif floor.conversation.asked is Ask.ERASE:
        erase(floor)
    else:
        _say_stale(floor)


# -- what is done from elsewhere too ------------------------------------------------------------------


def say_nothing_open(floor: Floor, heard: Heard) -> None:
    floor.put_question(None, "nothing_open")
    floor.go_back()


def say_nothing_to_edit(floor: Floor, heard: Heard) -> None:
    floor.say("nothing_to_edit")
    floor.go_back()


def open_new(floor: Floor, heard: Heard) -> None:
    floor.change(about=None)
    floor.open_draft(heard.event.event_id)


def edit_part(floor: Floor, part: str) -> None:
    draft = floor.draft
    if draft is None:
        return
    if part == "category":
        ask_category_anew(floor, category_choices(floor, draft, 4, anew=True))
    else:
        rewrite(floor, draft, part)


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
    "report_anyway": lambda floor, heard, argument: open_new(floor, heard),
    "rate": lambda floor, heard, argument: rate(floor, argument),
    "reopen": lambda floor, heard, argument: ask_reopen_reason(floor),
    "no_reopen": _done,
    "withdraw": _withdraw,
    "take_back": lambda floor, heard, argument: take_back(floor, argument),
    "keep": _keep,
    "status": lambda floor, heard, argument: ask_status_of(floor, argument),
    "erase": _erase,
}

_BINDING = frozenset({"confirm", "cancel", "withdraw", "erase", "follow", "rate", "skip_phone"})
"""Choices that act on what the last message showed."""
