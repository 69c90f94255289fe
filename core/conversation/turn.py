"""The talk: one turn from what was heard to what is said. Pure, total, and given the time.

`RULES` are the rules of the talk, in their order; the first that takes a message has it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from core.conversation.after_filing import (
    answer_result_question,
    ask_status,
    feedback_unasked,
    late_addition,
    report_news,
    withdraw_filed,
)
from core.conversation.answering import answer_draft_question, cancel_draft
from core.conversation.asides import (
    complaint,
    greet_or_help,
    not_understood,
    officer_has_the_talk,
    start,
    to_a_person,
    unsupported,
    write_to_me_alone,
)
from core.conversation.asking import ask_next
from core.conversation.choices import chosen_value, is_bare_number, press
from core.conversation.danger import danger_first, place_of_emergency
from core.conversation.floor import Floor, Turn
from core.conversation.hanging_up import hang_up, say_what_follows
from core.conversation.heard import Heard, Known
from core.conversation.privacy import erase_at_once, privacy_request
from core.conversation.state import Conversation
from core.conversation.telling import acknowledge, edit_earlier, take_attachments, take_up_later, tell_matter
from core.message import Ask, InboundKind

Rule = Callable[[Floor, Heard], bool]


def take_turn(conversation: Conversation, heard: Sequence[Heard], known: Known, now: datetime) -> Turn:
    """The next state, the answer and the effects of a burst of events of one conversation.

    `heard` is not empty and in the order in which it happened. Any event in any state gives a valid state;
    everything a citizen sends gets an answer, unless an officer has the talk.
    """
    first = heard[0].event
    manner = known.phrases.manner(first.address.channel, volunteer=conversation.volunteer)
    floor = Floor(first.address, conversation, known, now, manner)
    for event in heard:
        floor.settled = False
        hear(floor, event)
    if not floor.settled and not floor.silent:
        go_on(floor)
    return say_what_follows(floor.turn(), manner)


def hear(floor: Floor, heard: Heard) -> None:
    """One event: its own kind's rule, or the first rule of the talk that takes it."""
    special = SPECIAL.get(heard.event.kind)
    if special is not None:
        special(floor, heard)
        return
    floor.silent = False
    if heard.cut:
        floor.say("text_cut")
    for rule in RULES:
        if rule(floor, heard):
            return
    not_understood(floor, heard)


def go_on(floor: Floor) -> None:
    """No question is put yet: say what was taken in and ask for what is missing."""
    if floor.draft is None:
        take_up_later(floor)
    if floor.draft is not None:
        acknowledge(floor)
        ask_next(floor)


def choice(floor: Floor, heard: Heard) -> bool:
    """A pressed choice, or its number or words typed."""
    value = chosen_value(floor, heard)
    if value is not None:
        return press(floor, heard, value)
    if is_bare_number(heard) and floor.conversation.asked not in (Ask.RATING, Ask.DESCRIPTION, Ask.LOCATION):
        not_understood(floor, heard)  # a number of nothing that was offered
        return True
    return False


SPECIAL: dict[InboundKind, Callable[[Floor, Heard], None]] = {
    InboundKind.START: start,
    InboundKind.UNSUPPORTED: unsupported,
    InboundKind.GROUP: write_to_me_alone,
    InboundKind.EDIT: edit_earlier,
    InboundKind.STAFF_ECHO: officer_has_the_talk,
    InboundKind.ERASURE: erase_at_once,
    InboundKind.BLOCKED: lambda floor, heard: _left(floor),
    InboundKind.HUNG_UP: hang_up,
    InboundKind.NEWS: report_news,
}

RULES: tuple[Rule, ...] = (
    danger_first,  # rule 2: a life in danger waits behind nothing
    choice,
    privacy_request,
    complaint,  # rule 10: another procedure
    to_a_person,  # rule 11: one step away
    place_of_emergency,
    answer_result_question,  # rule 9: rating, reason, a neighbour's phone, withdrawing
    cancel_draft,  # rule 7
    late_addition,  # rule 7: a photo that comes after filing
    take_attachments,  # rule 1: any order
    answer_draft_question,  # rules 3–6: the answer to what was asked
    ask_status,
    feedback_unasked,
    withdraw_filed,
    tell_matter,  # rule 1
    greet_or_help,
)


def _left(floor: Floor) -> None:
    floor.silent = True
