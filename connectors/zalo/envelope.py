"""The outside of a webhook event: bounded JSON, and the two fields that are read before it is verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Raw = Mapping[str, Any]

MOST_BODY = 1024 * 1024
MOST_BRACKETS = 5_000
"""Opening brackets in a body: a bound on how deep it can nest. Real events have about ten."""
OLDEST = timedelta(hours=24)
"""Zalo delivers again for up to twelve hours; what is older than this is a replay."""


class BadEnvelope(ValueError):
    """Not a JSON object, or nested too deep."""


def open_envelope(body: bytes) -> dict[str, Any]:
    """The event in `body`. Raises BadEnvelope."""
    if body.count(b"{") + body.count(b"[") > MOST_BRACKETS:
        raise BadEnvelope("nested too deep")
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise BadEnvelope("not JSON") from None
    if not isinstance(raw, dict):
        raise BadEnvelope("not an object")
    return raw


def stamp_of(raw: Raw) -> str:
    """The `timestamp` as text, whether it came as text or as a number; "" when there is none."""
    stamp = raw.get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, str | int):
        return ""
    return str(stamp)


def moment_of(raw: Raw) -> datetime | None:
    """When the event happened (epoch milliseconds); None when it does not say."""
    stamp = stamp_of(raw)
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 14:
        return None
    return datetime.fromtimestamp(int(stamp) / 1000, UTC)
