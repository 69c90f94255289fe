"""Voice activity by loudness: what stands out from the line's own noise. The fall-back without a model."""

from __future__ import annotations

from connectors.hotline.sound import RATE, loudness

_FLOOR = 60.0
_RISES, _FALLS = 1.02, 0.9
_STANDS_OUT = 4.0


class LoudnessActivity:
    """Fills `core.speech.VoiceActivity`. Learns the noise of the line as it goes."""

    rate = RATE
    window = 256

    def __init__(self) -> None:
        self._noise = _FLOOR

    def chance(self, pcm: bytes) -> float:
        level = loudness(pcm)
        self._noise = max(_FLOOR, min(self._noise * _RISES, level) if level > self._noise else
                          self._noise * _FALLS + level * (1 - _FALLS))  # fmt: skip
        return min(1.0, level / (self._noise * _STANDS_OUT * 2))

    def reset(self) -> None:
        self._noise = _FLOOR
