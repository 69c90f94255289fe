"""Health, the front page, static files and the channels' webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import sqlalchemy as sa

from core.storage.schema import outbox
from core.storage.store import StoreError
from tests.web.conftest import BASE, Bench
from web.app import build_app
from web.pages import static_url
from web.services import Services


def browser_of(services: Services) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=build_app(services)), base_url=BASE)


async def test_health_counts_what_waits(bench: Bench, client: httpx.AsyncClient) -> None:
    now = bench.services.clock.now()

    def two_letters(connection: sa.Connection) -> None:
        common = {"channel": "sim_zalo", "user": "u", "payload": {}, "next_at": now, "created_at": now}
        connection.execute(sa.insert(outbox).values(key="a", state="dead", **common))
        connection.execute(sa.insert(outbox).values(key="b", state="waiting", **common))

    await bench.store.write(two_letters)
    answer = await client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": True,
        "inbox": {"waiting": 0, "failed": 0},
        "outbox": {"waiting": 1, "dead": 1},
        "channels": ["sim_zalo", "sim_telegram", "sim_hotline"],
    }


async def test_health_is_503_without_a_database(bench: Bench) -> None:
    async def broken() -> Mapping[str, Any]:
        return {"database": False, "reason": "StoreError"}

    async with browser_of(replace(bench.services, health=broken)) as browser:
        assert (await browser.get("/health")).status_code == 503


async def test_the_front_page_shows_whose_address_it_is(bench: Bench) -> None:
    proofs = {"zalo-platform-site-verification": 'of-us"'}
    async with browser_of(replace(bench.services, simulator=None, proofs=proofs)) as browser:
        page = await browser.get("/")
    assert '<meta name="zalo-platform-site-verification" content="of-us&#34;">' in page.text


async def test_the_front_page_is_the_simulator_when_it_is_on(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 307
    assert answer.headers["location"] == "/simulator"


async def test_without_the_simulator_there_is_a_plain_page_and_no_simulator(bench: Bench) -> None:
    async with browser_of(replace(bench.services, simulator=None)) as browser:
        answer = await browser.get("/")
        assert answer.status_code == 200
        assert "19009038" in answer.text
        assert (await browser.get("/simulator")).status_code == 404
        assert (await browser.post("/simulator/api/messages", json={})).status_code == 404


async def test_a_person_gets_a_page_and_a_program_json_where_nothing_is(client: httpx.AsyncClient) -> None:
    page = await client.get("/khong-co", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.status_code == 404
    assert "<h1>Không có trang này</h1>" in page.text
    assert (await client.get("/khong-co")).json() == {"detail": "Not Found"}
    assert (await client.post("/health", headers={"Accept": "text/html"})).headers["allow"]


async def test_a_monitor_may_ask_for_the_head_of_health(client: httpx.AsyncClient) -> None:
    answer = await client.head("/health")
    assert (answer.status_code, answer.text) == (200, "")


async def test_a_refusing_store_asks_the_sender_to_come_again(bench: Bench) -> None:
    async def refuse(_events: object) -> int:
        raise StoreError("disk full")

    async with browser_of(replace(bench.services, accept=refuse)) as browser:
        await browser.get("/simulator")
        message = {"channel": "sim_zalo", "client": "c1", "text": "alo"}
        answer = await browser.post(
            "/simulator/api/messages", json=message, headers={"Sec-Fetch-Site": "same-origin"}
        )
    assert answer.status_code == 503
    assert answer.json() == {"error": "try_later"}
    assert "disk" not in answer.text


async def test_webhooks_need_no_browser_headers(bench: Bench) -> None:
    async with browser_of(bench.services) as channel:
        assert (await channel.post("/hook", content=b"{}")).text == "taken"


async def test_static_files_say_how_long_they_keep(client: httpx.AsyncClient) -> None:
    marked = await client.get(static_url("kenhdan.css"))
    assert "immutable" in marked.headers["cache-control"]
    plain = await client.get("/static/kenhdan.css")
    assert plain.headers["cache-control"] == "no-cache"
    again = await client.get("/static/kenhdan.css", headers={"If-None-Match": plain.headers["etag"]})
    assert again.status_code == 304
    outside = ("/static/%2e%2e/app.py", "/lib/leaflet/%2e%2e/package.json", "/lib/axe-core")
    for path in outside:
        assert (await client.get(path)).status_code == 404


async def test_pages_have_no_inline_script_or_style(client: httpx.AsyncClient) -> None:
    for path in ("/simulator",):
        html = (await client.get(path)).text
        assert "<style" not in html
        assert " style=" not in html
        assert " onclick=" not in html
        for piece in html.split("<script")[1:]:
            assert "src=" in piece.split(">")[0]
            assert piece.split(">", 1)[1].startswith("</script>")
