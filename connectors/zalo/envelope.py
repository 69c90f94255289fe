"""The outside of a webhook event: bounded JSON, and the two fields that are read before it is verified."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Raw = Mapping[str, Any]

MOST_BODY = 1024 * 1024
MOST_BRACKETS = 5_000
"""Opening brackets outside strings: a bound on how deep a body can nest. Real events have about ten."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SECONDS = 10
"""Digits up to which a timestamp counts seconds: in milliseconds that was 1970."""
OLDEST = timedelta(hours=24)
"""Zalo delivers again for up to twelve hours; what is older than this is a replay."""


class BadEnvelope(ValueError):
    """Not a JSON object, or nested too deep."""


def open_envelope(body: bytes) -> dict[str, Any]:
    """The event in `body`. Raises BadEnvelope."""
    if _brackets(body) > MOST_BRACKETS and _brackets(_STRING.sub(b"", body)) > MOST_BRACKETS:
        raise BadEnvelope("nested too deep")
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise BadEnvelope("not JSON") from None
    if not isinstance(raw, dict):
        raise BadEnvelope("not an object")
    return raw


def _brackets(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def stamp_of(raw: Raw) -> str:
    """The `timestamp` as text, whether it came as text or as a number; "" when there is none."""
    stamp = raw.get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, str | int):
        return ""
    return str(stamp)


def moment_of(raw: Raw) -> datetime | None:
    """When the event happened (epoch milliseconds, or seconds); None when it does not say."""
    stamp = stamp_of(raw)
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 14:
        return None
    return datetime.fromtimestamp(int(stamp) / (1 if len(stamp) <= _SECONDS else 1000), UTC)
