"""The PostgreSQL store: conflicts, lost connections, a server that is not there."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from core.storage import Store, StoreError, open_store
from core.storage.postgres import ATTEMPTS
from core.storage.schema import counters, handoffs

Put = Callable[[str], Callable[[sa.Connection], None]]
Names = Callable[[sa.Connection], set[str]]


def raise_in_server(sqlstate: str) -> sa.TextClause:
    return sa.text(f"DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{sqlstate}'; END $$")


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
async def test_a_conflict_is_tried_again(
    postgres_store: Store, put: Put, names: Names, sqlstate: str
) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        put("kept once")(connection)
        if len(tries) < ATTEMPTS:
            connection.execute(raise_in_server(sqlstate))

    await postgres_store.write(work)
    assert len(tries) == ATTEMPTS
    assert await postgres_store.read(names) == {"kept once"}


async def test_a_conflict_without_end_is_a_store_error(postgres_store: Store) -> None:
    tries = []

    def work(connection: sa.Connection) -> None:
        tries.append(1)
        connection.execute(raise_in_server("40001"))

    with pytest.raises(StoreError):
        await postgres_store.write(work)
    assert len(tries) == ATTEMPTS


async def test_two_that_wait_for_each_other_both_end(postgres_store: Store, put: Put) -> None:
    """A real deadlock: each holds one row and wants the other's."""
    await postgres_store.write(put("a"))
    await postgres_store.write(put("b"))

    def lock(first: str, second: str) -> Callable[[sa.Connection], None]:
        def work(connection: sa.Connection) -> None:
            for name in (first, second):
                connection.execute(
                    sa.update(counters).where(counters.c.name == name).values(value=counters.c.value + 1)
                )
                connection.execute(sa.text("SELECT pg_sleep(0.1)"))

        return work

    await asyncio.gather(postgres_store.write(lock("a", "b")), postgres_store.write(lock("b", "a")))
    values = await postgres_store.read(lambda c: list(c.scalars(sa.select(counters.c.value))))
    assert values == [3, 3]


async def test_connections_that_died_in_the_pool_do_not_show(
    postgres_store: Store, postgres_url: str, put: Put, names: Names
) -> None:
    await asyncio.gather(*(postgres_store.write(put(str(number))) for number in range(8)))
    other = await open_store(postgres_url)
    kill = sa.text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    killed = await other.write(lambda c: c.execute(kill).scalar_one())
    await other.close()
    assert killed >= 1
    await asyncio.gather(*(postgres_store.write(put(f"after {number}")) for number in range(8)))
    assert len(await postgres_store.read(names)) == 16


async def test_a_work_that_always_loses_its_connection_ends_as_a_store_error(
    postgres_store: Store, put: Put, names: Names
) -> None:
    def work(connection: sa.Connection) -> None:
        put("never")(connection)
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreError):
        await postgres_store.write(work)
    assert await postgres_store.read(names) == set()


async def test_locked_rows_are_skipped(postgres_store: Store, put: Put) -> None:
    for number in range(6):
        await postgres_store.write(put(str(number)))

    def claim(connection: sa.Connection) -> list[str]:
        free = sa.select(counters.c.name).with_for_update(skip_locked=True).limit(3)
        claimed = list(connection.scalars(free))
        connection.execute(sa.text("SELECT pg_sleep(0.2)"))
        return claimed

    one, two = await asyncio.gather(postgres_store.write(claim), postgres_store.write(claim))
    assert len(one) == len(two) == 3
    assert not set(one) & set(two)


async def test_many_processes_start_on_an_empty_database_at_once(empty_postgres_url: str) -> None:
    stores = await asyncio.gather(*(open_store(empty_postgres_url) for _ in range(4)))
    for store in stores:
        await store.close()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://user:geheim@127.0.0.1:1/db",  # nobody listens on port 1
        "postgresql://user:geheim@/db?host=/nowhere",
    ],
)
async def test_a_server_that_is_not_there(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        await open_store(url)
    assert "geheim" not in str(caught.value)


async def test_a_database_that_is_not_there(postgres_url: str) -> None:
    url = sa.make_url(postgres_url).set(database="no_such_database").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="no_such_database"):
        await open_store(url)


async def test_the_row_that_the_server_quotes_does_not_show(postgres_store: Store) -> None:
    row = {"channel": "zalo", "user": "7", "reason": "asked", "words": "lời\ndân", "at": None}
    with pytest.raises(sa.exc.IntegrityError) as caught:
        await postgres_store.write(lambda c: c.execute(sa.insert(handoffs).values(row)) and None)
    text = "".join(traceback.format_exception(caught.value))
    assert "violates not-null constraint" in text
    assert "dân" not in text
