"""A fake Telegram with an officers' group in it, a real store, and the bot between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web

from bots.staff.bot import StaffBot
from bots.staff.settings import StaffSettings
from bots.staff.wording import load_staff_words
from core.clock import ScriptedClock
from core.message import Address
from core.storage import Store
from core.storage.schema import handoff_posts, handoffs
from tests.bots.telegram_server import TOKEN, Call, FakeTelegram, _ok, _refuse
from tests.core.stage import CITIZEN, MONDAY, PROVINCE, province

GROUP = -1001234
OFFICER, SECOND, STRANGER = 501, 502, 999


@dataclass
class FakeGroup(FakeTelegram):
    """The fake Bot API with what only the staff bot calls; `posts` is how each message reads now."""

    members: dict[int, str] = field(default_factory=lambda: {OFFICER: "member", SECOND: "administrator"})
    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    moved_to: int | None = None

    async def _perform(self, call: Call) -> web.Response:
        chat = int(call.params.get("chat_id", 0))
        if self.moved_to is not None and chat not in (0, self.moved_to):
            return _refuse(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.moved_to},
            )
        if call.method == "getChatMember":
            return self._member(int(call.params["user_id"]))
        if call.method == "editMessageText":
            return self._edit(call)
        return await super()._perform(call)

    def _member(self, user: int) -> web.Response:
        if user not in self.members:
            return _refuse(400, "Bad Request: user not found")
        status, person = self.members[user], {"id": user, "is_bot": False, "first_name": str(user)}
        rights = dict.fromkeys(
            (
                "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
                "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
                "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
            ),
            False,
        )  # fmt: skip
        return _ok({"status": status, "user": person} | (rights if status == "administrator" else {}))

    def _edit(self, call: Call) -> web.Response:
        number = int(call.params["message_id"])
        if number not in self.posts:
            return _refuse(400, "Bad Request: message to edit not found")
        now = {"text": call.params["text"], "markup": call.params.get("reply_markup")}
        if now == self.posts[number]:
            return _refuse(400, "Bad Request: message is not modified")
        self.posts[number] = now
        return _ok(self._message(call, text=call.params["text"]) | {"message_id": number})

    def _message(self, call: Call, **content: Any) -> dict[str, Any]:
        message = super()._message(call, **content)
        message["chat"] = {"id": int(call.params["chat_id"]), "type": "supergroup", "title": "Trực ban"}
        if call.method == "sendMessage":
            self.posts[message["message_id"]] = {
                "text": content["text"], "markup": call.params.get("reply_markup")
            }  # fmt: skip
        return message

    # What officers do

    def press(self, post: int, button: str, user: int = OFFICER, *, chat: int = GROUP) -> None:
        """A button of a post, found by what it does ("take")."""
        rows = self.posts[post]["markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if b["callback_data"].startswith(button))
        self.push_press(post, data, user, chat=chat)

    def push_press(self, post: int, data: str, user: int = OFFICER, *, chat: int = GROUP) -> None:
        message = {"message_id": post, "date": 1795251600, "chat": _chat(chat), "text": "tin"}
        query = {"id": f"q{self._next_update}", "from": _person(user), "message": message, "data": data,
                 "chat_instance": "1"}  # fmt: skip
        self.push({"callback_query": query})

    def reply(self, post: int, words: str | None, user: int = OFFICER, **changes: Any) -> int:
        """An officer replies to a post; the reply's message id."""
        number = changes.pop("number", None)
        self._next_message += number is None
        chat = changes.pop("chat", GROUP)
        to: dict[str, Any] = {"message_id": post, "date": 1795251600, "chat": _chat(chat), "text": "tin",
              "from": {"id": 1000001, "is_bot": True, "first_name": "Trực ban"}}  # fmt: skip
        if post in self.posts and self.posts[post]["markup"]:
            to["reply_markup"] = self.posts[post]["markup"]
        message = {"message_id": number or self._next_message, "date": 1795251600, "chat": _chat(chat),
                   "from": _person(user), "reply_to_message": to}  # fmt: skip
        kind = changes.pop("kind", "message")
        self.push({kind: message | ({"text": words} if words is not None else {}) | changes})
        return number or self._next_message

    # What tests look at

    def alerts(self) -> list[str]:
        """What those who pressed were shown."""
        return [call.params.get("text", "") for call in self.sent("answerCallbackQuery")]

    def numbers(self) -> list[int]:
        """The ids of all posts, oldest first."""
        return sorted(self.posts)


def _chat(number: int) -> dict[str, Any]:
    return {"id": number, "type": "supergroup", "title": "Trực ban"}


def _person(user: int) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Cán bộ", "last_name": str(user)}


@dataclass
class Duty:
    """The group, the store, and one running bot after another."""

    server: FakeGroup
    store: Store
    clock: ScriptedClock
    woken: int = 0
    writable: Callable[[str], bool] = lambda channel: channel in ("telegram", "zalo")

    def bot(self, **changes: Any) -> StaffBot:
        settings = StaffSettings(
            TOKEN, GROUP, self.server.base, self.server.file_base,
            **{"tick_s": 0.01, "poll_s": 1, "timeout_s": 2.0, "first_pause_s": 0.01, "longest_pause_s": 0.05}
            | changes,
        )  # fmt: skip

        def wake() -> None:
            self.woken += 1

        return StaffBot(
            settings, self.store, province()[0], load_staff_words(PROVINCE), self.clock,
            can_write=self.writable, woken=wake,
        )  # fmt: skip

    @asynccontextmanager
    async def at_work(self, **changes: Any) -> AsyncIterator[StaffBot]:
        """A bot at work; it ends like a process that is told to."""
        bot = self.bot(**changes)
        task = asyncio.create_task(bot.run())
        try:
            async with asyncio.timeout(15):
                yield bot
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await bot.close()

    async def hand_over(
        self, reason: str = "asked", words: str = "cho gặp cán bộ", code: str | None = None,
        address: Address = CITIZEN,
    ) -> int:  # fmt: skip
        now = self.clock.now()
        row = {"channel": address.channel, "user": address.user, "reason": reason, "words": words,
               "report_code": code, "at": now}  # fmt: skip
        return await self.store.write(
            lambda conn: int(
                conn.execute(handoffs.insert().values(row).returning(handoffs.c.id)).scalar_one()
            )
        )

    async def row(self, number: int) -> dict[str, Any]:
        found = await self.store.read(
            lambda conn: conn.execute(sa.select(handoffs).where(handoffs.c.id == number)).mappings().one()
        )
        return dict(found)

    async def all(self, table: sa.Table) -> list[dict[str, Any]]:
        rows = await self.store.read(
            lambda conn: conn.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings().all()
        )
        return [dict(row) for row in rows]

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await asyncio.sleep(0.005)

    async def told(self, posts: int) -> None:
        """So many posts are marked as told."""
        while len(await self.all(handoff_posts)) < posts:
            await asyncio.sleep(0.005)

    async def settled(self) -> None:
        """Every update that was pushed is done and acknowledged."""
        pushed = self.server._next_update
        await self.until(lambda: pushed == 7000 or pushed in self.server.acknowledged)

    def advance(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))


@pytest.fixture
async def server() -> AsyncIterator[FakeGroup]:
    group = FakeGroup()
    async with group:
        yield group


@pytest.fixture
def duty(server: FakeGroup, sqlite_store: Store) -> Duty:
    return Duty(server, sqlite_store, ScriptedClock(MONDAY))
