"""What an engine of recognition is, inside a worker process: sound of one utterance in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.speech import Word
from speech.audio import Sound

RATE = 16_000
"""Samples a second that all engines take."""


class EngineMissing(Exception):
    """The engine cannot be loaded; the text says why and how to mend it."""


class Decoding(Protocol):
    """One utterance on its way through an engine."""

    def feed(self, sound: Sound) -> None:
        """More sound at 16 kHz."""
        ...

    def words(self) -> list[Word]:
        """The words so far. Times count from the first sample that was fed."""
        ...

    def finish(self) -> list[Word]:
        """All words; nothing is fed after it."""
        ...


class Engine(Protocol):
    """A loaded engine. Not shared between threads."""

    @property
    def name(self) -> str: ...

    def begin(self, bias: Sequence[str] = ()) -> Decoding:
        """A new utterance, in which the words and phrases of `bias` are likelier than usual."""
        ...
