"""Zalo's OAuth v4 for Official Accounts: the consent's address, and pairs of tokens for a code or a refresh.

A pair is believed only when both tokens are there: refusals come with HTTP 200, too.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from connectors.zalo.settings import ZaloSettings
from core.channel import CredentialsRefused, RetryLater, Uncertain

DEFAULT_LIFE = timedelta(seconds=3600)
"""Of an access token that does not say how long it lives. Zalo's live 25 hours."""
CONNECT_S = 5.0
READ_S = 20.0
"""A token request takes CONNECT_S + READ_S at most; the lock around it is longer (`tokens.py`)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token with the refresh token that replaces it, once."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    life: timedelta = DEFAULT_LIFE


def new_verifier() -> str:
    """A PKCE verifier: 43 characters."""
    return _base64url(secrets.token_bytes(32))


def challenge_of(verifier: str) -> str:
    """The PKCE challenge: base64url of the SHA-256, without padding."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def consent_url(settings: ZaloSettings, verifier: str, state: str) -> str:
    """Where the Official Account's administrator consents."""
    query = {
        "app_id": settings.app_id,
        "redirect_uri": settings.redirect_url,
        "code_challenge": challenge_of(verifier),
        "state": state,
    }
    return f"{settings.oauth_base}/v4/oa/permission?{urlencode(query)}"


class OAuth:
    """The token endpoint. Every call raises CredentialsRefused when Zalo refuses, RetryLater when nothing
    was sent or Zalo is busy, and Uncertain when no answer came: the code or token may be spent."""

    def __init__(self, settings: ZaloSettings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http

    async def exchange(self, code: str, verifier: str) -> Pair:
        """The first pair, for the code that the consent brought."""
        return await self._ask({"code": code, "grant_type": "authorization_code", "code_verifier": verifier})

    async def refresh(self, refresh_token: str) -> Pair:
        """The next pair; the refresh token is spent by it, whether or not the answer arrives."""
        return await self._ask({"refresh_token": refresh_token, "grant_type": "refresh_token"})

    async def _ask(self, form: dict[str, str]) -> Pair:
        try:
            response = await self._http.post(
                f"{self._settings.oauth_base}/v4/oa/access_token",
                data={"app_id": self._settings.app_id, **form},
                headers={"secret_key": self._settings.app_secret},
                timeout=httpx.Timeout(READ_S, connect=CONNECT_S),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise RetryLater(f"Zalo's token server cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            raise Uncertain(f"Zalo's token server did not answer: {type(error).__name__}") from None
        return read_pair(response.status_code, response.content)


def read_pair(status: int, content: bytes) -> Pair:
    """The pair in an answer. Raises like OAuth."""
    answer = _object(content)
    if answer is None:
        if status >= 500 or status == 429:
            raise RetryLater(f"Zalo's token server: HTTP {status}")
        raise Uncertain(f"Zalo's token server: HTTP {status} without a readable answer")
    access, refresh = answer.get("access_token"), answer.get("refresh_token")
    if isinstance(access, str) and isinstance(refresh, str) and access.strip() and refresh.strip():
        return Pair(access, refresh, _life(answer.get("expires_in")))
    said = _said(answer) or f"HTTP {status} without tokens"
    if status >= 500 or status == 429 or str(answer.get("error")) == "-32":
        raise RetryLater(f"Zalo's token server: {said}")
    raise CredentialsRefused(f"Zalo refuses the token request: {said}")


def _said(answer: Mapping[str, Any]) -> str:
    """Zalo's own words about a failure, wherever it put them."""
    code = answer.get("error")
    for name in ("message", "error_description", "error_reason", "error_name"):
        if isinstance(answer.get(name), str) and answer[name]:
            words = answer[name][:200]
            return f"{words} ({code})" if code else words
    return f"error {code}" if code else ""


def _life(value: Any) -> timedelta:
    """`expires_in`, which is a number of seconds in a string."""
    text = str(value).strip()
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 0 < int(text) < 10**9:
        return DEFAULT_LIFE
    return timedelta(seconds=int(text))


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
