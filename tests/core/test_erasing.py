"""Erasure: nothing that ties the citizen to what is stored is left in any table; the matter goes on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.channel import RetryLater
from core.message import Address, Contact, InboundKind
from core.reports.moves import Actor, Status
from core.reports.records import Result, move_report
from core.storage import Store
from core.storage.schema import inbox, metadata, outbox, reports
from tests.core.stage import MATTER, Stage

CITIZEN = Address("telegram", "738105529")
PHONE = "0900000123"
NAME = "Nguyễn Thị Kiểm Thử"
ASIDE = "tiện thể cho hỏi thời tiết hôm nay"
SECRETS = (CITIZEN.user, PHONE, NAME, ASIDE)


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


async def everything(stage: Stage) -> dict[str, str]:
    """All rows of all tables as text, by table: whatever is stored shows."""
    return await stage.store.read(
        lambda conn: {
            table.name: repr([tuple(row) for row in conn.execute(sa.select(table)).all()])
            for table in metadata.sorted_tables
        }
    )


async def where(stage: Stage, *needles: str) -> set[tuple[str, str]]:
    """Which needles are found in which tables."""
    found = await everything(stage)
    return {(needle, table) for needle in needles for table, rows in found.items() if needle in rows}


async def a_whole_life(stage: Stage) -> str:
    """A report with a contact, photos, an answer that failed for good, an event set aside, a move, news."""
    await stage.say(stage.event(CITIZEN, text=MATTER, sender_name=NAME))
    await stage.say(stage.event(CITIZEN, contact=Contact(PHONE, NAME)))
    await stage.say(stage.photo(1, CITIZEN, text=""))
    await stage.say(stage.event(CITIZEN, choice="confirm"))
    code = str(await stage.value(sa.select(reports.c.code).where(reports.c.user == CITIZEN.user)))
    await stage.say(stage.event(CITIZEN, text="gặp cán bộ"))
    await stage.say(stage.event(CITIZEN, text=ASIDE))

    def move(conn: sa.Connection) -> None:
        note = Result(note=f"đã gọi {PHONE} gặp {NAME}")
        move_report(conn, code, Status.NEEDS_INFO, Actor.HANDLER, "tho", stage.clock.now(), note)

    await stage.store.write(move)
    await stage.settle()
    return code


async def erase(stage: Stage) -> list[str]:
    await stage.say(stage.event(CITIZEN, text="xóa dữ liệu của tôi"))
    return await stage.say(stage.event(CITIZEN, choice="erase:yes"))


async def test_the_life_that_is_erased_is_stored_before(stage: Stage) -> None:
    """The test below could not fail if nothing of it were stored in the first place."""
    await a_whole_life(stage)
    found = {needle for needle, _ in await where(stage, *SECRETS)}
    assert found == set(SECRETS)


async def test_nothing_of_the_citizen_is_left_in_any_table(stage: Stage) -> None:
    code = await a_whole_life(stage)
    assert len(await erase(stage)) == 1, "the citizen is told"
    assert await where(stage, *SECRETS) == set()
    row = await stage.store.read(lambda conn: conn.execute(sa.select(reports)).mappings().one())
    assert row["code"] == code and "rác" in row["description"] and row["commune"]
    assert row["status"] == Status.NEEDS_INFO and row["agency"]


async def test_the_report_goes_on_and_nobody_is_written_to(stage: Stage) -> None:
    code = await a_whole_life(stage)
    await erase(stage)
    stage.post.sent.clear()
    now = stage.clock.now()
    await stage.store.write(
        lambda conn: move_report(conn, code, Status.RESOLVED, Actor.HANDLER, "", now, Result(document=True))
    )
    await stage.settle()
    assert stage.post.sent == []


async def test_answers_on_their_way_are_forgotten_once_they_arrived(stage: Stage) -> None:
    await stage.worker.accept([stage.event(CITIZEN, text=MATTER)])
    stage.clock.advance(timedelta(seconds=20))
    await stage.worker.work_once()
    stage.post.failures.extend([RetryLater("502")] * 2)
    await erase(stage)
    stage.clock.advance(timedelta(hours=2))
    await stage.settle()
    assert await stage.count(outbox, state="waiting") == 0
    assert len(stage.post.texts(CITIZEN)) == 3
    assert await where(stage, CITIZEN.user) == set()


async def test_a_redelivery_after_the_erasure_is_still_known(stage: Stage) -> None:
    event = stage.event(CITIZEN, text=MATTER)
    await stage.say(event)
    await erase(stage)
    assert await stage.say(event) == []
    assert await where(stage, CITIZEN.user) == set()


async def test_the_citizen_may_begin_anew(stage: Stage) -> None:
    await a_whole_life(stage)
    await erase(stage)
    code = await stage.file(CITIZEN)
    assert await stage.count(reports) == 2
    assert code in stage.post.texts(CITIZEN)[-1]


async def test_a_withdrawal_told_by_the_channel_erases_without_a_word(stage: Stage) -> None:
    await a_whole_life(stage)
    assert await stage.say(stage.event(CITIZEN, kind=InboundKind.ERASURE)) == []
    assert await where(stage, *SECRETS) == set()


async def test_an_event_that_was_set_aside_is_erased_too(stage: Stage) -> None:
    await stage.say(stage.event(CITIZEN, text=ASIDE))
    await stage.store.write(
        lambda conn: conn.execute(inbox.update().values(state="failed", error=ASIDE)).rowcount
    )
    await erase(stage)
    assert await where(stage, ASIDE, CITIZEN.user) == set()


async def test_others_keep_theirs(stage: Stage) -> None:
    other = Address("telegram", "738105530")
    await stage.file(other)
    before = await where(stage, other.user)
    await a_whole_life(stage)
    await erase(stage)
    assert await where(stage, other.user) == before
