"""Polling: what is not kept is not acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bots.citizen.channel import TelegramChannel
from bots.citizen.polling import Poller
from core.message import Inbound, InboundKind
from core.storage.store import StoreError
from tests.bots.telegram_server import Failure, FakeTelegram

FOLDER = Path(__file__).parent / "updates"


def update(name: str, **changes: Any) -> dict[str, Any]:
    content = json.loads((FOLDER / f"{name}.json").read_text())
    del content["update_id"]
    return content | changes


def text(mid: int) -> dict[str, Any]:
    content = update("text")
    content["message"] |= {"message_id": mid, "text": f"tin {mid}"}
    return content


@asynccontextmanager
async def polling(
    channel: TelegramChannel, accept: Callable[[list[Inbound]], Awaitable[None]]
) -> AsyncIterator[Poller]:
    poller = Poller(channel, accept, wait_s=5, first_pause_s=0.01, longest_pause_s=0.05)
    task = asyncio.create_task(poller.run())
    try:
        async with asyncio.timeout(10):
            yield poller
    finally:
        await poller.stop()
        await asyncio.wait_for(task, 2)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


class Inbox:
    """Keeps events once each, as the store does; `fails` says how often it refuses first."""

    def __init__(self, fails: int = 0) -> None:
        self.events: dict[str, Inbound] = {}
        self.fails = fails
        self.tries = 0

    async def accept(self, events: list[Inbound]) -> None:
        self.tries += 1
        if self.tries <= self.fails:
            raise StoreError("disk full")
        for event in events:
            self.events.setdefault(event.event_id, event)


async def test_updates_are_kept_then_acknowledged(channel: TelegramChannel, server: FakeTelegram) -> None:
    inbox = Inbox()
    server.push(text(1), text(2), update("sticker"))
    async with polling(channel, inbox.accept):
        await until(lambda: len(server.acknowledged) == 3)
        server.push(text(3))
        await until(lambda: len(server.acknowledged) == 4)
    assert [event.text for event in inbox.events.values()] == ["tin 1", "tin 2", "", "tin 3"]
    assert server.acknowledged == [7001, 7002, 7003, 7004]


async def test_nothing_is_acknowledged_before_it_is_kept(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    kept = asyncio.Event()
    arrived = asyncio.Event()

    async def accept(events: list[Inbound]) -> None:
        arrived.set()
        await kept.wait()

    server.push(text(1))
    async with polling(channel, accept):
        await arrived.wait()
        await asyncio.sleep(0.05)
        assert server.acknowledged == []
        kept.set()
        await until(lambda: server.acknowledged == [7001])


async def test_a_full_disk_delays_and_loses_nothing(channel: TelegramChannel, server: FakeTelegram) -> None:
    inbox = Inbox(fails=3)
    server.push(text(1), text(2))
    async with polling(channel, inbox.accept):
        await until(lambda: len(server.acknowledged) == 2)
    assert inbox.tries == 4
    assert list(inbox.events) == ["msg:90001:1", "msg:90001:2"]


async def test_a_stop_before_keeping_leaves_the_update_at_telegram(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    arrived = asyncio.Event()

    async def hangs(events: list[Inbound]) -> None:
        arrived.set()
        await asyncio.Event().wait()

    server.push(text(1))
    async with polling(channel, hangs):
        await arrived.wait()
    assert server.acknowledged == []
    inbox = Inbox()
    async with polling(channel, inbox.accept):
        await until(lambda: server.acknowledged == [7001])
    assert list(inbox.events) == ["msg:90001:1"]


async def test_a_faltering_server_is_waited_out(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.fail(
        "getUpdates",
        Failure(502, body="<html>"),
        Failure(cut=True),
        Failure(429, "Too Many Requests", {"retry_after": 0}),
        Failure(409, "Conflict: terminated by other getUpdates request"),
        Failure(401, "Unauthorized"),
        Failure(200, body='{"ok": true, "result": null}'),
        Failure(200, body="[]"),
    )
    server.push(text(1))
    inbox = Inbox()
    async with polling(channel, inbox.accept):
        await until(lambda: server.acknowledged == [7001])
    assert list(inbox.events) == ["msg:90001:1"]


async def test_unknown_and_broken_updates_do_not_block_the_queue(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    inbox = Inbox()
    server.push(update("unknown_kind"), {"message": {"broken": True}}, {}, text(1))
    async with polling(channel, inbox.accept):
        await until(lambda: len(server.acknowledged) == 4)
    assert list(inbox.events) == ["msg:90001:1"]
    assert channel.ignored["kind quantum_message"] == 1
    assert channel.ignored.total() == 3


async def test_a_pressed_button_stops_spinning_after_it_is_kept(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    inbox = Inbox(fails=1)
    server.push(update("callback"))
    async with polling(channel, inbox.accept):
        await until(lambda: bool(server.sent("answerCallbackQuery")))
    (answer,) = server.sent("answerCallbackQuery")
    assert answer.params == {"callback_query_id": "388500000000000001"}
    assert inbox.tries == 2


async def test_a_query_too_old_to_answer_is_no_trouble(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    server.fail("answerCallbackQuery", Failure(400, "Bad Request: query is too old"))
    server.push(update("callback"), text(1))
    inbox = Inbox()
    async with polling(channel, inbox.accept):
        await until(lambda: len(server.acknowledged) == 2)
    assert [event.kind for event in inbox.events.values()] == [InboundKind.MESSAGE] * 2


async def test_cancelling_ends_it_too(channel: TelegramChannel, server: FakeTelegram) -> None:
    poller = Poller(channel, Inbox().accept, wait_s=30)
    task = asyncio.create_task(poller.run())
    await asyncio.sleep(0.05)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.wait_for(task, 2)
    assert task.cancelled()
    await poller.stop()
