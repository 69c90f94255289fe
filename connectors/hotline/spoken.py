"""Answers as they are spoken: sentence by sentence, choices with their keys, and what is said on silence."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum

from connectors.hotline.wording import Wording
from core.message import Ask, Choice, Outbound

PERSON = "human"
"""The choice that is always key 0."""
_SENTENCE = re.compile(r"[^.!?;:\n]*[.!?;:]+(?=\s|$)|[^.!?;\n]+")
_YES_OR_NO = frozenset(
    {Ask.CONFIRM, Ask.RATING, Ask.DUPLICATE, Ask.ERASE, Ask.WITHDRAW, Ask.CONTINUE, Ask.CATEGORY, Ask.DANGER}
)
_KEYS_ARE_SAID = frozenset({Ask.CONFIRM})
"""Questions whose wording in the pack names the keys itself."""


class Question(Enum):
    """What kind of answer is waited for: free words, a place, yes or no, one of several."""

    OPEN = "open"
    LOCATION = "location"
    SHORT = "short"
    CHOICE = "choice"


def question_of(message: Outbound | None) -> Question:
    """What the message asks for."""
    if message is None:
        return Question.OPEN
    if message.ask is Ask.CONFIRM:
        return Question.SHORT
    if keyed_choices(message):
        return Question.CHOICE
    return Question.LOCATION if message.ask is Ask.LOCATION else Question.OPEN


def wants_few_words(message: Outbound | None) -> bool:
    """Whether a short answer is expected, after which nobody needs long to think."""
    return message is not None and message.ask in _YES_OR_NO


def offers_only_person(message: Outbound) -> bool:
    """Whether the talk gives up: it has understood nothing, and asks whether a person shall take over."""
    return [choice.value for choice in message.choices] == [PERSON]


def keyed_choices(message: Outbound) -> tuple[Choice, ...]:
    """The choices on keys 1 to 9, in order."""
    return tuple(choice for choice in message.choices if choice.value != PERSON)[:9]


def spoken_text(message: Outbound, wording: Wording) -> str:
    """What is said for a message: its text, and choices with their keys where the text does not name them."""
    lines = [message.text]
    if message.ask in _KEYS_ARE_SAID:
        lines.append(wording.say("replay_hint"))
    else:
        lines += spoken_choices(message, wording)
    return "\n".join(lines)


def spoken_choices(message: Outbound, wording: Wording) -> list[str]:
    return [
        wording.say("choice_key", label=choice.label, key=number)
        for number, choice in enumerate(keyed_choices(message), 1)
    ]


def shorter(message: Outbound | None, wording: Wording) -> str:
    """The question once more, shorter."""
    question = question_of(message)
    lines = [wording.say("again"), wording.say(f"again_{question.value}")]
    if message is not None and question is Question.CHOICE:
        lines += spoken_choices(message, wording)
    return "\n".join(lines)


def keys_only(message: Outbound | None, wording: Wording) -> str:
    """The question for somebody whose voice does not come through."""
    question = question_of(message)
    if question in (Question.OPEN, Question.LOCATION):
        return wording.say("keys_open")
    lines = spoken_choices(message, wording) if message and question is Question.CHOICE else []
    return "\n".join([*lines, wording.say(f"keys_{question.value}")])


def sentences(text: str) -> list[str]:
    """The text in pieces that are spoken one after the other."""
    found = (match.group().strip() for match in _SENTENCE.finditer(text))
    return [piece for piece in found if re.search(r"\w", piece)]


def pieces(text: str, fixed: Collection[str]) -> list[str]:
    """What is spoken at once: lines that are fixed texts whole (a studio may have recorded them so), others
    by sentence."""
    found: list[str] = []
    for line in map(str.strip, text.splitlines()):
        found += [line] if line in fixed else sentences(line)
    return found
