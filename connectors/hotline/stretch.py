"""Slower speech at the same pitch, for those who could not follow (waveform-similarity overlap-add)."""

from __future__ import annotations

import numpy as np

_FRAME = 240
_HALF = _FRAME // 2
_SEARCH = 80


def stretch(pcm: bytes, factor: float) -> bytes:
    """The speech (PCM16, 8 kHz) made `factor` times as long, 1 to 2."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    if factor <= 1.0 or len(samples) < 3 * _FRAME:
        return pcm
    window = np.hanning(_FRAME + 1)[:_FRAME].astype(np.float32)
    padded = np.concatenate([np.zeros(_SEARCH, np.float32), samples, np.zeros(2 * _FRAME, np.float32)])
    count = int(len(samples) * factor) // _HALF
    out = np.zeros((count + 2) * _HALF, np.float32)
    natural = padded[_SEARCH : _SEARCH + _FRAME]
    for number in range(count):
        wanted = _SEARCH + int(number * _HALF / factor)
        start = wanted + _best_shift(padded, wanted, natural) if number else wanted
        start = min(start, len(padded) - _FRAME - _HALF)
        out[number * _HALF : number * _HALF + _FRAME] += padded[start : start + _FRAME] * window
        natural = padded[start + _HALF : start + _HALF + _FRAME]
    return bytes(np.clip(out, -32768, 32767).astype("<i2").tobytes())


def _best_shift(samples: np.ndarray[tuple[int], np.dtype[np.float32]], at: int, like: object) -> int:
    """Where around `at` the sound goes on most like `like`."""
    first = max(0, at - _SEARCH)
    region = samples[first : at + _SEARCH + _FRAME]
    template = np.asarray(like, np.float32)
    if len(region) < len(template) or not template.any():
        return 0
    likeness = np.correlate(region, template, "valid")
    return int(np.argmax(likeness)) + first - at
