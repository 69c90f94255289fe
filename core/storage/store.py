"""The port of storage: a unit of work is a plain function of a connection, the store says where it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import sqlalchemy as sa

T = TypeVar("T")

_FORMS = "it reads sqlite:///path or postgresql://user@host/db"


class StoreError(Exception):
    """The database refused: disk full, locked by another instance, unreachable. Nothing of the work was kept.

    One case is open: PostgreSQL went away while it was committing. The text then says so; units of work are
    written so that doing them again is harmless (unique keys).
    """


class Store(Protocol):
    """Runs units of work. `write` is durable when it returns; the work may be run again after a conflict,
    so it must do nothing but talk to its connection. It neither commits nor rolls back, but may open
    savepoints (`connection.begin_nested()`). What it raises reaches the caller, and nothing of it is kept."""

    async def write(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def read(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def close(self) -> None: ...


async def open_store(url: str, *, migrate: bool = True, exclusive: bool = True) -> Store:
    """The store behind `url`: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user@host/db`.

    `migrate` brings the schema to this version first. `exclusive` makes a second instance on the same SQLite
    file an error; a short command beside a running server sets it to False. Raises StoreError.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        from core.storage.sqlite import open_sqlite

        return await open_sqlite(Path(parsed.database or ""), migrate=migrate, exclusive=exclusive)
    from core.storage.postgres import open_postgres

    return await open_postgres(parsed, migrate=migrate)


def parse_url(url: str) -> sa.URL:
    """A database URL that one of the two engines serves. Raises StoreError (without the password)."""
    try:
        parsed = sa.make_url(url.replace("postgres://", "postgresql://", 1))
    except sa.exc.ArgumentError:
        raise StoreError(f"the database URL cannot be read; {_FORMS}") from None
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise StoreError(f"no storage engine for {backend!r}; {_FORMS}")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreError("SQLite needs a file: sqlite:///path/to/kenhdan.sqlite3")
    return parsed
