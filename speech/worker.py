"""A worker process: one loaded engine, its live utterances, and recordings between them.

`python -m speech.worker`; the first message says which engine. Live voices come first: a recording is
listened to in steps of 0.4 s, and between two steps every waiting message is answered. It ends when its
stdin does.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import soxr

from core.speech import Word
from speech.audio import BadAudio, Sound, from_pcm16, read_audio
from speech.embedded import EmbeddedEngine
from speech.engine import RATE, Decoding, Engine, EngineMissing
from speech.package_engine import PackageEngine
from speech.sherpa import SherpaEngine
from speech.voice_activity import SileroActivity, speech_spans
from speech.wire import HEAD, pack, unpack, words_out

_STEP_S = 0.4
_LONGEST_S = 30.0


def load_engine(options: dict[str, Any]) -> Engine:
    """The engine that `options` name: {"engine", "model", "phrases"}. Raises EngineMissing."""
    phrases = options.get("phrases", [])
    if options["engine"] == "sherpa":
        return SherpaEngine.load(Path(options["model"]), phrases)
    try:
        return EmbeddedEngine.load(phrases)
    except EngineMissing as error:
        sys.stderr.write(f"speech: {error}; using the package's own decoding\n")
        return PackageEngine.load()


class LiveUtterance:
    """A voice that is heard while it speaks. Longer ones go on in a new decoding each 30 s."""

    def __init__(self, engine: Engine, rate: int, bias: list[str]) -> None:
        self._engine = engine
        self._rate = rate
        self._bias = bias
        self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
        self._decoding: Decoding = engine.begin(bias)
        self._before: list[Word] = []
        self._begun = self._length = 0

    def feed(self, pcm: bytes) -> None:
        self._take(self._resampled(from_pcm16(pcm), last=False))

    def words(self) -> list[Word]:
        return [*self._before, *self._shifted(self._decoding.words())]

    def finish(self) -> list[Word]:
        self._take(self._resampled(np.zeros(0, np.float32), last=True))
        return [*self._before, *self._shifted(self._decoding.finish())]

    @property
    def seconds(self) -> float:
        return self._length / RATE

    def _resampled(self, sound: Sound, *, last: bool) -> Sound:
        if self._resampler is None:
            return sound
        made: Sound = self._resampler.resample_chunk(sound, last=last)
        return made

    def _take(self, sound: Sound) -> None:
        if self._length - self._begun > _LONGEST_S * RATE:
            self._before += self._shifted(self._decoding.finish())
            self._decoding = self._engine.begin(self._bias)
            self._begun = self._length
        self._length += len(sound)
        self._decoding.feed(sound)

    def _shifted(self, words: list[Word]) -> list[Word]:
        return shift(words, self._begun / RATE)


def shift(words: list[Word], seconds: float) -> list[Word]:
    """The words that much later."""
    return [
        replace(word, start=round(word.start + seconds, 2), end=round(word.end + seconds, 2))
        for word in words
    ]


class Worker:
    """Answers messages; `out` takes the answers."""

    def __init__(self, engine: Engine, out: BinaryIO) -> None:
        self._engine = engine
        self._out = out
        self._activity = SileroActivity()
        self._live: dict[int, LiveUtterance] = {}
        self._jobs: deque[tuple[int, Iterator[dict[str, Any] | None]]] = deque()

    def run(self, messages: queue.SimpleQueue[tuple[dict[str, Any], bytes] | None]) -> None:
        """Until a None comes in."""
        while True:
            try:
                message = messages.get(block=not self._jobs)
            except queue.Empty:
                self._work()
                continue
            if message is None:
                return
            self._take(*message)

    def answer(self, number: int, **values: Any) -> None:
        self._out.write(pack({"id": number, **values}))
        self._out.flush()

    def _take(self, message: dict[str, Any], payload: bytes) -> None:
        number = int(message["id"])
        match message["op"]:
            case "transcribe":
                self._jobs.append((number, self._transcribe(payload, message.get("side", "both"))))
            case op:
                self._take_live(op, number, message, payload)

    def _take_live(self, op: str, number: int, message: dict[str, Any], payload: bytes) -> None:
        """What belongs to an utterance; each request has a number of its own."""
        key = int(message["utterance"])
        if op == "open":
            self._live[key] = LiveUtterance(self._engine, int(message["rate"]), message["bias"])
            return
        utterance = self._live.get(key)
        if utterance is None:
            return  # dropped meanwhile: nobody waits any more
        match op:
            case "feed":
                utterance.feed(payload)
            case "partial":
                self.answer(number, words=words_out(utterance.words()))
            case "finish":
                del self._live[key]
                words = words_out(utterance.finish())
                self.answer(number, words=words, seconds=utterance.seconds, engine=self._engine.name)
            case "drop":
                del self._live[key]

    def _work(self) -> None:
        """One step of the oldest recording."""
        number, job = self._jobs[0]
        try:
            answer = next(job)
        except BadAudio as error:
            answer = {"error": str(error)}
        if answer is not None:
            self._jobs.popleft()
            self.answer(number, **answer)

    def _transcribe(self, data: bytes, side: Any) -> Iterator[dict[str, Any] | None]:
        """The steps of a recording: None after each, the answer at last."""
        clip = read_audio(data, side)
        yield None
        words: list[Word] = []
        for span in speech_spans(clip.samples, clip.rate, self._activity):
            sound = clip.__class__(clip.samples[span.start : span.end], clip.rate).at(RATE)
            decoding = self._engine.begin()
            for at in range(0, len(sound), int(_STEP_S * RATE)):
                decoding.feed(sound[at : at + int(_STEP_S * RATE)])
                yield None
            words += shift(decoding.finish(), span.start / clip.rate)
        yield {
            "words": words_out(words), "seconds": clip.seconds, "cut": clip.cut, "engine": self._engine.name,
        }  # fmt: skip


def _read_all(stdin: BinaryIO, messages: queue.SimpleQueue[tuple[dict[str, Any], bytes] | None]) -> None:
    """Everything that comes in, until the pool is gone."""
    while len(head := stdin.read(HEAD.size)) == HEAD.size:
        size, extra = HEAD.unpack(head)
        text, payload = stdin.read(size), stdin.read(extra)
        if len(text) < size or len(payload) < extra:
            break
        messages.put((unpack(text), payload))
    messages.put(None)


def main() -> int:
    """The process: protocol on the stdout it was given, anything that libraries print on stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us by closing stdin
    os.nice(10)  # the server's loop comes first: a late recognition is waited for, a late prompt is a gap
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    messages: queue.SimpleQueue[tuple[dict[str, Any], bytes] | None] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(sys.stdin.buffer, messages), daemon=True).start()
    first = messages.get()
    if first is None:
        return 0
    try:
        worker = Worker(load_engine(first[0]), out)
    except EngineMissing as error:
        out.write(pack({"id": 0, "error": str(error)}))
        out.flush()
        return 1
    worker.answer(0, engine=worker._engine.name)
    worker.run(messages)
    return 0


if __name__ == "__main__":
    sys.exit(main())
