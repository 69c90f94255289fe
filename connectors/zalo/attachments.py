"""What a message holds besides its words: Zalo's attachments as media, places and contacts."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import structlog

from connectors.zalo.envelope import Raw
from core.message import Contact, MediaKind, MediaRef, Point
from core.text import clean

log = structlog.get_logger(__name__)

MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, OSError)
"""What reading a dict of the wrong shape raises."""

_MOST_ADDRESS = 2_048
_PICTURE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif")
_SOUND_NAMES = (".amr", ".aac", ".m4a", ".mp3", ".ogg", ".opus", ".wav")
_FILM_NAMES = (".mp4", ".mov", ".3gp", ".mkv", ".avi")
_VIETNAM_LAT, _VIETNAM_LON = (6.0, 24.0), (102.0, 118.0)
"""Mainland and islands: a position outside is possible, but worth a line in the log."""


def images(attachments: Any) -> tuple[MediaRef, ...]:
    """Every picture of a message; one attachment is usual, several are possible."""
    found = tuple(
        _media(attachment["payload"], MediaKind.PHOTO)
        for attachment in attachments
        if attachment.get("type", "image") in ("image", "photo", "gif")
    )
    if not found:
        raise ValueError("an image without picture")
    return found


def audio(attachments: Any) -> MediaRef:
    """The recording; what it is made of is told by its bytes later."""
    return _media(attachments[0]["payload"], MediaKind.VOICE)


def videos(attachments: Any) -> tuple[MediaRef, ...]:
    return tuple(_media(attachment["payload"], MediaKind.VIDEO) for attachment in attachments)


def files(attachments: Any) -> dict[str, Any]:
    """Files by their names: pictures and recordings count as such."""
    payload = attachments[0]["payload"]
    name = str(payload.get("name") or "").lower()
    kind = str(payload.get("type") or "").lower().lstrip(".")
    suffix = name if "." in name else f".{kind}"
    if suffix.endswith(_PICTURE_NAMES) or kind.startswith("image/"):
        return {"photos": tuple(_media(one["payload"], MediaKind.PHOTO) for one in attachments)}
    if suffix.endswith(_SOUND_NAMES) or kind.startswith("audio/"):
        return {"voice": _media(payload, MediaKind.VOICE)}
    film = suffix.endswith(_FILM_NAMES) or kind.startswith("video/")
    return {"files": (_media(payload, MediaKind.VIDEO if film else MediaKind.FILE),)}


def place(attachments: Any) -> dict[str, Any]:
    """The position, `payload.coordinates` as text or numbers. Raises ValueError off the globe and at 0,0."""
    where = attachments[0]["payload"]["coordinates"]
    lat, lon = _degrees(where["latitude"]), _degrees(where["longitude"])
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):
        raise ValueError("a position off the globe")
    if not (_VIETNAM_LAT[0] <= lat <= _VIETNAM_LAT[1] and _VIETNAM_LON[0] <= lon <= _VIETNAM_LON[1]):
        log.warning("zalo.place_outside_vietnam")
    return {"point": Point(lat, lon)}


def business_card(attachments: Any, name: str) -> str:
    """Somebody's card reads like typed words; its `description` is JSON in a string."""
    card = json.loads(attachments[0]["payload"]["description"])
    return clean(f"{name} {national_phone(str(card['phone']))}")


def submitted_contact(info: Raw) -> Contact:
    """What the citizen filled in Zalo's own form. Their address is where they live, not where it happened."""
    phone = national_phone(str(info.get("phone") or ""))
    name = info.get("name")
    return Contact(phone or None, clean(name, 200) or None if isinstance(name, str) else None)


def national_phone(phone: str) -> str:
    """Zalo writes 84900000123; people read 0900000123."""
    digits = re.sub(r"\D", "", phone)
    return "0" + digits[2:] if digits.startswith("84") and len(digits) in (11, 12) else digits


def international_phone(phone: str) -> str:
    """The inverse: 0900000123 → 84900000123. Raises ValueError for what is no Vietnamese number."""
    digits = re.sub(r"\D", "", phone)
    digits = "84" + digits[1:] if digits.startswith("0") else digits
    if not re.fullmatch(r"84\d{8,10}", digits):
        raise ValueError("not a Vietnamese phone number")
    return digits


def _degrees(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError("not a number of degrees")
    degrees = float(value)
    if not math.isfinite(degrees):
        raise ValueError("not a number of degrees")
    return degrees


def _media(payload: Raw, kind: MediaKind) -> MediaRef:
    thumbnail = payload.get("thumbnail")
    size = str(payload.get("size") or "")
    name = payload.get("name")
    return MediaRef(
        kind=kind,
        ref=_address(payload["url"]),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 15 else None,
        name=clean(name, 200) if isinstance(name, str) else None,
        fallback=_address(thumbnail) if kind is MediaKind.PHOTO and thumbnail else None,
    )


def _address(value: Any) -> str:
    if not isinstance(value, str) or not value.lower().startswith(("https://", "http://")):
        raise ValueError("not an address")
    if len(value) > _MOST_ADDRESS:
        raise ValueError("not an address of Zalo's")
    return value
