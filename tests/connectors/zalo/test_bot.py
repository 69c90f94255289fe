"""The Bot platform: a smaller door with its own ways."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.zalo.bot.api import BotApi
from connectors.zalo.bot.channel import ZaloBotChannel
from connectors.zalo.bot.events import read_bot_event
from connectors.zalo.bot.incoming import BotPoller, bot_webhook, register
from connectors.zalo.bot.photos import photo_address, photo_route
from connectors.zalo.bot.settings import BotSettings
from connectors.zalo.media import MediaDoor
from core.channel import CredentialsRefused, RateLimited, Rejected, RetryLater, Uncertain
from core.clock import ScriptedClock
from core.intake import Quiet
from core.intake import accept as accept_events
from core.media.store import FolderMediaStore
from core.message import Address, Choice, Inbound, InboundKind, MediaKind, MediaRef, Outbound
from core.settings import Settings
from core.storage import Store
from tests.connectors.zalo.conftest import Start, picture, until
from tests.zalo_server import BOT_SECRET, BOT_TOKEN, Failure, StandInZalo

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CHAT = "5ee2b7f6c0b3a1d2e4f5"


def update(event: str = "message.text.received", /, **content: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "message_id": "b1", "date": 1763712000000, "chat": {"id": CHAT, "chat_type": "PRIVATE"},
        "from": {"id": CHAT, "is_bot": False, "display_name": "Người Dân"},
    }  # fmt: skip
    return {"event_name": event, "message": message | content}


def heard(raw: Any) -> Inbound:
    found = read_bot_event(raw, NOW)
    assert found is not None
    return found


@pytest.fixture
def settings_of_bot(zalo: StandInZalo) -> BotSettings:
    return BotSettings(
        token=BOT_TOKEN, secret=BOT_SECRET, base=zalo.base, public_url="https://kd.example.org",
        media_hosts=("*.zdn.vn", f"127.0.0.1:{zalo.port}"),
    )  # fmt: skip


@pytest.fixture
async def bot(settings_of_bot: BotSettings) -> AsyncIterator[tuple[BotApi, ZaloBotChannel]]:
    async with httpx.AsyncClient(trust_env=False) as http:
        clock = ScriptedClock(NOW)
        api = BotApi(settings_of_bot, http, clock)
        yield api, ZaloBotChannel(settings_of_bot, api, MediaDoor(settings_of_bot.media_hosts, http), clock)


# -- reading -------------------------------------------------------------------------------------------------


def test_text_bare_and_wrapped() -> None:
    raw = update(text="đường hỏng")
    for form in (raw, {"ok": True, "result": raw}):
        one = heard(form)
        assert (one.address, one.event_id, one.text) == (Address("zalo_bot", CHAT), "bot:b1", "đường hỏng")
        assert (one.sent_at.timestamp(), one.sender_name) == (1763712000, "Người Dân")


@pytest.mark.parametrize("field", ["photo_url", "photo"])
def test_photos_are_in_either_field(field: str) -> None:
    """Clients that read only `photo` lose all images."""
    one = heard(update("message.image.received", **{field: "https://a.zdn.vn/1"}, caption="ổ gà"))
    assert ([photo.ref for photo in one.photos], one.text) == (["https://a.zdn.vn/1"], "ổ gà")


def test_voice() -> None:
    one = heard(update("message.voice.received", voice_url="https://x-voice-aac-dl.zdn.vn/a.aac"))
    assert one.voice == MediaRef(MediaKind.VOICE, "https://x-voice-aac-dl.zdn.vn/a.aac")


def test_what_a_message_is_its_fields_say_not_its_events_name() -> None:
    assert heard(update("message.text.received", photo_url="https://a.zdn.vn/1")).photos
    assert heard(update("message.unsupported.received", text="alo")).text == "alo"


@pytest.mark.parametrize(
    "content",
    [{}, {"sticker": "s", "url": "https://a.zdn.vn/s"}, {"photo_url": 5}],
    ids=["nothing", "sticker", "odd"],
)
def test_unsupported_is_answered_with_what_works(content: dict[str, Any]) -> None:
    """A place arrives like this, too: the platform cannot carry one."""
    assert heard(update("message.unsupported.received", **content)).kind is InboundKind.UNSUPPORTED


def test_groups_get_no_answer_to_what_is_unsupported() -> None:
    group: dict[str, Any] = {"chat": {"id": "g1", "chat_type": "GROUP"}}
    assert heard(update(text="@bot alo", **group)).kind is InboundKind.GROUP
    assert read_bot_event(update("message.unsupported.received", **group), NOW) is None


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"result": None},
        {"message": {}},
        update(**{"from": {"id": "b", "is_bot": True}}),
        update(chat=3),
    ],
    ids=range(7),
)
def test_what_is_no_message_is_none(raw: Any) -> None:
    assert read_bot_event(raw, NOW) is None


def test_a_message_without_id_has_a_key_of_its_content() -> None:
    one, same, other = (heard(update(text=text, message_id=None)).event_id for text in ("a", "a", "b"))
    assert one == same != other


# -- coming in -----------------------------------------------------------------------------------------------


async def test_the_webhook_wants_the_secret(
    settings_of_bot: BotSettings, bot: tuple[BotApi, ZaloBotChannel]
) -> None:
    kept: list[Inbound] = []

    async def accept(events: list[Inbound]) -> int:
        kept.extend(events)
        return len(events)

    app = Starlette(routes=[bot_webhook(settings_of_bot, bot[1], accept)])
    path = "/webhooks/zalo/bot/1300000000000000001"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.post(path)).status_code == 200  # the platform's probe
        for headers in ({}, {"x-bot-api-secret-token": "wrong-secret"}):
            assert (await client.post(path, json=update(text="a"), headers=headers)).status_code == 401
        assert kept == []
        headers = {"x-bot-api-secret-token": BOT_SECRET}
        assert (await client.post(path, json=update(text="a"), headers=headers)).status_code == 200
        assert (await client.post(path, content=b"{", headers=headers)).status_code == 200
        assert (await client.post(path, content=b"x" * 2_000_000, headers=headers)).status_code == 413
        assert (
            await client.post("/webhooks/zalo/bot/2", json=update(text="a"), headers=headers)
        ).status_code == 404
    assert [one.text for one in kept] == ["a"]
    with pytest.raises(ValueError, match="secret"):
        bot_webhook(replace(settings_of_bot, secret=""), bot[1], accept)


async def test_polled_updates_that_come_back_with_every_poll_count_once_also_after_a_restart(
    zalo: StandInZalo, bot: tuple[BotApi, ZaloBotChannel], sqlite_store: Store
) -> None:
    """Polling state in memory repeats everything after a restart: ours is the inbox."""
    counts: list[int] = []

    async def accept(events: list[Inbound]) -> int:
        new = await sqlite_store.write(lambda conn: accept_events(conn, events, NOW, Quiet()))
        counts.append(new)
        return new

    zalo.bot_updates.extend([update(text="một"), update(text="hai", message_id="b2")])
    for _ in range(2):
        task = asyncio.create_task(BotPoller(bot[0], bot[1], accept, first_pause_s=0.01).run())
        wanted = len(counts) + 4
        while len(counts) < wanted:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert sum(counts) == 2


async def test_an_empty_poll_is_no_error(zalo: StandInZalo, bot: tuple[BotApi, ZaloBotChannel]) -> None:
    assert await bot[0].get_updates(0) == []
    zalo.fail("bot getUpdates", Failure(status=408, body=b""))
    assert await bot[0].get_updates(0) == []


async def test_polling_takes_the_webhook_away_and_a_webhook_is_set(
    zalo: StandInZalo, settings_of_bot: BotSettings, bot: tuple[BotApi, ZaloBotChannel]
) -> None:
    await register(settings_of_bot, bot[0])
    assert zalo.bot_webhook == {
        "url": "https://kd.example.org/webhooks/zalo/bot/1300000000000000001", "secret_token": BOT_SECRET,
    }  # fmt: skip
    with pytest.raises(Rejected):
        await bot[0].get_updates(0)
    await register(replace(settings_of_bot, mode="polling"), bot[0])
    assert zalo.bot_webhook is None


# -- going out -----------------------------------------------------------------------------------------------


async def test_choices_are_a_numbered_list_and_long_texts_are_split(
    zalo: StandInZalo, bot: tuple[BotApi, ZaloBotChannel]
) -> None:
    receipt = await bot[1].send(
        Address("zalo_bot", CHAT), Outbound("chữ " * 600, choices=(Choice("confirm", "Gửi đi"),))
    )
    assert len(receipt.message_ids) == len(zalo.bot_sent) == 2
    assert zalo.bot_sent[-1]["text"].endswith("\n1. Gửi đi")
    assert all(set(body) == {"chat_id", "text"} for body in zalo.bot_sent)  # plain: markdown may be refused


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure(cut=True, after=True), Uncertain), (Failure(body=b""), Uncertain),
        (Failure(status=503), RetryLater), (Failure(status=429), RateLimited),
        (Failure(status=401), CredentialsRefused), (Failure(status=400), Rejected),
    ],
)  # fmt: skip
async def test_failures_are_the_channels(
    zalo: StandInZalo, bot: tuple[BotApi, ZaloBotChannel], failure: Failure, kind: type[Exception]
) -> None:
    zalo.fail("bot sendMessage", failure)
    with pytest.raises(kind) as caught:
        await bot[1].send(Address("zalo_bot", CHAT), Outbound("Dạ"))
    assert type(caught.value) is kind


async def test_the_token_in_the_address_is_in_no_error_and_no_log(
    settings_of_bot: BotSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    secret = BOT_TOKEN.partition(":")[2]
    nobody = replace(settings_of_bot, base="http://127.0.0.1:9")
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(RetryLater) as caught:
            await BotApi(nobody, http, ScriptedClock(NOW)).send_text(CHAT, "Dạ")
    assert secret not in str(caught.value)
    assert caught.value.__suppress_context__
    assert secret not in caplog.text
    assert secret not in repr(settings_of_bot)


async def test_a_photos_address_lives_and_may_be_fetched_again_and_again(
    settings_of_bot: BotSettings, tmp_path: Path
) -> None:
    """The platform fetches several times; an address that dies after the first shows a black picture."""
    media, clock = FolderMediaStore(tmp_path / "media"), ScriptedClock(NOW)
    media_id = media.put(picture(1), ".jpg")
    address = photo_address(settings_of_bot, media_id, NOW)
    path = address.removeprefix("https://kd.example.org")
    app = Starlette(routes=[photo_route(settings_of_bot, media, clock)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        for _ in range(3):
            answer = await client.get(path)
            assert (answer.status_code, answer.content) == (200, media.get(media_id))
        clock.advance(timedelta(hours=2))
        assert (await client.get(path)).status_code == 200
        for wrong in (path.replace(media_id, "0" * 64), path[:-5] + "0.jpg", path.replace("/17", "/18")):
            assert (await client.get(wrong)).status_code == 404
        clock.advance(timedelta(hours=23))
        assert (await client.get(path)).status_code == 404


async def test_without_a_public_address_the_words_are_sent_without_photos(
    zalo: StandInZalo, settings_of_bot: BotSettings
) -> None:
    inside = replace(settings_of_bot, public_url="")
    async with httpx.AsyncClient(trust_env=False) as http:
        clock = ScriptedClock(NOW)
        channel = ZaloBotChannel(inside, BotApi(inside, http, clock), MediaDoor((), http), clock)
        await channel.send(Address("zalo_bot", CHAT), Outbound("Xong", photos=("a" * 64,)))
    assert [body.get("text") for body in zalo.bot_sent] == ["Xong"]


async def test_a_talk_by_polling_with_the_whole_program(
    start: Start, zalo: StandInZalo, settings: Settings
) -> None:
    both = replace(settings, zalo_bot_token=BOT_TOKEN, zalo_bot_mode="polling")
    async with start(both) as run:
        zalo.bot_updates.append(update(text="chào em"))
        await until(lambda: zalo.bot_sent)
        assert zalo.bot_sent[0]["chat_id"] == CHAT
        assert {"zalo", "zalo_bot"} <= set(run.program.channels)
