"""Dictation: one utterance recognised while it is spoken, and remembered for whoever asks again.

The call hears the words a moment after the last syllable. The same audio then goes the way of every voice
message, where the recognizer is asked for it again: it finds the words here and nothing is computed twice.
After a crash nothing is found, and the audio is recognised anew.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import cast
from weakref import WeakSet

import structlog

from core.speech import Listening, LiveRecognizer, RecognitionFailed, Recognizer, Transcript

REMEMBERED = 200
ASKED_WHILE = 4
"""Utterances at once up to which one that is still spoken is asked for its words so far."""

log = structlog.get_logger(__name__)


class WordsHeard:
    """A recognizer that knows what live calls have heard already; fills `core.speech.Recognizer`."""

    def __init__(self, recognizer: Recognizer | None) -> None:
        self.recognizer = recognizer
        self.live: WeakSet[Dictation] = WeakSet()
        """Utterances that are being spoken or recognised."""
        self._heard: OrderedDict[bytes, Transcript] = OrderedDict()

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        """Raises RecognitionFailed."""
        known = self._heard.pop(_key(audio), None)
        if known is not None:
            return known
        if self.recognizer is None:
            raise RecognitionFailed("no recognizer is switched on")
        return await self.recognizer.transcribe(audio, mime)

    def remember(self, audio: bytes, transcript: Transcript) -> None:
        """What was heard in these bytes; kept for a while."""
        self._heard[_key(audio)] = transcript
        while len(self._heard) > REMEMBERED:
            self._heard.popitem(last=False)


class Dictation:
    """One utterance. Audio is fed without waiting; the recognizer keeps up in the background."""

    def __init__(self, words: WordsHeard, bias: Sequence[str] = ()) -> None:
        self._words = words
        words.live.add(self)
        self._bias = tuple(bias)
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._listening: asyncio.Future[Listening | None] = asyncio.get_running_loop().create_future()
        self._over = False
        self._task = asyncio.create_task(self._keep_up())

    def feed(self, pcm: bytes) -> None:
        if pcm:
            self._pieces.put_nowait(pcm)

    async def partial(self) -> str:
        """The words so far; empty when the recognizer does not listen along."""
        listening = await asyncio.shield(self._listening)
        if listening is None or self._over or len(self._words.live) > ASKED_WHILE:
            return ""  # with so many at once, the recognizer's time is for whole utterances
        try:
            return await listening.partial()
        except RecognitionFailed:
            return ""

    async def finish(self, audio: bytes) -> Transcript | None:
        """The words of the whole utterance, whose file is `audio`; None when they cannot be had."""
        try:
            return await self._finish(audio)
        finally:
            self._words.live.discard(self)

    async def _finish(self, audio: bytes) -> Transcript | None:
        self._over = True
        self._pieces.put_nowait(None)
        await self._task
        listening = self._listening.result()
        try:
            if listening is None:
                transcript = await self._words.transcribe(audio, "audio/wav")
            else:
                transcript = await listening.finish()
        except RecognitionFailed as error:
            log.warning("utterance_not_recognised", reason=str(error))
            return None
        self._words.remember(audio, transcript)
        return transcript

    async def drop(self) -> None:
        """It was a cough, or nobody is there any more."""
        self._words.live.discard(self)
        self._over = True
        self._pieces.put_nowait(None)
        await self._task
        listening = self._listening.result()
        if listening is None:
            return
        try:
            await listening.drop()
        except RecognitionFailed:
            log.info("utterance_not_dropped")

    async def _keep_up(self) -> None:
        try:
            listening = await self._listen()
        except Exception:  # a recognizer's bug must not hold up the call: the whole is recognised at the end
            log.exception("recognizer_failed")
            listening = None
        self._listening.set_result(listening)
        while (piece := await self._pieces.get()) is not None:
            if listening is None:
                continue
            try:
                await listening.feed(piece)
            except RecognitionFailed as error:
                log.warning("recognizer_does_not_listen", reason=str(error))
                listening = None  # the whole is recognised at the end, or by the worker

    async def _listen(self) -> Listening | None:
        recognizer = self._words.recognizer
        if not hasattr(recognizer, "listen"):
            return None
        try:
            return await cast(LiveRecognizer, recognizer).listen(8000, self._bias)
        except RecognitionFailed as error:
            log.warning("recognizer_does_not_listen", reason=str(error))
            return None


def _key(audio: bytes) -> bytes:
    return hashlib.sha256(audio).digest()
