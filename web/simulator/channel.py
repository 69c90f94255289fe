"""A channel whose citizens are browsers; one instance for each channel that is imitated."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from core.channel import MediaLost
from core.codec import encode
from core.message import (
    Address,
    Contact,
    Inbound,
    InboundKind,
    MediaKind,
    MediaRef,
    Outbound,
    Point,
    Receipt,
)
from core.text import clean
from core.trace import TurnTrace
from web.simulator.sessions import Sessions
from web.simulator.uploads import Uploads

NAMES = ("sim_zalo", "sim_telegram", "sim_hotline")
MAX_PHOTOS = 10
_OWN = {"address", "at"}  # the session's events say these themselves
_KINDS = {
    "message": InboundKind.MESSAGE,
    "start": InboundKind.START,
    "hung_up": InboundKind.HUNG_UP,
    "unsupported": InboundKind.UNSUPPORTED,
}


class BadMessage(ValueError):
    """The browser's message is not of the form described at `SimulatorChannel.parse`."""


class SimulatorChannel:
    """Fills `core.channel.Channel` for one of NAMES."""

    def __init__(self, name: str, sessions: Sessions, uploads: Uploads) -> None:
        if name not in NAMES:
            raise ValueError(f"a simulated channel is one of {', '.join(NAMES)}, not {name!r}")
        self.name = name
        self._sessions = sessions
        self._uploads = uploads

    def parse(self, raw: Any) -> list[Inbound]:
        """The events of one message of the page.

        `raw`: {"user", "client" (unique a message), "sent_at" ISO, "kind"?: message | start | hung_up |
        unsupported, "text"?, "photos"?: [upload id], "voice"?: upload id, "point"?: {lat, lon, accuracy_m?},
        "place_label"?, "contact"?: {phone, name?}, "choice"?, "choice_turn"?}. Several photos become an event
        each, as the real channels deliver them; only Telegram ties them as one album. Raises BadMessage.
        """
        if not isinstance(raw, dict):
            raise BadMessage("message")
        address = Address(self.name, _words(raw, "user", 80, needed=True))
        client = _words(raw, "client", 64, needed=True)
        sent_at = datetime.fromisoformat(_words(raw, "sent_at", 64, needed=True))
        kind = _KINDS.get(_words(raw, "kind", 20) or "message")
        if kind is None:
            raise BadMessage("kind")
        photos = self._photos(address, raw.get("photos", []))
        voice = self._medium(address, MediaKind.VOICE, raw["voice"]) if raw.get("voice") else None
        first = Inbound(
            address=address,
            event_id=f"{address.user}:{client}",
            sent_at=sent_at,
            kind=kind,
            text=clean(_words(raw, "text", 20_000)),
            photos=photos[:1],
            voice=voice,
            point=_point(raw.get("point")),
            place_label=clean(_words(raw, "place_label", 200)),
            contact=_contact(raw.get("contact")),
            choice=_words(raw, "choice", 80) or None,
            choice_turn=_number(raw.get("choice_turn")),
            album=client if len(photos) > 1 and self.name == "sim_telegram" else None,
            language="vi",
        )
        if kind is InboundKind.MESSAGE and _is_empty(first):
            raise BadMessage("empty")
        others = [
            Inbound(address, f"{first.event_id}:{number}", sent_at, photos=(photo,), album=first.album)
            for number, photo in enumerate(photos[1:], start=1)
        ]
        return [first, *others]

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Keep an answer for the browser and wake it. Never fails: a closed page reads it when it is back."""
        session = self._sessions.of_user(address.user)
        session.shown_media.update(message.photos)
        event = session.append(
            self.name,
            "service",
            text=message.text,
            choices=[{"value": choice.value, "label": choice.label} for choice in message.choices],
            ask=message.ask.value if message.ask else None,
            photos=list(message.photos),
            turn=message.turn,
            earlier=not session.is_current(self.name, address.user),
        )
        return Receipt((str(event["seq"]),))

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of an upload; `ref.ref` is `<owner>/<id>`."""
        owner, _, name = ref.ref.partition("/")
        try:
            size = self._uploads.size(owner, name)
            if size > limit:
                raise MediaLost(f"{size} bytes, more than {limit}")
            return self._uploads.get(owner, name)
        except KeyError:
            raise MediaLost("the upload is gone") from None

    def observe(self, trace: TurnTrace) -> None:
        """Show the page what a turn was made of; other channels' and earlier talks' are passed over."""
        if trace.address.channel != self.name:
            return
        session = self._sessions.of_user(trace.address.user)
        if session.is_current(self.name, trace.address.user):
            # the replies come by `send`; here they would only be said twice
            values = encode(replace(trace, replies=()))
            session.append(self.name, "trace", **{key: values[key] for key in values if key not in _OWN})

    def _photos(self, address: Address, names: Any) -> tuple[MediaRef, ...]:
        if not isinstance(names, list) or len(names) > MAX_PHOTOS:
            raise BadMessage("photos")
        return tuple(self._medium(address, MediaKind.PHOTO, name) for name in names)

    def _medium(self, address: Address, kind: MediaKind, name: Any) -> MediaRef:
        owner = address.user.partition(".")[0]
        try:
            size = self._uploads.size(owner, str(name))
        except KeyError:
            raise BadMessage("upload") from None
        return MediaRef(kind, f"{owner}/{name}", size=size)


def _is_empty(message: Inbound) -> bool:
    return not (
        message.text or message.photos or message.voice or message.point or message.contact or message.choice
    )


def _words(raw: dict[str, Any], key: str, limit: int, *, needed: bool = False) -> str:
    value = raw.get(key) or ""
    if not isinstance(value, str) or len(value) > limit or (needed and not value):
        raise BadMessage(key)
    return value


def _number(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadMessage("choice_turn")
    return value


def _point(value: Any) -> Point | None:
    if value is None:
        return None
    try:
        lat, lon = float(value["lat"]), float(value["lon"])
        accuracy = None if value.get("accuracy_m") is None else float(value["accuracy_m"])
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        raise BadMessage("point") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or (accuracy is not None and not 0 <= accuracy < 1e7):
        raise BadMessage("point")
    return Point(lat, lon, accuracy)


def _contact(value: Any) -> Contact | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadMessage("contact")
    return Contact(_words(value, "phone", 20, needed=True), clean(_words(value, "name", 80)) or None)
