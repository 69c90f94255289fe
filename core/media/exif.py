"""What a photo says about itself: where and when it was taken. Read before everything is stripped.

Messengers strip it from photos; it survives in photos sent as files. Wrong is worse than nothing: whatever
is odd counts as not said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from PIL import Image

from core.message import Point

_GPS_IFD = 0x8825
_EXIF_IFD = 0x8769
_LAT_REF, _LAT, _LON_REF, _LON, _STATUS, _ERROR_M = 1, 2, 3, 4, 9, 31
_TAKEN, _TAKEN_ZONE = 0x9003, 0x9011
_ZONE = re.compile(r"[+-]\d{2}:\d{2}")
_WORST_ERROR_M = 100_000.0


def read_point(exif: Image.Exif) -> Point | None:
    """The GPS position; None when absent, void, at 0,0 or outside the globe."""
    gps: Mapping[int, Any] = exif.get_ifd(_GPS_IFD)
    if _letter(gps.get(_STATUS)) == "V":  # the receiver had no fix: a remembered or invented place
        return None
    lat = _degrees(gps.get(_LAT), _letter(gps.get(_LAT_REF)), "NS", 90)
    lon = _degrees(gps.get(_LON), _letter(gps.get(_LON_REF)), "EW", 180)
    if lat is None or lon is None or (abs(lat) < 1e-4 and abs(lon) < 1e-4):
        return None
    error = _number(gps.get(_ERROR_M))
    accuracy = error if error is not None and 0 < error < _WORST_ERROR_M else None
    return Point(round(lat, 7), round(lon, 7), accuracy)


def read_taken_at(exif: Image.Exif) -> str | None:
    """DateTimeOriginal as ISO 8601: the camera's local time, with its zone only when the camera says so."""
    details: Mapping[int, Any] = exif.get_ifd(_EXIF_IFD)
    raw = details.get(_TAKEN)
    if not isinstance(raw, str):
        return None
    try:
        taken = datetime.strptime(raw.strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  the camera's own clock
    except ValueError:
        return None
    zone = details.get(_TAKEN_ZONE)
    suffix = zone.strip("\0 ") if isinstance(zone, str) and _ZONE.fullmatch(zone.strip("\0 ")) else ""
    return taken.isoformat() + suffix


def _degrees(parts: Any, ref: str, refs: str, limit: int) -> float | None:
    """Degrees, minutes and seconds as one signed number; `refs` is the positive and the negative letter."""
    if not isinstance(parts, tuple | list) or not 1 <= len(parts) <= 3 or not ref or ref not in refs:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None or number < 0 for number in numbers):
        return None
    degrees, minutes, seconds = ([number for number in numbers if number is not None] + [0.0, 0.0])[:3]
    if minutes >= 60 or seconds >= 60:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if value > limit:
        return None
    return value if ref == refs[0] else -value


def _number(value: Any) -> float | None:
    """A finite float, or None: EXIF rationals may have a zero denominator."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _letter(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.strip("\0 ")[:1].upper() if isinstance(value, str) else ""
