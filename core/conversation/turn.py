"""The talk: one turn from what was heard to what is said. Pure, total, and given the time.

`RULES` are the rules of the talk, in their order; the first that takes a message has it. `BEFORE` they do,
the message is read again; `AFTER` them come those who listen to all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from core.conversation.answering import answer_draft_question
from core.conversation.asides import (
    complaint,
    greet_or_help,
    not_understood,
    officer_has_the_talk,
    officer_listens,
    start,
    to_a_person,
    unsupported,
    write_to_me_alone,
)
from core.conversation.asking import ask_next
from core.conversation.attachments import keep_voice, remember_voice, take_attachments
from core.conversation.bringing_back import bring_back
from core.conversation.choices import chosen_value, is_bare_number
from core.conversation.code_again import tell_code_again
from core.conversation.correcting import add_detail, correct_by_words
from core.conversation.courtesy import beside_courtesy
from core.conversation.danger import danger_first
from core.conversation.dropping_photos import drop_photos
from core.conversation.emergency import follow_emergency
from core.conversation.facts import tell_facts
from core.conversation.floor import Floor, Turn
from core.conversation.for_whom import as_told_for, correct_whom
from core.conversation.hanging_up import hang_up, say_what_follows
from core.conversation.heard import Heard, Known
from core.conversation.late import answer_after_filing, late_addition
from core.conversation.leaving import as_meant, cancel_draft, put_off, resume_draft
from core.conversation.listing import point_at_listed
from core.conversation.news import report_news
from core.conversation.no_danger import as_of_the_matter
from core.conversation.objecting import object_unasked
from core.conversation.on_the_phone import mind_the_talk
from core.conversation.photographing import refuse_photo_in_words
from core.conversation.pressing import press
from core.conversation.privacy import erase_at_once, privacy_request
from core.conversation.questions import answer_question
from core.conversation.rating import feedback_unasked
from core.conversation.reaching import keep_phone
from core.conversation.remarks import hear_remark
from core.conversation.rudeness import beside_rudeness
from core.conversation.same_place import place_as_before
from core.conversation.second_matter import BREAK, take_up_later
from core.conversation.secrecy import keep_secret
from core.conversation.solved import hear_solved
from core.conversation.spot_told import tell_spot
from core.conversation.state import Conversation
from core.conversation.status import ask_status
from core.conversation.taking_back import take_back_alarm
from core.conversation.telling import acknowledge, edit_earlier, tell_matter
from core.conversation.unoffered import use_unoffered
from core.conversation.withdrawing import withdraw_filed
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
    draft = conversation.draft
    floor.after_break = draft is not None and now - draft.touched_at >= BREAK
    for event in heard:
        hear(floor, event)
    if (not floor.settled and not floor.silent) or _next_is_due(floor, conversation):
        go_on(floor)
    if floor.says_nothing and not floor.silent:
        not_understood(floor, heard[-1])
    return say_what_follows(floor.turn(), floor.manner)


def hear(floor: Floor, heard: Heard) -> None:
    """One event: its own kind's rule, or the first rule of the talk that takes it."""
    floor.settled = floor.again = False
    remember_voice(floor, heard)
    special = SPECIAL.get(heard.event.kind)
    if special is not None:
        special(floor, heard)
        return
    floor.silent = False
    if heard.cut:
        floor.say("text_cut")
    for reread in BEFORE:
        heard = reread(floor, heard)
    if not any(rule(floor, heard) for rule in RULES):
        not_understood(floor, heard)
    for listen in AFTER:
        listen(floor, heard)


def _next_is_due(floor: Floor, before: Conversation) -> bool:
    """The neighbour's phone was answered for: a matter that was told meanwhile is next."""
    answered = before.asked is Ask.PHONE and floor.ask is None and floor.draft is None
    return answered and bool(floor.conversation.later) and not floor.silent and not floor.alarm


def go_on(floor: Floor) -> None:
    """No question is put yet: say what was taken in and ask for what is missing."""
    if floor.draft is None:
        take_up_later(floor)
    if floor.draft is not None:
        acknowledge(floor)
        ask_next(floor, again=floor.again)


def choice(floor: Floor, heard: Heard) -> bool:
    """A pressed choice, or its number or words typed."""
    value = chosen_value(floor, heard)
    if value is not None:
        return press(floor, heard, value)
    if is_bare_number(heard, floor.known.phrases) and not _is_number_asked(floor):
        not_understood(floor, heard)  # a number of nothing that was offered
        return True
    return False


def _is_number_asked(floor: Floor) -> bool:
    """Whether a number alone may be the answer: stars, or what an agency wanted to know."""
    asked = floor.conversation.asked
    return asked is Ask.RATING or (asked is Ask.DESCRIPTION and floor.draft is None)


def _left(floor: Floor, heard: Heard) -> None:
    """The citizen blocked or left us: nothing can be said."""
    floor.change(blocked=True)
    floor.silent = True


SPECIAL: dict[InboundKind, Callable[[Floor, Heard], None]] = {
    InboundKind.START: start,
    InboundKind.UNSUPPORTED: unsupported,
    InboundKind.GROUP: write_to_me_alone,
    InboundKind.EDIT: edit_earlier,
    InboundKind.STAFF_ECHO: officer_has_the_talk,
    InboundKind.ERASURE: erase_at_once,
    InboundKind.BLOCKED: _left,
    InboundKind.HUNG_UP: hang_up,
    InboundKind.NEWS: report_news,
}

BEFORE: tuple[Callable[[Floor, Heard], Heard], ...] = (
    as_meant,  # “gần nhà anh Huy” is no cancel
    beside_rudeness,
    beside_courtesy,  # rule 1: “chào em, …” may tell something
    as_of_the_matter,  # “nó sâu lắm rồi” is no danger
    as_told_for,  # rule 8: a volunteer's next neighbour
)
"""What every message is read again by, before any rule: each takes it as the one before left it."""

RULES: tuple[Rule, ...] = (
    danger_first,  # rule 2: a life in danger waits behind nothing
    officer_listens,  # rule 11: a person has the talk
    bring_back,  # rule 7: a cancel taken back
    choice,
    use_unoffered,  # “gửi đi”, “sửa”: words of a choice that is not on offer
    point_at_listed,  # one of the list of their own
    privacy_request,  # whose data it is; secrecy and consent, too
    complaint,  # rule 10: another procedure
    to_a_person,  # rule 11: one step away
    take_back_alarm,  # rule 7: “nhầm, khói bếp thôi” after a call for help
    follow_emergency,  # its place, further words, “gọi rồi”
    correct_whom,  # rule 8: “o Lài chứ không phải o Lựu”
    answer_after_filing,  # rule 9: rating, reason; a neighbour's phone, withdrawing, what the agency asked
    object_unasked,  # “sao lại không nhận?” of the report refused last
    tell_code_again,  # rule 6: “mã số mấy, đọc lại đi”
    hear_solved,  # “có nước lại rồi”
    mind_the_talk,  # “chờ bác tí”, “nói to lên”
    tell_facts,  # who deals with it, by when
    answer_question,  # “gửi vị trí kiểu gì”, “làm căn cước ở đâu”
    keep_phone,  # rule 1: a number alone is how to reach them
    withdraw_filed,  # rule 7
    drop_photos,  # rule 7: “bỏ ảnh đi”
    cancel_draft,  # rule 7
    put_off,  # rule 7: nothing is lost, nothing is sent
    late_addition,  # rule 7: a photo that comes after filing
    take_attachments,  # rule 1: any order
    refuse_photo_in_words,  # rule 5
    resume_draft,
    hear_remark,  # “mạng lag quá”
    correct_by_words,  # rule 7: “à nhầm…”
    add_detail,  # rule 1: “thêm là …”
    tell_spot,  # rule 1: “thôn 4”, “trước nhà ông Sáu”, whatever was asked
    answer_draft_question,  # rules 3–6: the answer to what was asked
    ask_status,
    feedback_unasked,
    tell_matter,  # rule 1
    greet_or_help,
)

AFTER: tuple[Callable[[Floor, Heard], None], ...] = (
    keep_voice,
    keep_secret,  # “đừng nói tên tui ra”, beside a matter
    place_as_before,  # “cùng thôn đó”
)
"""What still listens to every message, whichever rule took it."""
