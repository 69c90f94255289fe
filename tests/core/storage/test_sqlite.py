"""The SQLite store under strain: batches, a full disk, a kill, a second instance."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.storage import StoreError, open_store
from core.storage.schema import counters
from core.storage.sqlite import MAX_BATCH, SqliteStore, fresh_sqlite, open_sqlite

Put = Callable[[str], Callable[[sa.Connection], None]]
Names = Callable[[sa.Connection], set[str]]


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncIterator[SqliteStore]:
    store = await open_sqlite(Path(sqlite_url.removeprefix("sqlite:///")))
    yield store
    await store.close()


async def hold(store: SqliteStore) -> Callable[[], asyncio.Future[None]]:
    """Keep the writer busy: what is written meanwhile becomes one batch. Returns what lets it go on."""
    going, go = threading.Event(), threading.Event()

    def wait(connection: sa.Connection) -> None:
        going.set()
        assert go.wait(10)

    task = asyncio.ensure_future(store.write(wait))
    while not going.is_set():
        await asyncio.sleep(0.001)

    def release() -> asyncio.Future[None]:
        go.set()
        return task

    return release


async def test_units_that_wait_are_committed_together(sqlite: SqliteStore, put: Put, names: Names) -> None:
    release = await hold(sqlite)
    before = sqlite.commits
    writes = [asyncio.ensure_future(sqlite.write(put(str(number)))) for number in range(2 * MAX_BATCH)]
    await asyncio.sleep(0)
    await release()
    await asyncio.gather(*writes)
    assert sqlite.commits - before == 3  # the one that held, and two full batches
    assert len(await sqlite.read(names)) == 2 * MAX_BATCH


async def test_a_batch_of_failures_commits_nothing(sqlite: SqliteStore, put: Put) -> None:
    await sqlite.write(put("twice"))
    release = await hold(sqlite)
    writes = [asyncio.ensure_future(sqlite.write(put("twice"))) for _ in range(5)]
    await asyncio.sleep(0)
    before = sqlite.commits
    await release()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(result, sa.exc.IntegrityError) for result in results)
    assert sqlite.commits - before == 1  # of the unit that held


def commit(connection: sa.Connection) -> None:
    connection.execute(sa.insert(counters).values(name="misuse", value=1))
    connection.commit()


def roll_back(connection: sa.Connection) -> None:
    connection.rollback()


def leave_savepoint(connection: sa.Connection) -> None:
    connection.begin_nested()


@pytest.mark.parametrize("misuse", [commit, roll_back, leave_savepoint])
@pytest.mark.parametrize("beside", [0, 3])
async def test_misuse_harms_no_neighbour(
    sqlite: SqliteStore, put: Put, names: Names, misuse: Callable[[Any], None], beside: int
) -> None:
    release = await hold(sqlite)
    before = [asyncio.ensure_future(sqlite.write(put(f"before {number}"))) for number in range(beside)]
    bad = asyncio.ensure_future(sqlite.write(misuse))
    after = [asyncio.ensure_future(sqlite.write(put(f"after {number}"))) for number in range(beside)]
    await asyncio.sleep(0)
    await release()
    with pytest.raises(StoreError, match="must not commit"):
        await bad
    await asyncio.gather(*before, *after)
    expected = {f"{when} {number}" for when in ("before", "after") for number in range(beside)}
    assert await sqlite.read(names) == expected
    await sqlite.write(put("later"))


@pytest.mark.parametrize("error", [KeyboardInterrupt, StopIteration, SystemExit])
async def test_nothing_that_a_unit_raises_stops_the_writer(
    sqlite: SqliteStore, put: Put, error: type[BaseException]
) -> None:
    def work(connection: sa.Connection) -> None:
        raise error

    with pytest.raises(RuntimeError if error is StopIteration else error):
        await sqlite.write(work)
    await sqlite.write(put("later"))


async def test_a_full_disk_fails_the_large_unit_and_spares_the_small(
    sqlite: SqliteStore, put: Put, names: Names
) -> None:
    pages = await sqlite.write(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await sqlite.write(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}") and None)
    large = {"name": "large", "value": 1}

    def fill(connection: sa.Connection) -> None:
        connection.execute(sa.insert(counters).values(large))
        connection.exec_driver_sql("CREATE TABLE ballast (bytes BLOB)")
        connection.exec_driver_sql("INSERT INTO ballast VALUES (zeroblob(1000000))")

    release = await hold(sqlite)
    writes = [asyncio.ensure_future(sqlite.write(work)) for work in (put("a"), fill, put("b"))]
    await asyncio.sleep(0)
    await release()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), StoreError, type(None)]
    assert "full" in str(results[1])
    assert await sqlite.read(names) == {"a", "b"}
    await sqlite.write(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 100000") and None)
    await sqlite.write(fill)
    assert await sqlite.read(names) == {"a", "b", "large"}


DISK_FULL = """
import asyncio, resource, sys
from pathlib import Path
import sqlalchemy as sa
from core.storage import StoreError
from core.storage.schema import counters
from core.storage.sqlite import open_sqlite

def put(name):
    return lambda c: c.execute(sa.insert(counters).values(name=name, value=1)) and None

def names(c):
    return sorted(c.scalars(sa.select(counters.c.name)))

async def main():
    path = Path(sys.argv[1])
    store = await open_sqlite(path)
    await store.write(put("before"))
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    size = path.with_name(path.name + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))  # not one byte more in any file
    done = await asyncio.gather(*(store.write(put(f"lost {n}")) for n in range(5)), return_exceptions=True)
    print([type(result).__name__ for result in done], await store.read(names))
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.write(put("after"))
    print(await store.read(names))
    await store.close()

asyncio.run(main())
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=60
    )


def test_a_commit_that_the_disk_refuses_keeps_nothing_and_the_store_goes_on(tmp_path: Path) -> None:
    fresh_sqlite(tmp_path / "x.sqlite3")
    first, second = run(DISK_FULL, str(tmp_path / "x.sqlite3")).stdout.splitlines()
    assert first == f"{['StoreError'] * 5} ['before']"
    assert second == "['after', 'before']"


WRITE_UNTIL_KILLED = """
import asyncio, sys
from pathlib import Path
import sqlalchemy as sa
from core.storage.schema import counters
from core.storage.sqlite import open_sqlite

async def main():
    store = await open_sqlite(Path(sys.argv[1]))
    async def write(lane):
        n = 0
        while True:
            name = f"{lane}:{n}"
            def work(c):
                c.execute(sa.insert(counters).values(name=name, value=1))
                c.execute(sa.insert(counters).values(name=name + ":pair", value=1))
            await store.write(work)
            print(name, flush=True)
            n += 1
    await asyncio.gather(*(write(f"{sys.argv[2]}.{lane}") for lane in range(8)))

asyncio.run(main())
"""


async def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path, names: Names) -> None:
    path = tmp_path / "x.sqlite3"
    url = fresh_sqlite(path)
    acknowledged: set[str] = set()
    for round_ in range(3):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITE_UNTIL_KILLED,
            str(path), str(round_), stdout=subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        try:
            heard = [await child.stdout.readline() for _ in range(100 + 37 * round_)]
        finally:
            child.send_signal(signal.SIGKILL)
        rest, _ = await child.communicate()
        lines = b"".join(heard) + rest[: rest.rfind(b"\n") + 1]
        acknowledged |= set(lines.decode().split())
        store = await open_store(url)  # the WAL recovers, and the dead process's lock is gone
        kept = await store.read(names)
        await store.close()
        assert acknowledged <= kept
        assert {name for name in kept if not name.endswith(":pair")} == {
            name.removesuffix(":pair") for name in kept if name.endswith(":pair")
        }
    assert len(acknowledged) >= 300


async def test_what_was_not_committed_is_gone_after_a_kill(tmp_path: Path, names: Names) -> None:
    path = tmp_path / "x.sqlite3"
    url = fresh_sqlite(path)
    program = (
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "import sqlalchemy as sa\n"
        "from core.storage.schema import counters\n"
        "from core.storage.sqlite import open_sqlite\n"
        "def put(name):\n"
        "    return lambda c: c.execute(sa.insert(counters).values(name=name, value=1)) and None\n"
        "def die(c):\n"
        "    put('uncommitted')(c)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "async def main():\n"
        "    store = await open_sqlite(Path(sys.argv[1]))\n"
        "    await store.write(put('committed'))\n"
        "    await store.write(die)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    store = await open_store(url)
    assert await store.read(names) == {"committed"}
    await store.close()


async def test_a_second_instance_is_refused_and_told_who_has_it(sqlite_url: str, put: Put) -> None:
    first = await open_store(sqlite_url)
    with pytest.raises(StoreError, match=rf"in use by another instance \(process {os.getpid()}\)"):
        await open_store(sqlite_url)
    await first.write(put("a"))
    await first.close()
    await (await open_store(sqlite_url)).close()


async def test_a_command_beside_the_server_may_write(sqlite_url: str, put: Put, names: Names) -> None:
    server = await open_store(sqlite_url)
    command = await open_store(sqlite_url, exclusive=False)
    await asyncio.gather(
        *(server.write(put(f"server {number}")) for number in range(20)),
        *(command.write(put(f"command {number}")) for number in range(20)),
    )
    assert len(await server.read(names)) == 40
    await command.close()
    await server.close()


async def test_what_waits_is_written_before_the_store_closes(sqlite_url: str, put: Put, names: Names) -> None:
    store = await open_store(sqlite_url)
    writes = [asyncio.ensure_future(store.write(put(str(number)))) for number in range(30)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writes)
    store = await open_store(sqlite_url)
    assert len(await store.read(names)) == 30
    await store.close()


async def test_files_that_are_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_bytes(b"not a database, but a letter of some length" * 40)
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{tmp_path}/x.sqlite3")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError):
        await open_store(f"sqlite:///{tmp_path}/file/x.sqlite3")


async def test_what_is_committed_is_synced_to_the_disk(sqlite: SqliteStore) -> None:
    """A kill does not show a missing fsync, only a power cut would: so the pragmas themselves are held."""

    def pragmas(connection: sa.Connection) -> dict[str, Any]:
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    full = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    assert await sqlite.write(pragmas) == full
    assert await sqlite.read(pragmas) == full


async def test_replacing_a_row_of_the_history_is_refused(
    sqlite: SqliteStore, file_report: Callable[[sa.Connection], int]
) -> None:
    event = await sqlite.write(file_report)
    replace = (
        "INSERT OR REPLACE INTO report_events (id, report_id, at, actor, kind)"
        f" SELECT {event}, report_id, at, 'other', kind FROM report_events"
    )
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        await sqlite.write(lambda c: c.exec_driver_sql(replace) and None)
