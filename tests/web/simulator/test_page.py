"""The simulator's page in a real Chromium: a whole talk, the three manners, access for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.browser import SMALL, WIDE, chromium, faults_of, open_page, violations
from tests.web.conftest import ServerThread

__all__ = ["chromium"]
pytestmark = pytest.mark.browser


def photos(folder: Path) -> list[str]:
    """Three small true JPEGs on the disk, each another."""
    from PIL import Image

    paths = [folder / f"photo{number}.jpg" for number in range(3)]
    for number, path in enumerate(paths):
        Image.new("RGB", (60, 40), (90 * number, 120, 60)).save(path)
    return [str(path) for path in paths]


def say(page: Page, text: str) -> None:
    page.get_by_label("Tin nhắn").fill(text)
    page.keyboard.press("Enter")


def last_answer(page: Page, text: str) -> None:
    expect(page.locator(".bubble:not(.own):not(.event)").last).to_contain_text(text)


def send_photos(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="Gửi thêm").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Ảnh", exact=True).click()
    chooser.value.set_files(photos(folder))


def pick_place(page: Page, commune: str) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Xã, phường").select_option(label=commune)
    dialog.get_by_role("button", name="Gửi vị trí này").click()


@pytest.mark.parametrize("size", [WIDE, SMALL], ids=["1366x768", "390x844"])
def test_a_report_by_zalo(
    chromium: Browser, server: ServerThread, tmp_path: Path, size: dict[str, int]
) -> None:
    page = open_page(chromium, f"{server.url}/simulator", size=size)
    say(page, "lan can cầu Rào gãy, xã Cẩm Bình")
    last_answer(page, "Anh/chị có ảnh không")
    expect(page.locator("#heard")).to_contain_text("Đường, cầu, vỉa hè hư hỏng")
    send_photos(page, tmp_path)
    last_answer(page, "gửi vị trí")
    expect(page.locator(".bubble.own img")).to_have_count(3)
    page.get_by_role("button", name="Gửi thêm").click()
    page.get_by_role("button", name="Vị trí", exact=True).click()
    pick_place(page, "Xã Cẩm Bình")
    last_answer(page, "Anh/chị xem lại")
    expect(page.locator("#draft")).to_contain_text("lan can cầu Rào gãy")
    expect(page.locator("#route")).to_contain_text("Phòng Kinh tế xã Cẩm Bình")
    expect(page.locator("#map .commune.chosen")).to_have_count(1)
    expect(page.locator("#map .pin")).to_have_count(1)
    say(page, "1")
    last_answer(page, "Đã gửi")
    expect(page.locator("#report .code")).to_contain_text("HT-2611-")
    expect(page.locator("#report .timeline li")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert faults_of(page) == []


def test_telegram_has_buttons_and_its_own_way_to_share_a_place(
    chromium: Browser, server: ServerThread
) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.get_by_role("tab", name="Telegram").click()
    page.get_by_role("button", name="lan can cầu gãy").click()
    last_answer(page, "Anh/chị có ảnh không")
    expect(page.locator(".inline-keys button")).to_have_text(["Không có ảnh"])
    page.get_by_role("button", name="3 ảnh mẫu").click()
    last_answer(page, "gửi vị trí")
    page.locator("#reply-keys").get_by_role("button", name="Gửi vị trí").click()
    pick_place(page, "Phường Thành Sen")
    last_answer(page, "Anh/chị xem lại")
    page.locator(".inline-keys button", has_text="Gửi đi").click()
    expect(page.locator("#report .code")).to_contain_text("HT-2611-")
    pressed = [event for event in server.bench.core.seen.values() if event.choice]
    assert [(event.choice, event.choice_turn) for event in pressed] == [("confirm", 3)]
    albums = {event.album for event in server.bench.core.seen.values() if event.photos}
    assert len(albums) == 1
    assert albums != {None}
    assert faults_of(page) == []


def test_the_hotline_is_words_and_keys(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.get_by_role("tab", name="19009038").click()
    expect(page.get_by_label("Tin nhắn")).to_be_disabled()
    page.get_by_role("button", name="Gọi tổng đài").click()
    last_answer(page, "Có chuyện gì")
    say(page, "biển chỉ đường đổ ở Thạch Khê")
    last_answer(page, "Bấm 1: Không có ảnh")
    page.get_by_role("group", name="Bàn phím số").get_by_role("button", name="1", exact=True).click()
    expect(page.locator("#report .code")).to_contain_text("HT-2611-")
    page.get_by_role("button", name="Cúp máy").click()
    expect(page.get_by_role("group", name="Bàn phím số")).to_be_hidden()
    assert [event.kind.value for event in server.bench.core.seen.values()] == [
        "start", "message", "message", "hung_up",
    ]  # fmt: skip
    assert faults_of(page) == []


def test_a_reload_shows_the_talk_again_and_restart_clears_it(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    say(page, "rác ba hôm chưa ai lấy <b>ở</b> chợ")
    last_answer(page, "<b>ở</b>")
    page.reload()
    expect(page.locator(".bubble")).to_have_count(2)
    last_answer(page, "Anh/chị có ảnh không")
    page.get_by_role("button", name="Làm lại").click()
    expect(page.locator(".bubble")).to_have_count(0)
    expect(page.locator("#heard")).to_contain_text("Nhắn một câu")
    assert faults_of(page) == []


def test_a_click_on_the_map_sends_the_place(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    expect(page.locator("#map .commune")).to_have_count(69)
    page.locator("#map").click()
    expect(page.locator(".bubble.own").last).to_contain_text("Vị trí 18.")
    expect(page.locator("#map .pin")).to_have_count(1)
    assert faults_of(page) == []


def test_a_voice_is_recorded_and_sent(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.context.grant_permissions(["microphone"])
    page.get_by_role("button", name="Ghi tiếng nói").click()
    expect(page.get_by_role("button", name="Dừng và gửi")).to_be_visible()
    page.wait_for_timeout(300)  # the recorder needs something to record
    page.get_by_role("button", name="Dừng và gửi").click()
    expect(page.locator(".bubble.own audio")).to_have_count(1)
    expect(page.locator(".bubble")).to_have_count(2)
    (event,) = server.bench.core.seen.values()
    assert event.voice is not None
    assert (event.voice.size or 0) > 0
    assert faults_of(page) == []


def test_what_cannot_be_sent_says_so_and_is_sent_again(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.route("**/simulator/api/messages", lambda route: route.abort())
    say(page, "ổ gà ở chợ")
    expect(page.locator(".bubble.own")).to_contain_text("chưa gửi được")
    expect(page.get_by_role("alert")).to_contain_text("Thử lại")
    page.unroute("**/simulator/api/messages")
    page.get_by_role("button", name="Gửi lại").click()
    last_answer(page, "Anh/chị có ảnh không")
    expect(page.locator(".bubble.own")).to_have_count(1)
    assert len(server.bench.core.seen) == 1


def test_the_keyboard_alone_is_enough(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Tới nội dung")).to_be_focused()
    page.get_by_role("tab", name="Zalo").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Telegram")).to_be_focused()
    expect(page.get_by_role("tab", name="Telegram")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Gửi thêm").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ảnh", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_axe_would_find_a_fault(chromium: Browser, server: ServerThread) -> None:
    page = open_page(chromium, f"{server.url}/simulator")
    page.evaluate("document.body.append(document.createElement('img'))")
    assert any(line.startswith("image-alt") for line in violations(page))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("manner", ["zalo", "telegram", "hotline"])
def test_axe_finds_nothing(chromium: Browser, server: ServerThread, manner: str, theme: str) -> None:
    page = open_page(chromium, f"{server.url}/simulator", theme=theme)
    page.locator(f"#tab-{manner}").click()
    assert violations(page) == []
    page.get_by_role("button", name="lan can cầu gãy").click()
    last_answer(page, "Anh/chị có ảnh không")
    assert violations(page) == []
    if manner != "hotline":
        page.get_by_role("button", name="Gửi thêm").click()
        page.get_by_role("button", name="Vị trí", exact=True).click()
        expect(page.locator("#place-map .commune")).to_have_count(69)
        assert violations(page) == []
