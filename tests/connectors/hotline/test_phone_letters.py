"""What a caller is told in writing, in the assembled program: letters of the phone channel, or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import app
from connectors.hotline.channel import HotlineChannel
from connectors.hotline.letters import PhoneLetters
from connectors.hotline.recordings.channel import RecordingChannel
from core.channel import ChannelError, Rejected, WindowClosed
from core.codec import encode
from core.message import Address, Outbound, Receipt
from core.reports.erasing import ERASED_KEY, PHONE_KEY
from core.settings import Settings
from core.storage.schema import handoffs, outbox
from tests.core.stage import PROVINCE

CALLER = Address("hotline", "0900000123")
ZALO = {
    "zalo_app_id": "1", "zalo_app_secret": "app secret", "zalo_oa_id": "2",
    "zalo_oa_webhook_secret": "webhook secret", "zalo_access_token": "access",
    "zalo_refresh_token": "refresh", "public_url": "https://kenhdan.example.org",
}  # fmt: skip

Assembled = Callable[..., AbstractAsyncContextManager[app.Program]]


@pytest.fixture(scope="module")
def province() -> app.Province:
    return app.load_province(PROVINCE)


@pytest.fixture
def assembled(tmp_path: Path, province: app.Province, monkeypatch: pytest.MonkeyPatch) -> Assembled:
    monkeypatch.setattr(app, "load_province", lambda _folder: province)  # read once: it takes a second

    @asynccontextmanager
    async def assemble(**changes: Any) -> AsyncIterator[app.Program]:
        settings = Settings(
            database_url=f"sqlite:///{tmp_path}/kenhdan.sqlite3", media_dir=tmp_path / "media",
            province=PROVINCE, model=tmp_path / "none.npz", hotline=True, hotline_dir=tmp_path / "calls",
            recordings_dir=tmp_path / "recordings", **changes,
        )  # fmt: skip
        program = await app.assemble(settings, web=False)
        try:
            yield program
        finally:
            await program.close()

    return assemble


async def letters(program: app.Program) -> list[Any]:
    statement = sa.select(outbox).order_by(outbox.c.id)
    return await program.store.read(lambda conn: list(conn.execute(statement).mappings()))


def phone_letters(program: app.Program) -> PhoneLetters:
    found = app._phone_letters(program)
    assert found is not None
    return found


async def test_news_of_a_call_become_letters_by_phone_number(assembled: Assembled) -> None:
    async with assembled(zalo_phone_template="9", **ZALO) as program:
        for name, user in (("hotline", "0900000123/call-1"), ("recording", "0900000124")):
            await program.channels[name].send(Address(name, user), Outbound("Phản ánh đã xong."))
        rows = await letters(program)
    assert [(row["channel"], row["user"], row["state"]) for row in rows] == [
        ("zalo_phone", "0900000123", "waiting"),
        ("zalo_phone", "0900000124", "waiting"),
    ]
    assert rows[0]["payload"]["text"] == "Phản ánh đã xong."


async def test_a_redelivered_letter_is_written_once(assembled: Assembled) -> None:
    async with assembled(zalo_phone_template="9", **ZALO) as program:
        for words in ("một", "một", "hai"):
            await program.channels["hotline"].send(CALLER, Outbound(words))
        rows = await letters(program)
    assert [row["payload"]["text"] for row in rows] == ["một", "hai"]


async def test_the_last_words_to_a_caller_who_was_erased_are_not_kept(
    assembled: Assembled,
) -> None:
    async with assembled(zalo_phone_template="9", **ZALO) as program:
        row = {
            "key": f"{ERASED_KEY}:7:0", "channel": "hotline", "user": f"{CALLER.user}/call-1",
            "payload": encode(Outbound("Em đã xóa.")), "state": "waiting", "attempts": 0,
            "next_at": program.worker.clock.now(), "created_at": program.worker.clock.now(),
        }  # fmt: skip
        await program.store.write(lambda conn: conn.execute(outbox.insert(), row).rowcount)
        assert await program.delivery.send_once() == 1
        await program.channels["hotline"].send(CALLER, Outbound("Phản ánh đã xong."))
        passed_on = [row for row in await letters(program) if row["channel"] == "zalo_phone"]
    assert [row["payload"]["text"] for row in passed_on] == ["Em đã xóa.", "Phản ánh đã xong."]
    assert [row["key"].partition(":")[0] for row in passed_on] == [ERASED_KEY, PHONE_KEY]


class NotOnZalo:
    """A phone channel that reaches nobody."""

    name = "zalo_phone"

    async def send(self, address: Address, message: Outbound) -> Receipt:
        raise Rejected("no such number")


@pytest.mark.parametrize(("code", "told"), [("HT-2611-00001", 0), ("", 1)], ids=["receipt", "news"])
async def test_who_hears_of_a_number_that_cannot_be_reached(
    assembled: Assembled, code: str, told: int
) -> None:
    """A receipt repeats what was said; news that nobody got need an officer who calls."""
    async with assembled(zalo_phone_template="9", **ZALO) as program:
        program.channels["zalo_phone"] = NotOnZalo()  # type: ignore[assignment]
        await phone_letters(program).send("0900000123", f"đã nhận {code}", code)
        assert await program.delivery.send_once() == 1
        people = sa.select(sa.func.count()).select_from(handoffs)
        assert await program.store.read(lambda conn: conn.execute(people).scalar_one()) == told
        (row,) = await letters(program)
    assert row["state"] == "dead"
    assert ("0900000123" in (row["user"], str(row["payload"]))) is bool(told)


async def test_a_letter_that_cannot_be_kept_is_tried_again(assembled: Assembled) -> None:
    async with assembled(zalo_phone_template="9", **ZALO) as program:
        writing = phone_letters(program)
        await program.store.close()
        with pytest.raises(ChannelError):
            await writing.send("0900000123", "một", "")


@pytest.mark.parametrize("changes", [{}, ZALO], ids=["no_zalo", "no_template"])
async def test_without_the_phone_channel_nothing_is_written(
    assembled: Assembled, changes: dict[str, str]
) -> None:
    async with assembled(**changes) as program:
        hotline, recording = program.channels["hotline"], program.channels["recording"]
        assert isinstance(hotline, HotlineChannel)
        assert isinstance(recording, RecordingChannel)
        assert app._phone_letters(program) is None
        for channel, address in ((hotline, CALLER), (recording, Address("recording", "0900000123"))):
            with pytest.raises(WindowClosed):
                await channel.send(address, Outbound("Phản ánh đã xong."))
        assert await letters(program) == []


def test_the_telephone_never_promises_a_message(province: app.Province) -> None:
    """Whether one can be written depends on the number; calling again always works."""
    phrases = province.phrases
    manner = phrases.manner("hotline")
    values = {"code": "HT-2611-00001", "agency": "xã", "deadline": "mai"}
    for key in ("filed", "filed_expected", "following", "following_only"):
        words = phrases.say(key, manner, **values)
        assert "gọi lại số này" in words
        assert "nhắn" not in words
        assert "em báo" not in words
