"""Whatever waits together: each unit ends as it would alone, and the file holds exactly the good ones."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from core.storage import StoreError
from core.storage.schema import counters
from core.storage.sqlite import fresh_sqlite, open_sqlite

Work = Callable[[sa.Connection], None]


def insert(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.insert(counters).values(name=name, value=1))


def good(name: str) -> Work:
    return lambda connection: insert(connection, name)


def failing(name: str) -> Work:
    def work(connection: sa.Connection) -> None:
        insert(connection, name)
        raise LookupError(name)

    return work


def colliding(name: str) -> Work:
    def work(connection: sa.Connection) -> None:
        insert(connection, name)
        insert(connection, name)

    return work


def committing(name: str) -> Work:
    def work(connection: sa.Connection) -> None:
        insert(connection, name)
        connection.commit()

    return work


def rolling_back(name: str) -> Work:
    def work(connection: sa.Connection) -> None:
        insert(connection, name)
        connection.rollback()

    return work


def half_good(name: str) -> Work:
    """Its own savepoint is rolled back, the rest is kept."""

    def work(connection: sa.Connection) -> None:
        insert(connection, name)
        inner = connection.begin_nested()
        insert(connection, f"{name} inner")
        inner.rollback()

    return work


ENDS: dict[Callable[[str], Work], type[BaseException] | None] = {
    good: None,
    half_good: None,
    failing: LookupError,
    colliding: sa.exc.IntegrityError,
    committing: StoreError,
    rolling_back: StoreError,
}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(ENDS)), max_size=12))
def test_a_batch_keeps_exactly_the_good_units(kinds: list[Callable[[str], Work]]) -> None:
    ends, kept = asyncio.run(run_together([kind(str(n)) for n, kind in enumerate(kinds)]))
    assert ends == [ENDS[kind] for kind in kinds]
    assert kept == {str(n) for n, kind in enumerate(kinds) if ENDS[kind] is None}


async def run_together(works: list[Work]) -> tuple[list[type[BaseException] | None], set[str]]:
    """Let all units wait while the writer is busy, then see how each ends and what the file holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.sqlite3"
        fresh_sqlite(path)
        store = await open_sqlite(path)
        go = threading.Event()
        holding = asyncio.ensure_future(store.write(lambda _: go.wait(10)))
        writes = [asyncio.ensure_future(store.write(work)) for work in works]
        await asyncio.sleep(0)
        go.set()
        assert await holding
        ends = await asyncio.gather(*writes, return_exceptions=True)
        kept = await store.read(lambda c: set(c.scalars(sa.select(counters.c.name))))
        await store.close()
        return [None if end is None else type(end) for end in ends], kept
