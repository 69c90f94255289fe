"""Several calls at once, and twenty of them (`-m long`): prompts stay without gaps at the caller's ear."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.storage import Store
from tests.connectors.hotline.emulator import Caller
from tests.connectors.hotline.stage import MATTER, HotlineStage


async def whole_call(stage: HotlineStage, number: int) -> Caller:
    caller = await stage.ring(number=f"0900000{number:03}")
    await stage.quiet(caller, 30)
    await caller.say(stage.voices.voice(MATTER, 1.0))
    for _ in range(400):  # the answer is on its way
        assert caller.app is not None
        if caller.app.is_heard_now():
            break
        await asyncio.sleep(0.02)
    await stage.quiet(caller, 30)
    caller.press("1")
    assert await caller.ended(60) == "done"
    return caller


async def many(stage: HotlineStage, count: int) -> list[Caller]:
    async with stage.open():
        callers = await asyncio.gather(*(whole_call(stage, number) for number in range(count)))
        await stage.settled()
    return list(callers)


async def test_three_calls_at_once_are_three_reports(sqlite_store: Store, tmp_path: Path) -> None:
    callers = await many(HotlineStage(sqlite_store, tmp_path), 3)
    assert all(caller.app is not None and caller.app.error == "" for caller in callers)


@pytest.mark.long
async def test_twenty_calls_at_once_have_99_of_100_slots_filled(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    stage.speaker.seconds = 0.8
    callers = await many(stage, 20)
    heard = [caller.app.heard() for caller in callers if caller.app is not None]
    assert len(await stage.reports()) == 20
    assert sum(one.gaps for one in heard) <= 0.01 * sum(one.slots for one in heard)
