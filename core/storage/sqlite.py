"""SQLite: one writer thread with group commit, reads beside it.

An fsync takes milliseconds, a unit of work some hundred microseconds. So the writer takes all the units that
wait, runs each in a SAVEPOINT of one transaction and commits them together: full durability for the price of
one fsync a batch. A unit that fails is rolled back alone; its neighbours are kept.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import sqlalchemy as sa

from core.storage import migrations
from core.storage.store import StoreError

T = TypeVar("T")

MAX_BATCH = 256
"""Units of one commit at most: bounds how long a reader's snapshot and a caller wait."""

READERS = 4
"""Threads that read, each with its own connection."""

BUSY_MS = 10_000
"""How long SQLite waits for another process's lock (a command beside the server, a backup)."""

# Failures of the database, not of the unit's SQL; they reach the caller as StoreError
_STORAGE_FAILURES = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_MISUSE = "a unit of work must not commit, roll back or leave a savepoint open by itself"
_PRIMARY_CODE = 0xFF  # extended result codes keep the primary one in the low byte


@dataclass(slots=True, eq=False)
class _Unit:
    """A unit of work on its way, and how it ended."""

    work: Callable[[sa.Connection], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class SqliteStore:
    """The Store on one SQLite file; made by `open_sqlite`."""

    def __init__(self, path: Path, lock: IO[str] | None) -> None:
        self.path = path
        self.commits = 0
        """Commits so far: at most one for each batch of units."""
        self._lock = lock
        self._engine = _engine(path)
        self._writer: sa.Connection | None = None
        self._waiting: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._readers = ThreadPoolExecutor(READERS, "sqlite-read")
        self._own = threading.local()
        self._reading: list[sa.Connection] = []
        self._closed = False
        self._thread = threading.Thread(target=self._write_batches, name="sqlite-write", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in the writer thread; it is on the disk when this returns.

        Raises what `work` raises, or StoreError. A caller cancelled meanwhile does not know whether
        it was kept.
        """
        if self._closed:
            raise StoreError("the store is closed")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._waiting.put(_Unit(work, loop, future))
        return await future

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` on a consistent snapshot that holds everything written before; it cannot write."""
        if self._closed:
            raise StoreError("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def close(self) -> None:
        """Finish the units that wait, then let the file and its lock go. Closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._waiting.put(None)
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._thread.join()
        self._readers.shutdown()
        for connection in self._reading:
            connection.close()
        self._drop_writer()
        self._engine.dispose()
        _unlock(self._lock)

    # -- the writer thread

    def _write_batches(self) -> None:
        while batch := self._next_batch():
            try:
                self._settle([unit for unit in batch if not unit.future.cancelled()])
            except Exception as error:  # of the database: the writer lives on, and no caller waits for ever
                self._fail(batch, error)
            _answer(batch)

    def _next_batch(self) -> list[_Unit]:
        """All units that wait, at most MAX_BATCH; empty when the store closes and nothing waits any more."""
        batch: list[_Unit] = []
        unit = self._waiting.get()
        while unit is not None:
            batch.append(unit)
            if len(batch) == MAX_BATCH:
                return batch
            try:
                unit = self._waiting.get_nowait()
            except queue.Empty:
                return batch
        if batch:
            self._waiting.put(None)  # the sign to stop, for the next round
        return batch

    def _settle(self, units: list[_Unit]) -> None:
        """Give every unit its result or error. One that brings the transaction down is taken out, and the
        others are run again without it."""
        while units:
            culprit = self._commit_together(units)
            if culprit is None:
                return
            units = [unit for unit in units if unit is not culprit]

    def _commit_together(self, units: list[_Unit]) -> _Unit | None:
        """Run `units` in one transaction and commit. Returns the unit that brought it down, if one did."""
        connection = self._open_writer()
        transaction = connection.begin()
        connection.info["units"] = True
        for unit in units:
            _run(unit, connection, alone=len(units) == 1)
            if not _intact(connection):
                unit.error = unit.error or StoreError(_MISUSE)
                self._recover()
                return unit
        connection.info["units"] = False
        if all(unit.error for unit in units):
            transaction.rollback()
        else:
            transaction.commit()
            self.commits += 1
        return None

    def _fail(self, units: list[_Unit], cause: Exception) -> None:
        """Nothing of the batch was kept: each unit that had no error of its own gets the database's."""
        self._recover()
        for unit in units:
            unit.error = unit.error or _store_error(cause)

    def _open_writer(self) -> sa.Connection:
        if self._writer is None:
            self._writer = self._engine.connect().execution_options(begin="BEGIN IMMEDIATE")
        return self._writer

    def _recover(self) -> None:
        """Back to a clean connection: roll back what is open; where that fails too, the next batch opens a
        fresh one. The old one is kept if possible, for opening needs room on the disk."""
        if self._writer is None:
            return
        try:
            self._writer.rollback()
            driver: Any = self._writer.connection.driver_connection
            driver.rollback()  # SQLAlchemy may have forgotten a transaction that SQLite still holds
        except (sa.exc.SQLAlchemyError, sqlite3.Error):
            self._drop_writer()

    def _drop_writer(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.invalidate()
            writer.close()

    # -- the readers' threads

    def _read(self, work: Callable[[sa.Connection], T]) -> T:
        try:
            connection = self._open_reader()
            with connection.begin() as transaction:
                result = work(connection)
                transaction.rollback()
                return result
        except sa.exc.DBAPIError as error:
            raise _as_seen_by_caller(error) from error

    def _open_reader(self) -> sa.Connection:
        connection: sa.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._engine.connect()
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.rollback()
            self._own.connection = connection
            self._reading.append(connection)
        return connection


async def open_sqlite(path: Path, *, migrate: bool = True, exclusive: bool = True) -> SqliteStore:
    """Open (or make) the SQLite file at `path`. Raises StoreError, also when another process has it."""
    return await asyncio.to_thread(_open, path, migrate, exclusive)


def migrate_sqlite(path: Path) -> str:
    """Bring the file's schema to this version; returns the revision found before. Raises StoreError."""
    with _taken(path, exclusive=True) as lock:
        found = _prepare(path, migrate=True)
    _unlock(lock)
    return found


def _open(path: Path, migrate: bool, exclusive: bool) -> SqliteStore:
    with _taken(path, exclusive=exclusive) as lock:
        _prepare(path, migrate=migrate)
        return SqliteStore(path, lock)


@contextmanager
def _taken(path: Path, *, exclusive: bool) -> Iterator[IO[str] | None]:
    """The file's lock (None when not `exclusive`). Let go when the block fails, else the block has it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _lock(path) if exclusive else None
    except OSError as error:
        raise StoreError(f"cannot open {path}: {error.strerror}") from error
    try:
        yield lock
    except BaseException:
        _unlock(lock)
        raise


def _prepare(path: Path, *, migrate: bool) -> str:
    """Bring the schema to this version (`migrate`) or make sure that it is; returns the revision found."""
    engine = _engine(path)
    try:
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection:
            # A migration that rebuilds a table must not trip over references; the pragma acts only outside
            # a transaction
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            with connection.begin():
                if migrate:
                    return migrations.upgrade(connection)
                migrations.check_revision(connection)
                return migrations.HEAD
    except sa.exc.DBAPIError as error:
        raise _as_seen_by_caller(error) from error
    finally:
        engine.dispose()


def fresh_sqlite(path: Path) -> str:
    """Write an empty database with the present schema to `path` (it must not exist) and return its URL.
    Takes a few milliseconds, without Alembic: for scripted talks and tests. Raises FileExistsError."""
    with path.open("xb") as file:
        file.write(_template())
    return f"sqlite:///{path.absolute()}"


@cache
def _template() -> bytes:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    try:
        with engine.begin() as connection:
            migrations.create_schema(connection)
        with engine.connect() as connection:
            driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
            return driver.serialize()
    finally:
        engine.dispose()


def _engine(path: Path) -> sa.Engine:
    """One engine for writer and readers, so that they share the compiled statements."""

    def connect() -> sqlite3.Connection:
        # isolation_level None: the driver begins nothing by itself, the "begin" event below does
        driver = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
        driver.execute("PRAGMA journal_mode = WAL")
        driver.execute("PRAGMA synchronous = FULL")
        driver.execute("PRAGMA foreign_keys = ON")
        # else INSERT OR REPLACE slips past the append-only guard
        driver.execute("PRAGMA recursive_triggers = ON")
        return driver

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.NullPool, hide_parameters=True)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "commit", _refuse_commit)
    return engine


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _refuse_commit(connection: sa.Connection) -> None:
    """A commit inside a unit would keep half of its neighbours' work."""
    if connection.info.get("units"):
        raise StoreError(_MISUSE)


def _intact(connection: sa.Connection) -> bool:
    """Whether SQLAlchemy and SQLite both stand where the unit began: in the batch's transaction (a full disk
    may end it by itself) and in no savepoint of the unit's own."""
    if connection.invalidated:  # SQLAlchemy gives a connection up when a statement ends in a BaseException
        return False
    driver: Any = connection.connection.driver_connection
    return connection.in_transaction() and driver.in_transaction and not connection.in_nested_transaction()


def _run(unit: _Unit, connection: sa.Connection, *, alone: bool) -> None:
    """Run one unit in a SAVEPOINT; alone it needs none, for then the whole transaction is rolled back.

    The SAVEPOINT is the driver's: SQLAlchemy's own would be a quarter of a small unit's cost.
    """
    driver: Any = connection.connection.driver_connection
    unit.error = None  # of an earlier run beside a unit that brought the transaction down
    if not alone:
        driver.execute("SAVEPOINT unit")
    try:
        unit.result = unit.work(connection)
    except sa.exc.DBAPIError as error:
        unit.error = _as_seen_by_caller(error)
    except StopIteration as error:
        unit.error = RuntimeError(f"a unit of work raised {error!r}")  # a future cannot carry it
    except BaseException as error:  # it belongs to the caller; the writer thread must live on
        unit.error = error
    if alone or not _intact(connection):
        return
    if unit.error is not None:
        driver.execute("ROLLBACK TO unit")
    driver.execute("RELEASE unit")


def _answer(batch: list[_Unit]) -> None:
    """Resolve the futures, waking each event loop once a batch."""
    for loop in {unit.loop for unit in batch}:
        try:
            loop.call_soon_threadsafe(_resolve, [unit for unit in batch if unit.loop is loop])
        except RuntimeError:
            continue  # the loop is closed: nobody waits there any more


def _resolve(units: list[_Unit]) -> None:
    for unit in units:
        if unit.future.done():
            continue
        if unit.error is not None:
            unit.future.set_exception(unit.error)
        else:
            unit.future.set_result(unit.result)


def _as_seen_by_caller(error: sa.exc.DBAPIError) -> Exception:
    """A failure of the database becomes StoreError; one of the unit's SQL (a constraint) stays what it is."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & _PRIMARY_CODE in _STORAGE_FAILURES:
        return _store_error(error)
    return error


def _store_error(cause: Exception) -> StoreError:
    failure = StoreError(f"SQLite: {getattr(cause, 'orig', cause)}")
    failure.__cause__ = cause
    return failure


def _lock(path: Path) -> IO[str]:
    """Take the advisory lock beside the database; it vanishes with the process, however it ends."""
    file = path.with_name(path.name + ".lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip() or "unknown"
        file.close()
        raise StoreError(f"{path} is in use by another instance (process {holder}): stop it first") from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _unlock(lock: IO[str] | None) -> None:
    if lock is not None:
        lock.close()
