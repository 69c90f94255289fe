"""The recognizer by its package's own API: used when the weights inside are not the known ones.

Worse and slower than our own decoding (see README), without times, confidences and likely phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.speech import Word
from speech.audio import Sound, to_pcm16
from speech.engine import RATE, EngineMissing

LEAD_S, TAIL_S = 0.3, 0.8
UNKNOWN_CONFIDENCE = 0.5
"""The API gives none: every word is marked for the officer."""


class PackageEngine:
    """`viet-asr` as its makers call it."""

    def __init__(self, pipeline: Any, version: str) -> None:
        self._pipeline = pipeline
        self.name = f"viet-asr {version}, the package's own decoding"

    @classmethod
    def load(cls) -> PackageEngine:
        """Raises EngineMissing."""
        try:
            import vietasr

            return cls(vietasr.Pipeline.preset("transcribe"), str(vietasr.__version__))
        except (ImportError, OSError, RuntimeError) as error:
            raise EngineMissing(f"the package viet-asr cannot be used: {error}") from error

    def begin(self, bias: Sequence[str] = ()) -> PackageDecoding:
        return PackageDecoding(self._pipeline)


class PackageDecoding:
    """One utterance, recognised as a whole at its end."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._parts: list[Sound] = [np.zeros(int(LEAD_S * RATE), np.float32)]

    def feed(self, sound: Sound) -> None:
        self._parts.append(sound)

    def words(self) -> list[Word]:
        return []

    def finish(self) -> list[Word]:
        sound = np.concatenate([*self._parts, np.zeros(int(TAIL_S * RATE), np.float32)])
        result = self._pipeline.transcribe(to_pcm16(sound), float(RATE))
        return spread_words(str(result.text).split(), len(sound) / RATE - LEAD_S - TAIL_S)


def spread_words(texts: Sequence[str], seconds: float) -> list[Word]:
    """Words without times, laid evenly over the utterance."""
    each = seconds / len(texts) if texts else 0.0
    return [
        Word(text.lower().strip(".,?!"), round(at * each, 2), round((at + 1) * each, 2), UNKNOWN_CONFIDENCE)
        for at, text in enumerate(texts)
    ]
