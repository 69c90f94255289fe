"""What an answer of the Bot API means when it is not "ok"."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
)

_NOBODY_THERE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
    "group chat was upgraded",
)
_MAX_WAIT_S = 24 * 3600


def decode_answer(status: int, content: str | bytes, now: datetime) -> Any:
    """The `result` of an answer. Raises the ChannelError that a refusal means; `now` is aware UTC."""
    try:
        answer = json.loads(content)
    except ValueError:
        answer = None
    if isinstance(answer, Mapping) and answer.get("ok") is True and status < 300:
        return answer.get("result")
    raise error_of(status, answer if isinstance(answer, Mapping) else None, now)


def error_of(status: int, answer: Mapping[str, Any] | None, now: datetime) -> ChannelError:
    """The ChannelError of a refusal; `answer` is None when the body was not JSON (a proxy's page)."""
    said = str(answer.get("description", "")) if answer else ""
    text = f"Telegram {status}: {said or 'no description'}"[:300]
    wait = _retry_after(answer)
    if status == 429 or wait is not None:
        return RateLimited(text, now + timedelta(seconds=1 if wait is None else wait))
    if status >= 500:
        return RetryLater(text)
    if answer is None:
        # Not Telegram's own words. A success that cannot be read may well have been one.
        return Uncertain(text) if status < 300 else RetryLater(text)
    if status in (401, 404):  # 404: a token of the wrong form is an unknown address
        return CredentialsRefused(text)
    if status == 403 or any(sign in said.lower() for sign in _NOBODY_THERE):
        return Blocked(text)
    if status == 409:  # another process polls, or a webhook is set
        return RetryLater(text)
    return Rejected(text)


def _retry_after(answer: Mapping[str, Any] | None) -> float | None:
    parameters = answer.get("parameters") if answer else None
    seconds = parameters.get("retry_after") if isinstance(parameters, Mapping) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return float(min(max(seconds, 0), _MAX_WAIT_S))
