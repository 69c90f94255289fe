"""The pool of worker processes, as the event loop sees it.

Workers start when they are first needed, a second one only when the first is busy. One that dies is
replaced and what it had is given to another once. They read audio that strangers made: whatever breaks
there breaks a worker.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from core.speech import RecognitionFailed
from speech.wire import HEAD, pack, unpack

if TYPE_CHECKING:
    from speech.audio import Side

log = structlog.get_logger(__name__)

START_S = 60.0
"""How long an engine may take to load."""
TRIES = 3
"""Workers that one piece of work may break."""
_ROOT = Path(__file__).resolve().parent.parent


class WorkerLost(Exception):
    """The worker died or did not answer in time; its work can be given to another."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine the workers load: "embedded" or "sherpa" with its model folder; `phrases` are always
    likely.
    """

    engine: str = "embedded"
    model: Path | None = None
    phrases: tuple[str, ...] = ()


@dataclass(eq=False)
class _Worker:
    """A process and what it has to do."""

    process: asyncio.subprocess.Process
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    utterances: int = 0
    reading: asyncio.Task[None] | None = None
    engine: str = ""

    @property
    def load(self) -> int:
        return self.utterances * 2 + len(self.waiting)

    @property
    def alive(self) -> bool:
        return self.process.returncode is None and self.reading is not None and not self.reading.done()

    def send(self, message: dict[str, Any], payload: bytes = b"") -> None:
        """Raises WorkerLost."""
        if not self.alive or self.process.stdin is None:
            raise WorkerLost("the worker has ended")
        self.process.stdin.write(pack(message, payload))

    async def ask(self, message: dict[str, Any], payload: bytes, limit_s: float) -> dict[str, Any]:
        """Send and wait for the answer. Raises WorkerLost; one that does not answer in time is ended."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        number = int(message["id"])
        self.waiting[number] = answer
        try:
            self.send(message, payload)
            async with asyncio.timeout(limit_s):
                return await answer
        except TimeoutError as error:
            self.kill()
            raise WorkerLost("no answer in time") from error
        finally:
            self.waiting.pop(number, None)

    async def read(self) -> None:
        """Hand out the answers until the process ends."""
        assert self.process.stdout is not None
        try:
            while True:
                size, extra = HEAD.unpack(await self.process.stdout.readexactly(HEAD.size))
                message = unpack(await self.process.stdout.readexactly(size))
                await self.process.stdout.readexactly(extra)
                answer = self.waiting.get(message["id"])
                if answer is not None and not answer.done():
                    answer.set_result(message)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            for answer in self.waiting.values():
                if not answer.done():
                    answer.set_exception(WorkerLost("the worker died"))

    def kill(self) -> None:
        if self.process.returncode is None:
            self.process.kill()

    async def end(self) -> None:
        """Kill it, if it lives, and let go of all that belongs to it."""
        self.kill()
        await self.process.wait()
        if self.reading is not None:
            await self.reading
        if self.process.stdin is not None:
            self.process.stdin.close()
            with suppress(BrokenPipeError, ConnectionResetError):
                await self.process.stdin.wait_closed()


class SpeechPool:
    """Up to `most` workers with one engine. Belongs to the event loop that uses it first."""

    def __init__(self, options: EngineOptions, most: int | None = None) -> None:
        self._options = options
        self._most = most or max(1, len(os.sched_getaffinity(0)))
        self._workers: list[_Worker] = []
        self._numbers = itertools.count(1)
        self._starting = asyncio.Lock()
        self._growing: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pids(self) -> list[int]:
        """The process ids of the living workers."""
        return [worker.process.pid for worker in self._workers if worker.alive]

    async def warm(self, workers: int = 1) -> str:
        """Start workers until there are so many (at most as many as the pool has); the name of their engine.
        Raises RecognitionFailed."""
        first = await self._worker()
        async with self._starting:
            while len(self._workers) < min(workers, self._most):
                await self._start()
        return first.engine

    async def transcribe(self, data: bytes, side: Side = "both", limit_s: float = 600.0) -> dict[str, Any]:
        """{"words", "seconds", "cut", "engine"} of a recording. Raises RecognitionFailed."""
        for left in range(TRIES)[::-1]:
            worker = await self._worker()
            message = {"id": next(self._numbers), "op": "transcribe", "side": side}
            try:
                answer = await worker.ask(message, data, limit_s)
            except WorkerLost as error:
                log.warning("speech_worker_lost", reason=str(error))
                if not left:
                    raise RecognitionFailed("the recording breaks the recognizer") from error
                continue
            if "error" in answer:
                raise RecognitionFailed(answer["error"])
            return answer
        raise AssertionError("unreachable")

    async def open(self, rate: int, bias: Sequence[str]) -> PoolUtterance:
        """Begin a live utterance. Raises RecognitionFailed."""
        utterance = PoolUtterance(self, rate, tuple(bias))
        await utterance.begin()
        return utterance

    async def close(self) -> None:
        """End all workers."""
        self._closed = True
        if self._growing is not None:
            self._growing.cancel()
            await asyncio.gather(self._growing, return_exceptions=True)
        await asyncio.gather(*(worker.end() for worker in self._workers), *self._ending)
        self._workers.clear()

    def number(self) -> int:
        return next(self._numbers)

    async def _worker(self) -> _Worker:
        """The least busy worker. While all are busy another is started beside them; only the first is
        waited for.
        """
        least = self._least()
        if least is None:
            async with self._starting:
                least = self._least() or await self._start()
        elif least.load and len(self._workers) < self._most and self._growing is None:
            self._growing = asyncio.create_task(self._grow())
        return least

    def _least(self) -> _Worker | None:
        if self._closed:
            raise RecognitionFailed("the recognizer was closed")
        for dead in [worker for worker in self._workers if not worker.alive]:
            self._workers.remove(dead)
            self._let_go(dead)
        return min(self._workers, key=lambda worker: worker.load, default=None)

    def _let_go(self, worker: _Worker) -> None:
        ending = asyncio.create_task(worker.end())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _grow(self) -> None:
        try:
            async with self._starting:
                await self._start()
        except RecognitionFailed as error:
            log.warning("speech_worker_not_started", reason=str(error))
        finally:
            self._growing = None

    async def _start(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "speech.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path())},
        )  # fmt: skip
        worker = _Worker(process)
        worker.reading = asyncio.create_task(worker.read())
        options = self._options
        first = {
            "id": 0, "engine": options.engine, "model": str(options.model or ""),
            "phrases": list(options.phrases),
        }  # fmt: skip
        try:
            ready = await worker.ask(first, b"", START_S)
        except WorkerLost as error:
            self._let_go(worker)
            raise RecognitionFailed(f"the recognizer cannot be started: {error}") from error
        except asyncio.CancelledError:
            self._let_go(worker)
            raise
        if "error" in ready:
            self._let_go(worker)
            raise RecognitionFailed(ready["error"])
        worker.engine = ready["engine"]
        self._workers.append(worker)
        log.info("speech_worker_started", pid=process.pid, engine=worker.engine)
        return worker


def _search_path() -> list[str]:
    """Where a worker finds this package, wherever the server was started."""
    return [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]


class PoolUtterance:
    """A live utterance in one worker. What was said is kept here, so another worker can begin again."""

    def __init__(self, pool: SpeechPool, rate: int, bias: tuple[str, ...]) -> None:
        self._pool = pool
        self._rate = rate
        self._bias = bias
        self._number = pool.number()
        self._said = bytearray()
        self._worker: _Worker | None = None

    async def begin(self) -> None:
        """Take a worker and tell it all that was said so far."""
        worker = await self._pool._worker()
        try:
            worker.send({"id": self._number, "op": "open", "rate": self._rate, "bias": list(self._bias)})
            if self._said:
                worker.send({"id": self._number, "op": "feed"}, bytes(self._said))
        except WorkerLost as error:
            raise RecognitionFailed("the recognizer dies again and again") from error
        worker.utterances += 1
        self._worker = worker

    async def feed(self, pcm: bytes) -> None:
        self._said += pcm
        try:
            self._held().send({"id": self._number, "op": "feed"}, pcm)
        except WorkerLost:
            await self._again()

    async def words(self) -> list[dict[str, Any]]:
        """The words so far. Raises RecognitionFailed."""
        rows: list[dict[str, Any]] = (await self._ask("partial", 10.0))["words"]
        return rows

    async def finish(self) -> dict[str, Any]:
        """{"words", "seconds", "engine"}. Raises RecognitionFailed."""
        try:
            return await self._ask("finish", 30.0)
        finally:
            self._leave()

    async def drop(self) -> None:
        worker = self._worker
        self._leave()
        if worker is not None and worker.alive:
            worker.send({"id": self._number, "op": "drop"})

    async def _ask(self, op: str, limit_s: float) -> dict[str, Any]:
        for left in range(TRIES)[::-1]:
            try:
                return await self._held().ask({"id": self._number, "op": op}, b"", limit_s)
            except WorkerLost as error:
                if not left:
                    raise RecognitionFailed("the recognizer dies again and again") from error
                await self._again()
        raise AssertionError("unreachable")

    async def _again(self) -> None:
        log.warning("speech_worker_lost", reason="in an utterance")
        self._leave()
        await self.begin()

    def _held(self) -> _Worker:
        if self._worker is None:
            raise RecognitionFailed("the utterance is over")
        return self._worker

    def _leave(self) -> None:
        if self._worker is not None:
            self._worker.utterances -= 1
            self._worker = None
