"""Handoffs on both databases: what is told next, who takes it, and what an answer does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from core.codec import decode, encode
from core.conversation.draft import Draft
from core.conversation.effects import FileReport, JoinReport
from core.message import Address, Inbound, InboundKind, Outbound
from core.reports import announcements
from core.reports import handoffs as desk
from core.reports.announcements import Due, PostRef, Telling
from core.reports.erasing import erase_citizen
from core.reports.handoffs import Handoff
from core.reports.records import file_report, join_report, put_in_inbox
from core.storage import Store
from core.storage.schema import handoffs, inbox, outbox, report_events
from tests.core.stage import CITIZEN, MONDAY, province

OTHER = Address("zalo", "880002")


def row(reason: str, words: str = "cho gặp cán bộ", address: Address = CITIZEN, **values: Any) -> Any:
    return handoffs.insert().values(
        {"channel": address.channel, "user": address.user, "reason": reason, "words": words, "at": MONDAY}
        | values
    )


def put(conn: sa.Connection, *args: Any, **values: Any) -> int:
    return int(conn.execute(row(*args, **values).returning(handoffs.c.id)).scalar_one())


def report(conn: sa.Connection, **values: Any) -> str:
    draft = Draft("draft:1", MONDAY, MONDAY, urgent=True, **values)
    filing = FileReport(
        "⟦1⟧", draft, "an_ninh", False, "ubnd", "rule", "why", None, urgent=True, danger="fire"
    )
    return file_report(conn, CITIZEN, filing, MONDAY, "HT", province()[0].timezone)


def tell(conn: sa.Connection, minutes: float = 0, *, message: int = 1, calm: bool = True) -> Due | None:
    """Tell what is due then, as the bot does."""
    now = MONDAY + timedelta(minutes=minutes)
    due = announcements.next_due(conn, now, calm=calm)
    if due is not None:
        announcements.mark_told(conn, due, PostRef(-1, message), now)
    return due


def read(conn: sa.Connection, number: int) -> Handoff:
    found = desk.read_handoff(conn, number)
    assert found is not None
    return found


async def test_the_order_of_telling(store: Store) -> None:
    def work(conn: sa.Connection) -> list[tuple[str, str]]:
        put(conn, "asked", "một")
        put(conn, "officer", "lời cán bộ")
        put(conn, "failed", "hai")
        put(conn, "danger", "cháy")
        put(conn, "danger", "đuối nước")
        put(conn, "asked", "đã xong", closed_at=MONDAY)
        told: list[tuple[str, str]] = []
        while (due := tell(conn, message=len(told) + 1)) is not None:
            told.append((due.telling.value, due.handoff.words))
        return told

    assert await store.write(work) == [("new", "đuối nước"), ("new", "cháy"), ("new", "một"), ("new", "hai")]


async def test_the_calm_ones_can_be_left_out(store: Store) -> None:
    def work(conn: sa.Connection) -> list[Due | None]:
        put(conn, "asked")
        put(conn, "danger", "cháy")
        return [tell(conn, calm=False), tell(conn, calm=False)]

    first, second = await store.write(work)
    assert first is not None
    assert first.handoff.is_danger
    assert second is None


async def test_a_danger_is_told_again_until_taken(store: Store) -> None:
    def work(conn: sa.Connection) -> list[float]:
        number = put(conn, "danger", "cháy")
        tell(conn)
        told = [minutes / 2 for minutes in range(1, 180) if tell(conn, minutes / 2, message=minutes)]
        desk.take(conn, number, "A (tg:1)", MONDAY)
        assert tell(conn, 1_000) is None
        assert [post.message for post in announcements.posts_of(conn, number)] == [1, 4, 10, 20, 80, 140]
        return told

    assert await store.write(work) == [2, 5, 10, 40, 70]


async def test_repeats_end_after_a_day(store: Store) -> None:
    def work(conn: sa.Connection) -> list[bool]:
        put(conn, "danger", "cháy")
        tell(conn)
        return [tell(conn, 60 * hours, message=10 + hours) is not None for hours in (23, 24, 48)]

    assert await store.write(work) == [True, False, False]


@given(st.integers(1, 500))
def test_repeats_never_come_closer_than_two_minutes(times: int) -> None:
    assert announcements.repeat_after(times + 1) - announcements.repeat_after(times) >= timedelta(minutes=2)


async def test_what_joins_a_danger_is_told_five_at_a_time(store: Store) -> None:
    def work(conn: sa.Connection) -> list[tuple[str, list[str]]]:
        code = report(conn)
        put(conn, "danger", "cháy", report_code=code)
        told = []
        for number in range(3):
            join_report(conn, JoinReport(code, words=f"trước {number}"), CITIZEN, MONDAY)
        first = tell(conn)
        assert first is not None
        told.append((first.telling.value, [one.words for one in first.additions]))
        for number in range(7):
            join_report(conn, JoinReport(code, words=f"sau {number}"), CITIZEN, MONDAY)
        while (due := tell(conn, message=len(told) + 1)) is not None:
            told.append((due.telling.value, [one.words for one in due.additions]))
        join_report(conn, JoinReport(code, words="hôm sau"), CITIZEN, MONDAY + timedelta(hours=25))
        late = announcements.next_due(conn, MONDAY + timedelta(hours=25))
        assert late is None or late.telling is not Telling.LATER
        return told

    assert await store.write(work) == [
        ("new", []),
        ("later", ["sau 0", "sau 1", "sau 2", "sau 3", "sau 4"]),
        ("later", ["sau 5", "sau 6"]),
    ]


async def test_what_is_read_for_a_post(store: Store) -> None:
    def work(conn: sa.Connection) -> Handoff:
        for number, text in enumerate(("xưa", "một", "hai", "ba", "bốn", "cho gặp cán bộ")):
            at = MONDAY - (timedelta(days=2) if number == 0 else timedelta(minutes=10 - number))
            put_in_inbox(conn, Inbound(CITIZEN, f"e{number}", at, text=text), at, at)
        put_in_inbox(conn, Inbound(OTHER, "o", MONDAY, text="của người khác"), MONDAY, MONDAY)
        echo = Inbound(CITIZEN, "s", MONDAY, kind=InboundKind.STAFF_ECHO, text="lời cán bộ")
        put_in_inbox(conn, echo, MONDAY, MONDAY)
        return read(conn, put(conn, "asked", report_code=report(conn)))

    handoff = await store.write(work)
    assert handoff.said == ("hai", "ba", "bốn")
    assert handoff.matter is not None
    assert (handoff.matter.code, handoff.matter.danger, handoff.matter.urgent) == (
        "HT-2611-00001",
        "fire",
        True,
    )


async def test_one_of_many_takes_it(store: Store) -> None:
    number = await store.write(lambda conn: put(conn, "asked"))

    def taking(who: str) -> Any:
        return lambda conn: desk.take(conn, number, who, MONDAY)

    won = await asyncio.gather(*(store.write(taking(f"officer {one}")) for one in range(8)))
    assert sorted(won) == [False] * 7 + [True]
    taken = await store.read(lambda conn: read(conn, number))
    assert taken.taken_by == f"officer {won.index(True)}"


async def test_closing_takes_what_nobody_took(store: Store) -> None:
    def work(conn: sa.Connection) -> tuple[Handoff, list[bool], list[str]]:
        number = put(conn, "danger", report_code=report(conn))
        done = [desk.close(conn, number, "A", MONDAY), desk.close(conn, number, "B", MONDAY)]
        done.append(desk.take(conn, number, "C", MONDAY))
        history = conn.execute(
            sa.select(report_events.c.kind).where(report_events.c.actor.like("coordinator:%"))
        ).scalars()
        return read(conn, number), done, list(history)

    handoff, done, history = await store.write(work)
    assert done == [True, False, False]
    assert handoff.taken_by == "A"
    assert history == ["handoff_taken", "handoff_closed"]


async def test_an_answer_is_one_letter_and_one_echo(store: Store) -> None:
    def work(conn: sa.Connection) -> list[bool]:
        handoff = read(conn, put(conn, "asked", address=OTHER))
        return [
            desk.answer(conn, handoff, "A", key="-1:7", words="chào", shown="Cán bộ: chào", now=MONDAY)
            for _ in range(2)
        ]

    assert await store.write(work) == [True, False]
    letters = await store.read(lambda conn: conn.execute(sa.select(outbox)).mappings().all())
    events = await store.read(lambda conn: conn.execute(sa.select(inbox)).mappings().all())
    (letter,), (event,) = letters, events
    assert (letter["key"], letter["channel"], letter["user"]) == ("staff:-1:7", "zalo", "880002")
    assert letter["payload"] == encode(Outbound("Cán bộ: chào"))
    echo = decode(Inbound, event["payload"])
    assert (echo.address, echo.kind, echo.text) == (OTHER, InboundKind.STAFF_ECHO, "chào")


@pytest.mark.parametrize(
    ("address", "words", "given", "phones"),
    [
        (CITIZEN, "gọi 0900 000 111 nhé", "0900000222", ("0900000222", "0900000111")),
        (CITIZEN, "gọi 0900000222", "0900000222", ("0900000222",)),
        (Address("hotline", "0900000333"), "cứu với", None, ("0900000333",)),
        (Address("telegram", "0900000333000"), "cứu với", None, ()),
        (CITIZEN, "cứu với", None, ()),
    ],
)
async def test_phones_are_seen_by_name(
    store: Store, address: Address, words: str, given: str | None, phones: tuple[str, ...]
) -> None:
    def work(conn: sa.Connection) -> tuple[tuple[str, ...], int]:
        code = report(conn, contact_phone=given)
        number = put(conn, "danger", words, address, report_code=code)
        seen = desk.see_phones(conn, number, "A", MONDAY)
        views = sa.select(sa.func.count()).where(report_events.c.kind == "contact_seen")
        return seen, conn.execute(views).scalar_one()

    assert await store.write(work) == (phones, 1 if phones else 0)


async def test_erasure_reaches_handoffs(store: Store) -> None:
    def work(conn: sa.Connection) -> tuple[list[str], tuple[PostRef, ...], tuple[str, ...]]:
        code = report(conn, contact_phone="0900000222")
        told = put(conn, "danger", "cháy, gọi 0900 000 111", report_code=code)
        tell(conn, message=5)
        put(conn, "asked", "chưa báo")
        put(conn, "danger", "cháy nữa")
        erase_citizen(conn, CITIZEN, MONDAY)
        left: list[str] = []
        while (due := tell(conn, message=6 + len(left))) is not None:
            left.append(due.handoff.reason + due.handoff.words)
        return left, announcements.posts_to_blank(conn), desk.see_phones(conn, told, "A", MONDAY)

    left, posts, phones = await store.write(work)
    assert left == ["danger"]  # somebody may still burn; who asked for a person is gone
    assert [post.message for post in posts] == [5, 6]
    assert phones == ()


async def test_open_ones_dangers_first(store: Store) -> None:
    def work(conn: sa.Connection) -> list[str]:
        put(conn, "asked", "một")
        put(conn, "danger", "hai")
        put(conn, "officer", "ba")
        desk.close(conn, put(conn, "asked", "bốn"), "A", MONDAY)
        put(conn, "failed", "năm")
        return [handoff.words for handoff in desk.open_handoffs(conn)]

    assert await store.write(work) == ["hai", "một", "năm"]


async def test_a_post_is_found_and_forgotten(store: Store) -> None:
    def work(conn: sa.Connection) -> list[int | None]:
        number = put(conn, "asked")
        tell(conn, message=9)
        found = [announcements.handoff_of_post(conn, -1, 9), announcements.handoff_of_post(conn, -2, 9)]
        announcements.forget_post(conn, PostRef(-1, 9))
        return [*found, announcements.handoff_of_post(conn, -1, 9), number]

    first, elsewhere, after, number = await store.write(work)
    assert (first, elsewhere, after) == (number, None, None)
