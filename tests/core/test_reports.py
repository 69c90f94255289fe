"""Reports in the database: filed once, codes unique, what comes late joins, history only grows."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.conversation.draft import Draft, Photo, Said, Where
from core.conversation.effects import FileReport, JoinReport
from core.conversation.floor import Turn
from core.conversation.state import Conversation
from core.message import Address, Point
from core.reports.briefs import metres_between, named_reports, near_reports, own_reports
from core.reports.effects import Doing, do_effects
from core.reports.moves import Actor, Status
from core.reports.records import (
    Result,
    file_report,
    follow,
    join_report,
    keep_photo_row,
    move_report,
    next_code,
    rate_report,
    report_row,
    take_photos_back,
)
from core.storage import Store, open_store
from core.storage.schema import report_events, report_media, reports
from tests.core.stage import CITIZEN, MONDAY, Stage, province

HERE = Point(18.3428, 105.9057)
NEIGHBOUR = Address("telegram", "700002")


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


def filing(number: int = 1, point: Point | None = None, commune: str | None = "18445") -> FileReport:
    draft = Draft(
        f"telegram:{number}", MONDAY, MONDAY, said=(Said("e", "đống rác"),),
        where=Where(commune=commune, point=point),
    )  # fmt: skip
    return FileReport("⟦0⟧", draft, "rac_thai", True, "UBND", "r1", "vì rác", MONDAY + timedelta(days=3))


def file(conn: sa.Connection, made: FileReport, address: Address = CITIZEN, now: datetime = MONDAY) -> str:
    pack, _, _ = province()
    return file_report(conn, address, made, now, pack.code_prefix, pack.timezone)


async def test_the_same_draft_filed_twice_is_one_report(stage: Stage) -> None:
    first = await stage.store.write(lambda conn: file(conn, filing()))
    second = await stage.store.write(lambda conn: file(conn, filing()))
    assert first == second
    assert await stage.count(reports) == await stage.count(report_events) == 1


async def test_codes_are_unique_under_concurrency(stage: Stage) -> None:
    codes = await asyncio.gather(
        *(stage.store.write(lambda conn, n=n: file(conn, filing(n))) for n in range(60))
    )
    numbers = sorted(int(code.rpartition("-")[2]) for code in codes)
    assert numbers == list(range(1, 61)), "no code twice, none left out"


async def test_codes_are_unique_over_processes(postgres_url: str) -> None:
    stores = [await open_store(postgres_url, migrate=False) for _ in range(2)]
    try:
        codes = await asyncio.gather(
            *(stores[n % 2].write(lambda conn, n=n: file(conn, filing(n))) for n in range(40))
        )
        same = await asyncio.gather(*(store.write(lambda conn: file(conn, filing(7))) for store in stores))
    finally:
        for store in stores:
            await store.close()
    assert len(set(codes)) == 40 and set(same) == {codes[7]}


async def test_a_month_begins_anew_at_local_midnight(stage: Stage) -> None:
    pack, _, _ = province()
    last = datetime(2026, 11, 30, 16, 59, tzinfo=UTC)

    def take(conn: sa.Connection) -> list[str]:
        return [
            next_code(conn, "HT", now, pack.timezone) for now in (last, last, last + timedelta(minutes=1))
        ]

    assert await stage.store.write(take) == ["HT-2611-00001", "HT-2611-00002", "HT-2612-00001"]


async def test_photos_join_once_and_can_be_taken_back(stage: Stage) -> None:
    def work(conn: sa.Connection) -> tuple[list[str], list[str]]:
        for media_id in ("a", "b", "c"):
            row = {"id": media_id, "kind": "photo", "mime": "image/jpeg", "size": 1, "stored_at": MONDAY}
            keep_photo_row(conn, row)
            keep_photo_row(conn, row)
        code = file(conn, filing())
        photos = (Photo("a"), Photo("b"))
        join_report(conn, JoinReport(code, photos=photos), CITIZEN, MONDAY)
        join_report(conn, JoinReport(code, photos=(*photos, Photo("c"))), CITIZEN, MONDAY)
        listed = sa.select(report_media.c.media_id).order_by(report_media.c.position)
        joined = list(conn.execute(listed).scalars())
        take_photos_back(conn, code, [Photo("b")], MONDAY)
        return joined, list(conn.execute(listed).scalars())

    assert await stage.store.write(work) == (["a", "b", "c"], ["a", "c"])


async def test_what_comes_late_fills_only_what_was_empty(stage: Stage) -> None:
    def work(conn: sa.Connection) -> tuple[sa.RowMapping | None, sa.RowMapping | None]:
        bare = file(conn, filing(1, commune=None))
        join_report(conn, JoinReport(bare, words="ở cổng chợ", point=HERE, commune="18445"), CITIZEN, MONDAY)
        full = file(conn, filing(2, HERE))
        elsewhere = JoinReport(full, point=Point(18.5, 105.7), commune="18073", contact_phone="0900000111")
        join_report(conn, elsewhere, CITIZEN, MONDAY)
        stranger = JoinReport(full, contact_phone="0900000999")
        join_report(conn, stranger, NEIGHBOUR, MONDAY)
        return report_row(conn, bare), report_row(conn, full)

    bare, full = await stage.store.write(work)
    assert bare is not None and (bare["lat"], bare["commune"]) == (HERE.lat, "18445")
    assert full is not None and (full["lat"], full["commune"]) == (HERE.lat, "18445")
    assert "place_corrected" in full["needs_person"], "a person sees the other place"
    assert full["contact_phone"] == "0900000111", "a stranger cannot set the reporter's phone"


async def test_the_place_of_a_danger_can_be_put_right_by_who_told_it(stage: Stage) -> None:
    def work(conn: sa.Connection) -> tuple[sa.RowMapping | None, sa.RowMapping | None]:
        code = file(conn, replace(filing(1), danger="fire"))
        moved = JoinReport(code, words="nhầm, xã khác", address="xã khác", commune="18073", moved=True)
        join_report(conn, moved, NEIGHBOUR, MONDAY)
        before = report_row(conn, code)
        join_report(conn, moved, CITIZEN, MONDAY)
        return before, report_row(conn, code)

    before, after = await stage.store.write(work)
    assert before is not None and before["commune"] == "18445", "a stranger cannot move it"
    assert after is not None and (after["commune"], after["address"]) == ("18073", "xã khác")
    assert "place_corrected" in after["needs_person"], "a person sees that it was elsewhere"


async def test_those_on_duty_hear_who_had_a_moved_danger_and_who_has_it(stage: Stage) -> None:
    pack, phrases, _ = province()

    def work(conn: sa.Connection) -> list[str]:
        code = file(conn, replace(filing(), danger="fire", category="an_ninh", agency="Công an xã cũ"))
        moved = JoinReport(code, words="nhầm", address="xã khác", commune="18073", moved=True)
        doing = Doing(conn, CITIZEN, MONDAY, pack, phrases)
        do_effects(doing, Turn(Conversation(), effects=(moved,)))
        row = report_row(conn, code)
        assert row is not None and row["agency"] != "Công an xã cũ"
        joined = sa.select(report_events.c.note).where(report_events.c.kind == "joined")
        notes = list(conn.execute(joined.order_by(report_events.c.id)).scalars())
        assert notes[-1] == f"Công an xã cũ → {row['agency']}"
        return notes

    assert (await stage.store.write(work))[0] == "nhầm"


async def test_joining_what_is_not_there_changes_nothing(stage: Stage) -> None:
    await stage.store.write(lambda conn: join_report(conn, JoinReport("HT-1"), CITIZEN, MONDAY))
    await stage.store.write(lambda conn: rate_report(conn, "HT-1", "satisfied", MONDAY))
    assert await stage.count(report_events) == 0


async def test_an_answer_to_a_question_puts_the_report_back_to_work(stage: Stage) -> None:
    def work(conn: sa.Connection) -> str:
        code = file(conn, filing())
        ask = Result(note="ở đâu ạ?")
        move_report(conn, code, Status.NEEDS_INFO, Actor.HANDLER, "tho", MONDAY, ask)
        join_report(conn, JoinReport(code, words="cổng chợ"), CITIZEN, MONDAY)
        row = report_row(conn, code)
        assert row is not None
        return str(row["status"])

    assert await stage.store.write(work) == Status.IN_PROGRESS


async def test_near_are_open_reports_within_metres_and_days(stage: Stage) -> None:
    near = Point(HERE.lat + 0.001, HERE.lon)  # 111 m
    far = Point(HERE.lat + 0.0015, HERE.lon)  # 166 m

    def work(conn: sa.Connection) -> list[tuple[int, bool]]:
        for number, (point, now) in enumerate(
            [(near, MONDAY), (far, MONDAY), (HERE, MONDAY - timedelta(days=15)), (HERE, MONDAY)]
        ):
            file(conn, filing(number, point), NEIGHBOUR if number else CITIZEN, now)
        closed = file(conn, filing(9, HERE))
        move_report(conn, closed, Status.WITHDRAWN, Actor.CITIZEN, "", MONDAY)
        return [
            (round(brief.metres or 0), brief.mine)
            for brief in near_reports(conn, HERE, CITIZEN, MONDAY + timedelta(minutes=1))
        ]

    assert await stage.store.write(work) == [(0, False), (111, True)]


def test_metres_on_the_ground() -> None:
    vinh, ha_tinh = Point(18.6734, 105.6923), Point(18.3428, 105.9057)
    assert metres_between(vinh, ha_tinh) == pytest.approx(43_020, rel=0.005)


async def test_briefs_know_whose_a_report_is(stage: Stage) -> None:
    def work(conn: sa.Connection) -> tuple[bool, bool, int]:
        code = file(conn, filing())
        follow(conn, 1, NEIGHBOUR, MONDAY)
        return (
            named_reports(conn, [code], CITIZEN)[code].mine,
            named_reports(conn, [code, "HT-0"], NEIGHBOUR)[code].mine,
            len(own_reports(conn, NEIGHBOUR)),
        )

    assert await stage.store.write(work) == (True, False, 0)


@pytest.mark.parametrize("change", [report_events.delete(), report_events.update().values(note="anders")])
async def test_history_only_grows(stage: Stage, change: sa.Delete | sa.Update) -> None:
    await stage.store.write(lambda conn: file(conn, filing()))
    with pytest.raises(sa.exc.IntegrityError):
        await stage.store.write(lambda conn: conn.execute(change).rowcount)
