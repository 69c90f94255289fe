"""The door of call-centre providers: verified, kept, answered with 200 at once; the work is done later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.hotline.recordings import queue
from connectors.hotline.recordings.proof import is_genuine
from connectors.hotline.recordings.providers import NotARecording, Provider, Providers, read_call
from core.clock import Clock
from core.storage import Store, StoreError

MAX_BODY = 256 * 1024
PATH = "/hotline/recordings/{provider}"

log = structlog.get_logger(__name__)


def recording_routes(
    providers: Providers, secrets: Mapping[str, str], store: Store, clock: Clock, timezone: ZoneInfo
) -> list[Route]:
    """Routes for GET and POST, form and JSON. 404 for an unknown provider, 403 for what is not genuine, 400
    for what cannot be read, 503 when nothing could be kept, else 200."""

    async def receive(request: Request) -> Response:
        provider = providers.by_name.get(request.path_params["provider"])
        if provider is None:
            return Response(status_code=404)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        uri = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if not is_genuine(
            provider.proof, secrets.get(provider.name, ""), headers=request.headers, body=body, uri=uri,
            path_token=request.path_params.get("token", ""),
        ):  # fmt: skip
            log.warning("recording_event_refused", provider=provider.name)
            return Response(status_code=403)
        event = _event(request, body)
        if event is None:
            return Response(status_code=400)
        return await _keep(provider, event)

    async def _keep(provider: Provider, event: Mapping[str, Any]) -> Response:
        try:
            call = read_call(provider, event, timezone)
        except NotARecording as reason:
            log.info("event_is_no_recording", provider=provider.name, reason=str(reason)[:80])
            return Response(status_code=200)
        try:
            new = await store.write(lambda conn: queue.keep(conn, call, clock.now()))
        except StoreError:
            return Response(status_code=503, headers={"retry-after": "5"})
        log.info("recording_announced", provider=provider.name, new=new)
        return Response(status_code=200)

    methods = ["GET", "POST"]
    return [
        Route(PATH, receive, methods=methods, name="recordings"),
        Route(PATH + "/{token}", receive, methods=methods, name="recordings-token"),
    ]


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


def _event(request: Request, body: bytes) -> dict[str, Any] | None:
    """Fields of the query, and of a JSON or form body over them."""
    found: dict[str, Any] = dict(request.query_params)
    if not body:
        return found
    try:
        if "json" in request.headers.get("content-type", "") or body.lstrip()[:1] == b"{":
            data = json.loads(body)
            return {**found, **data} if isinstance(data, dict) else None
        return {**found, **dict(parse_qsl(body.decode("utf-8")))}
    except (ValueError, RecursionError):
        return None
