"""Who speaks when: real voices between silences, in quiet recordings, and cut when too long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from speech.audio import Clip, resample
from speech.voice_activity import Cutting, SileroActivity, speech_spans

RATE = 8000


class Scripted:
    """Says what a script says, one number a window of 256 samples."""

    rate = RATE
    window = 256

    def __init__(self, chances: list[float]) -> None:
        self._chances = chances
        self._at = 0

    def chance(self, pcm: bytes) -> float:
        assert len(pcm) == 512
        self._at += 1
        return self._chances[self._at - 1]

    def reset(self) -> None:
        self._at = 0


def spans(chances: list[float], cutting: Cutting | None = None) -> list[tuple[float, float]]:
    sound = np.zeros(len(chances) * 256, np.float32)
    return [(s.start / 256, s.end / 256) for s in speech_spans(sound, RATE, Scripted(chances), cutting)]


def test_voices_are_found_between_silences(voices: list[tuple[Clip, str]]) -> None:
    parts = [clip.at(RATE) for clip, _ in voices]
    pause = np.zeros(int(1.5 * RATE), np.float32)
    sound = np.concatenate([piece for part in parts for piece in (pause, part)])
    found = speech_spans(sound, RATE, SileroActivity())
    assert len(found) == len(parts)
    begins = np.cumsum([0, *(len(pause) + len(part) for part in parts)])[:-1] + len(pause)
    for span, begin, part in zip(found, begins, parts, strict=True):
        assert span.start <= begin + 0.2 * RATE  # the first syllable is in
        assert span.end >= begin + len(part) - 0.5 * RATE


def test_a_whisper_is_listened_to_louder(voices: list[tuple[Clip, str]]) -> None:
    clip = voices[0][0]
    loud = speech_spans(clip.samples, clip.rate, SileroActivity())
    quiet = speech_spans(clip.samples * 0.01, clip.rate, SileroActivity())
    assert len(quiet) == len(loud) == 1


def test_silence_has_no_speech() -> None:
    assert speech_spans(np.zeros(RATE * 3, np.float32), RATE, SileroActivity()) == []
    assert speech_spans(np.zeros(0, np.float32), RATE, SileroActivity()) == []


def test_short_pauses_are_bridged_and_clicks_left_out() -> None:
    step = 0.032
    bridged = [0.0] * 20 + [0.9] * 20 + [0.0] * 15 + [0.9] * 20 + [0.0] * 60
    ((start, end),) = spans(bridged)
    assert start == pytest.approx(20 - 0.3 / step, abs=1)
    assert end == pytest.approx(75 + 0.3 / step, abs=1)
    assert spans([0.0] * 20 + [0.9] * 2 + [0.0] * 60) == []


def test_a_long_pause_parts_two_utterances() -> None:
    assert len(spans([0.9] * 20 + [0.0] * 40 + [0.9] * 20)) == 2


def test_what_is_too_long_is_cut_where_it_is_quietest() -> None:
    chances = [0.9] * 100
    chances[45] = 0.2
    found = spans(chances, Cutting(longest=50 * 0.032, lead=0, tail=0))
    assert found[0][1] == pytest.approx(46, abs=0.1)
    assert all(one[1] <= other[0] + 1e-6 for one, other in pairwise(found))


def test_a_window_of_another_size_is_refused() -> None:
    activity = SileroActivity()
    assert (activity.rate, activity.window) == (8000, 256)
    with pytest.raises(ValueError, match="256"):
        activity.chance(bytes(100))


def test_other_rates_are_listened_to_at_the_models_rate(voices: list[tuple[Clip, str]]) -> None:
    clip = voices[0][0]
    (at_24k,) = speech_spans(clip.samples, clip.rate, SileroActivity())
    (at_16k,) = speech_spans(resample(clip.samples, clip.rate, 16000), 16000, SileroActivity())
    assert at_24k.end / clip.rate == pytest.approx(at_16k.end / 16000, abs=0.1)
