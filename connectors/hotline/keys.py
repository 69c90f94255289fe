"""What a key means: 0 a person, * again, # I have finished, 1 to 9 a choice, 1 without choices: talk.

Where nothing is offered, 2 to 9 begin the code of a report, which is keyed digit by digit; # may end it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from connectors.hotline.spoken import keyed_choices
from core.message import Outbound

FINISHED = "#"
CODE_LENGTH = 9
"""Digits of a code as it is read out: year, month and five more."""
FEWEST_DIGITS = 3
"""From so many digits on, somebody meant to key a code."""


class Key(Enum):
    """Keys that mean the same after every message."""

    PERSON = "0"
    AGAIN = "*"
    TALK = "1"
    UNUSED = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice of the message that was asked, and the turn of that message."""

    value: str
    turn: int


def read_key(key: str, asked: Outbound | None) -> Key | Chosen:
    """What a key other than # means after this message."""
    if key in (Key.PERSON.value, Key.AGAIN.value):
        return Key(key)
    choices = keyed_choices(asked) if asked is not None else ()
    if asked is not None and key.isdigit() and 1 <= int(key) <= len(choices):
        return Chosen(choices[int(key) - 1].value, asked.turn)
    return Key.TALK if key == Key.TALK.value and not choices else Key.UNUSED


def begins_code(key: str, asked: Outbound | None) -> bool:
    """Whether this key can only be the first digit of a report's code."""
    return key in tuple("23456789") and (asked is None or not keyed_choices(asked))
