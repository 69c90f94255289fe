"""What a call says, and what comes when it was said: as data, so that the call reads like its rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

from core.message import Then


class Next(StrEnum):
    """Where the caller goes from here: BRIDGE_NEXT of the dialplan."""

    DONE = "done"
    OPERATOR = "operator"


class Go(Enum):
    """The call goes on."""

    LISTEN = "listen"
    TALK = "talk"  # the caller pressed a key to speak, and ends by another
    TAKE_MESSAGE = "take message"
    FAREWELL = "farewell"  # all is said; a last moment for the caller


@dataclass(frozen=True, slots=True)
class Leave:
    """The call is over here; `reason` is for the log."""

    where: Next
    reason: str


@dataclass(frozen=True, slots=True)
class ToPerson:
    """A person takes over; the caller was told so already."""

    reason: str


After = Go | Leave | ToPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something to say. `waiting` is said while an answer is on its way, and changes nothing."""

    text: str
    then: After = Go.LISTEN
    slow: bool = False
    interruptible: bool = True
    waiting: bool = False


def what_follows(then: Then | None) -> After:
    """What the talk wants to come after a message."""
    match then:
        case Then.OPERATOR:
            return ToPerson("asked")
        case Then.EMERGENCY:
            return ToPerson("emergency")
        case Then.END:
            return Go.FAREWELL
        case None:
            return Go.LISTEN
