"""The simulator's telephone: the same call over a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
import websockets
from starlette.applications import Starlette

from connectors.hotline.browser import phone_route
from connectors.hotline.sound import SILENCE, SLOT_BYTES, SLOT_S, loudness
from core.storage import Store
from tests.connectors.hotline.stage import MATTER, HotlineStage


@asynccontextmanager
async def served(stage: HotlineStage) -> AsyncIterator[str]:
    app = Starlette(routes=[phone_route(stage.hotline)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


async def say(line: websockets.ClientConnection, pcm: bytes) -> None:
    for at in range(0, len(pcm), SLOT_BYTES):
        await line.send(pcm[at : at + SLOT_BYTES])
        await asyncio.sleep(SLOT_S)


async def test_a_whole_call_from_a_page(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    heard: list[bytes] = []
    async with stage.open(), served(stage) as host:
        url = f"ws://{host}/simulator/phone/line?number=84900000127"
        async with websockets.connect(url, origin=f"http://{host}") as line:

            async def listen() -> None:
                async for piece in line:
                    heard.append(bytes(piece))  # type: ignore[arg-type]

            listening = asyncio.create_task(listen())
            await stage.prompt("Bác cứ nói")
            await say(line, SILENCE * 10 + stage.voices.voice(MATTER) + SILENCE * 30)
            await stage.prompt("Đúng thì bác bấm một")
            await line.send("1")
            await asyncio.wait_for(listening, 15)
        await stage.settled()
    (report,) = await stage.reports()
    assert (report["status"], report["contact_phone"]) == ("received", "0900000127")
    assert {len(piece) for piece in heard} == {SLOT_BYTES}
    assert any(loudness(piece) > 500 for piece in heard)


async def test_other_pages_may_not_call(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    async with stage.open(), served(stage) as host:
        with pytest.raises(websockets.InvalidStatus):
            async with websockets.connect(f"ws://{host}/simulator/phone/line", origin="https://evil.example"):
                pass
