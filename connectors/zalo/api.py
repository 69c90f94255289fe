"""Zalo's API: headers, envelopes, tokens, limits and time-outs; what is said over it is others' business."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from connectors.zalo.bucket import Bucket
from connectors.zalo.errors import Host, TokenRefused, TooFast, error_of, too_fast
from connectors.zalo.settings import ZaloSettings
from connectors.zalo.tokens import Tokens
from core.channel import ChannelError, Rejected, RetryLater, Uncertain
from core.clock import Clock

log = structlog.get_logger(__name__)

CONNECT_S = 5.0
READ_S = 15.0
"""Several parts of an answer must fit into delivery's lease."""

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_NOT_REACHED = frozenset({500, 503})


class ZaloApi:
    """The calls that Kênh Dân makes. Each raises a ChannelError; none names a token.

    `facts` are the last things Zalo told about our limits.
    """

    def __init__(
        self, settings: ZaloSettings, tokens: Tokens, http: httpx.AsyncClient, clock: Clock,
        *, read_s: float = READ_S,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._tokens = tokens
        self._http = http
        self._clock = clock
        self._bucket = Bucket(settings.rate, clock)
        self._timeout = httpx.Timeout(read_s, connect=CONNECT_S)
        self._bases = {Host.OA: settings.openapi_base, Host.BUSINESS: settings.business_base}
        self.facts: dict[str, Any] = {}

    async def send_message(self, user: str, message: Mapping[str, Any]) -> str:
        """A consultation message to a user of the account; the message id. Raises Uncertain when no answer
        came back."""
        body = {"recipient": {"user_id": user}, "message": message}
        return _message_id(await self._post(Host.OA, "/v3.0/oa/message/cs", body))

    async def send_anonymous(self, user: str, conversation: str, message: Mapping[str, Any]) -> str:
        """An answer to somebody who has not logged in."""
        recipient = {"anonymous_id": user, "conversation_id": conversation}
        body = {"recipient": recipient, "message": message}
        return _message_id(await self._post(Host.OA, "/v2.0/oa/message", body))

    async def send_template(self, user: str, template: str, data: Mapping[str, str]) -> str:
        """A ZBS template by user id."""
        body = {"user_id": user, "template_id": template, "template_data": data}
        return _message_id(await self._post(Host.OA, "/v3.0/oa/message/template", body))

    async def send_template_to_phone(
        self, phone: str, template: str, data: Mapping[str, str], tracking_id: str
    ) -> str:
        """A ZBS template by phone (84…). `tracking_id` has at most 48 characters."""
        body = {
            "phone": phone, "template_id": template, "template_data": data, "tracking_id": tracking_id[:48],
        }  # fmt: skip
        return _message_id(await self._post(Host.BUSINESS, "/message/template", body))

    async def upload_image(self, data: bytes, mime: str) -> str:
        """The attachment id of a picture (JPEG, PNG; at most 1 MB); it lives for seven days."""
        suffix = "png" if mime == "image/png" else "jpg"
        files = {"file": (f"photo.{suffix}", data, mime)}
        found = await self._call(Host.OA, "POST", "/v2.0/oa/upload/image", files=files, sends=False)
        attachment = found.get("attachment_id") if isinstance(found, Mapping) else None
        if not isinstance(attachment, str | int) or not str(attachment):
            raise RetryLater("Zalo gave no attachment id for a picture")
        return str(attachment)

    async def account(self) -> Mapping[str, Any]:
        """The Official Account itself: `oa_id`, `package_name`, `is_verified`, `linked_ZCA` …"""
        found = await self._call(Host.OA, "GET", "/v2.0/oa/getoa", sends=False)
        return found if isinstance(found, Mapping) else {}

    async def quota(self, user: str) -> Mapping[str, Any]:
        """What Zalo knows of a user's window: `last_interaction` (epoch ms), `cs_reply.remain` …"""
        found = await self._call(
            Host.OA, "POST", "/v3.0/oa/quota/message", json_body={"user_id": user}, sends=False
        )
        return found if isinstance(found, Mapping) else {}

    async def user(self, user: str) -> Mapping[str, Any]:
        """The profile of a user: `display_name`, `user_is_follower`, `shared_info` …"""
        query = {"data": json.dumps({"user_id": user})}  # GET parameters travel as JSON in one of them
        found = await self._call(Host.OA, "GET", "/v3.0/oa/user/detail", query=query, sends=False)
        return found if isinstance(found, Mapping) else {}

    # -- the convention -----------------------------------------------------------------------------------

    async def _post(self, host: Host, path: str, body: Mapping[str, Any]) -> Any:
        return await self._call(host, "POST", path, json_body=body, sends=True)

    async def _call(
        self, host: Host, method: str, path: str, *, sends: bool,
        json_body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """One call, and once more with a fresh token when Zalo refused the old one."""

        async def once(token: str) -> Any:
            request = self._http.build_request(
                method, self._bases[host] + path, json=json_body, params=query, files=files,
                headers=self._headers(token), timeout=self._timeout,
            )  # fmt: skip
            return await self._exchange(host, request, sends=sends)

        token = await self._token(None)
        try:
            return await once(token)
        except TokenRefused as error:
            log.info("zalo.token_refused", error=str(error))
            return await once(await self._token(token))

    async def _token(self, spent: str | None) -> str:
        """A token, or another one. No answer from the token server leaves our own call unsent."""
        try:
            return await (self._tokens.access() if spent is None else self._tokens.renew(spent))
        except Uncertain as error:
            raise RetryLater(str(error)) from None

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"access_token": token}
        if self._settings.appsecret_proof:
            key = self._settings.app_secret.encode()
            headers["appsecret_proof"] = hmac.new(key, token.encode(), "sha256").hexdigest()
        return headers

    async def _exchange(self, host: Host, request: httpx.Request, *, sends: bool) -> Any:
        await self._bucket.take()
        try:
            response = await self._http.send(request)
        except _NOTHING_SENT as error:
            raise RetryLater(f"Zalo {host} cannot be reached: {type(error).__name__}") from None
        except httpx.HTTPError as error:
            text = f"Zalo {host} did not answer: {type(error).__name__}"
            raise (Uncertain(text) if sends else RetryLater(text)) from None
        self._note_limits(response.headers)
        try:
            return self._read(host, response, sends=sends)
        except TooFast as error:
            self._bucket.close_until(error.until)
            raise

    def _read(self, host: Host, response: httpx.Response, *, sends: bool) -> Any:
        """The `data` of an answer. Raises what its error means."""
        status = response.status_code
        if status == 429:
            raise too_fast(host, self._clock.now())
        answer = _object(response.content)
        if answer is None:
            raise _unreadable(host, status, sends=sends)
        code = _code(answer.get("error"))
        if code == 0 and status < 400:
            return answer.get("data")
        if code in (0, None):
            raise _unreadable(host, status, sends=sends)
        raise error_of(host, code or 0, str(answer.get("message") or ""), self._clock.now())

    def _note_limits(self, headers: httpx.Headers) -> None:
        for name in ("x-ratelimit-limit", "x-ratelimit-remain"):
            if headers.get(name, "").isdecimal():
                self.facts[name.removeprefix("x-").replace("-", "_")] = int(headers[name])


def _unreadable(host: Host, status: int, *, sends: bool) -> ChannelError:
    """Not Zalo's own words: an empty body, a gateway's page. A message may have been taken all the same."""
    text = f"Zalo {host}: HTTP {status} without a readable answer"
    if status in _NOT_REACHED or not sends:
        return RetryLater(text)
    if 400 <= status < 500:
        return Rejected(text)
    return Uncertain(text)


def _code(value: Any) -> int | None:
    """`error` as a number, which some answers write as text."""
    if isinstance(value, bool):
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _message_id(data: Any) -> str:
    """The id of what was sent; "" when Zalo took it but named none."""
    if not isinstance(data, Mapping):
        return ""
    found = data.get("message_id") or data.get("msg_id")
    return str(found) if isinstance(found, str | int) else ""


def _object(content: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
