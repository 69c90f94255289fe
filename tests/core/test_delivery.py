"""Delivery: every answer is sent, tried again, or ends visibly as dead; to one citizen in order."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core import delivery
from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    MediaLost,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
    WindowClosed,
)
from core.delivery import LEASE, MOST_ATTEMPTS, NOBODYS, claim_letters, judge
from core.message import Address
from core.storage import Store
from core.storage.schema import handoffs, outbox
from tests.core.stage import CITIZEN, MATTER, MONDAY, Stage

SOON, LATER = timedelta(seconds=30), timedelta(hours=2)


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


async def with_a_letter(stage: Stage, citizen: Address = CITIZEN) -> None:
    """A citizen said something and the answer waits in the outbox."""
    await stage.worker.accept([stage.event(citizen, text=MATTER)])
    stage.clock.advance(SOON)
    await stage.worker.work_once()


async def letter(stage: Stage) -> sa.RowMapping:
    return await stage.store.read(lambda conn: conn.execute(sa.select(outbox)).mappings().one())


@pytest.mark.parametrize("failure", [WindowClosed("48 h"), Blocked("left"), Rejected("bad markup")])
async def test_what_will_never_go_is_dead_with_its_reason_and_a_person_sees_it(
    stage: Stage, failure: ChannelError
) -> None:
    await with_a_letter(stage)
    stage.post.failures.append(failure)
    await stage.settle()
    row = await letter(stage)
    assert row["state"] == "dead" and type(failure).__name__ in row["reason"]
    assert await stage.count(handoffs, reason="undelivered", user=CITIZEN.user) == 1
    stage.clock.advance(LATER)
    await stage.settle()
    assert stage.post.tries == 1


@pytest.mark.parametrize(
    "failure", [RetryLater("502"), Uncertain("cut"), ChannelError("odd"), KeyError("bug")]
)
async def test_what_may_go_later_is_tried_again(stage: Stage, failure: BaseException) -> None:
    await with_a_letter(stage)
    stage.post.failures.append(failure)
    assert await stage.delivery.send_once() == 1
    row = await letter(stage)
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    assert row["next_at"] > stage.clock.now() and row["lease"] is None
    assert await stage.delivery.send_once() == 0, "not before its time"
    stage.clock.advance(LATER)
    await stage.settle()
    assert (await letter(stage))["state"] == "sent"
    assert len(stage.post.sent) == 1


async def test_an_answer_that_may_have_arrived_is_not_repeated_at_once(stage: Stage) -> None:
    await with_a_letter(stage)
    stage.post.failures.append(Uncertain("no answer"))
    await stage.delivery.send_once()
    assert (await letter(stage))["next_at"] - stage.clock.now() >= delivery.UNCERTAIN_PAUSE


async def test_a_rate_limit_is_waited_out_without_counting(stage: Stage) -> None:
    await with_a_letter(stage)
    until = stage.clock.now() + timedelta(minutes=3)
    stage.post.failures.extend(RateLimited("slow down", until) for _ in range(MOST_ATTEMPTS * 2))
    for _ in range(MOST_ATTEMPTS * 2):
        await stage.delivery.send_once()
        row = await letter(stage)
        assert (row["state"], row["attempts"]) == ("waiting", 0)
        assert row["next_at"] >= until
        stage.clock.advance(max(row["next_at"] - stage.clock.now(), timedelta(0)))
    await stage.settle()
    assert (await letter(stage))["state"] == "sent"


async def test_refused_credentials_wait_for_the_operator_and_lose_nothing(stage: Stage) -> None:
    await with_a_letter(stage)
    stage.post.failures.extend(CredentialsRefused("401") for _ in range(MOST_ATTEMPTS * 2))
    for _ in range(MOST_ATTEMPTS * 2):
        await stage.delivery.send_once()
        stage.clock.advance(timedelta(minutes=10))
    assert (await letter(stage))["state"] == "waiting"
    await stage.settle()
    assert (await letter(stage))["state"] == "sent"


async def test_a_channel_that_is_switched_off_keeps_its_letters(stage: Stage) -> None:
    await with_a_letter(stage)
    stage.delivery.channels = {}
    for _ in range(MOST_ATTEMPTS * 2):
        await stage.delivery.send_once()
        stage.clock.advance(timedelta(minutes=10))
    assert (await letter(stage))["state"] == "waiting"


async def test_tries_grow_apart_and_end_visibly(stage: Stage) -> None:
    await with_a_letter(stage)
    stage.post.failures.extend(RetryLater("down") for _ in range(1000))
    pauses = []
    while (row := await letter(stage))["state"] == "waiting":
        assert len(pauses) <= MOST_ATTEMPTS, "it never ends"
        stage.clock.advance(max(row["next_at"] - stage.clock.now(), timedelta(0)))
        tried_at = stage.clock.now()
        assert await stage.delivery.send_once() == 1
        pauses.append((await letter(stage))["next_at"] - tried_at)
    assert len(pauses) == MOST_ATTEMPTS
    tries = pauses[:-1]
    assert tries == sorted(tries) and tries[0] < tries[-1] <= delivery.LONGEST_PAUSE
    assert sum(tries, timedelta(0)) > timedelta(hours=20), "a channel may be away for hours"
    assert await stage.count(handoffs, reason="undelivered") == 1


async def test_answers_to_one_citizen_leave_in_order_past_a_failure(stage: Stage) -> None:
    other = Address("telegram", "700002")

    stage.post.failures.append(RetryLater("502"))
    for _ in range(3):
        await with_a_letter(stage)

    await stage.worker.accept([stage.event(other, text=MATTER)])
    await stage.worker.work_once()
    await stage.delivery.send_once()
    assert stage.post.texts() == [] and len(stage.post.texts(other)) == 1, (
        "others do not wait behind a failure"
    )
    stage.clock.advance(LATER)
    await stage.settle()
    payloads = await stage.rows(
        sa.select(outbox.c.payload).where(outbox.c.user == CITIZEN.user).order_by(outbox.c.id)
    )
    assert stage.post.texts() == [row[0]["text"] for row in payloads]


async def test_a_dead_letter_does_not_hold_up_the_next(stage: Stage) -> None:
    await with_a_letter(stage)
    stage.post.failures.append(Rejected("bad"))
    await stage.settle()
    await with_a_letter(stage)
    await stage.settle()
    assert await stage.letters() == {"dead": 1, "sent": 1}


async def test_a_letter_is_had_by_one_process_until_its_lease_ends(stage: Stage) -> None:
    await with_a_letter(stage)
    now = stage.clock.now()
    assert len(await stage.store.write(lambda conn: claim_letters(conn, "a", now, 5))) == 1
    assert await stage.store.write(lambda conn: claim_letters(conn, "b", now, 5)) == []
    later = now + LEASE + timedelta(seconds=1)
    (again,) = await stage.store.write(lambda conn: claim_letters(conn, "b", later, 5))
    outcome = delivery.Outcome("sent")
    slow = delivery.replace(again, lease="a")
    await stage.store.write(lambda conn: delivery.settle(conn, slow, outcome, later))
    assert (await letter(stage))["state"] == "waiting", "who lost the lease writes nothing"


async def test_a_letter_that_cannot_be_read_stops_nobody(stage: Stage) -> None:
    other = Address("telegram", "700002")
    await with_a_letter(stage)
    await stage.store.write(lambda conn: conn.execute(outbox.update().values(payload={"turn": "x"})).rowcount)
    await with_a_letter(stage, other)
    await stage.settle()
    assert await stage.letters() == {"dead": 1, "sent": 1}
    assert await stage.count(handoffs, reason="undelivered", user=CITIZEN.user) == 1


@pytest.mark.parametrize("attempts", range(MOST_ATTEMPTS + 2))
def test_a_failure_is_judged_in_every_state(attempts: int) -> None:
    for failure in (RetryLater("x"), Uncertain("x"), ChannelError("x")):
        outcome = judge(failure, attempts, MONDAY)
        assert outcome.counts
        if attempts + 1 >= MOST_ATTEMPTS:
            assert outcome.state == "dead"
        else:
            assert outcome.state == "waiting" and outcome.next_at is not None and outcome.next_at > MONDAY


def test_every_channel_error_has_its_judgement() -> None:
    """A class that is added to the tree is thought of here."""
    known = {RetryLater, RateLimited, Uncertain, WindowClosed, Blocked, CredentialsRefused, Rejected}
    assert set(ChannelError.__subclasses__()) == known | {MediaLost}


async def test_a_letter_of_another_process_s_channel_is_left_to_it_for_a_while(stage: Stage) -> None:
    await with_a_letter(stage)
    now = stage.clock.now()
    assert await stage.store.write(lambda conn: claim_letters(conn, "a", now, 5, ["elsewhere"])) == []
    later = now + NOBODYS * 2
    assert len(await stage.store.write(lambda conn: claim_letters(conn, "a", later, 5, ["elsewhere"]))) == 1
