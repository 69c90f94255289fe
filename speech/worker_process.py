"""One worker process as the event loop sees it: what it is asked, what it answers, and whether it hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog

from speech.wire import HEAD, pack, unpack

log = structlog.get_logger(__name__)


class WorkerLost(Exception):
    """The worker died or hangs; its work can be given to another."""


@dataclass(eq=False)
class WorkerProcess:
    """A process and what it has to do."""

    process: asyncio.subprocess.Process
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    utterances: int = 0
    reading: asyncio.Task[None] | None = None
    engine: str = ""
    answered_at: float = 0.0
    """When it last said anything, in the loop's seconds."""
    killed: bool = False

    @property
    def load(self) -> int:
        return self.utterances * 2 + len(self.waiting)

    @property
    def alive(self) -> bool:
        ended = self.killed or self.process.returncode is not None
        return not ended and self.reading is not None and not self.reading.done()

    def send(self, message: dict[str, Any], payload: bytes = b"") -> None:
        """Raises WorkerLost."""
        if not self.alive or self.process.stdin is None:
            raise WorkerLost("the worker has ended")
        self.process.stdin.write(pack(message, payload))

    async def ask(self, message: dict[str, Any], payload: bytes, quiet_s: float) -> dict[str, Any]:
        """Send and wait for the answer. Raises WorkerLost: it died, or it answered nobody for `quiet_s` and
        is ended.
        """
        with self._asked(message, payload) as answer:
            loop = asyncio.get_running_loop()
            asked_at = loop.time()
            while True:
                left = max(asked_at, self.answered_at) + quiet_s - loop.time()
                if left <= 0:
                    self.kill("hangs")
                    raise WorkerLost("no answer in time")
                with suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        return await asyncio.shield(answer)

    async def ask_briefly(
        self, message: dict[str, Any], payload: bytes, limit_s: float
    ) -> dict[str, Any] | None:
        """The answer, or None when it would come too late; that is nobody's fault. Raises WorkerLost."""
        with self._asked(message, payload) as answer, suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                return await answer
        return None

    @contextmanager
    def _asked(self, message: dict[str, Any], payload: bytes) -> Iterator[asyncio.Future[dict[str, Any]]]:
        """The answer to come; one that comes after the block goes nowhere."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        number = int(message["id"])
        self.waiting[number] = answer
        try:
            self.send(message, payload)
            yield answer
        finally:
            self.waiting.pop(number, None)
            answer.cancel()

    async def read(self) -> None:
        """Hand out the answers until the process ends."""
        assert self.process.stdout is not None
        try:
            while True:
                size, extra = HEAD.unpack(await self.process.stdout.readexactly(HEAD.size))
                message = unpack(await self.process.stdout.readexactly(size))
                await self.process.stdout.readexactly(extra)
                self.answered_at = asyncio.get_running_loop().time()
                answer = self.waiting.get(message["id"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for answer in self.waiting.values():
                if not answer.done():
                    answer.set_exception(WorkerLost("the worker died"))

    def kill(self, reason: str) -> None:
        self.killed = True
        if self.process.returncode is None:
            log.info("speech_worker_killed", pid=self.process.pid, reason=reason)
            with suppress(ProcessLookupError):
                self.process.kill()

    async def end(self) -> None:
        """Kill it, if it lives, and let go of all that belongs to it."""
        self.kill("not needed")
        await self.process.wait()
        if self.reading is not None:
            await self.reading
        if self.process.stdin is not None:
            self.process.stdin.close()
            with suppress(BrokenPipeError, ConnectionResetError):
                await self.process.stdin.wait_closed()
