"""The token pair: sealed in the database, rotated by one process at a time, written before it is used.

A refresh token is good once. So whoever refreshes holds the row's lock, for longer than the HTTP request may
take; reads the row again inside it, for another process may have been faster; and keeps the new pair in one
committed transaction before anything is sent with it. A refusal never touches the stored pair.

States: connected → needs_reauth (Zalo refused the refresh token: an administrator must consent again).
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from connectors.zalo.oauth import CONNECT_S, READ_S, OAuth, Pair
from connectors.zalo.sealing import CannotOpen, Sealer
from connectors.zalo.settings import ZaloSettings
from core.channel import ChannelError, CredentialsRefused, RetryLater, Uncertain
from core.clock import Clock
from core.storage import Store, StoreError
from core.storage.schema import credential_changes, credentials

CONNECTED = "connected"
NEEDS_REAUTH = "needs_reauth"

LOCK = timedelta(seconds=4 * (CONNECT_S + READ_S))
"""Two tries of the request fit into it twice."""
RENEW_BEFORE = timedelta(hours=3)
"""Tokens are renewed when less than this remains. Zalo's live 25 hours."""
SWEEP_S = 30 * 60.0
_WAIT_S = 0.05

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """The row of the pair, opened."""

    pair: Pair
    expires_at: datetime
    rotated_at: datetime
    state: str
    reason: str
    locked_until: datetime | None
    refresh_hash: str


@dataclass(frozen=True, slots=True)
class TokenState:
    """What may be shown of the pair: `missing`, `connected` or `needs_reauth`."""

    state: str
    reason: str = ""
    expires_at: datetime | None = None
    rotated_at: datetime | None = None


class Tokens:
    """The Official Account's pair, for all that call Zalo."""

    def __init__(self, settings: ZaloSettings, store: Store, oauth: OAuth, clock: Clock) -> None:
        self._settings = settings
        self._name = settings.credentials_name
        self._store = store
        self._oauth = oauth
        self._clock = clock
        self._sealer = Sealer(settings.app_secret)
        self._known: Stored | None = None
        self._turn = asyncio.Lock()

    # -- for callers of the API ---------------------------------------------------------------------------

    async def access(self) -> str:
        """A token to call with. Raises CredentialsRefused when an administrator must consent (again), or
        what a refresh raises when the token is over."""
        stored = self._known
        if stored is None or stored.state != CONNECTED or self._is_over(stored):
            stored = self._known = await self._read()
        if stored is None:
            raise CredentialsRefused("no Zalo token yet: kenhdan zalo login")
        if stored.state != CONNECTED:
            raise CredentialsRefused(f"Zalo must be consented to again: {stored.reason}")
        if self._is_over(stored):
            return await self.renew(stored.pair.access)
        return stored.pair.access

    async def renew(self, spent: str) -> str:
        """A token other than `spent`, which Zalo refused or which is nearly over. Raises CredentialsRefused,
        RetryLater or Uncertain."""
        async with self._turn:
            if (
                self._known is not None
                and self._known.pair.access != spent
                and not self._is_over(self._known)
            ):
                return self._known.pair.access
            key = uuid.uuid4().hex
            try:
                stored = await self._lock(key, spent)
                if stored.pair.access != spent:
                    self._known = stored
                    return stored.pair.access
                return await self._rotate(stored)
            finally:
                await self._unlock(key)

    async def refresh_soon(self) -> None:
        """Renew when little time remains. Raises nothing: a failure is logged and tried again at the next
        sweep or call."""
        try:
            stored = await self._read()
            if stored is None or stored.state != CONNECTED:
                return
            if stored.expires_at - self._clock.now() < RENEW_BEFORE:
                await self.renew(stored.pair.access)
        except (ChannelError, StoreError) as error:
            log.warning("zalo.refresh_failed", error=f"{type(error).__name__}: {error}")

    async def sweep(self) -> None:
        """Keep the pair fresh until cancelled."""
        while True:
            await self.refresh_soon()
            await asyncio.sleep(SWEEP_S)

    # -- for administrators -------------------------------------------------------------------------------

    async def seed(self) -> None:
        """Take the pair of the settings when it is a new one: a seed that was spent stays spent."""
        settings = self._settings
        if not settings.refresh_token:
            return
        life = timedelta(hours=1) if settings.access_token else timedelta(0)
        pair = Pair(settings.access_token or "none", settings.refresh_token, life)
        now = self._clock.now()

        def write(conn: sa.Connection) -> bool:
            if _was_seen(conn, self._name, _hash(pair.refresh)):
                return False
            self._save(conn, pair, "seeded", now)
            return True

        if await self._store.write(write):
            log.info("zalo.tokens_seeded")
        self._known = None

    async def keep(self, pair: Pair, kind: str = "consented") -> None:
        """Store a pair that an administrator's consent brought."""
        now = self._clock.now()
        await self._store.write(lambda conn: self._save(conn, pair, kind, now))
        self._known = None

    async def state(self) -> TokenState:
        """Raises StoreError."""
        row = await self._store.read(lambda conn: _row(conn, self._name))
        if row is None:
            return TokenState("missing", "kenhdan zalo login")
        return TokenState(row.state, row.reason, row.expires_at, row.rotated_at)

    # -- rotating -----------------------------------------------------------------------------------------

    async def _rotate(self, stored: Stored) -> str:
        """Spend the refresh token; we hold the lock."""
        try:
            pair = await self._request(stored.pair.refresh)
        except CredentialsRefused as error:
            await self._refuse(stored, str(error))
            raise
        now = self._clock.now()
        # Not under the lock's name but under the spent token's: should the lock have run out meanwhile, ours
        # is still the pair that Zalo gave for it.
        await self._store.write(
            lambda conn: self._save(conn, pair, "refreshed", now, spent=stored.refresh_hash)
        )
        self._known = await self._read()
        log.info("zalo.token_refreshed", hours=round(pair.life / timedelta(hours=1), 1))
        if self._known is None:
            raise CredentialsRefused("the Zalo token was removed meanwhile")
        return self._known.pair.access

    async def _request(self, refresh_token: str) -> Pair:
        """Without an answer the same token is tried once more: it may not have been spent."""
        try:
            return await self._oauth.refresh(refresh_token)
        except Uncertain as error:
            log.warning("zalo.refresh_unanswered", error=str(error))
            return await self._oauth.refresh(refresh_token)

    async def _refuse(self, stored: Stored, reason: str) -> None:
        """The grant is lost: visible, and never overwriting a pair that came meanwhile."""
        now = self._clock.now()

        def write(conn: sa.Connection) -> None:
            conn.execute(
                credentials.update()
                .where(credentials.c.name == self._name, credentials.c.refresh_hash == stored.refresh_hash)
                .values(state=NEEDS_REAUTH, reason=reason[:300])
            )
            conn.execute(credential_changes.insert().values(name=self._name, at=now, kind="refused"))

        await self._store.write(write)
        self._known = None
        log.error("zalo.needs_reauth", reason=reason, mend="kenhdan zalo login")

    async def _lock(self, key: str, spent: str) -> Stored:
        """The row, locked by us; or, without the lock, as another process has rotated it meanwhile."""
        deadline = self._clock.now() + LOCK
        while True:
            now = self._clock.now()
            ours = await self._store.write(partial(_try_lock, name=self._name, key=key, now=now))
            stored = await self._read()
            if stored is None:
                raise CredentialsRefused("no Zalo token yet: kenhdan zalo login")
            if stored.state != CONNECTED:
                raise CredentialsRefused(f"Zalo must be consented to again: {stored.reason}")
            if ours or stored.pair.access != spent:
                return stored
            if now >= deadline:
                raise RetryLater("another process is refreshing the Zalo token")
            await asyncio.sleep(_WAIT_S)

    async def _unlock(self, key: str) -> None:
        try:
            await self._store.write(partial(_free_lock, name=self._name, key=key))
        except StoreError as error:  # the lock ends by itself
            log.warning("zalo.lock_not_freed", error=str(error))

    # -- the row ------------------------------------------------------------------------------------------

    def _is_over(self, stored: Stored) -> bool:
        return stored.expires_at <= self._clock.now()

    async def _read(self) -> Stored | None:
        row = await self._store.read(lambda conn: _row(conn, self._name))
        if row is None:
            return None
        try:
            pair = Pair(
                self._sealer.open(row.access, f"{self._name} access"),
                self._sealer.open(row.refresh, f"{self._name} refresh"),
            )
        except CannotOpen as error:
            raise CredentialsRefused(f"{error} kenhdan zalo login") from None
        return Stored(
            pair, row.expires_at, row.rotated_at, row.state, row.reason, row.locked_until, row.refresh_hash
        )

    def _save(
        self, conn: sa.Connection, pair: Pair, kind: str, now: datetime, *, spent: str | None = None
    ) -> None:
        """Write a pair and its trace; with `spent` only over the row that still holds that token."""
        values = {
            "access": self._sealer.seal(pair.access, f"{self._name} access"),
            "refresh": self._sealer.seal(pair.refresh, f"{self._name} refresh"),
            "refresh_hash": _hash(pair.refresh),
            "expires_at": now + pair.life,
            "rotated_at": now,
            "state": CONNECTED,
            "reason": "",
        }
        row = credentials.update().where(credentials.c.name == self._name)
        if spent is not None:
            row = row.where(credentials.c.refresh_hash == spent)
        if not conn.execute(row.values(values)).rowcount and spent is None:
            conn.execute(credentials.insert().values(name=self._name, **values))
        conn.execute(
            credential_changes.insert().values(
                name=self._name, at=now, kind=kind,
                access_hash=_hash(pair.access), refresh_hash=_hash(pair.refresh),
            )
        )  # fmt: skip


def _row(conn: sa.Connection, name: str) -> Any:
    return conn.execute(sa.select(credentials).where(credentials.c.name == name)).first()


def _try_lock(conn: sa.Connection, name: str, key: str, now: datetime) -> bool:
    free = sa.or_(credentials.c.lock.is_(None), credentials.c.locked_until < now)
    taken = conn.execute(
        credentials.update().where(credentials.c.name == name, free).values(lock=key, locked_until=now + LOCK)
    )
    return bool(taken.rowcount)


def _free_lock(conn: sa.Connection, name: str, key: str) -> None:
    conn.execute(
        credentials.update()
        .where(credentials.c.name == name, credentials.c.lock == key)
        .values(lock=None, locked_until=None)
    )


def _was_seen(conn: sa.Connection, name: str, refresh_hash: str) -> bool:
    """Whether this refresh token was ever stored: then it is either the present one or spent."""
    seen = sa.select(credential_changes.c.id).where(
        credential_changes.c.name == name, credential_changes.c.refresh_hash == refresh_hash
    )
    return conn.execute(seen.limit(1)).first() is not None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
