"""The web app over a real SQLite store and a scripted core, in process or behind a real server."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.clock import WallClock
from core.media.store import FolderMediaStore
from core.storage.sqlite import fresh_sqlite
from core.storage.store import Store, open_store
from tests.web.health import health_of
from tests.web.scripted_core import ScriptedCore
from web.app import build_app
from web.services import Services
from web.simulator.simulator import Simulator, open_simulator

PROVINCE = Path(__file__).parents[2] / "province" / "ha_tinh"
BASE = "http://testserver"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Category:
    name: str


@dataclass(frozen=True, slots=True)
class SmallPack:
    """As much of the pack as pages show; the shapes are the province's own."""

    name: str = "Hà Tĩnh"
    hotline: str = "19009038"
    folder: Path = PROVINCE

    @property
    def categories(self) -> dict[str, Category]:
        names = {
            "duong_cau": "Đường, cầu, vỉa hè hư hỏng",
            "an_toan_giao_thong": "Trật tự, an toàn giao thông",
            "lan_chiem": "Lấn chiếm, trật tự đô thị",
        }
        return {leaf: Category(name) for leaf, name in names.items()}


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a test may want to look at."""

    app: FastAPI
    services: Services
    simulator: Simulator
    core: ScriptedCore
    store: Store
    media: FolderMediaStore


async def _webhook(_request: Request) -> Response:
    return PlainTextResponse("taken")


async def build_bench(folder: Path) -> Bench:
    store = await open_store(fresh_sqlite(folder / "kenhdan.sqlite3"))
    clock = WallClock()
    simulator = open_simulator(folder / "uploads", clock)
    core = ScriptedCore(store, simulator, clock)
    media = FolderMediaStore(folder / "media")
    services = Services(
        accept=core.accept,
        store=store,
        media=media,
        pack=SmallPack(),
        health=health_of(store, list(simulator.channels)),
        routes=[Route("/hook", _webhook, methods=["POST"])],
        simulator=simulator,
        say_status=lambda status: f"trạng thái {status}",
        clock=clock,
    )
    return Bench(build_app(services), services, simulator, core, store, media)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = await build_bench(tmp_path)
    yield made
    await made.store.close()


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that has opened the simulator: it has the cookie and says that it is our own page."""
    transport = httpx.ASGITransport(app=bench.app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=SAME_ORIGIN) as made:
        await made.get("/simulator")
        yield made


class ServerThread(threading.Thread):
    """A real server with an event loop of its own, for tests that stream or drive a browser."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self._up = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server: uvicorn.Server | None = None
        self.bench: Bench

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[FastAPI]:
        """The app while it is served."""
        self.bench = await build_bench(self._folder)
        yield self.bench.app
        await self.bench.store.close()

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._up.set()

    async def _serve(self) -> None:
        async with self.opened() as app:
            config = uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
            self._server = uvicorn.Server(config)
            self._up.set()
            await self._server.serve(sockets=[self._listener])

    def __enter__(self) -> ServerThread:
        self.start()
        assert self._up.wait(30), "the server did not come up"
        assert self._server is not None, "the app could not be built"
        return self

    def __exit__(self, *_error: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self.join(10)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerThread]:
    with ServerThread(tmp_path) as thread:
        yield thread
