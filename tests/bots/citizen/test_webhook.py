"""The webhook's door."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from bots.citizen.channel import TelegramChannel
from bots.citizen.webhook import webhook_route
from core.message import Inbound
from core.storage.store import StoreError

FOLDER = Path(__file__).parent / "updates"
SECRET = "a_secret-1"
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
PATH = "/channels/telegram"
TEXT = (FOLDER / "text.json").read_bytes()


@pytest.fixture
def kept() -> list[Inbound]:
    return []


@pytest.fixture
async def client(channel: TelegramChannel, kept: list[Inbound]) -> AsyncIterator[httpx.AsyncClient]:
    async def accept(events: list[Inbound]) -> None:
        kept.extend(events)

    app = Starlette(routes=[webhook_route(channel, accept, SECRET)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as made:
        yield made


async def test_an_update_is_kept(client: httpx.AsyncClient, kept: list[Inbound]) -> None:
    response = await client.post(PATH, content=TEXT, headers=HEADERS)
    assert (response.status_code, response.content) == (200, b"")
    assert [event.event_id for event in kept] == ["msg:90001:11"]


@pytest.mark.parametrize("secret", [None, "", "a_secret-2", "a_secret-1x", "bí mật".encode()])
async def test_without_the_secret_nothing_is_read(
    client: httpx.AsyncClient, kept: list[Inbound], secret: str | bytes | None
) -> None:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    response = await client.post(PATH, content=TEXT, headers=headers)  # type: ignore[arg-type]
    assert response.status_code == 403
    assert kept == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 200_000], ids=lambda body: repr(body[:8])
)
async def test_what_is_no_json_object_is_refused(
    client: httpx.AsyncClient, kept: list[Inbound], body: bytes
) -> None:
    assert (await client.post(PATH, content=body, headers=HEADERS)).status_code == 400
    assert kept == []


async def test_a_megabyte_is_the_limit(client: httpx.AsyncClient, kept: list[Inbound]) -> None:
    too_large = b'{"x": "' + b"a" * 1024 * 1024 + b'"}'
    assert (await client.post(PATH, content=too_large, headers=HEADERS)).status_code == 413

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"a" * 64 * 1024

    assert (await client.post(PATH, content=unannounced(), headers=HEADERS)).status_code == 413
    assert kept == []


async def test_an_unknown_update_is_taken(
    client: httpx.AsyncClient, channel: TelegramChannel, kept: list[Inbound]
) -> None:
    response = await client.post(PATH, content=(FOLDER / "unknown_kind.json").read_bytes(), headers=HEADERS)
    assert response.status_code == 200
    assert kept == []
    assert channel.ignored["kind quantum_message"] == 1


async def test_a_pressed_button_is_answered_in_the_response(
    client: httpx.AsyncClient, kept: list[Inbound]
) -> None:
    response = await client.post(PATH, content=(FOLDER / "callback.json").read_bytes(), headers=HEADERS)
    assert response.json() == {"method": "answerCallbackQuery", "callback_query_id": "388500000000000001"}
    assert response.headers["content-type"] == "application/json"
    assert len(kept) == 1


async def test_what_could_not_be_kept_is_delivered_again(channel: TelegramChannel) -> None:
    async def refuse(events: list[Inbound]) -> None:
        raise StoreError("disk full")

    app = Starlette(routes=[webhook_route(channel, refuse, SECRET)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
        assert (await client.post(PATH, content=TEXT, headers=HEADERS)).status_code == 503


async def test_only_post(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH, headers=HEADERS)).status_code == 405


async def test_polling_and_webhook_see_the_same_event(
    client: httpx.AsyncClient, channel: TelegramChannel, kept: list[Inbound]
) -> None:
    await client.post(PATH, content=TEXT, headers=HEADERS)
    assert channel.parse(json.loads(TEXT) | {"update_id": 1}) == kept


def test_a_webhook_without_secret_is_not_built(channel: TelegramChannel) -> None:
    async def accept(events: list[Inbound]) -> None: ...

    with pytest.raises(ValueError, match="secret"):
        webhook_route(channel, accept, "")
