"""How events reach us: by webhook, or by polling. Both keep an event before they are done with it, and what
comes again is known by its id in the inbox, also after a restart."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.zalo.bot.api import BotApi
from connectors.zalo.bot.channel import ZaloBotChannel
from connectors.zalo.bot.settings import BotSettings
from connectors.zalo.envelope import BadEnvelope, open_envelope
from connectors.zalo.webhook import read_body
from core.channel import ChannelError, CredentialsRefused
from core.message import Inbound
from core.storage.store import StoreError

log = structlog.get_logger(__name__)

Accept = Callable[[list[Inbound]], Awaitable[int]]
"""Keeps events durably and says how many were new."""

_HEADER = "x-bot-api-secret-token"
_WAIT_S = 30
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LONGEST_REST_S = 4.0
_BREATH_S = 0.05


def bot_webhook(settings: BotSettings, channel: ZaloBotChannel, accept: Accept) -> Route:
    """A route at `settings.webhook_path`: 401 without the secret, 413 above 1 MB, 503 when nothing could be
    kept, 200 for the rest. Raises ValueError for an empty secret."""
    if not settings.secret:
        raise ValueError("a webhook without secret would take events from anybody")
    expected = settings.secret.encode()

    async def receive(request: Request) -> Response:
        try:
            body = await read_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        if not body.strip():  # the platform's probe
            return Response(status_code=200)
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), expected):
            return Response(status_code=401)
        try:
            events = channel.parse(open_envelope(body))
            if events:
                await accept(events)
        except BadEnvelope as error:
            log.warning("zalo_bot.unreadable", error=str(error))
        except StoreError as error:
            log.warning("zalo_bot.not_kept", error=str(error))
            return Response(status_code=503, headers={"retry-after": "5"})
        return Response(status_code=200)

    return Route(settings.webhook_path, receive, methods=["POST"], name="zalo-bot-webhook")


class BotPoller:
    """Asks for events until cancelled. Failures are waited out, never raised."""

    def __init__(
        self, api: BotApi, channel: ZaloBotChannel, accept: Accept, *, first_pause_s: float = _FIRST_PAUSE_S
    ) -> None:
        self._api = api
        self._channel = channel
        self._accept = accept
        self._first_pause_s = first_pause_s

    async def run(self) -> None:
        pause = 0.0
        while True:
            try:
                pause = self._pause_after(pause, *await self._round())
            except (ChannelError, StoreError) as error:
                log.warning("zalo_bot.polling_failed", error=f"{type(error).__name__}: {error}")
                pause = min(max(pause * 2, self._first_pause_s), _LONGEST_PAUSE_S)
            except Exception:  # a polling loop that ends would end the channel, in silence
                log.exception("zalo_bot.polling_broken")
                pause = min(max(pause * 2, self._first_pause_s), _LONGEST_PAUSE_S)
            await asyncio.sleep(pause)

    async def _round(self) -> tuple[int, int]:
        """How many updates came, and how many of them were new."""
        updates = await self._api.get_updates(_WAIT_S)
        events = [event for update in updates for event in self._channel.parse(update)]
        return len(updates), await self._accept(events) if events else 0

    def _pause_after(self, pause: float, came: int, new: int) -> float:
        """Consumed updates may come with every poll, without any waiting of the platform's: then we wait."""
        if new:
            return 0.0
        return min(max(pause * 2, self._first_pause_s), _LONGEST_REST_S) if came else _BREATH_S


async def register(settings: BotSettings, api: BotApi) -> None:
    """Tell the platform how events reach us, with growing pauses until it works."""
    pause = _FIRST_PAUSE_S
    while True:
        try:
            if settings.mode == "polling":
                await api.delete_webhook()
            elif settings.public_url.startswith("https://"):
                await api.set_webhook(settings.public_url + settings.webhook_path, settings.secret)
        except CredentialsRefused as error:
            log.warning("zalo_bot.credentials_refused", error=str(error))  # only a new token helps
            return
        except ChannelError as error:
            log.warning("zalo_bot.not_registered", error=str(error), again_in_s=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_S)
        else:
            log.info("zalo_bot.registered", mode=settings.mode)
            return
