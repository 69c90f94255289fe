"""One raw Telegram update → what it means, read from plain dicts (Bot API 10).

Event ids are made of what stays the same when an update comes again, by webhook or by polling:
`msg:<chat>:<message>`, `edit:<chat>:<message>:<edit date>`, `cb:<query>`, `member:<chat>:<date>`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.message import Address, Contact, Inbound, InboundKind, MediaKind, MediaRef, Point
from core.text import clean

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

Raw = Mapping[str, Any]

_MAX_TEXT = 8_192  # more than Telegram delivers: what is too long is cut, and said so, by the core
_MAX_NAME = 200
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_PICTURE_TYPES = frozenset(
    {"image/jpeg", "image/jpg", "image/png", "image/webp", "image/heic", "image/heif", "image/gif"}
)
_PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif")
_SERVICE = re.compile(
    r"(?:new|left|delete)_chat_\w+|(?:group|supergroup|channel)_chat_created|message_auto_delete_timer_changed"
    r"|migrate_(?:to|from)_chat_id|pinned_message|(?:successful|refunded)_payment|(?:users|chat)_shared"
    r"|connected_website|write_access_allowed|passport_data|proximity_alert_triggered|boost_added"
    r"|chat_background_set|checklist_tasks_\w+|(?:general_)?forum_topic_\w+|giveaway_(?:created|completed)"
    r"|(?:video|voice)_chat_\w+|web_app_data|\w+_price_changed|(?:unique_)?gift|suggested_post_\w+"
)
"""Messages that Telegram makes itself when something happens in a chat: nobody waits for an answer."""


MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, OSError)
"""What reading a dict of the wrong shape raises (OSError: a date beyond the machine's calendar)."""


class Ignored(Exception):
    """An update that means nothing to the talk; the text says why, for the counters."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading an update depends on: who the bot is and what the pack calls its commands.

    `commands` maps a command without its slash ("huy") to the words it stands for ("hủy").
    """

    bot_id: int
    username: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)

    def read(self, update: Raw, now: datetime) -> Inbound:
        """The event of one update; `now` dates what Telegram does not date. Raises Ignored or MALFORMED."""
        if "message" in update:
            return self._message(update["message"])
        if "edited_message" in update:
            return _edited(update["edited_message"])
        if "callback_query" in update:
            return _pressed(update["callback_query"], now)
        if "my_chat_member" in update:
            return _membership(update["my_chat_member"])
        raise Ignored("kind " + ",".join(sorted(str(key) for key in update if key != "update_id"))[:80])

    def _message(self, message: Raw) -> Inbound:
        _require_person(message)
        if message["chat"]["type"] != "private":
            return self._said_in_group(message)
        try:
            content = self._content(message)
        except MALFORMED:  # somebody wrote to us all the same: answered, not dropped
            content = {"kind": InboundKind.UNSUPPORTED}
        return _inbound(message, **content)

    def _content(self, message: Raw) -> dict[str, Any]:
        if "text" in message:
            return self._words(message["text"])
        for key, read in _CONTENTS.items():
            if key in message:
                return {"text": clean(message.get("caption", ""), _MAX_TEXT)} | read(message)
        if any(_SERVICE.fullmatch(key) for key in message):
            raise Ignored("service message")
        return {"kind": InboundKind.UNSUPPORTED}

    def _words(self, text: str) -> dict[str, Any]:
        command = _COMMAND.fullmatch(text.strip())
        if not command:
            return {"text": clean(text, _MAX_TEXT)}
        name, _, rest = command.groups(default="")
        if name.lower() == "start":
            return {"kind": InboundKind.START, "text": clean(rest, _MAX_TEXT)}
        words = self.commands.get(name.lower(), name.replace("_", " "))
        return {"text": clean(f"{words} {rest}", _MAX_TEXT)}

    def _said_in_group(self, message: Raw) -> Inbound:
        """Only what is said to the bot; the answer goes to the group, the only place it may write to."""
        text = message.get("text") or message.get("caption") or ""
        if not self._is_addressed(message, text):
            raise Ignored("group talk")
        if self.username:
            text = re.sub(rf"@{re.escape(self.username)}\b", "", text, flags=re.IGNORECASE)
        return _inbound(message, kind=InboundKind.GROUP, text=clean(text, _MAX_TEXT))

    def _is_addressed(self, message: Raw, text: str) -> bool:
        replied = message.get("reply_to_message", {}).get("from", {}).get("id")
        if replied == self.bot_id:
            return True
        units = text.encode("utf-16-le")  # entities count in UTF-16 units
        own_name = f"@{self.username}".lower() if self.username else None
        for entity in (*message.get("entities", ()), *message.get("caption_entities", ())):
            start, end = entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2
            said = units[start:end].decode("utf-16-le", "ignore").lower()
            match entity["type"]:
                case "mention" if said == own_name:
                    return True
                case "text_mention" if entity["user"]["id"] == self.bot_id:
                    return True
                case "bot_command" if "@" not in said or said.partition("@")[2] == self.username.lower():
                    return True
        return False


def pressed_query(update: Any) -> str | None:
    """The id of the callback query in an update: until it is answered, the button spins."""
    query = update.get("callback_query") if isinstance(update, Mapping) else None
    query_id = query.get("id") if isinstance(query, Mapping) else None
    return query_id if isinstance(query_id, str) else None


def _edited(message: Raw) -> Inbound:
    _require_person(message)
    if message["chat"]["type"] != "private":
        raise Ignored("group talk")
    if "location" in message:
        # A live location moves every few seconds. All its edits bear the id of the first message, so that the
        # inbox keeps one of them only, and still gets a position when the first message itself was missed.
        return _inbound(message, **_place(message))
    if "text" not in message and "caption" not in message:
        raise Ignored("edit without words")
    text = message.get("text") or message.get("caption") or ""
    original = _message_event(message)
    edited_at = message["edit_date"]
    return _inbound(
        message,
        event_id=f"edit:{message['chat']['id']}:{message['message_id']}:{int(edited_at)}",
        sent_at=_moment(edited_at),
        kind=InboundKind.EDIT,
        text=clean(text, _MAX_TEXT),
        replaces=original,
        album=None,
    )


def _pressed(query: Raw, now: datetime) -> Inbound:
    chat = query.get("message", {}).get("chat", {})
    if chat and chat.get("type", "private") != "private":
        raise Ignored("button in a group")
    person = query["from"]
    data = query.get("data")
    pressed: dict[str, Any] = {"kind": InboundKind.UNSUPPORTED}
    if isinstance(data, str) and clean(data):
        data = clean(data)
        turn, bar, value = data.partition("|")
        known = bool(bar) and turn.isascii() and turn.isdigit()
        pressed = {"choice": value if known else data, "choice_turn": int(turn) if known else None}
    return Inbound(
        address=Address(CHANNEL, str(int(chat.get("id", person["id"])))),
        event_id=f"cb:{_token(query['id'])}",
        # Telegram does not date a press. Whole seconds, as in messages, so that arrival breaks the tie.
        sent_at=now.replace(microsecond=0),
        sender_name=_name(person),
        language=_language(person),
        **pressed,
    )


def _membership(change: Raw) -> Inbound:
    chat, status = change["chat"], change["new_chat_member"]["status"]
    if chat["type"] != "private" or status != "kicked":
        raise Ignored("membership")
    return Inbound(
        address=Address(CHANNEL, str(int(chat["id"]))),
        event_id=f"member:{int(chat['id'])}:{int(change['date'])}",
        sent_at=_moment(change["date"]),
        kind=InboundKind.BLOCKED,
    )


def _require_person(message: Raw) -> None:
    if "from" not in message or message["from"].get("is_bot"):
        raise Ignored("not from a person")


def _inbound(message: Raw, **content: Any) -> Inbound:
    album = message.get("media_group_id")
    common: dict[str, Any] = {
        "address": Address(CHANNEL, str(int(message["chat"]["id"]))),
        "event_id": _message_event(message),
        "sent_at": _moment(message["date"]),
        "album": _token(str(album)) if album is not None else None,
        "sender_name": _name(message["from"]),
        "language": _language(message["from"]),
    }
    return Inbound(**(common | content))


def _message_event(message: Raw) -> str:
    return f"msg:{int(message['chat']['id'])}:{int(message['message_id'])}"


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _name(person: Raw) -> str:
    return clean(f"{person.get('first_name') or ''} {person.get('last_name') or ''}", _MAX_NAME)


def _language(person: Raw) -> str:
    language = person.get("language_code")
    if isinstance(language, str) and language.isascii() and language.isprintable():
        return language[:16]
    return ""


# What a message holds, one function a kind; a key's order matters where Telegram sends two of them.


def _place(message: Raw) -> dict[str, Any]:
    venue = message.get("venue")
    where = venue["location"] if venue else message["location"]
    lat, lon = float(where["latitude"]), float(where["longitude"])
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError("a position off the globe")
    radius = where.get("horizontal_accuracy")
    accuracy = float(radius) if radius is not None and math.isfinite(float(radius)) else None
    label = ""
    if venue:
        label = ", ".join(part for part in (venue.get("title"), venue.get("address")) if part)
    return {"point": Point(lat, lon, accuracy), "place_label": clean(label, _MAX_NAME)}


def _photo(message: Raw) -> dict[str, Any]:
    sizes = sorted(message["photo"], key=lambda size: int(size["width"]) * int(size["height"]))
    smaller = sizes[-2]["file_id"] if len(sizes) > 1 else None
    return {"photos": (_media(sizes[-1], MediaKind.PHOTO, mime="image/jpeg", fallback=smaller),)}


def _document(message: Raw) -> dict[str, Any]:
    document = message["document"]
    mime = (document.get("mime_type") or "").lower()
    name = (document.get("file_name") or "").lower()
    if mime in _PICTURE_TYPES or (
        name.endswith(_PICTURE_NAMES) and not mime.startswith(("audio/", "video/"))
    ):
        return {"photos": (_media(document, MediaKind.PHOTO),)}
    if mime.startswith("audio/"):
        return {"voice": _media(document, MediaKind.VOICE)}
    kind = MediaKind.VIDEO if mime.startswith("video/") else MediaKind.FILE
    return {"files": (_media(document, kind),)}


def _recording(key: str) -> Callable[[Raw], dict[str, Any]]:
    return lambda message: {"voice": _media(message[key], MediaKind.VOICE)}


def _moving_picture(key: str) -> Callable[[Raw], dict[str, Any]]:
    return lambda message: {"files": (_media(message[key], MediaKind.VIDEO),)}


def _contact(message: Raw) -> dict[str, Any]:
    """The citizen's own card is a contact; somebody else's (a neighbour's) reads like typed words."""
    card = message["contact"]
    phone, name = _national(str(card["phone_number"])), _name(card)
    if card.get("user_id") == message["from"]["id"]:
        return {"contact": Contact(phone=phone, name=name or None)}
    return {"text": clean(f"{name} {phone}", _MAX_TEXT)}


def _national(phone: str) -> str:
    """Telegram writes a Vietnamese number with or without the plus: 84900000123 → 0900000123."""
    digits = re.sub(r"\D", "", phone)
    return "0" + digits[2:] if digits.startswith("84") and len(digits) in (11, 12) else digits


def _media(file: Raw, kind: MediaKind, *, mime: str | None = None, fallback: str | None = None) -> MediaRef:
    size, name, thumbnail = file.get("file_size"), file.get("file_name"), file.get("thumbnail")
    file_id = file["file_id"]
    mime = mime or file.get("mime_type")
    if fallback is None and kind is MediaKind.PHOTO and thumbnail:
        fallback = thumbnail["file_id"]
    return MediaRef(
        kind=kind,
        ref=_token(file_id),
        size=int(size) if size is not None else None,
        mime=clean(mime, _MAX_NAME) if mime else None,
        name=clean(name, _MAX_NAME) if name else None,
        fallback=_token(fallback) if fallback is not None else None,
    )


def _token(text: Any) -> str:
    """An id or a type that Telegram made: printable ASCII. Raises ValueError for anything else."""
    if (
        not isinstance(text, str)
        or not text
        or len(text) > 512
        or not (text.isascii() and text.isprintable())
    ):
        raise ValueError("not an id of Telegram's")
    return text


_CONTENTS: dict[str, Callable[[Raw], dict[str, Any]]] = {
    "photo": _photo,
    "animation": _moving_picture("animation"),  # before `document`, which comes with it
    "document": _document,
    "voice": _recording("voice"),
    "audio": _recording("audio"),  # a recording made with another app
    "video": _moving_picture("video"),
    "video_note": _moving_picture("video_note"),
    "venue": _place,  # before `location`, which comes with it
    "location": _place,
    "contact": _contact,
}
