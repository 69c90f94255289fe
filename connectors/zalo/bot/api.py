"""The Bot platform's methods. The token is part of the address, so no error and no log names the address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx

from connectors.zalo.bot.settings import BotSettings
from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
)
from core.clock import Clock

_CONNECT_S = 5.0
_READ_S = 15.0
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TIMED_OUT = 408


class BotApi:
    """Calls of one bot. Each raises a ChannelError."""

    def __init__(self, settings: BotSettings, http: httpx.AsyncClient, clock: Clock) -> None:
        self._settings = settings
        self._http = http
        self._clock = clock

    async def send_text(self, chat: str, text: str) -> str:
        """Returns the message id. Raises Uncertain when no answer came back."""
        return _message_id(await self._call("sendMessage", {"chat_id": chat, "text": text}, sends=True))

    async def send_photo(self, chat: str, address: str) -> str:
        """The platform fetches the photo from `address`, more than once."""
        return _message_id(await self._call("sendPhoto", {"chat_id": chat, "photo": address}, sends=True))

    async def get_updates(self, wait_s: int) -> list[Any]:
        """Events by polling; none when none came. Updates that were given before may be given again."""
        try:
            found = await self._call("getUpdates", {"timeout": wait_s}, wait_s=wait_s)
        except _NothingNew:
            return []
        return found if isinstance(found, list) else [found]

    async def set_webhook(self, address: str, secret: str) -> None:
        await self._call("setWebhook", {"url": address, "secret_token": secret})

    async def delete_webhook(self) -> None:
        try:
            await self._call("deleteWebhook", {})
        except Rejected:  # there was none
            return

    async def _call(
        self, method: str, body: Mapping[str, Any], *, sends: bool = False, wait_s: float = 0.0
    ) -> Any:
        timeout = httpx.Timeout(_READ_S + wait_s, connect=_CONNECT_S)
        address = f"{self._settings.base}/bot{self._settings.token}/{method}"
        try:
            response = await self._http.post(address, json=body, timeout=timeout)
        except _NOTHING_SENT as error:
            raise RetryLater(f"the Bot platform cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            text = f"the Bot platform did not answer {method}: {type(error).__name__}"
            raise (Uncertain(text) if sends else RetryLater(text)) from None
        return self._read(method, response, sends=sends)

    def _read(self, method: str, response: httpx.Response, *, sends: bool) -> Any:
        status = response.status_code
        try:
            answer = json.loads(response.content)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict) and answer.get("ok") is True and status < 300:
            return answer.get("result")
        said, code = "", status
        if isinstance(answer, dict):
            said = str(answer.get("description") or "")[:200]
            code = answer["error_code"] if isinstance(answer.get("error_code"), int) else status
        elif status < 300:
            text = f"the Bot platform's answer to {method} cannot be read"
            raise Uncertain(text) if sends else RetryLater(text)
        raise self._error(code, f"Bot platform {method} {code}: {said or 'no description'}")

    def _error(self, code: int, text: str) -> ChannelError:
        if code == _TIMED_OUT:
            return _NothingNew(text)
        if code == 429:
            return RateLimited(text, self._clock.now() + timedelta(seconds=5))
        if code in (401, 404):  # a token of the wrong form is an unknown address
            return CredentialsRefused(text)
        if code == 403:
            return Blocked(text)
        return RetryLater(text) if code >= 500 else Rejected(text)


class _NothingNew(RetryLater):
    """An empty poll, which the platform answers as an error."""


def _message_id(result: Any) -> str:
    found = result.get("message_id") if isinstance(result, Mapping) else None
    return str(found) if isinstance(found, str | int) else ""
