"""The message that a caller leaves when no person is there."""

from __future__ import annotations

from collections.abc import Callable

from connectors.hotline.ear import Patience
from connectors.hotline.wording import Timing, Wording


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
