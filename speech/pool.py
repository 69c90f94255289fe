"""The pool of worker processes, as the event loop sees it.

Workers start when they are first needed, a second one only when the first is busy. One that dies, or does
nothing any more while a whole utterance or recording waits, is replaced and what it had is given to another.
They read audio that strangers made: whatever breaks there breaks a worker. A busy worker is not a broken one:
words so far that come too late are done without.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from core.speech import RecognitionFailed
from speech.worker_process import WorkerLost, WorkerProcess

if TYPE_CHECKING:
    from speech.audio import Side

log = structlog.get_logger(__name__)

START_S = 60.0
"""How long an engine may take to load."""
TRIES = 3
"""Workers that one piece of work may break."""
PARTIAL_S = 3.0
"""Words so far are of no use later than this."""
FINISH_S = 30.0
"""A worker that answers nobody for so long while an utterance waits for its end hangs."""
_ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Which engine the workers load: "embedded" or "sherpa" with its model folder; `phrases` are always
    likely.
    """

    engine: str = "embedded"
    model: Path | None = None
    phrases: tuple[str, ...] = ()


class SpeechPool:
    """Up to `most` workers with one engine. Belongs to the event loop that uses it first."""

    def __init__(self, options: EngineOptions, most: int | None = None) -> None:
        self._options = options
        self._most = most or max(1, len(os.sched_getaffinity(0)))
        self._workers: list[WorkerProcess] = []
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

    async def transcribe(self, data: bytes, side: Side = "both", quiet_s: float = 600.0) -> dict[str, Any]:
        """{"words", "seconds", "cut", "engine"} of a recording. Raises RecognitionFailed."""
        for left in range(TRIES)[::-1]:
            worker = await self._worker()
            message = {"id": next(self._numbers), "op": "transcribe", "side": side}
            try:
                answer = await worker.ask(message, data, quiet_s)
            except WorkerLost as error:
                log.warning("speech_recording_again", reason=str(error))
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

    async def _worker(self) -> WorkerProcess:
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

    def _least(self) -> WorkerProcess | None:
        if self._closed:
            raise RecognitionFailed("the recognizer was closed")
        for dead in [worker for worker in self._workers if not worker.alive]:
            self._workers.remove(dead)
            log.warning("speech_worker_lost", pid=dead.process.pid, utterances=dead.utterances)
            self._let_go(dead)
        return min(self._workers, key=lambda worker: worker.load, default=None)

    def _let_go(self, worker: WorkerProcess) -> None:
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

    async def _start(self) -> WorkerProcess:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "speech.worker",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_search_path())},
        )  # fmt: skip
        worker = WorkerProcess(process)
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
    """A live utterance in one worker. What was said is kept here, so another worker can begin again.

    Its number names it to the worker; each request has a number of its own, so several may be under way.
    """

    def __init__(self, pool: SpeechPool, rate: int, bias: tuple[str, ...]) -> None:
        self._pool = pool
        self._rate = rate
        self._bias = bias
        self._number = pool.number()
        self._said = bytearray()
        self._worker: WorkerProcess | None = None
        self._over = False
        self._moving = asyncio.Lock()

    async def begin(self) -> None:
        """Take a worker. Raises RecognitionFailed."""
        async with self._moving:
            await self._take_worker()

    async def feed(self, pcm: bytes) -> None:
        """Raises RecognitionFailed."""
        worker = self._held()
        self._said += pcm
        if worker is None:
            return  # it is moving to another worker, which is told all
        try:
            worker.send(self._message("feed"), pcm)
        except WorkerLost:
            await self._move_from(worker)

    async def words(self, limit_s: float = PARTIAL_S) -> list[dict[str, Any]]:
        """The words so far; none when they cannot be had in time. Raises RecognitionFailed."""
        worker = self._held()
        if worker is None:
            return []
        try:
            answer = await worker.ask_briefly(self._message("partial"), b"", limit_s)
        except WorkerLost:
            if not self._over:
                await self._move_from(worker)
            return []
        return [] if answer is None else list(answer["words"])

    async def finish(self, quiet_s: float = FINISH_S) -> dict[str, Any]:
        """{"words", "seconds", "engine"}. Raises RecognitionFailed."""
        self._held()
        self._over = True
        try:
            for _ in range(TRIES):
                worker = await self._settled()
                try:
                    return await worker.ask(self._message("finish"), b"", quiet_s)
                except WorkerLost:
                    await self._move_from(worker)
            raise RecognitionFailed("the recognizer dies again and again")
        finally:
            self._leave()

    async def drop(self) -> None:
        self._over = True
        worker = self._worker
        self._leave()
        if worker is not None and worker.alive:
            worker.send(self._message("drop"))

    def _message(self, op: str, **values: Any) -> dict[str, Any]:
        return {"id": self._pool.number(), "utterance": self._number, "op": op, **values}

    async def _take_worker(self) -> None:
        """Tell a worker all that was said so far."""
        worker = await self._pool._worker()
        try:
            worker.send(self._message("open", rate=self._rate, bias=list(self._bias)))
            if self._said:
                worker.send(self._message("feed"), bytes(self._said))
        except WorkerLost as error:
            raise RecognitionFailed("the recognizer dies again and again") from error
        worker.utterances += 1
        self._worker = worker

    async def _move_from(self, lost: WorkerProcess) -> None:
        """To another worker, unless somebody moved it meanwhile."""
        async with self._moving:
            if self._worker is not lost:
                return
            self._leave()
            log.info("speech_utterance_moved", seconds=round(len(self._said) / 2 / self._rate, 1))
            await self._take_worker()

    async def _settled(self) -> WorkerProcess:
        async with self._moving:
            if self._worker is None:
                await self._take_worker()
            assert self._worker is not None
            return self._worker

    def _held(self) -> WorkerProcess | None:
        """The worker; None while it moves. Raises RecognitionFailed when the utterance is over."""
        if self._over:
            raise RecognitionFailed("the utterance is over")
        return self._worker

    def _leave(self) -> None:
        if self._worker is not None:
            self._worker.utterances -= 1
            self._worker = None
