"""A crash at any line loses nothing and doubles nothing: everywhere a process can die, it dies once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
import sqlalchemy as sa

from core.intake import LEASE
from core.message import Address
from core.storage import Store
from core.storage.schema import conversations, inbox, outbox, report_events, report_media, reports
from tests.core.stage import MATTER, Crash, Stage, crash_at

T = TypeVar("T")

STEPS = (
    "accepted",
    "claimed",
    "heard",
    "taken",
    "finished",
    "letter_claimed",
    "letter_sent",
    "letter_settled",
)
ROOT = Path(__file__).resolve().parents[2]
LATER = LEASE + timedelta(seconds=1)


async def talk_with_a_crash(dying: Stage, sane: Stage, citizen: Address, dies_in: int) -> int:
    """A talk of three messages in which the process dies in message `dies_in`, as `dying` was told to.

    A sane process goes on with the same database. Gives how often it died.
    """
    deaths = 0
    messages = [
        [
            sane.event(citizen, text=MATTER),
            sane.photo(1, citizen, album="a"),
            sane.photo(2, citizen, album="a"),
        ],
        [sane.event(citizen, text="thêm một ý: bốc mùi nặng lắm")],
        [sane.event(citizen, choice="confirm")],
    ]
    for number, events in enumerate(messages):
        process = dying if number == dies_in else sane
        try:
            await process.say(*events)
        except Crash:
            deaths += 1
            sane.clock.advance(LATER)
            await sane.say(*events)  # the channel delivers again what it was not told OK for
        await sane.say(*events)  # and once more for good measure
    return deaths


async def check_nothing_lost_or_doubled(stage: Stage, citizen: Address) -> None:
    mine = {"channel": citizen.channel, "user": citizen.user}
    assert await stage.count(reports, **mine) == 1
    number = await stage.value(sa.select(reports.c.id).where(reports.c.user == citizen.user))
    assert await stage.count(report_media, report_id=number) == 2
    assert await stage.count(report_events, report_id=number, kind="filed") == 1
    assert await stage.count(inbox, **mine, state="done") == await stage.count(inbox, **mine) == 5
    assert await stage.count(outbox, **mine, state="sent") == await stage.count(outbox, **mine) == 3
    answers = await stage.rows(
        sa.select(outbox.c.payload).where(outbox.c.user == citizen.user).order_by(outbox.c.id)
    )
    texts = stage.post.texts(citizen)
    assert [row[0]["text"] for row in answers] == list(dict.fromkeys(texts)), "each answer arrived, in order"
    code = await stage.value(sa.select(reports.c.code).where(reports.c.user == citizen.user))
    assert code in texts[-1]
    lease = sa.select(conversations.c.lease).where(conversations.c.user == citizen.user)
    assert await stage.value(lease) is None


@pytest.mark.parametrize("dies_in", [0, 1, 2])
@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_between_two_steps(store: Store, tmp_path: Path, step: str, dies_in: int) -> None:
    citizen = Address("telegram", "700001")
    stage = Stage(store, tmp_path, checkpoint=crash_at(step))
    assert await talk_with_a_crash(stage, stage.again(), citizen, dies_in) == 1
    await check_nothing_lost_or_doubled(stage, citizen)
    # only the step between sending and writing it down may say something twice, and at least once is said
    assert len(stage.post.texts(citizen)) == (4 if step == "letter_sent" else 3)


def test_the_steps_are_all_there_are() -> None:
    """A checkpoint that is added to the code is crashed at here as well."""
    root = ROOT / "core"
    source = (root / "worker.py").read_text() + (root / "delivery.py").read_text()
    found = [part.partition('"')[0] for part in source.split('checkpoint("')[1:]]
    assert sorted(found) == sorted(STEPS)


class DyingStore:
    """A store whose process dies once: after the `statement`-th statement of its units of work, or when the
    `unit`-th write is on the disk but its caller has not heard of it."""

    def __init__(self, real: Store, statement: int = 0, unit: int = 0) -> None:
        self._real = real
        self.statements_left, self._units_left = statement, unit

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        def counted(conn: sa.Connection) -> T:
            return work(cast(sa.Connection, DyingConnection(conn, self)))

        result = await self._real.write(counted)
        self._units_left -= 1
        if self._units_left == 0:
            raise Crash("the write is kept, nobody knows")
        return result

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        return await self._real.read(work)

    async def close(self) -> None:
        await self._real.close()


class DyingConnection:
    """A connection that counts its statements for its store."""

    def __init__(self, real: sa.Connection, store: DyingStore) -> None:
        self._real, self._store = real, store

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        result = self._real.execute(*args, **kwargs)
        self._store.statements_left -= 1
        if self._store.statements_left == 0:
            result.close()
            raise Crash("between two statements")
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.mark.parametrize("kind", ["statement", "unit"])
@pytest.mark.parametrize("dies_in", [0, 2])
async def test_a_crash_at_every_statement_and_after_every_write(
    store: Store, tmp_path: Path, kind: str, dies_in: int
) -> None:
    """Die after the first statement, then after the second, … until a talk comes through alive."""
    sane = Stage(store, tmp_path)
    point, deaths = 0, 1
    while deaths:
        point += 1
        citizen = Address("telegram", str(700_000 + point))
        dying = sane.again()
        dying.worker.store = dying.worker.hearing.store = dying.delivery.store = DyingStore(
            store, **{kind: point}
        )
        deaths = await talk_with_a_crash(dying, sane, citizen, dies_in)
        await check_nothing_lost_or_doubled(sane, citizen)
    assert point > (12 if kind == "statement" else 4), "the talk takes that many steps at least"


# -- kill -9 ------------------------------------------------------------------------------------------------


def kill_again_and_again(folder: Path, kills: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.core.killing", str(folder), str(kills)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check_account(found: dict[str, Any]) -> None:
    citizens = found["citizens"]
    assert found["ended"], "every talk came to its end"
    assert found["events_done"] == found["events_kept"] == found["events"] == 3 * citizens
    assert found["reports"] == found["reporters"] == found["filed"] == found["codes"] == citizens
    assert (
        found["turns"]
        == found["answers"]
        == found["answers_sent"]
        == found["answers_arrived"]
        == 3 * citizens
    )
    assert found["handoffs"] == 0


def test_killed_twice_under_load(tmp_path: Path) -> None:
    found = kill_again_and_again(tmp_path, 2)
    check_account(found)
    assert found["citizens"] >= 24


@pytest.mark.long
def test_killed_two_hundred_times_under_load(tmp_path: Path) -> None:
    """KENHDAN_TEST_KILLS sets another number."""
    check_account(kill_again_and_again(tmp_path, int(os.environ.get("KENHDAN_TEST_KILLS", "200"))))
