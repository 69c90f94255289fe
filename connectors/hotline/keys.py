"""What a key means: 0 a person, * again, # I have finished, 1 to 9 a choice, 1 without choices: talk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from connectors.hotline.spoken import keyed_choices
from core.message import Outbound

FINISHED = "#"


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
