"""The whole program against a Bot API server at another address: a talk, by polling and by webhook."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app import Program, assemble, running
from core.settings import read_settings
from core.storage.schema import handoffs, inbox, outbox, report_media, reports
from core.storage.sqlite import fresh_sqlite
from tests.bots.telegram_server import TOKEN, Call, FakeTelegram
from tests.core.stage import picture

CITIZEN = 700_101
SECRET = "secret-of-the-talk"
ROOT = Path(__file__).resolve().parents[1]
PIN = {"latitude": 18.3428, "longitude": 105.9057}
"""In the middle of phường Thành Sen."""

Push = Callable[..., Awaitable[None]]


@dataclass
class Phone:
    """A citizen with Telegram on a running program."""

    program: Program
    server: FakeTelegram
    push: Push
    updates: list[dict[str, Any]] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def update(self, **content: Any) -> dict[str, Any]:
        number = next(self.numbers)
        person = {"id": CITIZEN, "is_bot": False, "first_name": "Thử", "language_code": "vi"}
        message = {
            "message_id": number, "date": 1_795_251_600 + number, "from": person,
            "chat": {"id": CITIZEN, "type": "private", "first_name": "Thử"}, **content,
        }  # fmt: skip
        return {"update_id": 9_000 + number, "message": message}

    def photo(self, number: int, **content: Any) -> dict[str, Any]:
        self.server.files[f"photo{number}"] = picture(number)
        size = {"file_id": f"photo{number}", "file_unique_id": f"u{number}", "width": 48, "height": 48}
        return self.update(photo=[size | {"file_size": 900}], **content)

    def press(self, value: str) -> dict[str, Any]:
        """A press on a button of the last message that has it."""
        number = next(self.numbers)
        data = next(
            button["callback_data"]
            for call in reversed(self.server.sent("sendMessage"))
            for row in call.params.get("reply_markup", {}).get("inline_keyboard", ())
            for button in row
            if button["callback_data"].rpartition("|")[2] == value
        )
        person = {"id": CITIZEN, "is_bot": False, "first_name": "Thử"}
        chat = {"id": CITIZEN, "type": "private"}
        query = {
            "id": f"q{number}", "from": person, "data": data, "chat_instance": "1",
            "message": {"message_id": number, "date": 1_795_251_600, "chat": chat},
        }  # fmt: skip
        return {"update_id": 9_000 + number, "callback_query": query}

    async def say(self, *updates: dict[str, Any]) -> Call:
        """Send updates and wait for their answer; its last part carries the buttons."""
        before = len(self.server.sent("sendMessage"))
        self.updates += updates
        await self.push(*updates)
        async with asyncio.timeout(60):
            while len(self.server.sent("sendMessage")) == before:
                await asyncio.sleep(0.02)
        await self.at_rest()
        return self.server.sent("sendMessage")[-1]

    async def at_rest(self) -> None:
        """Until nothing waits in inbox and outbox."""
        async with asyncio.timeout(60):
            while await self.count(inbox, "waiting") + await self.count(outbox, "waiting"):
                await asyncio.sleep(0.02)

    async def count(self, table: sa.Table, state: str | None = None) -> int:
        query = sa.select(sa.func.count()).select_from(table)
        query = query if state is None else query.where(table.c.state == state)
        return int(await self.program.store.read(lambda conn: conn.execute(query).scalar_one()))

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.program.store.read(lambda conn: list(conn.execute(sa.select(table)).mappings()))


@asynccontextmanager
async def phone(mode: str, folder: Path, server: FakeTelegram) -> AsyncIterator[Phone]:
    folder.mkdir(exist_ok=True)
    database = folder / "kenhdan.sqlite3"
    if not database.exists():
        fresh_sqlite(database)
    settings = read_settings(
        {
            "KENHDAN_DATABASE_URL": f"sqlite:///{database}",
            "KENHDAN_MEDIA_DIR": str(folder / "media"),
            "KENHDAN_PROVINCE": str(ROOT / "province" / "ha_tinh"),
            "KENHDAN_MODEL": str(ROOT / "nlu" / "model" / "interpreter.npz"),
            "KENHDAN_PUBLIC_URL": "https://kenhdan.example",
            "KENHDAN_QUIET_SECONDS": "0.3",
            "KENHDAN_TELEGRAM_TOKEN": TOKEN,
            "KENHDAN_TELEGRAM_MODE": mode,
            "KENHDAN_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "KENHDAN_TELEGRAM_API_BASE": server.base,
            "KENHDAN_TELEGRAM_FILE_BASE": server.file_base,
        }
    )
    program = await assemble(settings)
    transport = httpx.ASGITransport(program.app)
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client,
        running(program),
    ):

        async def deliver(*updates: dict[str, Any]) -> None:
            for update in updates:
                response = await client.post("/channels/telegram", json=update)
                assert response.status_code == 200

        async def queue(*updates: dict[str, Any]) -> None:
            server.push(*updates)

        yield Phone(program, server, deliver if mode == "webhook" else queue)


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as made:
        yield made


async def tell(citizen: Phone) -> Call:
    """Words, an album of two photos, a pin, and the button: the last answer."""
    await citizen.say(citizen.update(text="có đống rác to mấy hôm nay chưa ai dọn"))
    album = [citizen.photo(n, media_group_id="a1") for n in (1, 2)]
    await citizen.say(*album)
    await citizen.say(citizen.update(location=PIN))
    return await citizen.say(citizen.press("confirm"))


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_talk_ends_in_one_report_at_the_right_agency(
    mode: str, tmp_path: Path, server: FakeTelegram
) -> None:
    async with phone(mode, tmp_path, server) as citizen:
        answer = await tell(citizen)
        (report,) = await citizen.rows(reports)
        pack, phrases = citizen.program.province.pack, citizen.program.province.phrases
        commune = pack.places.communes[report["commune"]]
        route = pack.router.route(
            report["category"], report["commune"], now=report["created_at"], text=report["description"]
        )
        assert commune.name == "Thành Sen"
        if citizen.program.worker.hearing.interpreter is not citizen.program.province.plain:
            assert report["category"] == "rac_thai"
        assert (report["agency"], report["deadline"]) == (route.agency, route.deadline)
        assert (report["lat"], report["lon"]) == (PIN["latitude"], PIN["longitude"])
        assert report["channel"] == "telegram" and report["user"] == str(CITIZEN)
        assert await citizen.count(report_media) == 2
        for said in (
            report["code"],
            report["agency"],
            phrases.day(report["deadline"], phrases.manner("telegram")),
        ):
            assert said in answer.params["text"]
        assert await citizen.count(inbox) == 5 and await citizen.count(outbox, "sent") == 4


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_replayed_updates_change_nothing(mode: str, tmp_path: Path, server: FakeTelegram) -> None:
    async with phone(mode, tmp_path, server) as citizen:
        await tell(citizen)
        before = len(server.sent("sendMessage"))
        again = citizen.updates + citizen.updates[::-1]
        await citizen.push(*({**update, "update_id": 9_500 + n} for n, update in enumerate(again)))
        last = citizen.update(text="của tôi")
        await citizen.say(last)
        assert await citizen.count(reports) == 1 and await citizen.count(report_media) == 2
        assert len(server.sent("sendMessage")) == before + 1, "only the new message is answered"


async def test_polling_acknowledges_only_what_is_kept(tmp_path: Path, server: FakeTelegram) -> None:
    async with phone("polling", tmp_path, server) as citizen:
        await citizen.say(citizen.update(text="có đống rác to ở xã Thạch Hà"))
        await citizen.say(citizen.update(text="không có ảnh"))
        assert len(server.acknowledged) >= 1
        assert await citizen.count(inbox) == 2


async def test_the_program_goes_on_where_it_was_stopped(tmp_path: Path, server: FakeTelegram) -> None:
    """Stopped in the middle of a talk and started again on the same database."""
    async with phone("webhook", tmp_path, server) as citizen:
        await citizen.say(citizen.update(text="có đống rác to ở chợ, xã Thạch Hà"))
        updates, numbers = citizen.updates, citizen.numbers
    async with phone("webhook", tmp_path, server) as citizen:
        citizen.updates, citizen.numbers = updates, numbers
        await citizen.push(*updates)
        await citizen.say(citizen.press("skip_photo"))
        await citizen.say(citizen.press("confirm"))
        assert await citizen.count(reports) == 1 and await citizen.count(handoffs) == 0
