"""The migrations and the metadata build the same schema, on both databases."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.storage import StoreError, migrations, open_store
from core.storage.schema import metadata
from core.storage.sqlite import SqliteStore, fresh_sqlite
from core.storage.store import Store


def build_by_alembic(connection: sa.Connection, revision: str = "head") -> None:
    command.upgrade(migrations.alembic_config(connection), revision)


def differences(connection: sa.Connection) -> list[Any]:
    """What Alembic would change. It misreads empty defaults on SQLite: those are compared by themselves."""
    defaults = connection.dialect.name == "postgresql"
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "compare_server_default": defaults}
    )
    return list(compare_metadata(context, metadata))


def columns(connection: sa.Connection) -> dict[str, list[Any]]:
    """SQLite's own account of every table: name, type, NOT NULL, default and key of each column."""
    return {
        name: list(connection.exec_driver_sql(f"PRAGMA table_info({name})"))
        for name in sa.inspect(connection).get_table_names()
    }


def triggers(connection: sa.Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'trigger'").scalars()
    else:
        found = connection.exec_driver_sql(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            " UNION ALL SELECT prosrc FROM pg_proc WHERE proname = 'report_events_refuse'"
        ).scalars()
    return {" ".join(str(sql).split()) for sql in found}


async def blank_store(url: str, build: Callable[[sa.Connection], object]) -> Store:
    """A store whose database only `build` made."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            build(connection)
        engine.dispose()
        return SqliteStore(Path(parsed.database or ""), None)
    from core.storage.postgres import PostgresStore, _engine

    store = PostgresStore(_engine(parsed))
    await store.write(build)
    return store


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.sqlite3"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


def test_head_is_alembics() -> None:
    with sa.create_engine("sqlite://").connect() as connection:
        scripts = ScriptDirectory.from_config(migrations.alembic_config(connection))
    assert scripts.get_current_head() == migrations.HEAD


async def test_migrations_build_what_the_metadata_says(empty_url: str) -> None:
    store = await blank_store(empty_url, build_by_alembic)
    try:
        assert await store.write(differences) == []
    finally:
        await store.close()


async def test_columns_and_defaults_agree_on_sqlite(sqlite_store: Store, tmp_path: Path) -> None:
    migrated = await blank_store(f"sqlite:///{tmp_path}/migrated.sqlite3", build_by_alembic)
    try:
        assert await migrated.read(columns) == await sqlite_store.read(columns)
    finally:
        await migrated.close()


async def test_the_comparison_sees_a_difference(empty_url: str) -> None:
    def build(connection: sa.Connection) -> None:
        build_by_alembic(connection)
        connection.exec_driver_sql("ALTER TABLE consents ADD COLUMN stray INTEGER")

    store = await blank_store(empty_url, build)
    try:
        assert len(await store.write(differences)) == 1
    finally:
        await store.close()


async def test_an_empty_database_is_built_like_a_migrated_one(empty_url: str) -> None:
    store = await open_store(empty_url)
    try:
        assert await store.read(migrations.revision) == migrations.HEAD
        assert await store.write(differences) == []
        made = await store.read(triggers)
    finally:
        await store.close()

    def rebuild(connection: sa.Connection) -> None:
        for table in (*metadata.sorted_tables[::-1], sa.table("alembic_version")):
            connection.exec_driver_sql(f"DROP TABLE {table.name}")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("DROP FUNCTION report_events_refuse")
        build_by_alembic(connection)

    store = await blank_store(empty_url, rebuild)
    try:
        assert made
        assert await store.read(triggers) == made
    finally:
        await store.close()


async def test_an_older_database_is_brought_up(empty_url: str) -> None:
    older = await blank_store(empty_url, lambda connection: build_by_alembic(connection, "0001"))
    assert await older.read(triggers) == set()
    await older.close()
    with pytest.raises(StoreError, match="0001"):
        await open_store(empty_url, migrate=False)
    store = await open_store(empty_url)
    try:
        assert await store.read(migrations.revision) == migrations.HEAD
        assert await store.write(differences) == []
        assert await store.read(triggers)
    finally:
        await store.close()


async def test_migrate_tells_what_it_found(empty_url: str) -> None:
    older = await blank_store(empty_url, lambda connection: build_by_alembic(connection, "0001"))
    await older.close()
    assert await migrations.migrate(empty_url) == "0001"
    assert await migrations.migrate(empty_url) == migrations.HEAD
    store = await open_store(empty_url, migrate=False)
    await store.close()


async def test_migrate_builds_an_empty_database(empty_url: str) -> None:
    assert await migrations.migrate(empty_url) == ""
    store = await open_store(empty_url, migrate=False)
    if empty_url.startswith("sqlite"):
        with pytest.raises(StoreError, match="another instance"):
            await migrations.migrate(empty_url)
    await store.close()


async def test_a_newer_database_is_refused(empty_url: str) -> None:
    store = await open_store(empty_url)
    await store.write(lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    for migrate in (True, False):
        with pytest.raises(StoreError, match="9999"):
            await open_store(empty_url, migrate=migrate)


async def test_without_migration_an_empty_database_is_refused(empty_url: str) -> None:
    with pytest.raises(StoreError, match="kenhdan migrate"):
        await open_store(empty_url, migrate=False)


async def test_a_failed_migration_leaves_the_database_as_it_was(empty_url: str) -> None:
    def half(connection: sa.Connection) -> None:
        build_by_alembic(connection, "0001")
        connection.exec_driver_sql("DROP TABLE report_events")  # so that 0002 fails

    broken = await blank_store(empty_url, half)
    await broken.close()
    with pytest.raises(sa.exc.DBAPIError):
        await open_store(empty_url)
    engine_url = sa.make_url(empty_url)
    if engine_url.get_backend_name() == "sqlite":
        store = await blank_store(empty_url, lambda connection: None)
        assert await store.read(migrations.revision) == "0001"
        await store.close()


def test_a_start_at_head_does_not_load_alembic(tmp_path: Path) -> None:
    url = fresh_sqlite(tmp_path / "x.sqlite3")
    program = (
        "import asyncio, sys\n"
        "from core.storage import open_store\n"
        "async def main():\n"
        f"    await (await open_store({url!r})).close()\n"
        "asyncio.run(main())\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('alembic', 'mako', 'asyncpg')])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_fresh_sqlite_never_overwrites(tmp_path: Path) -> None:
    fresh_sqlite(tmp_path / "x.sqlite3")
    with pytest.raises(FileExistsError):
        fresh_sqlite(tmp_path / "x.sqlite3")
