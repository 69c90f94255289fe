"""The simulator's page and its small API."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.media.store import MediaStoreError
from core.message import MediaKind
from core.storage.store import StoreError
from web.limits import TooLarge, limited
from web.pages import page
from web.security import is_same_origin
from web.simulator.channel import NAMES, BadMessage
from web.simulator.sessions import Event, Session, is_token, new_token
from web.simulator.simulator import Simulator
from web.simulator.timeline import read_report
from web.simulator.uploads import LIMITS, MAX_PHOTO, Refused, sniff

if TYPE_CHECKING:
    from web.services import Services

COOKIE = "kenhdan_simulator"
MAX_MESSAGE = 64_000
MULTIPART_SLACK = 4_000
_NO_STORE = {"Cache-Control": "no-store"}

Endpoint = Callable[[Request], Awaitable[Response]]


def simulator_routes(services: Services, simulator: Simulator) -> list[Route]:
    """The routes; `services` gives the inbox, the pack, the media and the reports."""
    desk = _Desk(services, simulator)
    return [
        Route("/simulator", desk.show_page),
        Route("/simulator/api/messages", desk.take_message, methods=["POST"]),
        Route("/simulator/api/restart", desk.restart_talk, methods=["POST"]),
        Route("/simulator/api/uploads", desk.take_upload, methods=["POST"]),
        Route("/simulator/api/stream", desk.stream),
        Route("/simulator/api/names.json", desk.show_names),
        Route("/simulator/api/communes.geojson", _communes(services)),
        Route("/simulator/api/reports/{code}", desk.show_report),
        Route("/media/{media_id}", desk.show_medium),
    ]


class _Desk:
    """The endpoints, tied to what they serve from."""

    def __init__(self, services: Services, simulator: Simulator) -> None:
        self._services = services
        self._simulator = simulator

    async def show_page(self, request: Request) -> Response:
        response = page("simulator.html", pack=self._services.pack)
        token = request.cookies.get(COOKIE, "")
        if not is_token(token):
            token = new_token()
        response.set_cookie(
            COOKIE, token, max_age=7 * 86_400, path="/", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    async def take_message(self, request: Request) -> Response:
        session = self._own_session(request, changes=True)
        raw = await _json_object(limited(request, MAX_MESSAGE))
        channel = self._simulator.channels.get(str(raw.get("channel")))
        if channel is None:
            raise HTTPException(422, "channel")
        user = session.user(channel.name)
        sent_at = self._services.clock.now().isoformat()
        try:
            events = channel.parse({**raw, "user": user, "sent_at": sent_at})
        except BadMessage as error:
            raise HTTPException(422, str(error)) from None
        if not session.may_send():
            raise HTTPException(429, "too_fast")
        if not session.has_sent(channel.name, raw["client"]):
            session.append(channel.name, "citizen", **_shown(raw))
        try:
            await self._services.accept(events)
        except StoreError:
            session.append(channel.name, "lost", client=raw["client"])
            raise
        return JSONResponse({"accepted": len(events)}, status_code=202)

    async def restart_talk(self, request: Request) -> Response:
        session = self._own_session(request, changes=True)
        raw = await _json_object(limited(request, MAX_MESSAGE))
        if raw.get("channel") not in NAMES:
            raise HTTPException(422, "channel")
        session.restart(raw["channel"])
        return Response(status_code=204)

    async def take_upload(self, request: Request) -> Response:
        session = self._own_session(request, changes=True)
        async with limited(request, MAX_PHOTO + MULTIPART_SLACK).form(max_files=1, max_fields=4) as form:
            kind, file = form.get("kind"), form.get("file")
            if kind not in set(LIMITS) or not isinstance(file, UploadFile):
                raise HTTPException(422, "kind")
            data = await file.read()
        try:
            name, mime = await asyncio.to_thread(
                self._simulator.uploads.put, session.owner, MediaKind(str(kind)), data
            )
        except Refused as error:
            if str(error) == "too_large":
                raise TooLarge from None
            raise HTTPException(415, str(error)) from None
        return JSONResponse({"id": name, "mime": mime}, status_code=201)

    async def stream(self, request: Request) -> Response:
        session = self._own_session(request)
        last = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after = int(last) if last.isdecimal() and len(last) < 12 else 0
        if session.is_crowded():
            raise HTTPException(429, "too_many_pages")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_frames(session, after), media_type="text/event-stream", headers=headers)

    async def show_names(self, _request: Request) -> Response:
        names = {leaf: category.name for leaf, category in self._services.pack.categories.items()}
        return JSONResponse({"categories": names}, headers={"Cache-Control": "max-age=300"})

    async def show_report(self, request: Request) -> Response:
        session = self._own_session(request)
        code = request.path_params["code"][:20]
        find = partial(read_report, code=code, owner=session.owner, say_status=self._services.say_status)
        report = await self._services.store.read(find)
        if report is None:
            raise HTTPException(404, "report")
        return JSONResponse(report, headers=_NO_STORE)

    async def show_medium(self, request: Request) -> Response:
        session = self._own_session(request)
        data = await self._medium(session, request.path_params["media_id"])
        mime = sniff(data)
        if mime is None:
            raise HTTPException(404, "media")
        return Response(data, media_type=mime, headers={"Cache-Control": "private, max-age=3600"})

    async def _medium(self, session: Session, name: str) -> bytes:
        """Only what this browser uploaded, or was shown in an answer."""
        try:
            return await asyncio.to_thread(self._simulator.uploads.get, session.owner, name)
        except KeyError:
            if name not in session.shown_media:
                raise HTTPException(404, "media") from None
        try:
            return await asyncio.to_thread(self._services.media.get, name)
        except MediaStoreError:
            raise HTTPException(404, "media") from None

    def _own_session(self, request: Request, *, changes: bool = False) -> Session:
        if changes and not is_same_origin(request):
            raise HTTPException(403, "origin")
        token = request.cookies.get(COOKIE, "")
        if not is_token(token):
            raise HTTPException(403, "session")
        return self._simulator.sessions.of_token(token)


def _shown(raw: dict[str, Any]) -> dict[str, Any]:
    """What the page itself is told again of a message, so that a reload or a second page shows it."""
    keys = ("client", "text", "photos", "voice", "point", "place_label", "choice_label", "contact")
    values = {key: raw.get(key) for key in keys}
    values["choice_label"] = str(values["choice_label"] or "")[:80]
    return {**values, "event": raw.get("kind", "message")}


async def _json_object(request: Request) -> dict[str, Any]:
    try:
        raw = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "json") from None
    if not isinstance(raw, dict):
        raise HTTPException(400, "json")
    return raw


async def _frames(session: Session, after: int) -> AsyncIterator[str]:
    """Server-sent events; a word now and then keeps the line open through proxies."""
    async for event in session.follow(after):
        yield "retry: 1500\n\n" if event is None else _frame(event)


def _frame(event: Event) -> str:
    return f"id: {event['seq']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"


def _communes(services: Services) -> Endpoint:
    """The communes' shapes, packed once: they change only with the pack."""
    plain = (services.pack.folder / "places" / "communes.geojson").read_bytes()
    packed = gzip.compress(plain, mtime=0)
    etag = f'"{hashlib.sha256(plain).hexdigest()[:16]}"'

    async def communes(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": etag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        body = plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = packed, "gzip"
        return Response(body, media_type="application/geo+json", headers=headers)

    return communes
