"""Sound as the telephone has it: 8 kHz, 16-bit little-endian mono, in slots of 20 ms."""

from __future__ import annotations

import io
import wave

import numpy as np

RATE = 8_000
SLOT_S = 0.02
SLOT_BYTES = 320
SILENCE = bytes(SLOT_BYTES)


def seconds_of(pcm: bytes) -> float:
    return len(pcm) / 2 / RATE


def silence(seconds: float) -> bytes:
    return bytes(2 * round(seconds * RATE))


def loudness(pcm: bytes) -> float:
    """Root mean square, 0…32768."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    return float(np.sqrt(np.mean(samples * samples))) if samples.size else 0.0


def as_wav(pcm: bytes) -> bytes:
    """The samples as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm)
    return file.getvalue()


def to_telephone_rate(pcm: bytes, rate: int) -> bytes:
    """Samples of another rate brought to 8 kHz: averaged, so that nothing folds back."""
    if rate == RATE:
        return pcm
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    if not samples.size:
        return b""
    span = rate / RATE
    sums = np.concatenate(([0.0], np.cumsum(samples)))
    edges = np.minimum(np.arange(0, int(samples.size / span) + 1) * span, samples.size)
    along = np.interp(edges, np.arange(sums.size), sums)
    return bytes(np.round(np.diff(along) / span).astype("<i2").tobytes())
