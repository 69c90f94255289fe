"""A stand-in Zalo on a loopback port: consent, tokens, uploads, messages, quota, templates, a CDN, the Bot
platform, and the side that calls us: signed events with Zalo's ladder of redeliveries, and echoes.

It checks what Zalo checks and refuses as Zalo refuses: with HTTP 200 and an error code. It can be told to
fail in Zalo's ways: slow, cut off, empty, limited. Every address the program may be pointed at is `base`.
`python -m tests.zalo_server --webhook URL` runs one by hand. It is no part of the product.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from aiohttp import web

APP_ID = "1234567890123456789"
APP_SECRET = "stand-in-app-secret"
OA_ID = "4318657068771012646"
WEBHOOK_SECRET = "stand-in-oa-secret-key"
BOT_TOKEN = "1300000000000000001:stand-in-bot-token"
BOT_SECRET = "stand-in-bot-secret"

LADDER_S = (30.0, 300.0, 900.0, 1_800.0, 3_600.0)
"""After which a failed event is delivered again; `ladder_scale` makes it quick."""
FREE_MS, ALLOWED_MS = 48 * 3_600_000, 7 * 24 * 3_600_000


@dataclass(frozen=True)
class Failure:
    """How the next call of a kind goes wrong.

    `error` is answered with HTTP 200; `status` without a body when there is no `body`. `hang_s` delays the
    answer, `cut` closes the connection without one; `after` lets the call work first: it arrived.
    """

    error: int = 0
    message: str = ""
    status: int = 200
    body: bytes | None = None
    hang_s: float = 0.0
    cut: bool = False
    after: bool = False


@dataclass
class User:
    """A citizen as Zalo knows them. `last_at` is their last interaction in epoch milliseconds."""

    id: str
    follows: bool = True
    blocked: bool = False
    last_at: int = 0


@dataclass(frozen=True)
class Sent:
    """One message that was taken: `kind` is text, image, template …"""

    user: str
    kind: str
    text: str
    message_id: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One try to deliver an event, and what the program answered (0: not reached)."""

    event: dict[str, Any]
    status: int
    retry: int
    seconds: float


@dataclass
class StandInZalo:
    """`async with StandInZalo() as zalo:` — `zalo.base` is every host. Set `webhook` to the program's."""

    webhook: str = ""
    ladder_scale: float = 0.0
    """Seconds of the ladder are multiplied by this; 0: never delivered again by itself."""
    echoes: bool = False
    echo_delay_s: float = 0.0
    expires_in: str = "90000"
    rate_limit: int = 4_000
    open_house: bool = False
    """Everybody counts as somebody who has just written: for load that another process makes."""
    money: bool = True
    sent: list[Sent] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    uploads: dict[str, bytes] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    templates: dict[str, set[str]] = field(default_factory=dict)
    refreshes: int = 0
    bot_sent: list[dict[str, Any]] = field(default_factory=list)
    bot_updates: deque[dict[str, Any]] = field(default_factory=deque)
    bot_webhook: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        self.base = ""
        self.access = "access-" + secrets.token_hex(8)
        self.refresh_token = "refresh-" + secrets.token_hex(8)
        self._spent: set[str] = set()
        self._codes: dict[str, str] = {}
        self._files: dict[str, bytes] = {}
        self._file_failures: dict[str, deque[Failure]] = defaultdict(deque)
        self._failures: dict[str, deque[Failure]] = defaultdict(deque)
        self._expired_assets: set[str] = set()
        self._minute: deque[float] = deque()
        self._next = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._http = httpx.AsyncClient(trust_env=False, timeout=10.0)

    async def __aenter__(self, port: int = 0) -> StandInZalo:
        await self.start(0)
        return self

    async def start(self, port: int) -> None:
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_get("/v4/oa/permission", self._permission)
        app.router.add_post("/v4/oa/access_token", self._token)
        for path, handler in self._api().items():
            app.router.add_route("*", path, self._guarded(path, handler))
        app.router.add_post("/message/template", self._guarded("/message/template", self._phone_template))
        app.router.add_get("/cdn/{name}", self._cdn)
        app.router.add_post("/bot{token}/{method}", self._bot)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.aclose()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        return int(self.base.rpartition(":")[2])

    # -- what tests say to it -----------------------------------------------------------------------------

    def fail(self, kind: str, *failures: Failure) -> None:
        """The next calls of a kind go wrong: "token", "message", "upload", "template", "phone", "quota" …"""
        self._failures[kind].extend(failures)

    def expire_access(self) -> None:
        """The access token is over, as after 25 hours."""
        self.access = "unknown-to-everybody-" + secrets.token_hex(8)

    def expire_assets(self) -> None:
        """Uploads are gone, as after seven days."""
        self._expired_assets |= set(self.uploads)

    def file(self, data: bytes, *failures: Failure, name: str = "") -> str:
        """A file on the CDN; its address. Its first downloads go wrong as said."""
        name = name or f"{secrets.token_hex(8)}.jpg"
        self._files[name] = data
        self._file_failures[name].extend(failures)
        return f"{self.base}/cdn/{name}"

    def texts(self, user: str | None = None) -> list[str]:
        return [sent.text for sent in self.sent if user in (None, sent.user)]

    # -- events -------------------------------------------------------------------------------------------

    def message_id(self) -> str:
        self._next += 1
        return f"m{secrets.token_hex(6)}{self._next}"

    def user_event(
        self, user: str, kind: str, text: str | None = None, *attachments: dict[str, Any]
    ) -> dict[str, Any]:
        """An event `user_send_<kind>`, dated now."""
        message: dict[str, Any] = {"msg_id": self.message_id()}
        if text is not None:
            message["text"] = text
        if attachments:
            message["attachments"] = list(attachments)
        return self.event(
            f"user_send_{kind}", sender={"id": user}, recipient={"id": OA_ID}, message=message,
            user_id_by_app=f"9{user[1:]}",
        )  # fmt: skip

    def event(self, name: str, **fields: Any) -> dict[str, Any]:
        """Any event, dated now unless `timestamp` is given."""
        return {"app_id": APP_ID, "event_name": name, "timestamp": str(_now_ms()), **fields}

    def text(self, user: str, words: str) -> dict[str, Any]:
        return self.user_event(user, "text", words)

    def photo(self, user: str, url: str, caption: str | None = None) -> dict[str, Any]:
        payload = {"url": url, "thumbnail": url}
        return self.user_event(user, "image", caption, {"type": "image", "payload": payload})

    def location(self, user: str, lat: float | str, lon: float | str, label: str = "") -> dict[str, Any]:
        payload = {"coordinates": {"latitude": lat, "longitude": lon}}
        return self.user_event(user, "location", label, {"type": "location", "payload": payload})

    async def deliver(self, event: dict[str, Any], *, num_retry: int = 0, climb: bool = True) -> int:
        """Sign an event and deliver it; the program's status. A failed one climbs the ladder."""
        self._note_interaction(event)
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        return await self._post(event, body, num_retry, climb=climb)

    async def deliver_all(self, events: Iterable[dict[str, Any]]) -> list[int]:
        """All at once."""
        return list(await asyncio.gather(*(self.deliver(event) for event in events)))

    async def _post(self, event: dict[str, Any], body: bytes, retry: int, *, climb: bool) -> int:
        headers = {
            "content-type": "application/json",
            "x-zevent-signature": sign(body, str(event["timestamp"])),
        }
        if retry:
            headers["num_retry"] = str(retry)
        started = time.monotonic()
        try:
            status = (await self._http.post(self.webhook, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            status = 0
        self.deliveries.append(Delivery(event, status, retry, time.monotonic() - started))
        if status != 200 and climb and self.ladder_scale and retry < len(LADDER_S):
            wait = LADDER_S[retry] * self.ladder_scale
            self._later(wait, lambda: self._post(event, body, retry + 1, climb=True))
        return status

    def _later(self, seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work()

        task = asyncio.get_running_loop().create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _note_interaction(self, event: dict[str, Any]) -> None:
        name = event["event_name"]
        user = {
            "follow": lambda: event["follower"]["id"],
            "user_click_chatnow": lambda: event["user_id"],
        }.get(name)
        if user is not None:
            self._user(user()).last_at = int(event["timestamp"])
        elif name.startswith("user_send_") or name == "user_submit_info":
            self._user(event["sender"]["id"]).last_at = int(event["timestamp"])

    def _user(self, user: str) -> User:
        return self.users.setdefault(user, User(user))

    # -- consent and tokens -------------------------------------------------------------------------------

    async def _permission(self, request: web.Request) -> web.StreamResponse:
        """The administrator consents at once."""
        asked = request.query
        if asked.get("app_id") != APP_ID or not asked.get("code_challenge"):
            return web.json_response({"error": -14002, "error_name": "Invalid app"})
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked["code_challenge"]
        back = {"code": code, "oa_id": OA_ID}
        if "state" in asked:
            back["state"] = asked["state"]
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(back)}")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        failure = self._next_failure("token")
        if failure and not failure.after:
            return await _go_wrong(request, failure)
        answer = self._token_answer(form, request.headers.get("secret_key", ""))
        if failure:
            return await _go_wrong(request, failure)
        return web.json_response(answer)

    def _token_answer(self, form: dict[str, str], secret: str) -> dict[str, Any]:
        if secret != APP_SECRET or form.get("app_id") != APP_ID:
            return _oauth_error(-14004, "Invalid secret key")
        if form.get("grant_type") == "authorization_code":
            challenge = self._codes.pop(form.get("code", ""), None)
            verifier = form.get("code_verifier", "").encode()
            digest = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).rstrip(b"=").decode()
            if challenge is None:
                return _oauth_error(-14005, "Invalid authorization code")
            if challenge != digest:
                return _oauth_error(-14010, "Invalid code verifier")
        elif form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != self.refresh_token:
                return _oauth_error(-14014, "Invalid refresh token")
            self._spent.add(self.refresh_token)
            self.refreshes += 1
        else:
            return _oauth_error(-14001, "Invalid grant type")
        self.access = "access-" + secrets.token_hex(8)
        self.refresh_token = "refresh-" + secrets.token_hex(8)
        return {
            "access_token": self.access,
            "refresh_token": self.refresh_token,
            "expires_in": self.expires_in,
        }

    # -- the API ------------------------------------------------------------------------------------------

    def _api(self) -> dict[str, Callable[[web.Request], Awaitable[dict[str, Any]]]]:
        return {
            "/v3.0/oa/message/cs": self._message,
            "/v2.0/oa/message": self._anonymous_message,
            "/v3.0/oa/message/template": self._user_template,
            "/v2.0/oa/upload/image": self._upload,
            "/v2.0/oa/getoa": self._account,
            "/v3.0/oa/quota/message": self._quota,
            "/v3.0/oa/user/detail": self._detail,
        }

    def _guarded(
        self, path: str, handler: Callable[[web.Request], Awaitable[dict[str, Any]]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Limits, token and failures, around a call."""
        kind = _KINDS[path]

        async def handle(request: web.Request) -> web.StreamResponse:
            limits = self._limits()
            failure = self._next_failure(kind)
            if failure and not failure.after:
                return await _go_wrong(request, failure)
            if limits["X-RateLimit-Remain"] == "0":
                return web.json_response(_error(-32, "API rate limit"), headers=limits)
            if request.headers.get("access_token") != self.access:
                code = -124 if kind == "phone" else -216
                return web.json_response(_error(code, "Access token is invalid"), headers=limits)
            answer = await handler(request)
            if failure:
                return await _go_wrong(request, failure)
            return web.json_response(answer, headers=limits)

        return handle

    def _limits(self) -> dict[str, str]:
        now = time.monotonic()
        self._minute.append(now)
        while self._minute and self._minute[0] < now - 60:
            self._minute.popleft()
        left = max(0, self.rate_limit - len(self._minute))
        return {"X-RateLimit-Limit": str(self.rate_limit), "X-RateLimit-Remain": str(left)}

    def _next_failure(self, kind: str) -> Failure | None:
        return self._failures[kind].popleft() if self._failures[kind] else None

    async def _message(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        self.calls.append(("message", body))
        user_id = body.get("recipient", {}).get("user_id")
        if self.open_house:
            self._user(str(user_id)).last_at = _now_ms()
        if not isinstance(user_id, str) or user_id not in self.users:
            return _error(-201, "user_id is invalid")
        return self._refuse_user(user_id) or self._take(user_id, body["message"])

    def _refuse_user(self, user_id: str) -> dict[str, Any] | None:
        user = self.users[user_id]
        silent = _now_ms() - user.last_at
        if user.blocked:
            return _error(-217, "User has blocked invitations from this OA")
        if silent > ALLOWED_MS:
            return _error(-230, "User has not interacted with the OA in the past 7 days")
        if silent > FREE_MS and not self.money:
            return _error(-321, "Zalo Cloud Account has run out of money")
        return None

    def _take(self, user: str, message: dict[str, Any], *, anonymous: bool = False) -> dict[str, Any]:
        """Check a message's shape, keep it, and echo it."""
        kind, problem = self._kind_of(message)
        if problem:
            return problem
        message_id = self.message_id()
        text = message.get("text", "")
        self.sent.append(Sent(user, kind, text, message_id, message))
        if self.echoes and self.webhook and not anonymous:
            echoed: dict[str, Any] = {"msg_id": message_id, "text": text}
            event = self.event(
                f"oa_send_{kind}", sender={"id": OA_ID}, recipient={"id": user}, message=echoed
            )
            self._later(self.echo_delay_s, lambda: self.deliver(event))
        quota = {"quota_type": "reply", "remain": "unlimited", "owner_type": "OA", "owner_id": OA_ID}
        data = {"message_id": message_id, "user_id": user, "quota": quota}
        return {"error": 0, "message": "Success", "data": data}

    def _kind_of(self, message: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        text, attachment = message.get("text"), message.get("attachment")
        if text is not None and (not isinstance(text, str) or len(text.encode("utf-16-le")) // 2 > 2_000):
            return "", _error(-210, "Param exceeds the limit: text")
        if not text and not attachment:
            return "", _error(-201, "message is empty")
        if attachment is None:
            return "text", None
        payload = attachment.get("payload", {})
        if payload.get("template_type") == "media":
            return "image", self._refuse_media(payload.get("elements", []))
        if payload.get("template_type") == "request_user_info":
            elements = payload.get("elements", [])
            fits = len(elements) == 1 and len(elements[0]["title"]) <= 100 and elements[0]["image_url"]
            return "template", None if fits else _error(-201, "element is invalid")
        buttons = payload.get("buttons")
        if buttons is not None:
            fits = 1 <= len(buttons) <= 5 and all(
                0 < len(button["title"]) <= 100 and len(str(button["payload"])) <= 1_000 for button in buttons
            )
            return "template", None if fits else _error(-201, "buttons are invalid")
        return "", _error(-233, "Message type is not supported")

    def _refuse_media(self, elements: list[dict[str, Any]]) -> dict[str, Any] | None:
        if len(elements) != 1:
            return _error(-201, "elements are invalid")
        asset = elements[0].get("attachment_id")
        if asset not in self.uploads:
            return _error(-201, "attachment_id is invalid")
        return _error(-100, "Attachment has expired") if asset in self._expired_assets else None

    async def _anonymous_message(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        self.calls.append(("anonymous", body))
        recipient = body.get("recipient", {})
        if not recipient.get("anonymous_id") or not recipient.get("conversation_id"):
            return _error(-201, "recipient is invalid")
        return self._take(f"anonymous {recipient['anonymous_id']}", body["message"], anonymous=True)

    async def _upload(self, request: web.Request) -> dict[str, Any]:
        upload = (await request.post())["file"]
        assert isinstance(upload, web.FileField)
        data = upload.file.read()
        if len(data) > 1024 * 1024:
            return _error(-210, "File size exceeds the limit")
        if not data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            return _error(-201, "file type is invalid")
        asset = secrets.token_urlsafe(24)
        self.uploads[asset] = data
        return {"error": 0, "message": "Success", "data": {"attachment_id": asset}}

    async def _account(self, request: web.Request) -> dict[str, Any]:
        data = {"oa_id": OA_ID, "name": "Stand-in", "package_name": "Nâng cao", "is_verified": True}
        return {"error": 0, "message": "Success", "data": data}

    async def _quota(self, request: web.Request) -> dict[str, Any]:
        user = self._user((await request.json())["user_id"])
        data = {"last_interaction": user.last_at, "cs_reply": {"remain": 8, "total": 8}}
        return {"error": 0, "message": "Success", "data": data}

    async def _detail(self, request: web.Request) -> dict[str, Any]:
        user = self.users.get(json.loads(request.query["data"])["user_id"])
        if user is None:
            return _error(-201, "user_id is invalid")
        data = {"user_id": user.id, "display_name": "Người dân", "user_is_follower": user.follows}
        return {"error": 0, "message": "Success", "data": data}

    # -- templates ----------------------------------------------------------------------------------------

    async def _user_template(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        if "tracking_id" in body or body.get("user_id") not in self.users:
            return _error(-201, "Params are invalid")
        return self._take_template(body, body["user_id"], "message_id")

    async def _phone_template(self, request: web.Request) -> dict[str, Any]:
        body = await request.json()
        phone = body.get("phone", "")
        if not (phone.startswith("84") and phone.isdigit() and 10 <= len(phone) <= 12):
            return _error(-108, "Phone number is invalid")
        if len(body.get("tracking_id", "")) > 48:
            return _error(-1124, "tracking_id is too long")
        return self._take_template(body, phone, "msg_id")

    def _take_template(self, body: dict[str, Any], to: str, id_name: str) -> dict[str, Any]:
        wanted = self.templates.get(body.get("template_id", ""))
        if wanted is None:
            return _error(-131, "Template is not approved")
        if set(body["template_data"]) != wanted:
            return _error(-1121, "Template data is invalid")
        message_id = self.message_id()
        text = " ".join(body["template_data"].values())
        self.sent.append(Sent(to, "zbs", text, message_id, body))
        return {"error": 0, "message": "Success", "data": {id_name: message_id}}

    # -- the CDN ------------------------------------------------------------------------------------------

    async def _cdn(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._files:
            return web.Response(status=404)
        if self._file_failures[name]:
            failure = self._file_failures[name].popleft()
            if failure.message:  # somewhere else
                return web.Response(status=302, headers={"location": failure.message})
            return await _go_wrong(request, failure)
        response = web.StreamResponse(headers={"content-type": "application/octet-stream"})
        await response.prepare(request)  # chunked: the length is not announced
        await response.write(self._files[name])
        await response.write_eof()
        return response

    # -- the Bot platform ---------------------------------------------------------------------------------

    async def _bot(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != BOT_TOKEN:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"})
        method = request.match_info["method"]
        body = json.loads(await request.read() or b"{}")
        failure = self._next_failure(f"bot {method}")
        if failure and not failure.after:
            return await _go_wrong(request, failure)
        answer = await self._bot_answer(method, body)
        return await _go_wrong(request, failure) if failure else web.json_response(answer)

    async def _bot_answer(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "getUpdates":
            if self.bot_webhook is not None:
                return {"ok": False, "error_code": 400, "description": "webhook is active"}
            if not self.bot_updates:
                await asyncio.sleep(min(float(body.get("timeout", 0)), 0.05))
                return {"ok": False, "error_code": 408, "description": "Request timeout"}
            update = self.bot_updates[0]  # what was consumed comes back with every poll
            self.bot_updates.rotate(-1)
            return {"ok": True, "result": update}
        if method == "setWebhook":
            if not 8 <= len(body.get("secret_token", "")) <= 256 or not body["url"].startswith("https://"):
                return {"ok": False, "error_code": 400, "description": "invalid webhook"}
            self.bot_webhook = body
            return {"ok": True, "result": {"url": body["url"], "updated_at": _now_ms()}}
        if method == "deleteWebhook":
            self.bot_webhook = None
            return {"ok": True, "result": {}}
        if method == "getMe":
            return {
                "ok": True,
                "result": {"id": "b1", "account_name": "bot.stand-in", "can_join_groups": False},
            }
        if method in ("sendMessage", "sendPhoto"):
            if len(body.get("text", body.get("caption", ""))) > 2_000:
                return {"ok": False, "error_code": 400, "description": "text is too long"}
            self.bot_sent.append(body)
            return {"ok": True, "result": {"message_id": secrets.token_hex(10), "date": _now_ms()}}
        return {"ok": False, "error_code": 404, "description": "Not found"}


_KINDS = {
    "/v3.0/oa/message/cs": "message",
    "/v2.0/oa/message": "anonymous",
    "/v3.0/oa/message/template": "template",
    "/v2.0/oa/upload/image": "upload",
    "/v2.0/oa/getoa": "account",
    "/v3.0/oa/quota/message": "quota",
    "/v3.0/oa/user/detail": "detail",
    "/message/template": "phone",
}


def sign(body: bytes, timestamp: str, *, app_id: str = APP_ID, secret: str = WEBHOOK_SECRET) -> str:
    """The value of X-ZEvent-Signature, written here a second time on purpose."""
    return "mac=" + hashlib.sha256(app_id.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


async def _go_wrong(request: web.Request, failure: Failure) -> web.StreamResponse:
    if failure.hang_s:
        await asyncio.sleep(failure.hang_s)
    if failure.cut:
        assert request.transport is not None
        request.transport.close()
        return web.Response()
    if failure.error:
        return web.json_response(_error(failure.error, failure.message))
    return web.Response(status=failure.status, body=failure.body or b"")


def _error(code: int, message: str) -> dict[str, Any]:
    return {"error": code, "message": message}


def _oauth_error(code: int, reason: str) -> dict[str, Any]:
    words = {"error_name": reason, "error_reason": reason, "error_description": reason}
    return {**words, "ref_doc": "https://developers.zalo.me", "error": code}


def _now_ms() -> int:
    return int(time.time() * 1000)


async def _run(port: int, webhook: str, *, open_house: bool) -> None:
    zalo = StandInZalo(webhook=webhook, echoes=bool(webhook), ladder_scale=1.0, open_house=open_house)
    if open_house:
        zalo.rate_limit = 1_000_000
    await zalo.start(port)
    print(json.dumps({"base": zalo.base, "access": zalo.access, "refresh": zalo.refresh_token}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser("zalo_server")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--webhook", default="")
    parser.add_argument("--open-house", action="store_true", help="everybody may be written to, at any rate")
    chosen = parser.parse_args()
    asyncio.run(_run(chosen.port, chosen.webhook, open_house=chosen.open_house))
