"""PostgreSQL over asyncpg: many processes share the reports.

Isolation is READ COMMITTED: units of work of different processes overlap, so they decide by unique keys and
row locks (`FOR UPDATE SKIP LOCKED`); SQLAlchemy leaves the latter out for SQLite, whose one writer needs none
of it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.storage import migrations
from core.storage.store import StoreError

T = TypeVar("T")

ATTEMPTS = 5
"""How often a unit of work is run when the server asks for another try."""

POOL_SIZE = 16
CONNECT_SECONDS = 10
POOL_SECONDS = 30

_CONFLICTS = frozenset(
    {"40001", "40P01"}
)  # serialization failure, deadlock: the server rolled back, try again
_REFUSALS = (
    "08",
    "53",
    "57",
    "58",
    "28",
    "3D",
)  # connection, resources, operator, system, login, no such database


class PostgresStore:
    """The Store on a PostgreSQL database; made by `open_postgres`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reads = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in one transaction; it is on the disk when this returns. After a conflict, or when a
        pooled connection turns out to be dead, it is run again. Raises what `work` raises, or StoreError."""
        return await self._run(self._engine, work)

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` on a consistent snapshot; it cannot write."""
        return await self._run(self._reads, work)

    async def close(self) -> None:
        await self._engine.dispose()

    async def _run(self, engine: AsyncEngine, work: Callable[[sa.Connection], T]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            if attempt > 1:
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
            try:
                return await self._attempt(engine, work)
            except sa.exc.DBAPIError as error:
                if attempt == ATTEMPTS or not _may_be_repeated(error):
                    raise _as_seen_by_caller(error) from error
            except (OSError, sa.exc.TimeoutError) as error:
                raise StoreError(f"PostgreSQL cannot be reached: {error}") from error
        raise AssertionError("unreachable")

    async def _attempt(self, engine: AsyncEngine, work: Callable[[sa.Connection], T]) -> T:
        async with engine.connect() as connection:
            result = await connection.run_sync(work)
            await _commit(connection)
            return result


async def open_postgres(url: sa.URL, *, migrate: bool = True) -> PostgresStore:
    """Connect; bring the schema to this version (`migrate`) or make sure that it is. Raises StoreError."""
    store = PostgresStore(_engine(url))
    try:
        if migrate:
            await store.write(migrations.upgrade)
        else:
            await store.read(migrations.check_revision)
    except BaseException:
        await store.close()
        raise
    return store


async def migrate_postgres(url: sa.URL) -> str:
    """Bring the schema to this version; returns the revision found before. Raises StoreError."""
    store = PostgresStore(_engine(url))
    try:
        return await store.write(migrations.upgrade)
    finally:
        await store.close()


def _engine(url: sa.URL) -> AsyncEngine:
    query = dict(url.query)
    if "sslmode" in query:  # libpq's word for what asyncpg calls ssl
        query["ssl"] = query.pop("sslmode")
    return create_async_engine(
        url.set(drivername="postgresql+asyncpg", query=query),
        hide_parameters=True,  # citizens' words must not stand in an error's text
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": {"application_name": "kenhdan"}},
    )


class _CommitUnknown(StoreError):
    """The connection broke while the transaction was being committed."""


async def _commit(connection: AsyncConnection) -> None:
    """Commit; a connection that breaks meanwhile leaves the outcome open, so this is never repeated."""
    try:
        await connection.commit()
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise _CommitUnknown(
                "PostgreSQL went away during a commit: it may or may not have been kept"
            ) from error
        raise


def _may_be_repeated(error: sa.exc.DBAPIError) -> bool:
    """A conflict, or a connection lost before the commit: the server has kept nothing."""
    return _sqlstate(error) in _CONFLICTS or error.connection_invalidated


def _as_seen_by_caller(error: sa.exc.DBAPIError) -> Exception:
    """A failure of the server becomes StoreError; one of the unit's SQL (a constraint) stays what it is."""
    state = _sqlstate(error)
    if error.connection_invalidated or state in _CONFLICTS or state.startswith(_REFUSALS):
        return StoreError(f"PostgreSQL: {error.orig}")
    return error


def _sqlstate(error: sa.exc.DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
