"""What the Bot API's refusals mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bots.citizen.answers import decode_answer
from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
)

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "description", "kind"),
    [
        (401, "Unauthorized", CredentialsRefused),
        (404, "Not Found", CredentialsRefused),
        (403, "Forbidden: bot was blocked by the user", Blocked),
        (403, "Forbidden: user is deactivated", Blocked),
        (403, "Forbidden: bot can't initiate conversation with a user", Blocked),
        (403, "Forbidden: bot was kicked from the supergroup chat", Blocked),
        (400, "Bad Request: chat not found", Blocked),
        (400, "Bad Request: PEER_ID_INVALID", Blocked),
        (400, "Bad Request: not enough rights to send text messages to the chat", Blocked),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", Blocked),
        (400, "Bad Request: message is too long", Rejected),
        (400, "Bad Request: BUTTON_DATA_INVALID", Rejected),
        (413, "Request Entity Too Large", Rejected),
        (409, "Conflict: terminated by other getUpdates request", RetryLater),
        (500, "Internal Server Error", RetryLater),
        (502, "Bad Gateway", RetryLater),
        (429, "Too Many Requests", RateLimited),
    ],
)
def test_refusals(status: int, description: str, kind: type[ChannelError]) -> None:
    body = json.dumps({"ok": False, "error_code": status, "description": description})
    with pytest.raises(ChannelError) as caught:
        decode_answer(status, body, NOW)
    assert type(caught.value) is kind
    assert description in str(caught.value)


@pytest.mark.parametrize(
    ("seconds", "wait_s"), [(7, 7), (0, 0), (10**9, 86400), (-3, 0), ("7", 1), (True, 1), (None, 1)]
)
def test_waits(seconds: Any, wait_s: int) -> None:
    body = json.dumps(
        {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": seconds}}
    )
    with pytest.raises(RateLimited) as caught:
        decode_answer(429, body, NOW)
    assert caught.value.until == NOW + timedelta(seconds=wait_s)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, "<html>Bad Gateway</html>", RetryLater),
        (403, "<html>a proxy</html>", RetryLater),
        (200, "<html>a captive portal</html>", Uncertain),
        (200, "", Uncertain),
        (200, "[]", Uncertain),
        (200, "\ud83d", Uncertain),
    ],
)
def test_what_is_not_the_bot_apis_own_answer(status: int, body: str, kind: type[ChannelError]) -> None:
    with pytest.raises(ChannelError) as caught:
        decode_answer(status, body, NOW)
    assert type(caught.value) is kind


def test_results() -> None:
    assert decode_answer(200, '{"ok": true, "result": {"message_id": 5}}', NOW) == {"message_id": 5}
