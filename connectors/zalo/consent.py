"""The administrator's consent: a login that `kenhdan zalo login` begins and the callback page ends.

Its verifier waits in the database under the consent's `state`, so that the command and the server may be two
processes. A callback without a known state falls back to the fixed verifier of the settings, if there is one.
"""

from __future__ import annotations

import html
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

import sqlalchemy as sa
import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from connectors.zalo.oauth import OAuth, consent_url, new_verifier
from connectors.zalo.sealing import CannotOpen, Sealer
from connectors.zalo.settings import CALLBACK_PATH, ZaloSettings
from connectors.zalo.tokens import Tokens
from core.channel import ChannelError
from core.clock import Clock
from core.storage import Store, StoreError
from core.storage.schema import consent_requests

CODE_LIFE = timedelta(minutes=10)
"""A consent that takes longer than this is begun anew; Zalo's code lives as long."""
_PAGES = Path(__file__).parent / "pages"
_LABEL = "zalo verifier"

log = structlog.get_logger(__name__)


class Consent:
    """Begins and ends logins."""

    def __init__(
        self, settings: ZaloSettings, store: Store, oauth: OAuth, tokens: Tokens, clock: Clock
    ) -> None:
        self._settings = settings
        self._store = store
        self._oauth = oauth
        self._tokens = tokens
        self._clock = clock
        self._sealer = Sealer(settings.app_secret)

    async def begin(self) -> str:
        """The address at which the administrator consents; good for ten minutes. Raises StoreError."""
        verifier = self._settings.fixed_verifier or new_verifier()
        state = secrets.token_urlsafe(24)
        now = self._clock.now()
        sealed = self._sealer.seal(verifier, _LABEL)

        def write(conn: sa.Connection) -> None:
            conn.execute(consent_requests.delete().where(consent_requests.c.at < now - CODE_LIFE))
            conn.execute(
                consent_requests.insert().values(
                    state=state, name=self._settings.credentials_name, verifier=sealed, at=now
                )
            )

        await self._store.write(write)
        return consent_url(self._settings, verifier, state)

    async def finish(self, code: str, state: str, oa_id: str) -> str:
        """Exchange the code and keep the pair; "" when connected, else why not."""
        if not code:
            return "the callback brought no code"
        if oa_id and oa_id != self._settings.oa_id:
            return f"consent was given for another Official Account ({oa_id})"
        now = self._clock.now()
        verifier = await self._store.write(lambda conn: self._take_verifier(conn, state, now))
        verifier = verifier or self._settings.fixed_verifier
        if not verifier:
            return "this login is not known or older than ten minutes"
        try:
            pair = await self._oauth.exchange(code, verifier)
        except ChannelError as error:
            return str(error)
        await self._tokens.keep(pair)
        log.info("zalo.connected")
        return ""

    def _take_verifier(self, conn: sa.Connection, state: str, now: datetime) -> str:
        """The verifier that waits under this state, once."""
        if not state:
            return ""
        row = conn.execute(
            consent_requests.delete()
            .where(
                consent_requests.c.state == state[:64],
                consent_requests.c.name == self._settings.credentials_name,
                consent_requests.c.at >= now - CODE_LIFE,
            )
            .returning(consent_requests.c.verifier)
        ).first()
        if row is None:
            return ""
        try:
            return self._sealer.open(row.verifier, _LABEL)
        except CannotOpen:
            return ""


def consent_routes(consent: Consent, settings: ZaloSettings) -> list[Route]:
    """The callback page, and what Zalo's console looks for to verify the domain."""

    async def callback(request: Request) -> Response:
        asked = request.query_params
        try:
            problem = await consent.finish(
                asked.get("code", ""), asked.get("state", ""), asked.get("oa_id", "")
            )
        except StoreError as error:
            problem = str(error)
        if problem:
            log.warning("zalo.not_connected", reason=problem)
            return _page("failed.html", 400, reason=problem)
        return _page("connected.html", 200, account=settings.oa_id)

    async def verification(_request: Request) -> Response:
        return _page("verification.html", 200, code=settings.verification_code)

    routes = [Route(CALLBACK_PATH, callback, methods=["GET"], name="zalo-callback")]
    if settings.verification_code:
        path = f"/zalo_verifier{settings.verification_code}.html"
        routes.append(Route(path, verification, methods=["GET"], name="zalo-verification"))
    return routes


def _page(name: str, status: int, **words: str) -> Response:
    """A page of this room, with `words` escaped."""
    text = Template((_PAGES / name).read_text(encoding="utf-8"))
    filled = text.substitute({key: html.escape(value, quote=True) for key, value in words.items()})
    return HTMLResponse(filled, status_code=status, headers={"Cache-Control": "no-store"})
