"""One event of the Bot platform → what it means. What a message is, its fields say; the event's name is only
asked second, for documents and real events disagree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.zalo.attachments import MALFORMED
from connectors.zalo.bot.settings import CHANNEL
from core.message import Address, Inbound, InboundKind, MediaKind, MediaRef
from core.text import clean

_MOST_TEXT = 8_192


def read_bot_event(raw: Any, now: datetime) -> Inbound | None:
    """The event, bare or wrapped in `{ok, result}`; None for what means nothing to the talk. Never raises."""
    try:
        event = raw.get("result", raw)
        return _read(event, event["message"], now)
    except MALFORMED:
        return None


def _read(event: Mapping[str, Any], message: Mapping[str, Any], now: datetime) -> Inbound | None:
    sender = message["from"]
    if sender.get("is_bot"):
        return None
    chat = message["chat"]
    content = _content(message)
    if str(chat.get("chat_type", "PRIVATE")).upper() != "PRIVATE":
        if not content.get("text"):
            return None
        content = {"kind": InboundKind.GROUP, "text": content["text"]}
    return Inbound(
        address=Address(CHANNEL, _id(chat["id"])),
        event_id=_key(event, message),
        sent_at=_moment(message.get("date"), now),
        sender_name=clean(str(sender.get("display_name") or ""), 200),
        **content,
    )


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    text = clean(str(message.get("text") or message.get("caption") or ""), _MOST_TEXT)
    photo = message.get("photo_url") or message.get("photo")
    voice = message.get("voice_url") or message.get("voice")
    if isinstance(photo, str) and photo:
        return {"photos": (MediaRef(MediaKind.PHOTO, _address(photo)),), "text": text}
    if isinstance(voice, str) and voice:
        return {"voice": MediaRef(MediaKind.VOICE, _address(voice)), "text": text}
    if text and not message.get("sticker"):
        return {"text": text}
    return {"kind": InboundKind.UNSUPPORTED}


def _key(event: Mapping[str, Any], message: Mapping[str, Any]) -> str:
    """What stays the same when an event comes again, also by another way: the message's id."""
    found = message.get("message_id")
    if isinstance(found, str | int) and str(found):
        return f"bot:{_id(found)}"
    content = json.dumps(event, sort_keys=True, default=str)
    return f"bot:{hashlib.sha256(content.encode()).hexdigest()}"


def _moment(value: Any, now: datetime) -> datetime:
    """`date` in milliseconds; now, when it does not say or says nonsense."""
    text = str(value)
    if not (text.isascii() and text.isdigit()) or len(text) > 14:
        return now
    return datetime.fromtimestamp(int(text) / 1000, UTC)


def _id(value: Any) -> str:
    text = str(value)
    if not text or len(text) > 120 or not (text.isascii() and text.isprintable()):
        raise ValueError("not an id of Zalo's")
    return text


def _address(value: str) -> str:
    if not value.lower().startswith(("https://", "http://")) or len(value) > 2_048:
        raise ValueError("not an address")
    return value
