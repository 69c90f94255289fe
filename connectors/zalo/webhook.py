"""The door that Zalo knocks at: bounded, verified, kept, and only then answered with 200.

Zalo cancels a webhook that answers badly, so 200 is said to everything but what could not be kept: empty
probes of its console, and events with a wrong signature, which go into quarantine and are never acted on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from functools import partial

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.zalo import quarantine
from connectors.zalo.envelope import MOST_BODY, BadEnvelope, Raw, open_envelope, stamp_of
from connectors.zalo.keeping import Keeper
from connectors.zalo.settings import WEBHOOK_PATH, ZaloSettings
from connectors.zalo.signature import HEADER, is_signed, mac_of
from core.clock import Clock
from core.storage import Store, StoreError

log = structlog.get_logger(__name__)

_QUARANTINED_A_SECOND = 20
"""Wrong signatures beyond this are counted only: strangers cannot keep the database busy."""


class Webhook:
    """Takes events in by HTTP. `failures` counts wrong signatures, `probes` the console's empty calls."""

    def __init__(self, settings: ZaloSettings, keeper: Keeper, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._keeper = keeper
        self._store = store
        self._clock = clock
        self.failures = 0
        self.verified = 0
        self.probes = 0
        self.last_failure: datetime | None = None
        self.hint = ""
        self._second = 0
        self._this_second = 0

    def route(self) -> Route:
        return Route(WEBHOOK_PATH, self.receive, methods=["POST"], name="zalo-webhook")

    async def receive(self, request: Request) -> Response:
        """200 for what is kept or needs no keeping, 413 above 1 MB, 503 when the database refused: Zalo
        delivers again."""
        try:
            body = await read_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            await self._take(body, request.headers)
        except StoreError as error:
            log.warning("zalo.not_kept", error=str(error))
            return Response(status_code=503, headers={"retry-after": "5"})
        return Response(status_code=200)

    async def reverify(self) -> int:
        """Take what lies in quarantine and is signed by the present secret after all; how many events."""
        released = 0
        for suspect in await self._store.read(quarantine.suspects):
            raw = self._verified(suspect.body, suspect.headers)
            if raw is None:
                continue
            await self._keeper.keep(raw, however_old=True)
            await self._store.write(partial(quarantine.release, suspect_id=suspect.id))
            released += 1
        if released:
            log.info("zalo.released_from_quarantine", events=released)
        return released

    async def _take(self, body: bytes, headers: Mapping[str, str]) -> None:
        if not body.strip():
            self.probes += 1
            return
        raw = self._verified(body, headers)
        if raw is None:
            await self._suspect(body, headers)
            return
        self.verified += 1
        await self._keeper.keep(raw)

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> Raw | None:
        """The event when its signature is right and names our app; None otherwise."""
        try:
            raw = open_envelope(body)
        except BadEnvelope:
            return None
        given, app_id = headers.get(HEADER, ""), self._settings.app_id
        if not is_signed(given, body, stamp_of(raw), app_id, self._settings.webhook_secret):
            return None
        return raw if str(raw.get("app_id")) == app_id else None

    async def _suspect(self, body: bytes, headers: Mapping[str, str]) -> None:
        now = self._clock.now()
        self.failures += 1
        self.last_failure = now
        plausible = self._settings.app_id.encode() in body
        if plausible:
            self.hint = self._guess(body, headers) or self.hint
        log.warning("zalo.signature_wrong", plausible=plausible, failures=self.failures, hint=self.hint)
        if len(body) <= quarantine.MOST_BODY and self._may_write():
            lowered = {name.lower(): value for name, value in headers.items()}
            await self._store.write(
                lambda conn: quarantine.put_in_quarantine(conn, lowered, body, now, plausible=plausible)
            )

    def _guess(self, body: bytes, headers: Mapping[str, str]) -> str:
        """What an administrator should look at, when nothing was ever verified."""
        settings = self._settings
        if self.verified:
            return ""
        if settings.webhook_secret == settings.app_secret:
            return "the OA secret key is the app's secret: it stands on the app's Webhook page"
        try:
            stamp = stamp_of(open_envelope(body))
        except BadEnvelope:
            return ""
        given = headers.get(HEADER, "").lower().removeprefix("mac=").strip()
        if given and given == mac_of(settings.app_id, body, stamp, settings.app_secret):
            return "events are signed with the app's secret: set it as the OA secret key too"
        return "the OA secret key does not fit: copy it from the app's Webhook page"

    def _may_write(self) -> bool:
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._this_second = second, 0
        self._this_second += 1
        return self._this_second <= _QUARANTINED_A_SECOND


async def read_body(request: Request) -> bytes | None:
    """The body, or None when it is too large; it is not read further than that."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > MOST_BODY:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BODY:
            return None
    return bytes(body)
