"""The port of speech recognition: a recording → words. Engines live in `speech/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class RecognitionFailed(Exception):
    """No words could be made of the recording; it is kept and a person listens. The text says why."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. `confidence` is 0…1; `text` is empty when nobody spoke."""

    text: str
    confidence: float


class Recognizer(Protocol):
    """Turns speech into text."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        """`audio` as the channel gave it, `mime` as announced (may be wrong). Raises RecognitionFailed."""
        ...
