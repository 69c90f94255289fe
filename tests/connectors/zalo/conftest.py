"""A stand-in Zalo, and the real program beside it, over real HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
import uvicorn
from PIL import Image

from app import Program, assemble, running
from connectors.zalo.settings import WEBHOOK_PATH
from core.settings import Settings
from core.storage.schema import reports
from tests.zalo_server import APP_ID, APP_SECRET, OA_ID, WEBHOOK_SECRET, StandInZalo

T = TypeVar("T")

ROOT = Path(__file__).parents[3]
PERSON = "2512523625412515"
OTHER = "3600000000000000001"


@dataclass
class Running:
    """The program at work, its address, and the stand-in that it talks to."""

    program: Program
    base: str
    zalo: StandInZalo

    async def rows(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> list[Any]:
        return await self.program.store.read(
            lambda conn: list(conn.execute(sa.select(table).where(*where)).all())
        )

    async def reports(self) -> list[Any]:
        return await self.rows(reports)


Start = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
async def zalo() -> AsyncIterator[StandInZalo]:
    async with StandInZalo() as stand_in:
        yield stand_in


@pytest.fixture
def settings(zalo: StandInZalo, sqlite_url: str, tmp_path: Path) -> Settings:
    """The program pointed at the stand-in by settings alone, with a pair seeded."""
    return Settings(
        database_url=sqlite_url, media_dir=tmp_path / "media", province=ROOT / "province/ha_tinh",
        model=ROOT / "nlu/model/interpreter.npz", quiet_seconds=0.4, quiet_text_seconds=0.0,
        public_url="https://kenhdan.example.org",
        zalo_app_id=APP_ID, zalo_app_secret=APP_SECRET, zalo_oa_id=OA_ID,
        zalo_oa_webhook_secret=WEBHOOK_SECRET, zalo_access_token=zalo.access,
        zalo_refresh_token=zalo.refresh_token, zalo_oauth_base=zalo.base, zalo_openapi_base=zalo.base,
        zalo_business_base=zalo.base, zalo_bot_base=zalo.base,
        zalo_media_hosts=("*.zdn.vn", "*.zadn.vn", f"127.0.0.1:{zalo.port}"), zalo_rate=1_000,
        zalo_verification_code="Vcode123",
    )  # fmt: skip


@pytest.fixture
def start(zalo: StandInZalo, settings: Settings) -> Start:
    """`async with start() as running:` starts the real program on a loopback port."""

    @asynccontextmanager
    async def started(using: Settings | None = None) -> AsyncIterator[Running]:
        program = await assemble(using or settings)
        config = uvicorn.Config(program.app, host="127.0.0.1", port=0, log_config=None, access_log=False)
        server = uvicorn.Server(config)
        async with running(program):
            task = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            base = f"http://127.0.0.1:{port}"
            zalo.webhook = base + WEBHOOK_PATH
            try:
                yield Running(program, base, zalo)
            finally:
                server.should_exit = True
                await task

    return started


async def until(look: Callable[[], T | Awaitable[T]], seconds: float = 20.0) -> T:
    """Wait until `look` gives something true, and give it."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        result: Any = await found if isinstance(found, Awaitable) else found
        if result:
            return result  # type: ignore[no-any-return]
        if time.monotonic() > end:
            raise AssertionError("it did not happen in time")
        await asyncio.sleep(0.02)


def picture(colour: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG that differs from others by its colours."""
    image = Image.new("RGB", size)
    for x in range(0, size[0], 16):
        for y in range(0, size[1], 16):
            shade = (x * (colour + 3) + y * 7 + colour * 50) % 256
            image.paste((shade, (shade * 3) % 256, (colour * 80) % 256), (x, y, x + 16, y + 16))
    data = BytesIO()
    image.save(data, "JPEG", quality=85)
    return data.getvalue()
