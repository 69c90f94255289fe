"""What every store promises, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from core.storage import Store, StoreError, open_store
from core.storage.append_only import ERASED, erase_words
from core.storage.schema import conversations, counters, report_events

Put = Callable[[str], Callable[[sa.Connection], None]]
Names = Callable[[sa.Connection], set[str]]
File = Callable[[sa.Connection], int]


async def test_a_write_returns_its_result_and_is_read_at_once(store: Store, put: Put, names: Names) -> None:
    async def one(name: str) -> None:
        await store.write(put(name))
        assert name in await store.read(names)

    await asyncio.gather(*(one(str(number)) for number in range(40)))
    assert len(await store.read(names)) == 40


async def test_a_failing_unit_is_rolled_back_alone(store: Store, put: Put, names: Names) -> None:
    def fail(connection: sa.Connection) -> None:
        put("half")(connection)
        raise LookupError("of the unit")

    results = await asyncio.gather(
        store.write(put("a")), store.write(fail), store.write(put("b")), store.write(fail),
        store.write(put("c")), return_exceptions=True,
    )  # fmt: skip
    assert [type(result) for result in results] == [
        type(None),
        LookupError,
        type(None),
        LookupError,
        type(None),
    ]
    assert await store.read(names) == {"a", "b", "c"}


async def test_a_failing_unit_alone_keeps_nothing(store: Store, put: Put, names: Names) -> None:
    def fail(connection: sa.Connection) -> None:
        put("half")(connection)
        raise LookupError("of the unit")

    with pytest.raises(LookupError):
        await store.write(fail)
    assert await store.read(names) == set()


async def test_a_broken_constraint_reaches_the_caller_as_it_is(store: Store, put: Put) -> None:
    await store.write(put("twice"))
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(put("twice"))


async def test_a_unit_may_use_savepoints_of_its_own(store: Store, put: Put, names: Names) -> None:
    await store.write(put("there"))

    def insert_if_new(connection: sa.Connection) -> bool:
        try:
            with connection.begin_nested():
                put("there")(connection)
        except sa.exc.IntegrityError:
            put("other")(connection)
            return False
        return True

    done = await asyncio.gather(store.write(insert_if_new), store.write(put("neighbour")))
    assert done[0] is False
    assert await store.read(names) == {"there", "other", "neighbour"}


async def test_reads_cannot_write(store: Store, put: Put, names: Names) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        await store.read(put("a"))
    assert await store.read(names) == set()


async def test_counting_up_loses_nothing(store: Store) -> None:
    await store.write(lambda c: c.execute(sa.insert(counters).values(name="code", value=0)) and None)

    def next_value(connection: sa.Connection) -> int:
        statement = sa.update(counters).where(counters.c.name == "code").values(value=counters.c.value + 1)
        return int(connection.execute(statement.returning(counters.c.value)).scalar_one())

    values = await asyncio.gather(*(store.write(next_value) for _ in range(50)))
    assert sorted(values) == list(range(1, 51))


async def test_a_cancelled_caller_harms_nobody(store: Store, put: Put, names: Names) -> None:
    tasks = [asyncio.create_task(store.write(put(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    kept = {str(number) for number in range(20) if number != 3}
    assert isinstance(results[3], asyncio.CancelledError)
    assert kept <= await store.read(names)


async def test_instants_keep_their_microseconds_and_json_its_letters(store: Store) -> None:
    at = datetime(2026, 11, 20, 12, 34, 56, 789_012, tzinfo=timezone(timedelta(hours=7)))
    state = {"words": "Ổ gà ở xã Trường Lưu", "n": [1, None, {"a": 0.5}]}
    row = {"channel": "zalo", "user": "7", "state": state, "updated_at": at}
    await store.write(lambda c: c.execute(sa.insert(conversations).values(row)) and None)
    kept = await store.read(lambda c: c.execute(sa.select(conversations)).one())
    assert kept.updated_at == at
    assert kept.updated_at.tzinfo is UTC
    assert kept.state == state


async def test_foreign_keys_are_enforced(store: Store) -> None:
    event = {"report_id": 999, "at": datetime.now(UTC), "actor": "system", "kind": "note"}
    with pytest.raises(sa.exc.IntegrityError):
        await store.write(lambda c: c.execute(sa.insert(report_events).values(event)) and None)


CHANGES: list[dict[str, Any]] = [
    {"actor": "officer:other"},
    {"kind": "other"},
    {"at": datetime(2020, 1, 1, tzinfo=UTC)},
    {"from_status": "closed"},
    {"to_status": "closed"},
    {"note": "other words"},
    {"note": ""},
    {"data": {"a": 2}},
    {"note": ERASED, "actor": "officer:other"},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
async def test_history_refuses_updates(store: Store, file_report: File, change: dict[str, Any]) -> None:
    await store.write(file_report)
    before = await store.read(lambda c: c.execute(sa.select(report_events)).all())
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        await store.write(lambda c: c.execute(sa.update(report_events).values(change)) and None)
    assert await store.read(lambda c: c.execute(sa.select(report_events)).all()) == before


async def test_history_refuses_deletes(store: Store, file_report: File) -> None:
    await store.write(file_report)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"):
        await store.write(lambda c: c.execute(sa.delete(report_events)) and None)
    assert await store.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(report_events))) == 1


async def test_erasure_blanks_the_words_of_the_history(store: Store, file_report: File) -> None:
    event = await store.write(file_report)
    for _ in range(2):  # again is harmless
        await store.write(lambda c: c.execute(erase_words(report_events.c.id == event)) and None)
    kept = await store.read(lambda c: c.execute(sa.select(report_events)).one())
    assert (kept.note, kept.data, kept.actor, kept.kind) == (ERASED, None, "citizen", "filed")


async def test_a_closed_store_refuses(sqlite_store: Store, put: Put, names: Names) -> None:
    await sqlite_store.close()
    with pytest.raises(StoreError, match="closed"):
        await sqlite_store.write(put("late"))
    with pytest.raises(StoreError, match="closed"):
        await sqlite_store.read(names)
    await sqlite_store.close()


@pytest.mark.parametrize(
    "url", ["mysql://user@host/db", "not a url", "sqlite://", "sqlite:///:memory:", "sqlite:///", ""]
)
async def test_urls_that_no_engine_serves(url: str) -> None:
    with pytest.raises(StoreError):
        await open_store(url)


async def test_errors_do_not_quote_what_was_written(store: Store) -> None:
    event = {"report_id": 999, "at": datetime.now(UTC), "actor": "system", "kind": "note", "note": "lời dân"}
    with pytest.raises(sa.exc.IntegrityError) as caught:
        await store.write(lambda c: c.execute(sa.insert(report_events).values(event)) and None)
    assert "lời dân" not in str(caught.value)
