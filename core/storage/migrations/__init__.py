"""Bringing a database to this version's schema.

Alembic runs only when there is something to change: its import costs more than a second, and the server's
start asks for one row instead. An empty database is built from the metadata and stamped with HEAD; a test
holds that against the migrations.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from core.storage.append_only import guard_statements
from core.storage.schema import metadata
from core.storage.store import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""The newest revision in `versions/`; a test holds it against Alembic's own answer."""

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String(32)))
# Any number that only we use: one process at a time migrates a PostgreSQL database
_MIGRATION_LOCK = 0x6B656E68


async def migrate(url: str) -> str:
    """Bring the database behind `url` to HEAD, as every start does; returns the revision found before
    ("" for an empty database). Raises StoreError, also while another instance has the SQLite file."""
    from core.storage.store import parse_url

    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        from core.storage.sqlite import migrate_sqlite

        return await asyncio.to_thread(migrate_sqlite, Path(parsed.database or ""))
    from core.storage.postgres import migrate_postgres

    return await migrate_postgres(parsed)


def upgrade(connection: sa.Connection) -> str:
    """Bring the schema to HEAD within the connection's transaction and return the revision found before
    ("" for an empty database). Raises StoreError when a newer version wrote the database."""
    found = revision(connection)
    if found == HEAD:
        return found
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        found = revision(connection)  # another process may have been faster
    if found == "":
        create_schema(connection)
    elif found != HEAD:
        _migrate(connection, found)
    return found


def check_revision(connection: sa.Connection) -> None:
    """Raises StoreError when the schema is not this version's."""
    if (found := revision(connection)) != HEAD:
        raise StoreError(f"the schema is {found or 'empty'}, this version needs {HEAD}: kenhdan migrate")


def revision(connection: sa.Connection) -> str:
    """The stored revision; "" when there is none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar() or ""


def create_schema(connection: sa.Connection) -> None:
    """Build the whole schema in an empty database and stamp it."""
    metadata.create_all(connection, checkfirst=False)
    for statement in guard_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL,"
        " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(sa.insert(_VERSION).values(version_num=HEAD))


def alembic_config(connection: sa.Connection) -> Config:
    """Alembic's configuration, made in code; `env.py` takes the connection from it."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _migrate(connection: sa.Connection, found: str) -> None:
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found not in known:
        raise StoreError(
            f"the database was written by a newer version (schema {found}, this one knows up to {HEAD}):"
            " start that version, or restore a backup made before the update"
        )
    command.upgrade(config, "head")
