"""What is remembered of a conversation between two turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.conversation.draft import Draft, Photo, Where
from core.message import Ask, Choice, Contact
from core.understanding import Context


@dataclass(frozen=True, slots=True)
class LastFiled:
    """The report filed last: late photos and words join it, unless the citizen says they are another matter.

    `late` are photos that came after filing, kept while they may still be moved to a new draft. `where` is
    the place it was filed with: “chỗ đó” of the next matter.
    """

    code: str
    at: datetime
    late: tuple[Photo, ...] = ()
    where: Where = field(default_factory=Where)
    on_behalf: bool = False
    """It was told for another: who helps one neighbour may go on with the next."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Danger that only a model believes in, until the citizen says whether it is there.

    `draft` is the urgent report it may become, `danger` its kind; `categories` as understood, best first.
    `asked` is what was waited for before.
    """

    draft: Draft
    danger: str
    categories: tuple[tuple[str, float], ...] = ()
    asked: Ask | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """`asked` is what the last message waits for, `offered` the choices it showed.

    `about` is the report code that a rating, reason, phone or withdrawal is about. `emergency` is the code
    of the latest urgent report; until `emergency_placed` its place is wanted. `later` are further matters,
    taken up one by one after the draft. `dropped` is the draft cancelled last, for some minutes. `contact`
    is how the channel itself, or a card, says to reach the citizen.
    """

    turn: int = 0
    draft: Draft | None = None
    later: tuple[Draft, ...] = ()
    dropped: Draft | None = None
    asked: Ask | None = None
    offered: tuple[Choice, ...] = ()
    offered_turn: int = 0
    about: str | None = None
    emergency: str | None = None
    emergency_at: datetime | None = None
    emergency_placed: bool = False
    emergency_advice: str = ""
    """What was said first of it: whom to call; said again when nobody answers there."""
    doubt: Doubt | None = None
    last_filed: LastFiled | None = None
    photo_last: bool = False
    volunteer: bool = False
    hint: str | None = None
    """The commune of the poster whose link or QR code brought the citizen here."""
    contact: Contact | None = None
    unheard: int = 0
    """Messages in a row that were not understood; at the second a person is offered."""
    voices: tuple[str, ...] = ()
    """Recordings of the citizen's voice, newest last: an erasure finds here those that no report has."""
    quiet_until: datetime | None = None
    """An officer has the talk until then; the bot keeps silent."""
    blocked: bool = False
    """The citizen left us."""


def context_of(conversation: Conversation) -> Context:
    """The context in which the next message is understood."""
    if conversation.asked in (Ask.RATING, Ask.REASON):
        return Context.RATE_RESULT
    if conversation.draft is None:
        return Context.IDLE
    if conversation.asked is Ask.CONFIRM:
        return Context.CONFIRM_DRAFT
    return Context.PHOTO_SENT if conversation.photo_last else Context.DRAFT_OPEN
