"""The ports of speech: a recording or a live voice → words, words → a voice, and who speaks when.

Engines live in `speech/`. Live audio is PCM16, mono, little-endian, at the rate that the caller names (8
kHz on the phone); recordings are files of any kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

SURE = 0.9
"""Words below this confidence are marked for the officer: of those above about 98 % are right."""


class RecognitionFailed(Exception):
    """No words could be made of the recording; it is kept and a person listens. The text says why."""


class SynthesisFailed(Exception):
    """The text could not be spoken; the text of the error says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, with when it was said (seconds from the start of the audio).

    `confidence` is 0…1. `heard` is what the engine heard, when that was written differently: numbers, dates,
    plates and names of places ("một ba" → "13", "tiên cầm" → "Thiên Cầm").
    """

    text: str
    start: float
    end: float
    confidence: float
    heard: str = ""

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. `confidence` is 0…1; `text` is empty when nobody spoke.

    `words` are those of `text` in order, empty when the engine has none. `engine` names who heard it,
    `seconds` is the length of the audio, `cut` says that it was longer than what was listened to.
    """

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    engine: str = ""
    seconds: float = 0.0
    cut: bool = False


class Recognizer(Protocol):
    """Turns recorded speech into text."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        """`audio` as the channel gave it, `mime` as announced (may be wrong). Raises RecognitionFailed."""
        ...


class Listening(Protocol):
    """One utterance that is being spoken. End with `finish` or `drop`; all may raise RecognitionFailed."""

    async def feed(self, pcm: bytes) -> None:
        """More of the voice; returns without waiting for its recognition."""
        ...

    async def partial(self) -> str:
        """The words so far, as the engine hears them."""
        ...

    async def finish(self) -> Transcript:
        """The utterance is over: its words."""
        ...

    async def drop(self) -> None:
        """Nobody needs the words any more."""
        ...


class LiveRecognizer(Recognizer, Protocol):
    """A recognizer that can also listen while somebody speaks."""

    async def listen(self, rate: int = 8000, bias: Sequence[str] = ()) -> Listening:
        """Begin an utterance of PCM16 at `rate`. `bias` are words or phrases that are likely now, such as the
        commands of a menu. Raises RecognitionFailed.
        """
        ...


class Synthesizer(Protocol):
    """Speaks a text."""

    async def say(self, text: str) -> bytes:
        """PCM16, mono, 8 kHz, without a header. Raises SynthesisFailed."""
        ...


class VoiceActivity(Protocol):
    """How likely it is that somebody speaks. One instance a stream; not shared."""

    @property
    def rate(self) -> int:
        """Samples a second it wants."""
        ...

    @property
    def window(self) -> int:
        """Samples of one judgement."""
        ...

    def chance(self, pcm: bytes) -> float:
        """0…1 for the next `window` samples of PCM16."""
        ...

    def reset(self) -> None:
        """A new stream begins."""
        ...
