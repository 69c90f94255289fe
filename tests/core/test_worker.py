"""The worker: a poison event is set aside, failures of the database do not count, watchers harm nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import intake
from core.intake import ATTEMPTS
from core.message import Address
from core.storage import Store, StoreError
from core.storage.schema import conversations, handoffs, inbox, outbox, reports
from core.trace import TurnTrace
from core.understanding import Context, Understanding
from tests.core.stage import CITIZEN, MATTER, Stage, province

OTHER = Address("telegram", "700002")
POISON = "câu làm hỏng máy"


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


def poisoned(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever turn hears the poison fails, as a bug of ours would."""
    import core.worker

    real = core.worker.take_turn

    def take_turn(conversation, heard, known, now):  # type: ignore[no-untyped-def]
        if any(one.text == POISON for one in heard):
            raise ZeroDivisionError("a bug of ours")
        return real(conversation, heard, known, now)

    monkeypatch.setattr(core.worker, "take_turn", take_turn)


async def test_a_poison_event_is_set_aside_and_the_others_go_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(stage, monkeypatch)
    await stage.worker.accept(
        [stage.event(text=MATTER), stage.event(text=POISON), stage.event(OTHER, text=MATTER)]
    )
    await stage.settle()
    assert len(stage.post.texts(OTHER)) == 1, "another citizen's talk goes on at once"
    for _ in range(ATTEMPTS + 2):
        stage.clock.advance(timedelta(minutes=6))
        await stage.settle()
    row = (
        await stage.rows(
            sa.select(inbox.c.state, inbox.c.attempts, inbox.c.error).where(inbox.c.attempts > 1)
        )
    )[0]
    assert row[:2] == ("failed", ATTEMPTS) and "ZeroDivisionError" in row[2]
    assert await stage.states() == {"failed": 1, "done": 2}
    (shown,) = await stage.rows(sa.select(handoffs.c.reason, handoffs.c.words, handoffs.c.user))
    assert shown == ("failed", POISON, CITIZEN.user)
    await stage.say(stage.event(choice="skip_photo"))
    await stage.say(stage.event(choice="confirm"))
    assert await stage.count(reports, user=CITIZEN.user) == 1, "the talk goes on after the poison"


async def test_events_beside_the_poison_are_not_set_aside(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned(stage, monkeypatch)
    events = [stage.event(text=words) for words in (MATTER, POISON, "thêm một ý", "ý nữa")]
    await stage.worker.accept(events)
    for _ in range(ATTEMPTS + 5):
        stage.clock.advance(timedelta(minutes=6))
        await stage.settle()
    assert await stage.states() == {"failed": 1, "done": 3}


async def test_a_database_that_is_away_is_no_fault_of_the_event(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often the database refuses, the turn is taken once it is back."""
    real = intake.finish

    def refuse(*_: object) -> None:
        raise StoreError("disk full")

    monkeypatch.setattr(intake, "finish", refuse)
    await stage.worker.accept([stage.event(text=MATTER)])
    for _ in range(ATTEMPTS * 2):
        stage.clock.advance(timedelta(minutes=3))
        assert await stage.worker.work_once() == 1
    assert await stage.states() == {"waiting": 1}
    monkeypatch.setattr(intake, "finish", real)
    stage.clock.advance(timedelta(minutes=3))
    await stage.settle()
    assert await stage.states() == {"done": 1} and len(stage.post.sent) == 1


async def test_a_watcher_that_fails_does_not_repeat_the_turn(stage: Stage) -> None:
    seen: list[TurnTrace] = []

    def observe(trace: TurnTrace) -> None:
        seen.append(trace)
        raise RuntimeError("the page is gone")

    stage.worker.observe = observe
    await stage.say(stage.event(text=MATTER))
    stage.clock.advance(timedelta(minutes=10))
    await stage.settle()
    assert len(seen) == 1 and len(stage.post.sent) == 1
    assert await stage.states() == {"done": 1}


class BrokenInterpreter:
    async def interpret(self, text: str, context: Context) -> Understanding:
        raise MemoryError("no model today")


async def test_a_model_that_fails_never_stops_a_report(store: Store, tmp_path: Path) -> None:
    stage = Stage(store, tmp_path, interpreter=BrokenInterpreter())
    await stage.file()
    assert await stage.count(reports) == 1


async def test_the_loops_work_by_themselves_and_end_when_told(stage: Stage) -> None:
    """`run` of both, woken by `accept`: a talk with nobody turning the crank."""
    stage.worker.outbox_wake = stage.delivery.wake
    tasks = [asyncio.create_task(stage.worker.run()), asyncio.create_task(stage.delivery.run())]
    for number in range(5):
        await stage.worker.accept([stage.event(Address("telegram", str(number)), text=MATTER)])
    async with asyncio.timeout(20):
        while len(stage.post.sent) < 5:
            await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await stage.states() == {"done": 5}


async def test_what_is_said_during_a_turn_is_heard_right_after_it(stage: Stage) -> None:
    """More conversations than the loops take at once, and more messages of one than one turn."""
    stage.worker.outbox_wake = stage.delivery.wake
    stage.worker.concurrent = stage.delivery.concurrent = 2
    tasks = [asyncio.create_task(stage.worker.run()), asyncio.create_task(stage.delivery.run())]
    for _ in range(3):
        for number in range(8):
            await stage.worker.accept([stage.event(Address("telegram", str(number)), text=MATTER)])
        await asyncio.sleep(0.02)
    async with asyncio.timeout(30):
        while await stage.states() != {"done": 24} or set(await stage.letters()) != {"sent"}:
            await asyncio.sleep(0.02)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(stage.post.sent) == sum((await stage.letters()).values())


async def test_the_loop_outlives_any_failure_of_a_claim(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = intake.claim, [StoreError("gone"), TypeError("a bug")]

    def claim(*args):  # type: ignore[no-untyped-def]
        if failures:
            raise failures.pop()
        return real(*args)

    monkeypatch.setattr(intake, "claim", claim)
    monkeypatch.setattr("core.worker.POLL", 0.01)
    task = asyncio.create_task(stage.worker.run())
    await stage.worker.accept([stage.event(text=MATTER)])
    async with asyncio.timeout(20):
        while await stage.count(outbox) == 0:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not failures


async def test_a_talk_leaves_no_lease_behind(stage: Stage) -> None:
    await stage.file()
    assert await stage.value(sa.select(conversations.c.lease)) is None
    assert province()[0].code_prefix in stage.post.texts()[-1]
