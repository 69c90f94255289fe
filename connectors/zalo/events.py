"""One verified event of the Official Account → what it means, read from plain dicts.

Event ids are made of what stays the same when an event comes again: `oa:<oa>:<msg_id>` for messages, and
`oa:<oa>:<event>:<person>:<timestamp>` for the rest, with a digest where a message has no id. A reaction's
msg_id is that of the message reacted to, so it never serves as its key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.zalo.attachments import (
    MALFORMED,
    audio,
    business_card,
    files,
    images,
    place,
    submitted_contact,
    videos,
)
from connectors.zalo.envelope import Raw, moment_of, stamp_of
from connectors.zalo.settings import CHANNEL
from core.message import Address, Inbound, InboundKind
from core.text import clean

MOST_TEXT = 8_192
CHOICE = "#choice:"
"""What the payload of our own buttons begins with: `#choice:<turn>:<value>`."""
ANONYMOUS = "anon:"
"""An address of somebody who has not logged in: `anon:<anonymous id>:<conversation id>`."""


@dataclass(frozen=True, slots=True)
class Echo:
    """Something that the Official Account sent to `address`; an `officer` wrote it in Zalo's own tool."""

    address: Address
    kind: str
    text: str
    message_id: str
    at: datetime
    officer: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What is to be done with an event.

    `inbound` goes to the talk. `heard` is who has interacted, which opens the window for free messages, with
    `message_id` of what may be quoted. `odd` is why the raw event is stored for people to look at.
    """

    key: str
    kind: str
    at: datetime
    inbound: Inbound | None = None
    heard: Address | None = None
    message_id: str | None = None
    echo: Echo | None = None
    odd: str = ""


def read_event(raw: Raw, oa_id: str, now: datetime) -> Reading:
    """Never raises: an event that is unknown or broken is kept as odd, and a broken message is answered."""
    kind = _plain(str(raw.get("event_name") or ""))[:48]
    reader = _READERS.get(kind) or next(
        (read for prefix, read in _FAMILIES.items() if kind.startswith(prefix)), _unknown
    )
    event = _Event(raw, kind, oa_id, moment_of(raw) or now)
    try:
        return reader(event)
    except MALFORMED as error:
        return _broken(event, type(error).__name__)


@dataclass(frozen=True, slots=True)
class _Event:
    raw: Raw
    kind: str
    oa_id: str
    at: datetime

    @property
    def message(self) -> Raw:
        found: Raw = self.raw["message"]
        return found

    @property
    def message_id(self) -> str:
        return _id(self.message["msg_id"])

    def key(self, who: str) -> str:
        """The key of an event that is no message."""
        return _plain(f"oa:{self.oa_id}:{self.kind}:{who}:{stamp_of(self.raw)}")[:200]

    def message_key(self, who: str) -> str:
        """Of a message; without an id it is known by its words, too: two may come in one millisecond."""
        try:
            return f"oa:{self.oa_id}:{self.message_id}"
        except MALFORMED:
            said = json.dumps(self.raw.get("message"), sort_keys=True).encode()
            return f"{self.key(who)[:180]}:{hashlib.sha256(said).hexdigest()[:16]}"


# -- messages of citizens ------------------------------------------------------------------------------------


def _said(event: _Event) -> Reading:
    """A message of a citizen, by what it holds."""
    return _from_citizen(event, Address(CHANNEL, _id(event.raw["sender"]["id"])))


def _said_anonymously(event: _Event) -> Reading:
    sender, conversation = _id(event.raw["sender"]["id"]), _id(event.message["conversation_id"])
    return _from_citizen(event, Address(CHANNEL, f"{ANONYMOUS}{sender}:{conversation}"))


def _from_citizen(event: _Event, address: Address) -> Reading:
    odd = ""
    try:
        content = _content(event)
    except MALFORMED as error:  # somebody wrote to us all the same: answered, not dropped
        content, odd = {"kind": InboundKind.UNSUPPORTED}, f"broken: {type(error).__name__}"
    key = event.message_key(address.user)
    return Reading(
        key, event.kind, event.at, Inbound(address, key, event.at, **content), address,
        _message_id_or_none(event), odd=odd,
    )  # fmt: skip


def _content(event: _Event) -> dict[str, Any]:
    what = event.kind.rpartition("_send_")[2]
    message = event.message
    text = _words(message.get("text"))
    attachments = message.get("attachments") or []
    match what:
        case "text":
            return _typed(text)
        case "image" | "gif":
            return {"photos": images(attachments), "text": text}
        case "location":
            return place(attachments) | {"place_label": text[:200]}
        case "audio":
            return {"voice": audio(attachments)}
        case "video":
            return {"files": videos(attachments), "text": text}
        case "file":
            return files(attachments) | {"text": text}
        case "business_card":
            return {"text": business_card(attachments, text)}
        case "link":
            return _link(attachments, text)
    return {"kind": InboundKind.UNSUPPORTED}


def _typed(text: str) -> dict[str, Any]:
    if text.startswith(CHOICE):
        turn, colon, value = text.removeprefix(CHOICE).partition(":")
        if colon and value and turn.isascii() and turn.isdigit() and len(turn) < 9:
            return {"choice": value[:200], "choice_turn": int(turn)}
    return {"text": text}


def _link(attachments: Any, text: str) -> dict[str, Any]:
    """A link is never followed; a card sent as a link is read, and words around a link count as words."""
    try:
        return {"text": business_card(attachments, text)}
    except MALFORMED:
        words = [word for word in text.split() if not word.lower().startswith(("http://", "https://"))]
        return {"text": text} if words else {"kind": InboundKind.UNSUPPORTED}


# -- other doings of citizens --------------------------------------------------------------------------------


def _submitted(event: _Event) -> Reading:
    address = Address(CHANNEL, _id(event.raw["sender"]["id"]))
    key = event.key(address.user)
    contact = submitted_contact(event.raw.get("info") or event.message)
    return Reading(key, event.kind, event.at, Inbound(address, key, event.at, contact=contact), address)


def _followed(event: _Event) -> Reading:
    address = Address(CHANNEL, _id(event.raw["follower"]["id"]))
    key = event.key(address.user)
    start = Inbound(address, key, event.at, InboundKind.START)
    return Reading(key, event.kind, event.at, start, address)


def _unfollowed(event: _Event) -> Reading:
    address = Address(CHANNEL, _id(event.raw["follower"]["id"]))
    key = event.key(address.user)
    return Reading(key, event.kind, event.at, Inbound(address, key, event.at, InboundKind.BLOCKED))


def _clicked_chat(event: _Event) -> Reading:
    address = Address(CHANNEL, _id(event.raw["user_id"]))
    key = event.key(address.user)
    start = Inbound(address, key, event.at, InboundKind.START)
    return Reading(key, event.kind, event.at, start, address)


def _withdrew(event: _Event) -> Reading:
    address = Address(CHANNEL, _id(event.raw["user_id"]))
    key = event.key(address.user)
    return Reading(key, event.kind, event.at, Inbound(address, key, event.at, InboundKind.ERASURE))


def _nothing(event: _Event) -> Reading:
    """Known, and of no consequence: receipts and reactions. They do not open the window."""
    return Reading(event.key(_anybody(event.raw)), event.kind, event.at)


def _stored(event: _Event) -> Reading:
    """Known, of no consequence to the talk, but worth an administrator's look."""
    return Reading(event.key(_anybody(event.raw)), event.kind, event.at, odd="stored")


def _unknown(event: _Event) -> Reading:
    return Reading(event.key(_anybody(event.raw)), event.kind or "nameless", event.at, odd="unknown")


def _broken(event: _Event, error: str) -> Reading:
    return Reading(event.key(_anybody(event.raw)), event.kind or "nameless", event.at, odd=f"broken: {error}")


# -- what the Official Account sent --------------------------------------------------------------------------


def _sent_by_us(event: _Event) -> Reading:
    """The echo of a message to a citizen: our own, which settles an uncertain letter, or an officer's."""
    address = Address(CHANNEL, _id(event.raw["recipient"]["id"]))
    officer = bool(event.raw["sender"].get("admin_id"))
    text = _words(event.message.get("text"))
    what = event.kind.removeprefix("oa_send_")
    message_id = _message_id_or_none(event)
    echo = Echo(address, what, text, message_id, event.at, officer) if message_id else None
    key = event.message_key(address.user)
    inbound = None
    if officer:
        inbound = Inbound(address, key, event.at, InboundKind.STAFF_ECHO, text=text or f"[{what}]")
    return Reading(key, event.kind, event.at, inbound, echo=echo)


# -- small readings ------------------------------------------------------------------------------------------


def _id(value: Any) -> str:
    """An id of Zalo's, as text whatever it came as. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError("not an id")
    text = str(value)
    if not text or len(text) > 120 or not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("not an id of Zalo's")
    return text


def _plain(text: str) -> str:
    """Printable ASCII, which every database takes as part of a key."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)


def _message_id_or_none(event: _Event) -> str | None:
    try:
        return event.message_id
    except MALFORMED:
        return None


def _words(value: Any) -> str:
    return clean(value, MOST_TEXT) if isinstance(value, str) else ""


def _anybody(raw: Raw) -> str:
    """Whoever an event is about, for its key."""
    for path in (("sender", "id"), ("recipient", "id"), ("follower", "id"), ("user_id",)):
        value: Any = raw
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, str | int):
            target = raw.get("message")
            message = target.get("msg_id", "") if isinstance(target, dict) else ""
            return f"{value}:{message}"[:100]
    return "nobody"


_MESSAGES = (
    "text", "image", "gif", "location", "audio", "video", "file", "sticker", "link", "business_card",
)  # fmt: skip

_READERS: Mapping[str, Callable[[_Event], Reading]] = {
    **{f"user_send_{what}": _said for what in _MESSAGES},
    "user_submit_info": _submitted,
    "follow": _followed,
    "unfollow": _unfollowed,
    "user_click_chatnow": _clicked_chat,
    "user_withdraw": _withdrew,
    "user_received_message": _nothing,
    "user_seen_message": _nothing,
    "user_reacted_message": _nothing,
    "oa_reacted_message": _nothing,
    "add_user_to_tag": _stored,
    "remove_user_from_tag": _stored,
    "remove_tag": _stored,
    "update_user_info": _stored,
    "change_template_status": _stored,
    "change_oa_daily_quota": _stored,
    "user_feedback": _stored,
}

_FAMILIES: Mapping[str, Callable[[_Event], Reading]] = {
    "user_send_group_": _stored,
    "oa_send_group_": _stored,
    "oa_send_": _sent_by_us,
    "anonymous_send_": _said_anonymously,
    "user_send_": _said,  # a kind of message that is new: answered as one that cannot be read
}
"""Readers by how the event's name begins, tried in this order."""
