"""What comes in and what goes out: the values every channel speaks.

All are frozen and made of plain data, so that they can be written to the inbox and outbox as JSON
(`core/codec.py`) and read back unchanged after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """One person on one channel; the key of a conversation."""

    channel: str
    user: str


@dataclass(frozen=True, slots=True)
class Point:
    """A WGS84 position. `accuracy_m` is a radius in metres, None when the channel does not say."""

    lat: float
    lon: float
    accuracy_m: float | None = None


class MediaKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A medium that lies at the channel; `ref` is what the channel's `fetch` understands.

    `size` is in bytes as announced by the channel (None: not said). `fallback` is a second ref, a thumbnail.
    """

    kind: MediaKind
    ref: str
    size: int | None = None
    mime: str | None = None
    name: str | None = None
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A name and phone that the citizen handed over with the channel's own means."""

    phone: str | None
    name: str | None = None


class InboundKind(StrEnum):
    """What a channel event means to the talk."""

    MESSAGE = "message"  # text, photos, voice, point, contact or a pressed choice
    EDIT = "edit"  # an earlier message (`replaces`) now reads `text`
    START = "start"  # the citizen opened or followed us; `text` may hold a deep-link payload
    UNSUPPORTED = "unsupported"  # a sticker, a link card, a game …: answered with words, never dropped
    GROUP = "group"  # said in a group: answered with "write to me alone"
    STAFF_ECHO = "staff_echo"  # an officer wrote to the citizen in the channel's own tool
    ERASURE = "erasure"  # the channel tells that the citizen withdrew: erase
    BLOCKED = "blocked"  # the citizen left or blocked us
    HUNG_UP = "hung_up"  # a call ended; what was said is kept
    NEWS = "news"  # not from the citizen: a report they follow was moved


@dataclass(frozen=True, slots=True)
class News:
    """A report was moved by the back office; told to its reporter and followers in their own talk.

    `photos` are media ids of the result; `note` is the officer's words for the citizen.
    """

    code: str
    status: str
    agency: str = ""
    note: str = ""
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of a channel. (channel, event_id) is unique: a redelivery is the same event.

    `sent_at` is when the citizen sent it (aware, UTC), by which events of a conversation are ordered.
    `album` ties the photos of one album. `choice` is the semantic value of a pressed choice and
    `choice_turn` the `Outbound.turn` of the message it was pressed on (None: unknown).
    """

    address: Address
    event_id: str
    sent_at: datetime
    kind: InboundKind = InboundKind.MESSAGE
    text: str = ""
    photos: tuple[MediaRef, ...] = ()
    voice: MediaRef | None = None
    files: tuple[MediaRef, ...] = ()
    point: Point | None = None
    place_label: str = ""
    contact: Contact | None = None
    choice: str | None = None
    choice_turn: int | None = None
    album: str | None = None
    replaces: str | None = None
    sender_name: str = ""
    language: str = ""
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A semantic value (`confirm`, `category:rac_thai`) with the words shown for it (≤ 20 characters)."""

    value: str
    label: str


class Ask(StrEnum):
    """What a message waits for; channels may offer their own means (share location, share phone)."""

    DESCRIPTION = "description"
    CATEGORY = "category"
    LOCATION = "location"
    PHOTO = "photo"
    NAME = "name"
    PHONE = "phone"
    CONFIRM = "confirm"
    CORRECTION = "correction"
    RATING = "rating"
    REASON = "reason"
    DUPLICATE = "duplicate"
    CONTINUE = "continue"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    DANGER = "danger"


class Then(StrEnum):
    """What a call does once the message was heard; written channels have no use for it."""

    END = "end"  # all is said: the caller may ring off
    OPERATOR = "operator"  # the caller asked for a person
    EMERGENCY = "emergency"  # a life is in danger: to a person at once, at any hour


@dataclass(frozen=True, slots=True)
class Outbound:
    """One message to the citizen. `choices` are semantic; each channel renders them as it can.

    `ask` is what the message waits for. `photos` are media ids of the media store. `turn` numbers the
    conversation's turns, so that a press on an old message can be told from one on the last. `then` is set in
    spoken manners only, and `slowly`: the caller did not catch what was said before.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    ask: Ask | None = None
    photos: tuple[str, ...] = ()
    turn: int = 0
    then: Then | None = None
    slowly: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The channel took the message. `message_ids` are the channel's ids of what was sent."""

    message_ids: tuple[str, ...] = field(default=())
