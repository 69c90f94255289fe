"""The simulator on the whole program, from inbox to delivery, in a real Chromium."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Locator, Page, expect

from app import assemble
from core.settings import Settings
from tests.web.browser import chromium, faults_of, open_page, violations
from tests.web.conftest import PROVINCE, ServerThread
from tests.web.simulator.test_page import pick_place, say, send_photos

__all__ = ["chromium"]
pytestmark = pytest.mark.browser

PATIENCE_MS = 15_000


class WholeProgram(ServerThread):
    """The program as `app.py` puts it together, over a temporary database."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[FastAPI]:
        settings = Settings(
            database_url=f"sqlite:///{self._folder / 'kenhdan.sqlite3'}",
            media_dir=self._folder / "media",
            province=PROVINCE,
            simulator=True,
            quiet_seconds=0.4,
        )
        program = await assemble(settings)
        running = [asyncio.ensure_future(run()) for run in program.running]
        yield program.app
        for task in running:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*running)
        await program.close()


@pytest.fixture
def program(tmp_path: Path) -> Iterator[ServerThread]:
    with WholeProgram(tmp_path) as thread:
        yield thread


def answers(page: Page) -> Locator:
    return page.locator(".bubble:not(.own):not(.event)")


def answered(page: Page, count: int) -> str:
    """The words of the `count`-th answer, once it has come."""
    expect(answers(page)).to_have_count(count, timeout=PATIENCE_MS)
    return answers(page).nth(count - 1).inner_text()


def test_a_broken_railing_becomes_a_report(chromium: Browser, program: ServerThread, tmp_path: Path) -> None:
    page = open_page(chromium, f"{program.url}/simulator")
    say(page, "lan can cầu Rào gãy, xã Cẩm Bình")
    answered(page, 1)
    expect(page.locator("#draft")).to_contain_text("Cẩm Bình")
    send_photos(page, tmp_path)
    page.get_by_role("button", name="Gửi thêm").click()
    page.get_by_role("button", name="Vị trí", exact=True).click()
    pick_place(page, "Xã Cẩm Bình")
    summary = page.locator(".numbers", has_text="Gửi đi")
    expect(summary).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#draft")).to_contain_text("có ghim")
    expect(page.locator("#map .commune.chosen")).to_have_count(1)
    say(page, "1")
    expect(page.locator("#report .code")).to_contain_text("HT-", timeout=PATIENCE_MS)
    code = page.locator("#report .code").inner_text()
    expect(answers(page).last).to_contain_text(code)
    expect(page.locator("#report .timeline li").first).to_contain_text("Gửi · ")
    expect(page.locator("#route")).to_contain_text("Cẩm Bình")
    assert faults_of(page) == []
    assert violations(page) == []


def test_danger_is_answered_with_the_number_first(chromium: Browser, program: ServerThread) -> None:
    page = open_page(chromium, f"{program.url}/simulator")
    page.get_by_role("tab", name="Telegram").click()
    page.get_by_role("button", name="cháy, có người kẹt").click()
    assert "114" in answered(page, 1).splitlines()[1]  # the first line says, unseen, who speaks
    expect(page.locator("#heard")).to_contain_text("Nguy hiểm:")
    assert faults_of(page) == []


def test_a_call_is_greeted_and_a_key_is_a_choice(chromium: Browser, program: ServerThread) -> None:
    page = open_page(chromium, f"{program.url}/simulator")
    page.get_by_role("tab", name="19009038").click()
    page.get_by_role("button", name="Gọi tổng đài").click()
    answered(page, 1)
    say(page, "biển chỉ đường ngoài ngã tư đổ nằm giữa lối, xã Thạch Khê")
    expect(page.locator(".numbers").last).to_contain_text("Bấm 1", timeout=PATIENCE_MS)
    page.get_by_role("group", name="Bàn phím số").get_by_role("button", name="1", exact=True).click()
    expect(page.locator("#report .code")).to_contain_text("HT-", timeout=PATIENCE_MS)
    assert faults_of(page) == []
