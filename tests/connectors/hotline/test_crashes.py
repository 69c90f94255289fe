"""The bridge dies in a call: the caller is with the operator, and what was said is on disk."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from connectors.hotline.sound import SLOT_BYTES
from connectors.hotline.spool import Spool
from connectors.hotline.watchdog import Watchdog
from core.storage import Store, open_store
from core.storage.sqlite import fresh_sqlite
from tests.connectors.hotline.emulator import Caller
from tests.connectors.hotline.stage import MATTER, HotlineStage

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BRIDGE = """
import asyncio, sys
from pathlib import Path
from core.storage import open_store
from tests.connectors.hotline.stage import HotlineStage, MATTER

async def main(folder):
    stage = HotlineStage(await open_store(f"sqlite:///{folder}/calls.sqlite3"), folder)
    stage.voices.voice(MATTER)
    async with stage.open():
        print(stage.hotline.bridge.agi_port, flush=True)
        await asyncio.sleep(60)

asyncio.run(main(Path(sys.argv[1])))
"""


async def test_kill_9_leaves_the_caller_with_the_operator_and_the_words_on_disk(tmp_path: Path) -> None:
    url = fresh_sqlite(tmp_path / "calls.sqlite3")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BRIDGE, str(tmp_path), stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    assert process.stdout is not None
    port = int((await asyncio.wait_for(process.stdout.readline(), 30)).split()[-1])
    caller = Caller(port)
    await caller.ring()
    store = await open_store(url, exclusive=False)
    after = HotlineStage(store, tmp_path)
    await after.quiet(caller)
    assert caller.app is not None
    caller.app.say(after.voices.voice(MATTER, 2.0))
    await asyncio.sleep(1.4)  # in the middle of the sentence
    process.send_signal(signal.SIGKILL)
    assert await caller.ended() == "operator"
    await process.wait()
    async with after.open():
        async with asyncio.timeout(10):
            while not await after.reports():
                await asyncio.sleep(0.05)
    (report,) = await after.reports()
    assert (report["status"], report["transcript"]) == ("unconfirmed", MATTER)
    assert report["contact_phone"] == "0900000123"
    assert list((tmp_path / "calls").iterdir()) == []
    await store.close()


def test_a_spool_gives_back_what_was_not_accepted(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    call = spool.open("c1", "0900000123", "0900000123", AT)
    first, second = b"\x01\x00" * (SLOT_BYTES // 2) * 30, b"\x02\x00" * (SLOT_BYTES // 2) * 20
    call.write(first)
    position = call.position
    call.write(second)
    call.accepted(position, AT)
    (left,) = Spool(tmp_path).leftovers()
    assert (left.call, left.user, left.rest) == ("c1", "0900000123", second)
    call.discard()
    assert list(Spool(tmp_path).leftovers()) == []


def test_a_line_cut_off_by_the_crash_is_passed_over(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.open("c1", "0900000123", "0900000123", AT).write(bytes(SLOT_BYTES * 10))
    with (tmp_path / "c1.jsonl").open("a") as lines:
        lines.write('{"accepted": 32')
    (left,) = spool.leftovers()
    assert len(left.rest) == SLOT_BYTES * 10


def test_a_full_disk_does_not_end_a_call(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "calls")
    call = spool.open("c1", "0900000123", "0900000123", AT)
    call.discard()
    (tmp_path / "calls").rmdir()
    for _ in range(50):
        call.write(bytes(SLOT_BYTES))
    assert call.position == 50 * SLOT_BYTES


async def test_recovering_twice_is_recovering_once(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    for _ in range(2):
        call = stage.hotline.desk.spool.open("c1", "0900000123", "0900000123", AT)
        call.write(stage.voices.voice(MATTER, 1.0))
        call.flush()
        async with stage.open():
            async with asyncio.timeout(10):
                while not await stage.reports():
                    await asyncio.sleep(0.05)
            await stage.settled()
    assert len(await stage.reports()) == 1


async def test_the_watchdog_ends_a_process_whose_loop_is_frozen() -> None:
    ended: list[float] = []
    watchdog = Watchdog(0.6, lambda: ended.append(time.monotonic()))
    task = asyncio.create_task(watchdog.run())
    await asyncio.sleep(0.8)
    assert ended == [], "a loop that turns is left alone"
    time.sleep(1.3)
    assert len(ended) == 1
    await asyncio.sleep(0.3)
    assert watchdog.worst_s > 0.5
    task.cancel()
