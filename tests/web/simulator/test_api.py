"""The simulator's API: messages, uploads, media, reports and the limits of each."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from core.message import Outbound
from tests.web.conftest import BASE, SAME_ORIGIN, Bench
from web.simulator.routes import COOKIE
from web.simulator.sessions import Session
from web.simulator.uploads import MAX_PHOTO

JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 200
WEBM = b"\x1a\x45\xdf\xa3" + b"\x00" * 200


def session_of(bench: Bench, client: httpx.AsyncClient) -> Session:
    return bench.simulator.sessions.of_token(client.cookies[COOKIE])


async def upload(client: httpx.AsyncClient, data: bytes = JPEG, kind: str = "photo") -> httpx.Response:
    return await client.post("/simulator/api/uploads", data={"kind": kind}, files={"file": ("x", data)})


async def say(browser: httpx.AsyncClient, number: int = 1, /, **values: Any) -> httpx.Response:
    message = {"channel": "sim_zalo", "client": f"c{number}", **values}
    return await browser.post("/simulator/api/messages", json=message)


async def answers(bench: Bench, client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    """The service's answers, once there are so many; the test's own time limit ends the wait."""
    session = session_of(bench, client)
    while True:
        found = [event for event in session.since(0) if event["kind"] == "service"]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.01)


async def test_a_message_reaches_the_inbox_and_is_answered(bench: Bench, client: httpx.AsyncClient) -> None:
    answer = await say(client, text="  lan can cầu Rào gãy  ")
    assert answer.status_code == 202
    (heard,) = bench.core.seen.values()
    assert heard.text == "lan can cầu Rào gãy"
    assert heard.address.channel == "sim_zalo"
    assert client.cookies[COOKIE] not in heard.address.user
    (reply,) = await answers(bench, client, 1)
    assert reply["choices"] == [{"value": "no_photo", "label": "Không có ảnh"}]
    kinds = [event["kind"] for event in session_of(bench, client).since(0)]
    assert kinds == ["citizen", "trace", "service"]


async def test_sending_again_is_the_same_message(bench: Bench, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await say(client, text="ổ gà")).status_code == 202
    assert len(bench.core.seen) == 1
    assert [event["kind"] for event in session_of(bench, client).since(0)].count("citizen") == 1


async def test_a_whole_talk_files_a_report_that_only_its_reporter_reads(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    await say(client, 1, text="lan can cầu Rào gãy, xã Cẩm Bình")
    await answers(bench, client, 1)
    photos = [(await upload(client)).json()["id"] for _ in range(3)]
    await say(client, 2, photos=photos)
    await answers(bench, client, 2)
    await say(client, 3, point={"lat": 18.29, "lon": 105.95, "accuracy_m": 10})
    summary = (await answers(bench, client, 3))[-1]
    await say(client, 4, choice="confirm", choice_turn=summary["turn"], choice_label="Gửi đi")
    code = (await answers(bench, client, 4))[-1]["text"].split()[-1].rstrip(".")
    report = (await client.get(f"/simulator/api/reports/{code}")).json()
    assert report["agency"] == "Phòng Kinh tế xã Cẩm Bình"
    assert [event["kind"] for event in report["events"]] == ["filed"]
    transport = httpx.ASGITransport(app=bench.app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=SAME_ORIGIN) as stranger:
        await stranger.get("/simulator")
        assert (await stranger.get(f"/simulator/api/reports/{code}")).status_code == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": ""}, "empty"),
        ({"text": "   \u200b "}, "empty"),
        ({"text": 5}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"channel": "zalo", "text": "a"}, "channel"),
        ({"client": "", "text": "a"}, "client"),
        ({"client": "c" * 65, "text": "a"}, "client"),
        ({"kind": "staff_echo", "text": "a"}, "kind"),
        ({"kind": ["message"], "text": "a"}, "kind"),
        ({"point": {"lat": 91, "lon": 0}}, "point"),
        ({"point": {"lat": "NaN", "lon": 0}}, "point"),
        ({"point": [18, 105]}, "point"),
        ({"point": {"lat": 10**400, "lon": 0}}, "point"),
        ({"photos": ["0" * 32]}, "upload"),
        ({"photos": ["../../etc/passwd"]}, "upload"),
        ({"photos": ["0" * 32] * 11}, "photos"),
        ({"photos": "0" * 32}, "photos"),
        ({"voice": "nothing"}, "upload"),
        ({"choice": "confirm", "choice_turn": "1"}, "choice_turn"),
        ({"contact": "0900 000 001"}, "contact"),
    ],
)
async def test_a_message_of_the_wrong_form_is_named_and_not_kept(
    bench: Bench, client: httpx.AsyncClient, values: dict[str, Any], field: str
) -> None:
    answer = await say(client, **values)
    assert answer.status_code == 422
    assert answer.json()["detail"] == field
    assert not bench.core.seen
    assert session_of(bench, client).since(0) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 30_000])
async def test_what_is_no_json_object_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    assert (await client.post("/simulator/api/messages", content=body)).status_code == 400


async def test_limits_hold_whatever_the_length_says(client: httpx.AsyncClient) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 10_000

    answer = await client.post("/simulator/api/messages", content=endless())
    assert (answer.status_code, answer.json()) == (413, {"error": "too_large"})
    answer = await client.post("/simulator/api/messages", content=b" " * 100_000)
    assert answer.status_code == 413
    answer = await upload(client, JPEG + b"\x00" * MAX_PHOTO)
    assert (answer.status_code, answer.json()) == (413, {"error": "too_large"})


async def test_a_stuck_key_is_slowed_down(client: httpx.AsyncClient) -> None:
    codes = [(await say(client, number, text="alo")).status_code for number in range(45)]
    assert codes == [202] * 40 + [429] * 5


@pytest.mark.parametrize("path", ["messages", "restart", "uploads"])
async def test_changes_need_our_own_page_and_a_session(bench: Bench, path: str) -> None:
    transport = httpx.ASGITransport(app=bench.app)
    message = {"channel": "sim_zalo", "client": "c", "text": "a"}
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as browser:
        await browser.get("/simulator")
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere.example"}):
            answer = await browser.post(f"/simulator/api/{path}", json=message, headers=headers)
            assert (answer.status_code, answer.json()["detail"]) == (403, "origin")
        browser.cookies.clear()
        answer = await browser.post(f"/simulator/api/{path}", json=message, headers=SAME_ORIGIN)
        assert (answer.status_code, answer.json()["detail"]) == (403, "session")
    assert not bench.core.seen


async def test_uploads_are_photos_or_voices(client: httpx.AsyncClient) -> None:
    photo = await upload(client)
    assert photo.status_code == 201
    assert photo.json()["mime"] == "image/jpeg"
    assert (await upload(client, WEBM, "voice")).status_code == 201
    assert (await upload(client, b"")).status_code == 415
    assert (await upload(client, b"<svg xmlns='http://www.w3.org/2000/svg'/>")).status_code == 415
    assert (await upload(client, WEBM, "photo")).status_code == 415
    assert (await upload(client, JPEG, "file")).status_code == 422


async def test_media_are_shown_to_their_own_session_alone(bench: Bench, client: httpx.AsyncClient) -> None:
    name = (await upload(client)).json()["id"]
    shown = await client.get(f"/media/{name}")
    assert shown.content == JPEG
    assert shown.headers["content-type"] == "image/jpeg"
    result = bench.media.put(JPEG + b"result", ".jpg")
    assert (await client.get(f"/media/{result}")).status_code == 404
    await say(client, text="alo")
    address = next(iter(bench.core.seen.values())).address
    await bench.simulator.channels["sim_zalo"].send(address, Outbound("đã sửa", photos=(result,)))
    assert (await client.get(f"/media/{result}")).content == JPEG + b"result"
    transport = httpx.ASGITransport(app=bench.app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=SAME_ORIGIN) as stranger:
        await stranger.get("/simulator")
        for media_id in (name, result, "..%2f..%2fapp.py"):
            assert (await stranger.get(f"/media/{media_id}")).status_code == 404


async def test_restart_is_a_new_talk_and_the_old_one_stays_apart(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    await say(client, text="rác ở chợ")
    before = next(iter(bench.core.seen.values())).address
    await answers(bench, client, 1)
    answer = await client.post("/simulator/api/restart", json={"channel": "sim_zalo"})
    assert answer.status_code == 204
    session = session_of(bench, client)
    assert [event["kind"] for event in session.since(0)] == ["reset"]
    await say(client, 2, text="ổ gà ở chợ")
    assert [*bench.core.seen.values()][-1].address.user != before.user
    await bench.simulator.channels["sim_zalo"].send(before, Outbound("HT-2611-00001 đã xong"))
    assert session.since(0)[-1]["earlier"] is True


async def test_communes_come_packed_and_are_asked_about_again(client: httpx.AsyncClient) -> None:
    path = "/simulator/api/communes.geojson"
    answer = await client.get(path, headers={"Accept-Encoding": "identity"})
    assert len(answer.json()["features"]) == 69
    packed = await client.get(path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == answer.json()
    assert int(packed.headers["content-length"]) < len(answer.content) / 2
    again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
