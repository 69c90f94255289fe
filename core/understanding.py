"""The port of understanding: one message in its context → what it means.

Two engines fill it (`nlu/`): the in-process interpreter and a Rasa server. Ids of intents and category
leaves are those of `docs/glossary.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Context(StrEnum):
    """The state of the conversation before the message: the same words mean different things."""

    IDLE = "idle"
    DRAFT_OPEN = "draft_open"
    PHOTO_SENT = "photo_sent"
    CONFIRM_DRAFT = "confirm_draft"
    RATE_RESULT = "rate_result"


INTENTS = (
    "report", "check_status", "greet", "help", "confirm", "deny_correct", "cancel", "thanks", "human",
    "emergency", "feedback_positive", "feedback_negative", "change_location", "out_of_scope", "abuse_spam",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message means.

    `categories` are (leaf, calibrated probability), best first, empty when there is nothing to classify.
    `place_text` is the words that name the place, as typed; `phones` are normalised (0xxxxxxxxx);
    `ticket_codes` are upper case. `on_behalf` is whom the message is for ("mệ Xuân"; "" when only
    "báo hộ" was said; None when for oneself). `danger` is a kind of `danger.yml` when life is in danger now.
    `danger_said` is False when no words of danger were found and a model alone believes in it: then it is
    asked for before anybody is alerted.
    `complaint` is True for khiếu nại / tố cáo, which is another legal procedure.
    `matter` is the message without greetings, phones and codes: the citizen's words about the thing itself.
    `urgent` is True when something is told that may soon hurt somebody, though nobody is in danger now.
    `apart` is the message without the places that only tell where the thing is; "" when that is all of it.
    """

    intent: str
    confidence: float
    categories: tuple[tuple[str, float], ...] = ()
    place_text: str | None = None
    phones: tuple[str, ...] = ()
    ticket_codes: tuple[str, ...] = ()
    on_behalf: str | None = None
    danger: str | None = None
    danger_said: bool = True
    complaint: bool = False
    matter: str = ""
    apart: str = ""
    urgent: bool = False
    engine: str = ""

    @property
    def category(self) -> str | None:
        return self.categories[0][0] if self.categories else None


class Interpreter(Protocol):
    """Understands one message. Implementations may raise; the caller files what is known all the same."""

    async def interpret(self, text: str, context: Context) -> Understanding: ...
