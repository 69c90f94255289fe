"""A small Bot API server on a loopback port: what Telegram does with the methods that Kênh Dân calls.

It checks what Telegram checks (lengths, button data, unknown chats), keeps what it was sent, hands out
updates with Telegram's offset rules, serves files, and can be told to fail. It is no part of the product.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "1000001:TEST-token-of-the-fake-server"
USERNAME = "KenhDanTestBot"


@dataclass(frozen=True)
class Call:
    """One call as it arrived: `params` with JSON values decoded, `files` the uploaded bytes by field."""

    method: str
    params: dict[str, Any]
    files: dict[str, bytes]


@dataclass(frozen=True)
class Failure:
    """How the next call of a method goes wrong.

    `body` replaces the Bot API's JSON; `hang_s` delays the answer; `cut` closes the connection without one.
    `after` lets the call work first: it arrived.
    """

    status: int = 500
    description: str = "Internal Server Error"
    parameters: dict[str, Any] | None = None
    body: str | None = None
    hang_s: float = 0.0
    cut: bool = False
    after: bool = False


@dataclass
class FakeTelegram:
    """`async with FakeTelegram() as server:` — `server.base` is the API's, `server.file_base` the files'."""

    calls: list[Call] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    file_sizes: dict[str, int] = field(default_factory=dict)
    local_paths: dict[str, str] = field(default_factory=dict)
    webhook: dict[str, Any] | None = None
    acknowledged: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._failures: dict[str, deque[Failure | None]] = defaultdict(deque)
        self._updates: deque[dict[str, Any]] = deque()
        self._news = asyncio.Event()
        self._next_update = 7000
        self._next_message = 100
        self._runner: web.AppRunner | None = None
        self.base = ""

    @property
    def file_base(self) -> str:
        return self.base + "/file"

    async def __aenter__(self) -> FakeTelegram:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        app.router.add_get("/file/bot{token}/{path:.*}", self._file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.base = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    # What tests say to it

    def fail(self, method: str, *failures: Failure | None) -> None:
        """The next calls of `method` ("download" for files) go wrong, one by one; None: goes well."""
        self._failures[method].extend(failures)

    def push(self, *updates: dict[str, Any]) -> None:
        """New updates for getUpdates; each gets the next update_id unless it has one."""
        for update in updates:
            self._next_update += 1
            self._updates.append({"update_id": self._next_update} | update)
        self._news.set()

    def sent(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    @property
    def texts(self) -> list[str]:
        """All texts and captions sent, in order."""
        return [
            call.params.get("text") or call.params.get("caption", "")
            for call in self.calls
            if call.method in ("sendMessage", "sendPhoto")
        ]

    # What it does

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _refuse(401, "Unauthorized")
        call = await _read(request, method)
        if method != "getUpdates":
            self.calls.append(call)
        failure = self._next_failure(method)
        if failure and failure.after:
            await self._perform(call)
        if failure:
            return await _fail(request, failure)
        return await self._perform(call)

    def _next_failure(self, method: str) -> Failure | None:
        return self._failures[method].popleft() if self._failures[method] else None

    async def _perform(self, call: Call) -> web.Response:
        handlers: dict[str, Callable[[Call], Awaitable[web.Response]]] = {
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendMediaGroup": self._send_album,
            "getFile": self._get_file,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
        }
        if call.method in handlers:
            return await handlers[call.method](call)
        if call.method == "getMe":
            return _ok({"id": 1000001, "is_bot": True, "first_name": "Kênh Dân", "username": USERNAME})
        if call.method in ("answerCallbackQuery", "setMyCommands"):
            return _ok(True)
        return _refuse(404, "Not Found")

    async def _send_message(self, call: Call) -> web.Response:
        text = call.params.get("text", "")
        if not text.strip():
            return _refuse(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            return _refuse(400, "Bad Request: message is too long")
        for row in call.params.get("reply_markup", {}).get("inline_keyboard", ()):
            for button in row:
                if not 1 <= len(button["callback_data"].encode()) <= 64:
                    return _refuse(400, "Bad Request: BUTTON_DATA_INVALID")
        return self._refuse_chat(call) or _ok(self._message(call, text=text))

    async def _send_photo(self, call: Call) -> web.Response:
        return self._refuse_chat(call) or _ok(self._message(call, caption=call.params.get("caption", "")))

    async def _send_album(self, call: Call) -> web.Response:
        media = call.params["media"]
        if not 2 <= len(media) <= 10:
            return _refuse(400, "Bad Request: wrong number of items in an album")
        return self._refuse_chat(call) or _ok([self._message(call) for _ in media])

    def _refuse_chat(self, call: Call) -> web.Response | None:
        chat = str(call.params["chat_id"])
        if chat in self.blocked:
            return _refuse(403, "Forbidden: bot was blocked by the user")
        return _refuse(400, "Bad Request: chat not found") if chat in self.unknown else None

    def _message(self, call: Call, **content: Any) -> dict[str, Any]:
        self._next_message += 1
        chat = {"id": int(call.params["chat_id"]), "type": "private"}
        return {"message_id": self._next_message, "date": 1795251600, "chat": chat, **content}

    async def _get_file(self, call: Call) -> web.Response:
        file_id = call.params["file_id"]
        if file_id in self.local_paths:
            return _ok({"file_id": file_id, "file_path": self.local_paths[file_id]})
        if file_id not in self.files:
            return _refuse(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        size = self.file_sizes.get(file_id, len(self.files[file_id]))
        if size > 20 * 1024 * 1024:
            return _refuse(400, "Bad Request: file is too big")
        return _ok({"file_id": file_id, "file_size": size, "file_path": f"photos/{file_id}.jpg"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != TOKEN:
            return _refuse(401, "Unauthorized")
        failure = self._next_failure("download")
        if failure:
            return await _fail(request, failure)
        file_id = request.match_info["path"].removeprefix("photos/").removesuffix(".jpg")
        if file_id not in self.files:
            return _refuse(404, "Not Found")
        response = web.StreamResponse()  # chunked: the length is not announced
        await response.prepare(request)
        await response.write(self.files[file_id])
        await response.write_eof()
        return response

    async def _get_updates(self, call: Call) -> web.Response:
        if self.webhook is not None:
            return _refuse(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(call.params.get("offset", 0))
        while self._updates and self._updates[0]["update_id"] < offset:
            self.acknowledged.append(self._updates.popleft()["update_id"])
        if not self._updates:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), float(call.params.get("timeout", 0)))
            except TimeoutError:
                return _ok([])
        return _ok(list(self._updates)[: int(call.params.get("limit", 100))])

    async def _set_webhook(self, call: Call) -> web.Response:
        self.webhook = call.params
        return _ok(True)

    async def _delete_webhook(self, call: Call) -> web.Response:
        self.webhook = None
        return _ok(True)


async def _read(request: web.Request, method: str) -> Call:
    params: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for key, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[key] = value.file.read()
        else:
            assert isinstance(value, str)
            params[key] = json.loads(value) if value[:1] in "{[" and key not in ("text", "caption") else value
    return Call(method, params, files)


async def _fail(request: web.Request, failure: Failure) -> web.StreamResponse:
    if failure.hang_s:
        await asyncio.sleep(failure.hang_s)
    if failure.cut:
        assert request.transport is not None
        request.transport.close()
        return web.Response()
    if failure.body is not None:
        return web.Response(status=failure.status, text=failure.body, content_type="text/html")
    return _refuse(failure.status, failure.description, failure.parameters)


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refuse(status: int, description: str, parameters: dict[str, Any] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)
