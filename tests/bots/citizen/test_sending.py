"""Sending through aiogram to a local Bot API server, and its failures."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

import pytest

from bots.citizen.channel import TelegramChannel
from bots.citizen.settings import TelegramSettings
from core.channel import (
    Blocked,
    ChannelError,
    CredentialsRefused,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
)
from core.media.store import FolderMediaStore
from core.message import Address, Ask, Choice, Outbound
from tests.bots.citizen.conftest import LABELS, NOW
from tests.bots.telegram_server import TOKEN, USERNAME, Failure, FakeTelegram

CITIZEN = Address("telegram", "90001")
HELLO = Outbound("Dạ, em nghe.")


async def test_words_are_plain_text(channel: TelegramChannel, server: FakeTelegram) -> None:
    receipt = await channel.send(CITIZEN, Outbound("1 < 2 & <b>không</b> *phải* _mã_ {x} [y]"))
    (call,) = server.calls
    assert call.params["text"] == "1 < 2 & <b>không</b> *phải* _mã_ {x} [y]"
    assert call.params["chat_id"] == "90001"
    assert "parse_mode" not in call.params
    assert receipt.message_ids == ("101",)


async def test_a_long_text_goes_in_parts_and_the_last_bears_the_buttons(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    text = "\n".join(f"Dòng {n}: nước ngập 🚰 đến gối" for n in range(400))
    receipt = await channel.send(CITIZEN, Outbound(text, (Choice("confirm", "Gửi đi"),), turn=3))
    assert len(receipt.message_ids) == len(server.calls) > 2
    assert "\n".join(server.texts) == text
    assert all("reply_markup" not in call.params for call in server.calls[:-1])
    buttons = server.calls[-1].params["reply_markup"]["inline_keyboard"]
    assert buttons == [[{"text": "Gửi đi", "callback_data": "3|confirm"}]]


async def test_a_keyboard_comes_and_goes(channel: TelegramChannel, server: FakeTelegram) -> None:
    await channel.send(CITIZEN, Outbound("Ở đâu ạ?", ask=Ask.LOCATION))
    await channel.send(CITIZEN, Outbound("Đã nhận vị trí.\nĐúng không ạ?", (Choice("confirm", "Đúng"),)))
    await channel.send(CITIZEN, Outbound("Hai dòng.\nĐúng không ạ?", (Choice("confirm", "Đúng"),)))
    keyboard, taken_away, buttons, together = (call.params["reply_markup"] for call in server.calls)
    assert keyboard["keyboard"][0][0] == {"text": "📍 Gửi vị trí", "request_location": True}
    assert taken_away == {"remove_keyboard": True}
    assert "inline_keyboard" in buttons
    assert server.texts[3] == "Hai dòng.\nĐúng không ạ?"
    assert "inline_keyboard" in together


async def test_photos_are_uploaded_by_their_bytes(
    channel: TelegramChannel, server: FakeTelegram, media: FolderMediaStore
) -> None:
    one, two = media.put(b"first photo", ".jpg"), media.put(b"second photo", ".jpg")
    await channel.send(CITIZEN, Outbound("Đã thay lan can.", photos=(one,)))
    receipt = await channel.send(CITIZEN, Outbound("Hai ảnh.", photos=(one, two)))
    single, album = server.calls
    assert (single.method, single.params["caption"]) == ("sendPhoto", "Đã thay lan can.")
    assert list(single.files.values()) == [b"first photo"]
    assert album.method == "sendMediaGroup"
    assert [item.get("caption") for item in album.params["media"]] == ["Hai ảnh.", None]
    names = [item["media"].removeprefix("attach://") for item in album.params["media"]]
    assert [album.files[name] for name in names] == [b"first photo", b"second photo"]
    assert len(receipt.message_ids) == 2


async def test_a_missing_photo_does_not_stop_the_words(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    await channel.send(CITIZEN, Outbound("Đã thay lan can.", photos=("0" * 64,)))
    assert [call.method for call in server.calls] == ["sendMessage"]
    assert server.texts == ["Đã thay lan can."]


async def test_a_refused_photo_does_not_stop_the_words(
    channel: TelegramChannel, server: FakeTelegram, media: FolderMediaStore
) -> None:
    server.fail("sendPhoto", Failure(400, "Bad Request: PHOTO_INVALID_DIMENSIONS"))
    await channel.send(CITIZEN, Outbound("Đã thay lan can.", photos=(media.put(b"odd", ".jpg"),)))
    assert [call.method for call in server.calls] == ["sendPhoto", "sendMessage"]


@pytest.mark.parametrize("message", [Outbound(""), Outbound(" \n "), Outbound("", photos=("0" * 64,))])
async def test_nothing_to_say_is_our_bug(channel: TelegramChannel, message: Outbound) -> None:
    with pytest.raises(Rejected):
        await channel.send(CITIZEN, message)


async def test_a_citizen_who_blocked_us_and_one_who_is_not_there(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    server.blocked.add("90001")
    server.unknown.add("90002")
    for user in ("90001", "90002"):
        with pytest.raises(Blocked):
            await channel.send(Address("telegram", user), HELLO)


async def test_too_many_messages(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.fail("sendMessage", Failure(429, "Too Many Requests: retry after 7", {"retry_after": 7}))
    with pytest.raises(RateLimited) as caught:
        await channel.send(CITIZEN, HELLO)
    assert caught.value.until == NOW + timedelta(seconds=7)
    await channel.send(CITIZEN, HELLO)
    assert len(server.sent("sendMessage")) == 2


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure(500), RetryLater),
        (Failure(502, body="<html>Bad Gateway</html>"), RetryLater),
        (Failure(400, "Bad Request: message text is odd"), Rejected),
        (Failure(hang_s=2.6, after=True), Uncertain),
        (Failure(cut=True), Uncertain),
        (Failure(200, body="not json", after=True), Uncertain),
    ],
    ids=["500", "502 html", "400", "time-out", "cut off", "unreadable"],
)
async def test_failures(
    channel: TelegramChannel, server: FakeTelegram, failure: Failure, kind: type[ChannelError]
) -> None:
    server.fail("sendMessage", failure)
    with pytest.raises(ChannelError) as caught:
        await channel.send(CITIZEN, HELLO)
    assert type(caught.value) is kind
    assert TOKEN not in str(caught.value)


async def test_a_server_that_is_not_there_was_sent_nothing(media: FolderMediaStore) -> None:
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        channel = TelegramChannel(TelegramSettings(TOKEN, base, base), media, LABELS)
        with pytest.raises(RetryLater) as caught:
            await channel.send(CITIZEN, HELLO)
        await channel.close()
    assert TOKEN not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_wrong_token(server: FakeTelegram, media: FolderMediaStore) -> None:
    channel = TelegramChannel(
        TelegramSettings("1000001:another-token", server.base, server.base), media, LABELS
    )
    with pytest.raises(CredentialsRefused):
        await channel.send(CITIZEN, HELLO)
    await channel.close()


async def test_after_a_failure_halfway_only_the_rest_is_sent(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    message = Outbound("a" * 4096 + " " + "b" * 4096 + " " + "c" * 10)
    server.fail("sendMessage", None, Failure(500))
    with pytest.raises(RetryLater):
        await channel.send(CITIZEN, message)
    receipt = await channel.send(CITIZEN, message)
    assert [text[0] for text in server.texts] == ["a", "b", "b", "c"]  # the first b was refused
    assert len(receipt.message_ids) == 3
    again = await channel.send(CITIZEN, message)  # done: a new sending starts at the beginning
    assert len(again.message_ids) == 3


async def test_many_at_once_import_aiogram_once(channel: TelegramChannel, server: FakeTelegram) -> None:
    await asyncio.gather(*(channel.send(Address("telegram", str(n)), HELLO) for n in range(20)))
    assert {call.params["chat_id"] for call in server.calls} == {str(n) for n in range(20)}


async def test_registering_for_polling(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.webhook = {"url": "https://old.invalid/"}
    await channel.register()
    assert server.webhook is None
    assert [call.method for call in server.calls] == ["getMe", "deleteWebhook"]
    group = {"id": -5, "type": "supergroup"}
    mention = {"offset": 0, "length": len(USERNAME) + 1, "type": "mention"}
    person = {"id": 1, "is_bot": False, "first_name": "Lan"}
    said = {
        "message_id": 1,
        "date": 1,
        "from": person,
        "chat": group,
        "text": f"@{USERNAME} ơi",
        "entities": [mention],
    }
    assert len(channel.parse({"update_id": 1, "message": said})) == 1  # the bot has learnt its name


async def test_registering_a_webhook_and_a_menu(server: FakeTelegram, media: FolderMediaStore) -> None:
    settings = TelegramSettings(
        TOKEN, server.base, server.file_base, "webhook", "https://bot.example.invalid/", "a_secret-1"
    )
    channel = TelegramChannel(settings, media, LABELS, menu={"huy": "Hủy việc đang báo"})
    await channel.register()
    assert server.webhook is not None
    assert server.webhook["url"] == "https://bot.example.invalid/channels/telegram"
    assert server.webhook["secret_token"] == "a_secret-1"
    assert set(server.webhook["allowed_updates"]) == {
        "message", "edited_message", "callback_query", "my_chat_member",
    }  # fmt: skip
    (menu,) = server.sent("setMyCommands")
    assert menu.params["commands"] == [{"command": "huy", "description": "Hủy việc đang báo"}]
    await channel.close()


async def test_start_goes_on_until_registered(
    channel: TelegramChannel, server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fail("getMe", Failure(502), Failure(429, "Too Many Requests", {"retry_after": 0}))
    monkeypatch.setattr("bots.citizen.channel._FIRST_PAUSE_S", 0.01)
    await channel.start()
    async with asyncio.timeout(10):
        while not server.sent("deleteWebhook"):
            await asyncio.sleep(0.01)
    assert len(server.sent("getMe")) == 3


async def test_closing_stops_a_start_that_does_not_get_through(media: FolderMediaStore) -> None:
    channel = TelegramChannel(
        TelegramSettings(TOKEN, "http://127.0.0.1:1", "http://127.0.0.1:1"), media, LABELS
    )
    await channel.start()
    await channel.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": "no token"},
        {"mode": "carrier pigeon"},
        {"mode": "webhook"},
        {"mode": "webhook", "webhook_secret": "with blanks"},
        {"public_url": "bot.example.invalid"},
    ],
)
def test_settings_that_do_not_fit(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"Telegram|public"):
        TelegramSettings(**({"token": TOKEN} | wrong))  # type: ignore[arg-type]


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(TelegramSettings(TOKEN, mode="webhook", webhook_secret="hush-hush"))
    assert TOKEN not in shown
    assert "hush-hush" not in shown
