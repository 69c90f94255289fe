"""The recognizer that the rest of the program uses: workers hear, this writes down what they heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from core.speech import Transcript, Word
from speech.pool import EngineOptions, PoolUtterance, SpeechPool
from speech.wire import words_in

if TYPE_CHECKING:
    from speech.audio import Side

PAUSE_S = 0.9
"""Between the beginnings of two words a comma is written when they are this far apart (a syllable takes
0.2).
"""


class Writing(Protocol):
    """How heard words are written: numbers, names of places."""

    def write(self, words: Sequence[Word]) -> list[Word]:
        """Words as heard → words as written."""
        ...


class LocalRecognizer:
    """Fills `core.speech.LiveRecognizer` with a pool of local workers."""

    def __init__(self, options: EngineOptions, writing: Writing, most: int | None = None) -> None:
        self.pool = SpeechPool(options, most)
        self._writing = writing

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        """See `core.speech.Recognizer`; `mime` is not needed, the bytes say what they are."""
        return await self.transcribe_side(audio, "both")

    async def transcribe_side(self, audio: bytes, side: Side) -> Transcript:
        """One side of a stereo recording. Raises RecognitionFailed."""
        return self._transcript(await self.pool.transcribe(audio, side))

    async def listen(self, rate: int = 8000, bias: Sequence[str] = ()) -> LocalListening:
        return LocalListening(self, await self.pool.open(rate, bias))

    async def warm(self, workers: int = 1) -> str:
        """Load engines before they are needed; their name. Raises RecognitionFailed."""
        return await self.pool.warm(workers)

    async def close(self) -> None:
        await self.pool.close()

    def _transcript(self, answer: dict[str, Any]) -> Transcript:
        words = tuple(self._writing.write(words_in(answer["words"])))
        return Transcript(
            text=as_text(words),
            confidence=round(sum(word.confidence for word in words) / len(words), 3) if words else 0.0,
            words=words,
            engine=answer["engine"],
            seconds=round(answer["seconds"], 2),
            cut=answer.get("cut", False),
        )


class LocalListening:
    """Fills `core.speech.Listening`."""

    def __init__(self, recognizer: LocalRecognizer, utterance: PoolUtterance) -> None:
        self._recognizer = recognizer
        self._utterance = utterance

    async def feed(self, pcm: bytes) -> None:
        await self._utterance.feed(pcm)

    async def partial(self) -> str:
        return " ".join(row["text"] for row in await self._utterance.words())

    async def finish(self) -> Transcript:
        return self._recognizer._transcript(await self._utterance.finish())

    async def drop(self) -> None:
        await self._utterance.drop()


def as_text(words: Sequence[Word]) -> str:
    """Words → a text: a comma at each longer pause, a capital at the beginning."""
    parts: list[str] = []
    before: Word | None = None
    for word in words:
        if before is not None and word.start - max(before.start, before.end - 0.2) > PAUSE_S:
            parts[-1] += ","
        parts.append(word.text)
        before = word
    text = " ".join(parts)
    return text[:1].upper() + text[1:]
