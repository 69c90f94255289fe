"""A Chromium for the page tests, and what a page may never do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]  # fmt: skip
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
LEAFLET = Path(__file__).parents[2] / "web" / "node_modules" / "leaflet"
expect.set_options(timeout=15_000)  # two busy cores are slow, not wrong
WIDE = {"width": 1366, "height": 768}
SMALL = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; the test is skipped, with the reason, where there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium found: install the package `chromium`")
    if not LEAFLET.is_dir():
        pytest.skip("no browser libraries: run `npm ci` in web/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def open_page(browser: Browser, url: str, *, size: dict[str, int] = WIDE, theme: str = "light") -> Page:
    """A page that collects its own faults in `page.faults`."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        has_touch=size is SMALL,
        locale="vi-VN",
        reduced_motion="reduce",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.faults = faults  # type: ignore[attr-defined]
    page.goto(url)
    return page


def faults_of(page: Page) -> list[str]:
    found: list[str] = page.faults  # type: ignore[attr-defined]
    return found


def violations(page: Page) -> list[str]:
    """What axe finds wrong, one line each. It is put in by the debugger, past the page's own policy."""
    if not AXE.is_file():
        pytest.skip("no axe-core: run `npm ci` in web/")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{found['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
