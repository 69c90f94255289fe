"""A trap of Asterisk's: `Dial(AudioSocket/…)` without `c(slin)` sends A-law bytes labelled as linear samples.

It shows in the frames: 160 bytes fifty times a second, where linear audio has 160 bytes a hundred times; and
in what they are taken for: noise louder than anybody speaks. A stalled loop alone must not look like it.
"""

from __future__ import annotations

from connectors.hotline.sound import loudness
from speech.g711 import from_alaw

_SUSPECT_BYTES = 160
_WINDOW = 25
_BETWEEN_S = 0.36
"""25 frames of A-law take 0.48 s, of linear samples 0.24 s."""
_NOISE = 8_000.0
"""Loudness of A-law taken for linear samples is 10,000 and more, even of silence."""


class AlawTrap:
    """Watches the frames of one call and decodes them once it is sure. `sprung` tells that it is."""

    def __init__(self) -> None:
        self.sprung = False
        self._held: list[bytes] = []
        self._since = 0.0
        self._cleared = False

    def take(self, payload: bytes, now: float) -> bytes:
        """The linear samples to go on with; nothing while it is still being found out (half a second)."""
        if self.sprung:
            return from_alaw(payload).tobytes()
        if len(payload) != _SUSPECT_BYTES:
            return self._release() + payload
        if self._cleared:
            return payload
        if not self._held:
            self._since = now
        self._held.append(payload)
        if len(self._held) < _WINDOW:
            return b""
        self.sprung = now - self._since > _BETWEEN_S and loudness(b"".join(self._held)) > _NOISE
        self._cleared = not self.sprung
        return self._release()

    def _release(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return from_alaw(held).tobytes() if self.sprung else held
