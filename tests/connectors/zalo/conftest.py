"""A stand-in Zalo, and the real program beside it, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from app import Program, assemble, running
from connectors.zalo.connection import ZaloConnection, connect
from connectors.zalo.settings import WEBHOOK_PATH, ZaloSettings, zalo_settings
from connectors.zalo.windows import note_heard
from core.clock import Clock, WallClock
from core.codec import decode
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.message import Address, Inbound, Outbound, Receipt
from core.settings import Settings
from core.storage import Store
from core.storage.schema import inbox, reports
from tests.zalo_server import APP_ID, APP_SECRET, OA_ID, WEBHOOK_SECRET, StandInZalo, User, sign

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


async def until(look: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until `look`, perhaps awaited, gives something true, and give it."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        result = await found if isinstance(found, Awaitable) else found
        if result:
            return result
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


@dataclass
class Link:
    """The connector alone, on a real database, beside the stand-in; `post` knocks at its door."""

    zalo: StandInZalo
    connection: ZaloConnection
    client: httpx.AsyncClient

    @property
    def store(self) -> Store:
        return self.connection.store

    async def post(self, event: dict[str, Any], **headers: str) -> int:
        """Deliver a signed event."""
        body = json.dumps(event, ensure_ascii=False).encode()
        signed = {"x-zevent-signature": sign(body, str(event.get("timestamp", "")))}
        return await self.post_raw(body, {**signed, **headers})

    async def post_raw(self, body: bytes, headers: dict[str, str]) -> int:
        return (await self.client.post(WEBHOOK_PATH, content=body, headers=headers)).status_code

    async def inbox(self) -> list[Inbound]:
        def read(conn: sa.Connection) -> list[Inbound]:
            rows = conn.execute(sa.select(inbox.c.payload).order_by(inbox.c.id)).scalars()
            return [decode(Inbound, payload) for payload in rows]

        return await self.store.read(read)

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.store.read(lambda conn: list(conn.execute(sa.select(table)).all()))

    async def send(self, text: str = "Dạ, em ghi rồi.", user: str = PERSON, **fields: Any) -> Receipt:
        return await self.connection.channel.send(Address("zalo", user), Outbound(text, **fields))

    async def heard(self, user: str = PERSON, ago: timedelta = timedelta(0)) -> None:
        """The citizen did something, so long ago; the stand-in knows it, too."""
        at = self.connection.clock.now() - ago
        address = Address("zalo", user)
        await self.store.write(lambda conn: note_heard(conn, address, at, None))
        self.zalo.users[user] = User(user, last_at=int(at.timestamp() * 1000))


@pytest.fixture
def account(settings: Settings) -> ZaloSettings:
    """The connector's settings; tests replace what they are about."""
    found = zalo_settings(settings)
    assert found is not None
    return found


def link_to(
    zalo: StandInZalo, account: ZaloSettings, store: Store, folder: Path, clock: Clock | None = None
) -> Link:
    connection = connect(
        account, store=store, media=FolderMediaStore(folder), clock=clock or WallClock(),
        quiet=Quiet(), labels={"share_phone": "Gửi số của tôi"},
    )  # fmt: skip
    app = Starlette(routes=[*connection.routes])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")
    return Link(zalo, connection, client)


@pytest.fixture
async def link(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> AsyncIterator[Link]:
    made = link_to(zalo, account, sqlite_store, tmp_path / "photos")
    await made.connection.start()
    yield made
    await made.client.aclose()
    await made.connection.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
