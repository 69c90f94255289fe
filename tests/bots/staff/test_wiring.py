"""The composition root starts the staff bot when it is set up, and says so loudly when it is not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import app
from core.settings import Settings
from core.storage.schema import handoffs
from serving import what_is_on
from tests.bots.staff.conftest import GROUP, FakeGroup
from tests.bots.telegram_server import TOKEN
from tests.core.stage import CITIZEN, PROVINCE


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(
        database_url=f"sqlite:///{folder}/kenhdan.sqlite3", media_dir=folder / "media", province=PROVINCE,
        model=folder / "none.npz", **changes,
    )  # fmt: skip


async def test_without_a_staff_bot_the_start_says_that_nobody_is_alerted(tmp_path: Path) -> None:
    program = await app.assemble(settings(tmp_path), web=False)
    try:
        (line,) = [line for line in what_is_on(program) if "staff alerts" in line]
    finally:
        await program.close()
    assert line.split()[0] == "off"
    assert "NOBODY IS ALERTED" in line
    assert "KENHDAN_TELEGRAM_STAFF_TOKEN" in line
    assert "KENHDAN_TELEGRAM_STAFF_CHAT" in line


async def test_the_running_program_tells_the_group(tmp_path: Path, server: FakeGroup) -> None:
    on = settings(
        tmp_path, telegram_staff_token=TOKEN, telegram_staff_chat=GROUP, telegram_api_base=server.base,
        telegram_file_base=server.file_base,
    )  # fmt: skip
    program = await app.assemble(on, web=False)
    row = {"channel": CITIZEN.channel, "user": CITIZEN.user, "reason": "danger", "words": "cháy nhà"}
    now = program.worker.clock.now()
    await program.store.write(lambda conn: conn.execute(handoffs.insert().values(row | {"at": now})) and None)
    async with app.running(program), asyncio.timeout(10):
        (line,) = [line for line in what_is_on(program) if "staff alerts" in line]
        while not server.posts:
            await asyncio.sleep(0.01)
    assert line.split()[0] == "on"
    assert "cháy nhà" in server.texts[0]
