"""The ear: where an utterance begins and ends."""

from __future__ import annotations

from connectors.hotline.ear import PRE_ROLL_S, Ear, Patience, Sign
from connectors.hotline.sound import SILENCE, SLOT_BYTES, seconds_of
from tests.connectors.hotline.stage import LoudActivity, tone

PATIENCE = Patience(end=1.0, pause=0.4, longest=5.0, sustained=0.45)


def listen(ear: Ear, *pieces: bytes) -> list[Sign]:
    sound = b"".join(pieces)
    signs = []
    for at in range(0, len(sound), SLOT_BYTES):
        signs += ear.hear(sound[at : at + SLOT_BYTES])
    return signs


def test_an_utterance_has_its_pre_roll_and_a_short_tail() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    signs = listen(ear, SILENCE * 50, tone(400, 1.0), SILENCE * 60)
    assert signs == [Sign.BEGAN, Sign.SUSTAINED, Sign.PAUSED, Sign.ENDED]
    assert ear.last is not None
    assert 0.9 <= ear.last.voice_s <= 1.1
    assert PRE_ROLL_S - 0.2 + 1.0 + 0.5 <= seconds_of(ear.last.pcm) <= PRE_ROLL_S + 1.0 + 0.75


def test_a_click_is_no_utterance() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    assert listen(ear, SILENCE * 20, tone(400, 0.04), SILENCE * 60) == []


def test_a_cough_is_not_sustained() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    assert Sign.SUSTAINED not in listen(ear, SILENCE * 20, tone(400, 0.3), SILENCE * 60)


def test_a_pause_between_words_does_not_end_it() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    signs = listen(ear, tone(400, 0.6), SILENCE * 30, tone(400, 0.6), SILENCE * 60)
    assert signs.count(Sign.ENDED) == 1
    assert Sign.RESUMED in signs


def test_the_longest_is_cut() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    signs = listen(ear, tone(400, 5.5))
    assert Sign.ENDED in signs
    assert ear.last is not None
    assert not ear.last.whole


def test_what_is_fed_along_is_what_was_said() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    sound = SILENCE * 40 + tone(400, 1.0) + SILENCE * 60
    fed = b""
    for at in range(0, len(sound), SLOT_BYTES):
        ear.hear(sound[at : at + SLOT_BYTES])
        fed += ear.take_fresh()
    assert ear.last is not None
    assert fed.startswith(ear.last.pcm)
    assert not fed[len(ear.last.pcm) :].strip(b"\0")


def test_a_key_begins_and_ends_it_without_a_voice() -> None:
    ear = Ear(LoudActivity(), PATIENCE)
    ear.begin()
    assert ear.speaking
    listen(ear, SILENCE * 10)
    finished = ear.finish()
    assert finished is not None
    assert finished.voice_s == 0
    assert ear.finish() is None
