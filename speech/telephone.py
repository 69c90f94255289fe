"""A recording as the telephone would bring it: for measuring and tests."""

from __future__ import annotations

import numpy as np

from speech.audio import Clip, Sound, resample, to_pcm16
from speech.g711 import from_alaw, to_alaw

LINE_RATE = 8000
_LOW_HZ, _HIGH_HZ = 300, 3400


def through_telephone(clip: Clip, noise_db: float | None = None) -> Clip:
    """The clip at 8 kHz, 300–3400 Hz, there and back through G.711 A-law; `noise_db`: white noise that far
    below the voice (always the same).
    """
    sound = _band(clip.at(LINE_RATE))
    if noise_db is not None and len(sound):
        level = float(np.sqrt(np.mean(sound**2))) * 10 ** (-noise_db / 20)
        sound = sound + np.random.default_rng(0).normal(0, level, len(sound)).astype(np.float32)
    heard = from_alaw(to_alaw(to_pcm16(sound))).astype(np.float32) / np.float32(32768)
    return Clip(heard, LINE_RATE, clip.cut)


def _band(sound: Sound) -> Sound:
    """What a telephone lets through."""
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / LINE_RATE)
    spectrum[(hertz < _LOW_HZ) | (hertz > _HIGH_HZ)] = 0
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def as_wav(clip: Clip) -> bytes:
    """A clip as a WAV file, PCM16."""
    import io
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(clip.rate)
        out.writeframes(to_pcm16(resample(clip.samples, clip.rate, clip.rate)).tobytes())
    return file.getvalue()
