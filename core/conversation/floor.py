"""The working surface of one turn: what was heard so far, what will be said and what will be done.

It lives only inside `take_turn`; from outside the turn is a pure function.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from core.conversation.draft import Draft, PlaceSource, Where
from core.conversation.effects import Effect, code_mark, spelled_mark
from core.conversation.heard import Known, ReportBrief
from core.conversation.state import Conversation
from core.message import Address, Ask, Choice, Outbound
from core.phrases import Manner


@dataclass(frozen=True, slots=True)
class Turn:
    """The next state, what is said, and what is done with it."""

    conversation: Conversation
    replies: tuple[Outbound, ...] = ()
    effects: tuple[Effect, ...] = ()
    ends: bool = False
    """All is said: nothing more is waited for."""


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
    again: bool = False
    """This message was an aside: the draft's open question is put once more."""
    silent: bool = False
    ends: bool = False
    """All is said: a call may end after it."""
    slowly: bool = False
    """The caller did not catch what was said before."""
    filed: int = 0
    after_break: bool = False
    new_words: bool = False
    new_place: bool = False
    new_photos: int = 0
    new_category: bool = False
    by_voice: bool = False

    @property
    def has_news(self) -> bool:
        """Whether this turn changed the draft: then the summary that was shown is not what would be sent."""
        return self.new_words or self.new_place or bool(self.new_photos) or self.new_category

    @property
    def says_nothing(self) -> bool:
        return not (self.alarm or self.lines or self.question)

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
            self.change(draft=self.new_draft(event_id), asked=None, offered=(), about=None)
        return self.change_draft()

    def new_draft(self, event_id: str) -> Draft:
        """An empty draft, with what is known beforehand: the commune of a poster, the number that calls."""
        hint, contact = self.conversation.hint, self.conversation.contact
        return Draft(
            f"{self.address.channel}:{event_id}",
            self.now,
            self.now,
            where=Where(commune=hint, source=PlaceSource.HINT) if hint else Where(),
            contact_name=contact.name if contact else None,
            contact_phone=contact.phone if contact else None,
        )

    def own(self, code: str | None) -> ReportBrief | None:
        """The citizen's own report of that code; None when it is not theirs."""
        return next((report for report in self.known.own if report.code == code), None)

    def next_mark(self) -> str:
        """A stand-in for the code of a report that this turn files."""
        self.filed += 1
        return code_mark(self.filed - 1)

    # -- saying ---------------------------------------------------------------------------------------
    def phrase(self, key: str, **fields: object) -> str:
        """A phrase in the channel's manner; a report code is spelled where it is spoken."""
        code = fields.get("code")
        if self.manner.spoken and isinstance(code, str):
            fields["code"] = spelled_mark(code) or self.known.phrases.spell(code)
        return self.known.phrases.say(key, self.manner, **fields)

    def say(self, key: str, **fields: object) -> None:
        """A line of the answer; the same line is said once, and one that the pack leaves empty not at all."""
        self.add_line(self.phrase(key, **fields))

    def add_line(self, line: str) -> None:
        if line and line not in self.lines:
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

    def go_back(self) -> None:
        """An aside is answered: the draft's question comes again; without a draft nothing is asked."""
        self.again = True
        self.settled = self.draft is None

    def choice(self, value: str, label: str = "") -> Choice:
        return self.known.phrases.choice(value, label)

    def time(self, instant: datetime) -> str:
        return self.known.phrases.time(instant, self.manner)

    def day(self, instant: datetime) -> str:
        return self.known.phrases.day(instant, self.manner)

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
        )
        answer = Outbound(text, self.choices, self.ask, self.photos, number, slowly=self.slowly)
        replies = () if self.silent or not text else (answer,)
        return Turn(self.conversation, replies, tuple(self.effects), self.ends)
