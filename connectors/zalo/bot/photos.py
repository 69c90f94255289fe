"""Addresses under which the Bot platform may fetch a photo: signed, repeatable, and over after a day.

The platform takes no uploads and fetches a photo several times; an address that dies after the first time
shows the citizen a black picture.
"""

from __future__ import annotations

import asyncio
import hmac
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.zalo.bot.settings import BotSettings
from core.clock import Clock
from core.media.store import MediaStore, MediaStoreError

LIFE = timedelta(hours=24)
_PATH = "/zalo/photos"


def photo_address(settings: BotSettings, media_id: str, now: datetime) -> str:
    """Where the platform finds the photo; "" when we have no address that it could reach."""
    if not settings.public_url:
        return ""
    until = str(int((now + LIFE).timestamp()))
    return f"{settings.public_url}{_PATH}/{media_id}/{until}/{_mark(settings, media_id, until)}.jpg"


def photo_route(settings: BotSettings, media: MediaStore, clock: Clock) -> Route:
    """Serves them; 404 for anything that we did not sign or that is over."""

    async def give(request: Request) -> Response:
        media_id, until, mark = (request.path_params[name] for name in ("media_id", "until", "mark"))
        if not hmac.compare_digest(mark.encode(), _mark(settings, media_id, until).encode()):
            return Response(status_code=404)
        if int(until) < clock.now().timestamp():
            return Response(status_code=404)
        try:
            data = await asyncio.to_thread(media.get, media_id)
        except MediaStoreError:
            return Response(status_code=404)
        headers = {"Cache-Control": "private, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(data, media_type="image/jpeg", headers=headers)

    return Route(_PATH + "/{media_id}/{until}/{mark}.jpg", give, methods=["GET"], name="zalo-bot-photo")


def _mark(settings: BotSettings, media_id: str, until: str) -> str:
    return hmac.new(settings.photo_key, f"{media_id}/{until}".encode(), "sha256").hexdigest()
