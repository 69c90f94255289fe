"""The way to a person; and the message that a caller leaves when none is there."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from connectors.hotline.afterwards import Go, Leave, Line, Next
from connectors.hotline.desk import Desk
from connectors.hotline.ear import Patience
from connectors.hotline.wording import Timing, Wording

EMERGENCY = "emergency"

log = structlog.get_logger(__name__)


def way_to_person(desk: Desk, number: str, reason: str, *, announced: bool = False) -> Line | Leave:
    """A person takes over; when none is there, the caller leaves a message and is called back at `number`.

    In an emergency the call is passed on at any hour. `announced`: the caller was told so already.
    """
    if reason != EMERGENCY and not desk.operators_there():
        log.info("call_to_voicemail", reason=reason)
        words = message_request(desk.wording, number, desk.spell)
        return Line(text=words, interruptible=False, then=Go.TAKE_MESSAGE)
    leave = Leave(Next.OPERATOR, reason)
    if announced:
        return leave
    return Line(text=desk.wording.say("to_operator"), interruptible=False, then=leave)


def last_line(wording: Wording, key: str) -> Line:
    """Words after which the machine rings off."""
    return Line(text=wording.say(key), interruptible=False, then=Leave(Next.DONE, key))


def message_request(wording: Wording, number: str, spell: Callable[[str], str]) -> str:
    """What is asked for; the number to call back is read aloud, or asked for when there is none."""
    if not number:
        return f"{wording.say('voicemail')}\n{wording.say('voicemail_no_number')}"
    return f"{wording.say('voicemail')}\n{wording.say('voicemail_number', number=spell(grouped(number)))}"


def message_patience(timing: Timing) -> Patience:
    return Patience(end=timing.voicemail_end, longest=timing.voicemail_longest)


def grouped(number: str) -> str:
    """A phone number in groups, as it is read aloud."""
    return f"{number[:4]}-{number[4:7]}-{number[7:]}"
