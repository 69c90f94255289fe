"""The simulator's telephone in a real Chromium: a recording goes in, keys are pressed, a report comes out."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, expect

from connectors.hotline.browser import phone_route
from core.storage.sqlite import fresh_sqlite
from core.storage.store import open_store
from tests.connectors.hotline.stage import FIRST_HZ, MATTER, QUICK, HotlineStage, tone
from tests.web.browser import SMALL, WIDE, chromium, faults_of, open_page, violations
from tests.web.conftest import ServerThread
from tests.web.health import health_of
from web.app import build_app
from web.services import Services
from web.simulator.phone import phone_page
from web.simulator.simulator import open_simulator

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
TIMING = replace(QUICK, no_input=15.0)


class Telephone(ServerThread):
    """The pages with a hotline behind them whose recognizer knows words by their pitch."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[FastAPI]:
        store = await open_store(fresh_sqlite(self._folder / "kenhdan.sqlite3"))
        stage = HotlineStage(store, self._folder, timing=TIMING)
        stage.voices.voice(MATTER)
        pack = stage.hearing.pack
        simulator = open_simulator(self._folder / "uploads")
        services = Services(
            accept=stage.worker.accept, store=store, media=stage.media, pack=pack,
            health=health_of(store, []), routes=[phone_page(pack), phone_route(stage.hotline)],
            simulator=simulator, say_status=stage.hearing.phrases.status,
        )  # fmt: skip
        self.loop, self.stage = asyncio.get_running_loop(), stage
        async with stage.open():
            yield build_app(services)
        await store.close()

    def reports(self) -> list[Any]:
        return asyncio.run_coroutine_threadsafe(self.stage.reports(), self.loop).result(10)


@pytest.fixture
def telephone(tmp_path: Path) -> Iterator[Telephone]:
    thread = Telephone(tmp_path)
    with thread:
        yield thread


def recording() -> bytes:
    """The matter as a wav file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(24_000) + tone(FIRST_HZ, 0.9) + bytes(8000))
    return file.getvalue()


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (SMALL, "dark")], ids=["wide", "small"])
def test_a_recording_and_key_1_become_a_report(
    chromium: Browser, telephone: Telephone, size: dict[str, int], theme: str
) -> None:
    page = open_page(chromium, f"{telephone.url}/simulator", size=size, theme=theme)
    page.get_by_role("link", name="Gọi thử bằng tiếng nói").click()
    expect(page.get_by_role("status")).to_have_text("Chưa gọi.")
    assert violations(page) == []
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Gọi bằng tệp ghi âm").click()
    chooser.value.set_files({"name": "a.wav", "mimeType": "audio/wav", "buffer": recording()})
    expect(page.get_by_role("status")).to_have_text("Đang nói chuyện.")
    asyncio.run_coroutine_threadsafe(
        telephone.stage.prompt("Đúng thì bác bấm một", 30), telephone.loop
    ).result(40)
    assert violations(page) == []
    page.get_by_role("button", name="1", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("Đã ngắt máy.")
    (report,) = telephone.reports()
    assert (report["transcript"], report["contact_phone"]) == (MATTER, "0900000001")
    page.get_by_role("link", name="Về trang thử nghiệm").click()
    expect(page).to_have_url(f"{telephone.url}/simulator")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults_of(page) == []


def test_the_caller_can_hang_up(chromium: Browser, telephone: Telephone) -> None:
    page = open_page(chromium, f"{telephone.url}/simulator/phone")
    page.get_by_role("button", name="Gọi bằng micro").click()
    page.get_by_role("button", name="Cúp máy").click()
    expect(page.get_by_role("status")).to_have_text("Đã ngắt máy.")
    expect(page.get_by_role("button", name="Gọi bằng micro")).to_be_visible()
    assert faults_of(page) == []
