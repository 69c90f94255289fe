"""The caller's audio by the wall clock, the A-law trap, other rates, slower speech."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hotline.alaw_trap import AlawTrap
from connectors.hotline.sound import SILENCE, SLOT_BYTES, SLOT_S, loudness, to_telephone_rate
from connectors.hotline.stretch import stretch
from connectors.hotline.timeline import SLACK_S, Timeline
from speech.g711 import to_alaw
from tests.connectors.hotline.emulator import COMFORT
from tests.connectors.hotline.stage import pitch_of, tone


@given(st.lists(st.tuples(st.floats(0, 0.5), st.integers(0, 1000)), max_size=40))
def test_there_is_a_slot_for_every_20_ms_whatever_arrives(arrivals: list[tuple[float, int]]) -> None:
    timeline, now, given_slots, sent = Timeline(0.0), 0.0, 0, 0
    for pause, size in arrivals:
        now += pause
        timeline.put(b"\x01\x02" * size)
        sent += 2 * size
        slots = timeline.slots(now)
        assert all(len(slot) == SLOT_BYTES for slot in slots)
        given_slots += len(slots)
    assert given_slots * SLOT_S >= now - SLACK_S - SLOT_S - 1e-6
    # nothing is invented: what is not silence came from the line
    assert given_slots <= sent // SLOT_BYTES + len(arrivals) + int(max(0.0, now) / SLOT_S) + 1


def test_dtx_silence_has_its_length() -> None:
    timeline = Timeline(0.0)
    voice = tone(500, 0.1)
    timeline.put(voice)
    heard = timeline.slots(0.1)
    heard += timeline.slots(5.0)
    timeline.put(voice)
    heard += timeline.slots(5.1)
    assert b"".join(heard).startswith(voice)
    assert abs(len(heard) * SLOT_S - 5.1) < 0.15
    assert timeline.filled > 200


def test_a_frame_of_230_bytes_loses_no_sample() -> None:
    timeline = Timeline(0.0)
    sound = tone(500, 0.2)
    for at in range(0, len(sound), 230):
        timeline.put(sound[at : at + 230])
    assert b"".join(timeline.slots(0.2)) == sound


def test_160_bytes_50_times_a_second_is_alaw_and_is_decoded() -> None:
    trap = AlawTrap()
    sound = tone(500, 2.0)
    heard = b"".join(
        trap.take(to_alaw(np.frombuffer(sound[at : at + 320], "<i2")), at / 16_000)
        for at in range(0, len(sound), 320)
    )
    assert trap.sprung
    assert len(heard) == len(sound)
    assert abs(pitch_of(heard) - 500) < 5


def test_silence_in_alaw_is_found_too() -> None:
    trap = AlawTrap()
    for number in range(50):
        trap.take(to_alaw(np.frombuffer(COMFORT, "<i2")), number * SLOT_S)
    assert trap.sprung


@pytest.mark.parametrize("stall", [0.0, 0.4], ids=["smooth", "stalled"])
def test_160_bytes_100_times_a_second_is_linear(stall: float) -> None:
    """Also when they come late because our own loop stood still."""
    trap = AlawTrap()
    sound = tone(500, 1.0)
    heard = b"".join(
        trap.take(sound[at : at + 160], at / 16_000 + (stall if at > 1600 else 0.0))
        for at in range(0, len(sound), 160)
    )
    assert not trap.sprung
    assert heard == sound[: len(heard)]
    assert len(sound) - len(heard) <= 160 * 25


@pytest.mark.parametrize("rate", [12_000, 16_000, 24_000, 44_100, 48_000])
def test_other_rates_become_8_khz(rate: int) -> None:
    times = np.arange(rate) / rate
    wide = (8000 * np.sin(2 * np.pi * 700 * times)).astype("<i2").tobytes()
    narrow = to_telephone_rate(wide, rate)
    assert abs(len(narrow) - 16_000) <= 4
    assert abs(pitch_of(narrow) - 700) < 5


def test_slower_speech_keeps_its_pitch() -> None:
    slow = stretch(tone(300, 1.0), 1.25)
    assert 1.2 < len(slow) / 16_000 < 1.3
    assert abs(pitch_of(slow) - 300) < 6
    assert loudness(slow[2000:-2000]) > 0.8 * loudness(tone(300, 1.0))
    assert stretch(SILENCE, 1.25) == SILENCE
