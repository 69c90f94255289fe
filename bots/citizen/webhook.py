"""The door that Telegram knocks at: verified, bounded, kept, and only then answered with 200."""

from __future__ import annotations

import hmac
import json
from typing import Any

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bots.citizen.channel import TelegramChannel
from bots.citizen.polling import Accept
from bots.citizen.updates import pressed_query
from core.storage.store import StoreError

log = structlog.get_logger(__name__)

MAX_BODY = 1024 * 1024
_SECRET_HEADER = "x-telegram-bot-api-secret-token"


def webhook_route(channel: TelegramChannel, accept: Accept, secret: str) -> Route:
    """A route at `settings.webhook_path`. Answers 403 without the secret, 413 above 1 MB, 400 for what is not
    a JSON object, 503 when nothing could be kept (Telegram then delivers again), 200 when it is kept.
    Raises ValueError for an empty secret."""
    if not secret:
        raise ValueError("a webhook without secret would take updates from anybody")
    expected = secret.encode()

    async def receive(request: Request) -> Response:
        given = request.headers.get(_SECRET_HEADER, "").encode()
        if not hmac.compare_digest(given, expected):
            return Response(status_code=403)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        update = _decode(body)
        if update is None:
            return Response(status_code=400)
        events = channel.parse(update)
        try:
            if events:
                await accept(events)
        except StoreError as error:
            log.warning("telegram.not_kept", error=str(error))
            return Response(status_code=503, headers={"retry-after": "5"})
        return _answer(update)

    return Route(channel.settings.webhook_path, receive, methods=["POST"], name="telegram-webhook")


async def _read(request: Request) -> bytes | None:
    """The body, or None when it is too large; it is not read further than that."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MAX_BODY:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _decode(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None


def _answer(update: dict[str, Any]) -> Response:
    """A pressed button is answered within the response: one call fewer."""
    query_id = pressed_query(update)
    if query_id:
        return JSONResponse({"method": "answerCallbackQuery", "callback_query_id": query_id})
    return Response(status_code=200)
