"""The working surface of one turn: what was heard so far, what will be said and what will be done.

It lives only inside `take_turn`; from outside the turn is a pure function.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.conversation.draft import Draft, Where
from core.conversation.effects import Effect, code_mark
from core.conversation.heard import Known
from core.conversation.state import Conversation
from core.message import Address, Ask, Choice, Outbound
from core.phrases import Manner


@dataclass(frozen=True, slots=True)
class Turn:
    """The next state, what is said, and what is done with it."""

    conversation: Conversation
    replies: tuple[Outbound, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(slots=True)
class Floor:
    """`alarm` lines come first, `lines` in order, and at most one question with its choices last."""

    address: Address
    conversation: Conversation
    known: Known
    now: datetime
    manner: Manner
    alarm: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    question: str = ""
    ask: Ask | None = None
    choices: tuple[Choice, ...] = ()
    photos: tuple[str, ...] = ()
    effects: list[Effect] = field(default_factory=list)
    settled: bool = False
    """The question of this turn is chosen; the draft's next one is not asked."""
    silent: bool = False
    filed: int = 0
    new_words: bool = False
    new_place: bool = False
    new_photos: int = 0
    new_category: bool = False

    # -- state ----------------------------------------------------------------------------------------
    def change(self, **values: object) -> None:
        """Set fields of the conversation."""
        self.conversation = replace(self.conversation, **values)  # type: ignore[arg-type]

    @property
    def draft(self) -> Draft | None:
        return self.conversation.draft

    def change_draft(self, **values: object) -> Draft:
        """Set fields of the draft, which must be there."""
        draft = self.conversation.draft
        if draft is None:
            raise ValueError("there is no draft to change")
        draft = replace(draft, touched_at=self.now, **values)  # type: ignore[arg-type]
        self.change(draft=draft)
        return draft

    def open_draft(self, event_id: str) -> Draft:
        """The draft, begun by this event when there is none."""
        if self.conversation.draft is None:
            where = Where()
            draft = Draft(f"{self.address.channel}:{event_id}", self.now, self.now, where=where)
            self.change(draft=draft, asked=None, offered=(), about=None)
        return self.change_draft()

    def next_mark(self) -> str:
        """A stand-in for the code of a report that this turn files."""
        self.filed += 1
        return code_mark(self.filed - 1)

    # -- saying ---------------------------------------------------------------------------------------
    def phrase(self, key: str, **fields: object) -> str:
        return self.known.phrases.say(key, self.manner, **fields)

    def say(self, key: str, **fields: object) -> None:
        """A line of the answer; the same line is said once."""
        line = self.phrase(key, **fields)
        if line not in self.lines:
            self.lines.append(line)

    def warn(self, key: str, **fields: object) -> None:
        """A line that stands before everything else: somebody is in danger."""
        line = self.phrase(key, **fields)
        if line not in self.alarm:
            self.alarm.append(line)

    def put_question(self, ask: Ask | None, key: str | None, *choices: Choice, **fields: object) -> None:
        """The one question of this answer; a later one replaces an earlier one."""
        self.question = self.phrase(key, **fields) if key else ""
        self.ask = ask
        self.choices = choices
        self.settled = True

    def choice(self, value: str, label: str = "") -> Choice:
        return self.known.phrases.choice(value, label)

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    # -- ending ---------------------------------------------------------------------------------------
    def turn(self) -> Turn:
        """The turn as a value. One message; its question is remembered as what we wait for."""
        number = self.conversation.turn + 1
        text = "\n".join([*self.alarm, *self.lines, *([self.question] if self.question else [])])
        self.change(
            turn=number,
            asked=self.ask,
            offered=self.choices,
            offered_turn=number if self.choices else self.conversation.offered_turn,
            seen_at=self.now,
        )
        replies = (
            () if self.silent or not text else (Outbound(text, self.choices, self.ask, self.photos, number),)
        )
        return Turn(self.conversation, replies, tuple(self.effects))
