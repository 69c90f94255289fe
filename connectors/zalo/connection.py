"""The connector put together: what the program starts, runs, routes, shows and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
import sqlalchemy as sa
import structlog
from starlette.routing import Route

from connectors.zalo import quarantine
from connectors.zalo.api import ZaloApi
from connectors.zalo.channel import ZaloChannel
from connectors.zalo.consent import Consent, consent_routes
from connectors.zalo.keeping import Keeper
from connectors.zalo.media import MediaDoor
from connectors.zalo.oauth import OAuth
from connectors.zalo.odd_events import count_odd_events, drop_old_odd_events
from connectors.zalo.settings import ZaloSettings
from connectors.zalo.templates import PhoneChannel, Templates
from connectors.zalo.tokens import Tokens
from connectors.zalo.webhook import Webhook
from connectors.zalo.windows import Windows
from core.channel import ChannelError
from core.clock import Clock
from core.echoes import forget_echoes
from core.intake import Quiet
from core.media.store import MediaStore
from core.settings import is_loopback
from core.storage import Store, StoreError
from core.wake import LocalWake, Wake

UPKEEP_S = 600.0
ACCOUNT_EVERY = 144
"""Rounds of upkeep between two looks at the account itself: about a day."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ZaloConnection:
    """All parts of the Official Account's connector."""

    settings: ZaloSettings
    store: Store
    clock: Clock
    http: httpx.AsyncClient
    oauth: OAuth
    tokens: Tokens
    api: ZaloApi
    channel: ZaloChannel
    phone_channel: PhoneChannel
    keeper: Keeper
    webhook: Webhook
    consent: Consent
    account: Mapping[str, Any] = field(default_factory=dict)

    @property
    def routes(self) -> Sequence[Route]:
        return [self.webhook.route(), *consent_routes(self.consent, self.settings)]

    async def start(self) -> None:
        """Take a new seed, and look through the quarantine with the present secret. Raises StoreError."""
        await self.tokens.seed()
        await self.webhook.reverify()

    async def upkeep(self) -> None:
        """Throw away what is too old, and look at the account once a day, until cancelled."""
        rounds = 0
        while True:
            try:
                await self.store.write(self._sweep)
                if rounds % ACCOUNT_EVERY == 0:
                    self.account = await self.api.account()
            except (StoreError, ChannelError) as error:
                log.info("zalo.upkeep_failed", error=f"{type(error).__name__}: {error}")
            rounds += 1
            await asyncio.sleep(UPKEEP_S)

    def _sweep(self, conn: sa.Connection) -> None:
        now = self.clock.now()
        drop_old_odd_events(conn, now)
        quarantine.drop_old_suspects(conn, now)
        forget_echoes(conn, now)

    async def facts(self) -> dict[str, Any]:
        """For the health page: numbers and states, nobody's words. Raises StoreError."""
        token = await self.tokens.state()
        waiting, odd = await self.store.read(
            lambda conn: (quarantine.count_suspects(conn), count_odd_events(conn))
        )
        return {
            "token": token.state,
            "token_expires_at": _iso(token.expires_at),
            "last_webhook_at": _iso(self.keeper.last_at),
            "signature_failures": self.webhook.failures,
            "last_signature_failure_at": _iso(self.webhook.last_failure),
            "signature_hint": self.webhook.hint,
            "quarantine": waiting,
            "refused_events": dict(self.keeper.refused),
            "odd_events": odd,
            **self.api.facts,
            **{name: self.account[name] for name in _SHOWN if name in self.account},
        }

    async def close(self) -> None:
        await self.http.aclose()


_SHOWN = ("package_name", "is_verified", "linked_ZCA")


def connect(
    settings: ZaloSettings, *, store: Store, media: MediaStore, clock: Clock, quiet: Quiet,
    labels: Mapping[str, str], inbox_wake: Wake | None = None, outbox_wake: Wake | None = None,
) -> ZaloConnection:  # fmt: skip
    """Put the connector together; nothing is started and nobody is called."""
    http = http_client(settings.openapi_base)
    oauth = OAuth(settings, http)
    tokens = Tokens(settings, store, oauth, clock)
    api = ZaloApi(settings, tokens, http, clock)
    windows = Windows(store)
    templates = Templates(settings, api)
    channel = ZaloChannel(
        settings, api, windows, door=MediaDoor(settings.media_hosts, http), media=media, store=store,
        templates=templates, clock=clock, labels=labels,
    )  # fmt: skip
    keeper = Keeper(
        store, settings.oa_id, windows, clock=clock, quiet=quiet,
        inbox_wake=inbox_wake or LocalWake(), outbox_wake=outbox_wake or LocalWake(),
    )  # fmt: skip
    return ZaloConnection(
        settings=settings, store=store, clock=clock, http=http, oauth=oauth, tokens=tokens, api=api,
        channel=channel, phone_channel=PhoneChannel(templates), keeper=keeper,
        webhook=Webhook(settings, keeper, store, clock),
        consent=Consent(settings, store, oauth, tokens, clock),
    )  # fmt: skip


def http_client(base: str) -> httpx.AsyncClient:
    """Connections to Zalo; an office's proxy is honoured, but not for a stand-in on this machine."""
    inside = is_loopback(httpx.URL(base).host)
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=20.0)
    return httpx.AsyncClient(trust_env=not inside, follow_redirects=False, limits=limits)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
