"""A wake that reaches the workers of other processes. Redis is never the truth: without it they poll."""

from __future__ import annotations

import asyncio
import random
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.wake import LocalWake

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LAST_PAUSE = 30.0
"""Seconds between tries to reach Redis: the first, doubled up to the last."""

_LISTEN_SECONDS = 10.0


class RedisWake:
    """A wake that also reaches the other processes' workers on the same topic, over Redis pub/sub.

    It connects in the background on first use. While Redis is away this process goes on waking itself and the
    others poll; that is logged once, and the connection is tried again with growing pauses.
    """

    def __init__(self, url: str, topic: str) -> None:
        # socket_timeout would end the quiet listening; a dead peer is found by the pings instead
        self._redis = Redis.from_url(
            url, socket_connect_timeout=3, socket_timeout=None, health_check_interval=15, retry=None
        )
        self._channel = f"kenhdan:wake:{topic}"
        self._self = uuid4().hex.encode()
        self._local = LocalWake()
        self._to_publish = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._reachable = True
        self._closed = False

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109
        self._start()
        await self._local.wait(timeout)

    def notify(self) -> None:
        """Many in a row become one message to the others."""
        self._start()
        self._local.notify()
        self._to_publish.set()

    async def close(self) -> None:
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = ()
        try:
            await self._redis.aclose()
        except (RedisError, OSError):
            return  # it is gone anyway

    def _start(self) -> None:
        if not self._tasks and not self._closed:
            self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._publish()))

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    self._seen(reachable=True)
                    pause = FIRST_PAUSE
                    self._local.notify()  # what was published while we were away
                    while True:
                        message = await subscription.get_message(
                            ignore_subscribe_messages=True, timeout=_LISTEN_SECONDS
                        )
                        if message is not None and message["data"] != self._self:
                            self._local.notify()
            except (RedisError, OSError) as error:
                self._seen(reachable=False, error=error)
            await asyncio.sleep(pause * random.uniform(0.75, 1.25))
            pause = min(pause * 2, LAST_PAUSE)

    async def _publish(self) -> None:
        while True:
            await self._to_publish.wait()
            self._to_publish.clear()
            for _ in range(2):  # the first may meet a connection that died while it was idle
                if await self._published():
                    break
            else:
                await asyncio.sleep(FIRST_PAUSE)

    async def _published(self) -> bool:
        try:
            async with asyncio.timeout(3):
                await self._redis.publish(self._channel, self._self)
        except (RedisError, OSError, TimeoutError) as error:
            log.debug("wake not published", channel=self._channel, error=str(error))
            return False
        return True

    def _seen(self, *, reachable: bool, error: Exception | None = None) -> None:
        """Log a change, once."""
        if reachable and not self._reachable:
            log.info("redis is back", channel=self._channel)
        elif self._reachable and not reachable:
            log.warning("redis is away: workers poll", channel=self._channel, error=str(error))
        self._reachable = reachable
