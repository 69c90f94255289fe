"""The caller's audio laid on the wall clock: gaps become silence, odd pieces become slots of 20 ms.

A key press stops the audio for a moment and a phone with DTX for as long as nobody speaks; timers and
recordings must go on. "No frames" is not "hung up".
"""

from __future__ import annotations

from connectors.hotline.sound import SILENCE, SLOT_BYTES, SLOT_S

SLACK_S = 0.06
"""How late audio may be before its place is taken by silence."""


class Timeline:
    """Slots of audio since `start` (seconds of a monotonic clock). `filled` counts the slots of silence."""

    def __init__(self, start: float) -> None:
        self._start = start
        self._buffer = bytearray()
        self._given = 0
        self.filled = 0

    def put(self, pcm: bytes) -> None:
        """Audio that has just arrived, of any length."""
        self._buffer += pcm

    def slots(self, now: float) -> list[bytes]:
        """The slots that are complete or overdue, in order, each once."""
        out = []
        while len(self._buffer) >= SLOT_BYTES:
            out.append(bytes(self._buffer[:SLOT_BYTES]))
            del self._buffer[:SLOT_BYTES]
        due = int((now - self._start - SLACK_S) / SLOT_S)
        while self._given + len(out) < due:
            rest = bytes(self._buffer[: len(self._buffer) // 2 * 2])
            self._buffer.clear()
            out.append(rest + SILENCE[len(rest) :])
            self.filled += not rest
        self._given += len(out)
        return out

    @property
    def seconds(self) -> float:
        """How much was given so far."""
        return self._given * SLOT_S
