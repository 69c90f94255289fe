"""Intake: each event once, in the order in which it happened, one turn of a conversation at a time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core import intake
from core.codec import encode
from core.conversation.heard import Heard, Known
from core.conversation.turn import take_turn
from core.hearing import Hearing
from core.intake import LEASE, Claim, LeaseLost, Quiet
from core.message import Address, Inbound, InboundKind, MediaKind, MediaRef, News, Point
from core.reports.effects import Doing
from core.reports.moves import Actor, Status
from core.reports.records import follow, move_report, report_row
from core.storage import Store, open_store
from core.storage.schema import conversations, handoffs, inbox, outbox, report_media, reports
from tests.core.stage import CITIZEN, MATTER, MONDAY, Stage, province

ALBUM = (0, 1, 2, 3)


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


async def test_an_event_delivered_five_times_is_one_turn_and_one_report(stage: Stage) -> None:
    for values in ({"text": MATTER}, {"choice": "skip_photo"}, {"choice": "confirm"}):
        event = stage.event(**values)
        assert [await stage.worker.accept([event]) for _ in range(3)] == [1, 0, 0]
        await stage.settle()
        assert await stage.worker.accept([event, event]) == 0
        await stage.settle()
    assert await stage.count(reports) == 1
    assert await stage.count(conversations, turn=3) == 1
    assert len(stage.post.sent) == 3


async def test_the_same_event_in_one_delivery_counts_once(stage: Stage) -> None:
    event = stage.event(text=MATTER)
    assert await stage.worker.accept([event, event]) == 1


async def test_the_same_event_id_of_two_citizens_is_two_events(stage: Stage) -> None:
    first, second = Address("telegram", "1"), Address("telegram", "2")
    event = stage.event(first, text=MATTER)
    assert (
        await stage.worker.accept([event, type(event)(second, event.event_id, event.sent_at, text=MATTER)])
        == 2
    )


@pytest.mark.parametrize("order", [ALBUM, ALBUM[::-1], (2, 0, 3, 1)])
async def test_an_album_in_any_order_split_and_replayed_is_answered_once(
    stage: Stage, order: tuple[int, ...]
) -> None:
    opening = stage.event(text=MATTER)
    album = [stage.photo(number, album="a", text="ảnh đây" if number == 0 else "") for number in ALBUM]
    shuffled = [album[i] for i in order]
    await stage.worker.accept([opening, *shuffled[:1]])
    stage.clock.advance(timedelta(seconds=1))
    assert await stage.worker.work_once() == 0, "the burst is not over"
    await stage.worker.accept(shuffled[1:])
    await stage.worker.accept(shuffled)
    await stage.settle()
    await stage.say(*shuffled, opening)
    assert len(stage.post.sent) == 1
    await stage.say(stage.event(choice="confirm"))
    assert await stage.count(report_media) == len(ALBUM)
    assert await stage.count(reports) == 1


async def test_a_burst_without_end_is_answered_in_time(stage: Stage) -> None:
    for number in range(12):
        await stage.worker.accept([stage.photo(number)])
        stage.clock.advance(timedelta(seconds=1))
        await stage.worker.work_once()
        await stage.delivery.send_once()
    assert stage.post.sent


async def test_events_are_heard_in_the_order_in_which_they_happened(stage: Stage) -> None:
    events = [stage.event(text=f"rác ở xã Thạch Hà, chuyện thứ {number}") for number in range(4)]
    await stage.worker.accept([events[2], events[0]])
    await stage.worker.accept([events[3], events[1]])
    (claim,) = await stage.store.write(lambda conn: claim_now(conn, stage))
    assert [waiting.event for waiting in claim.events] == events


def claim_now(conn: sa.Connection, stage: Stage, lease: str = "l1") -> list[intake.Claim]:
    return intake.claim(conn, lease, stage.clock.now(), Quiet(), 10)


async def test_a_conversation_is_had_by_one_worker_until_its_lease_ends(stage: Stage) -> None:
    await stage.worker.accept([stage.event(text=MATTER)])
    assert len(await stage.store.write(lambda conn: claim_now(conn, stage, "l1"))) == 1
    await stage.worker.accept([stage.event(text="thêm nữa")])
    assert await stage.store.write(lambda conn: claim_now(conn, stage, "l2")) == []
    stage.clock.advance(LEASE + timedelta(seconds=1))
    (claim,) = await stage.store.write(lambda conn: claim_now(conn, stage, "l2"))
    assert len(claim.events) == 2


async def test_a_lost_lease_keeps_nothing(stage: Stage) -> None:
    """A worker that slept through its lease finds its turn taken by another one: nothing of it is kept."""
    await stage.worker.accept([stage.event(text=MATTER)])
    (slow,) = await stage.store.write(lambda conn: claim_now(conn, stage, "slow"))
    heard, known = await stage.worker.hearing.hear(slow, stage.clock.now())
    turn = take_turn(slow.conversation, heard, known, stage.clock.now())
    stage.clock.advance(LEASE + timedelta(seconds=1))
    await stage.settle()
    before = await stage.rows(sa.select(conversations))
    pack, phrases, _ = province()
    now = stage.clock.now()

    with pytest.raises(LeaseLost):
        await stage.store.write(
            lambda conn: intake.finish(conn, slow, turn, Doing(conn, slow.address, now, pack, phrases))
        )
    with pytest.raises(LeaseLost):
        await stage.store.write(lambda conn: intake.postpone(conn, slow, "too late", now))
    assert await stage.rows(sa.select(conversations)) == before
    assert await stage.states() == {"done": 1}, "a turn that another worker took is not opened again"
    assert await stage.count(outbox) == 1


async def test_two_processes_share_the_conversations(postgres_url: str, tmp_path: Path) -> None:
    """Two workers on one PostgreSQL: every event handled once, never two turns of one talk at once."""
    stores = [await open_store(postgres_url, migrate=False) for _ in range(2)]
    try:
        first = Stage(stores[0], tmp_path)
        second = Stage(stores[1], tmp_path, first.clock, first.post)
        citizens = [Address("telegram", str(number)) for number in range(20)]
        overlaps = watch_overlaps(first, second)
        for values in ({"text": MATTER}, {"choice": "skip_photo"}, {"choice": "confirm"}):
            events = [first.event(citizen, **values) for citizen in citizens]
            await asyncio.gather(first.worker.accept(events[::2]), second.worker.accept(events))
            first.clock.advance(timedelta(seconds=20))
            while sum(await asyncio.gather(first.worker.work_once(), second.worker.work_once())):
                pass
            await asyncio.gather(first.delivery.send_once(), second.delivery.send_once())
        assert await first.states() == {"done": 60}
        assert await first.count(reports) == 20
        assert len(first.post.sent) == 60
        assert not overlaps
        codes = await first.rows(sa.select(reports.c.code))
        assert len(set(codes)) == 20
        assert await first.count(conversations, turn=3) == 20
    finally:
        for store in stores:
            await store.close()


def watch_overlaps(*stages: Stage) -> list[Address]:
    """Addresses of which two turns were under way at once."""
    under_way: set[Address] = set()
    overlaps: list[Address] = []
    for stage in stages:
        stage.worker.hearing = WatchedHearing(stage.worker.hearing, under_way, overlaps)  # type: ignore[assignment]
    return overlaps


class WatchedHearing:
    """A hearing that takes a moment and notes who is heard twice at once."""

    def __init__(self, real: Hearing, under_way: set[Address], overlaps: list[Address]) -> None:
        self._real, self._under_way, self._overlaps = real, under_way, overlaps

    async def hear(self, claim: Claim, now: datetime) -> tuple[list[Heard], Known]:
        if claim.address in self._under_way:
            self._overlaps.append(claim.address)
        self._under_way.add(claim.address)
        await asyncio.sleep(0.002)
        try:
            return await self._real.hear(claim, now)
        finally:
            self._under_way.discard(claim.address)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


async def test_a_claim_that_finds_nothing_gives_the_conversation_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between finding a conversation and taking it another worker may have done it: it must not stay held."""
    await stage.say(stage.event(text=MATTER))
    monkeypatch.setattr(intake, "_ready", lambda *_: [CITIZEN])
    assert await stage.store.write(lambda conn: claim_now(conn, stage)) == []
    assert await stage.value(sa.select(conversations.c.lease)) is None


async def test_a_row_that_cannot_be_read_stops_nobody(stage: Stage) -> None:
    """A row of another version or a damaged one: set aside for a person, the others go on."""
    other = Address("telegram", "700002")
    await stage.worker.accept([stage.event(text="hỏng"), stage.event(other, text=MATTER)])

    def damage(conn: sa.Connection) -> None:
        conn.execute(inbox.update().where(inbox.c.user == CITIZEN.user).values(payload={"address": 5}))

    await stage.store.write(damage)
    await stage.settle()
    assert await stage.states() == {"failed": 1, "done": 1}
    assert await stage.count(handoffs, reason="failed", user=CITIZEN.user) == 1
    await stage.say(stage.event(text=MATTER))
    assert len(stage.post.texts()) == 1, "the citizen's next message is answered"


async def test_an_unreadable_conversation_begins_anew_and_still_answers(stage: Stage) -> None:
    await stage.say(stage.event(text=MATTER))

    def damage(conn: sa.Connection) -> None:
        conn.execute(conversations.update().values(state={"turn": "x"}, turn=0))

    await stage.store.write(damage)
    assert await stage.say(stage.event(text=MATTER))


async def test_news_reach_every_follower_of_one_channel(stage: Stage) -> None:
    code = await stage.file()
    neighbour = Address("telegram", "700002")

    def add(conn: sa.Connection) -> None:
        row = report_row(conn, code)
        assert row is not None
        follow(conn, row["id"], neighbour, stage.clock.now())
        move_report(conn, code, Status.IN_PROGRESS, Actor.HANDLER, "tho", stage.clock.now())

    await stage.store.write(add)
    stage.post.sent.clear()
    await stage.settle()
    assert [to for to, _ in stage.post.sent].count(CITIZEN) == 1
    assert [to for to, _ in stage.post.sent].count(neighbour) == 1


async def test_a_replayed_piece_of_news_is_told_once(stage: Stage) -> None:
    code = await stage.file()
    news = stage.event(kind=InboundKind.NEWS, news=News(code, "in_progress", "UBND"))
    assert len(await stage.say(news)) == 1
    assert await stage.say(news, news) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"text": MATTER}, Quiet().text),
        ({"choice": "confirm"}, Quiet().text),
        ({"photos": (MediaRef(MediaKind.PHOTO, "photo:1"),)}, Quiet().media),
        ({"point": Point(18.3, 105.9)}, Quiet().media),
        ({"voice": MediaRef(MediaKind.VOICE, "voice:1")}, Quiet().media),
        ({"photos": (MediaRef(MediaKind.PHOTO, "photo:1"),), "choice": "confirm"}, Quiet().text),
    ],
)
def test_quiet_waits_longer_after_media_than_after_words(values: dict[str, Any], expected: timedelta) -> None:
    assert Quiet().after(Inbound(CITIZEN, "e", MONDAY, **values)) == expected


async def test_events_are_kept_as_they_came(stage: Stage) -> None:
    event = stage.photo(1, text="rác", album="a", sender_name="Thử")
    await stage.worker.accept([event])
    assert await stage.value(sa.select(inbox.c.payload)) == encode(event)
