"""The embedded recognizer on real voices, clean and as the telephone brings them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.speech import SURE, Word
from speech.audio import Clip, Sound
from speech.embedded import EmbeddedEngine
from speech.engine import EngineMissing
from speech.measures import Errors, character_errors, word_errors
from speech.package_engine import UNKNOWN_CONFIDENCE, PackageEngine
from speech.telephone import through_telephone
from speech.weights import NoWeights, library_path, read_weights

Voices = list[tuple[Clip, str]]


def recognise(
    engine: EmbeddedEngine, sound: Sound, piece: int = 3200, bias: tuple[str, ...] = ()
) -> list[Word]:
    decoding = engine.begin(bias)
    for at in range(0, len(sound), piece):
        decoding.feed(sound[at : at + piece])
    return decoding.finish()


def text(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("line", "most_wer", "most_cer"),
    [("clean", 0.06, 0.04), ("telephone", 0.10, 0.06), ("noise", 0.15, 0.08)],
)
def test_real_voices_are_understood(
    engine: EmbeddedEngine, voices: Voices, line: str, most_wer: float, most_cer: float
) -> None:
    words, characters = Errors(), Errors()
    for clip, truth in voices:
        brought = {"clean": clip, "telephone": through_telephone(clip), "noise": through_telephone(clip, 20)}[
            line
        ]
        heard = text(recognise(engine, brought.at(16000)))
        words += word_errors(truth, heard)
        characters += character_errors(truth, heard)
    assert words.length > 80
    assert words.rate <= most_wer
    assert characters.rate <= most_cer


def test_the_pieces_it_is_fed_in_change_nothing(engine: EmbeddedEngine, voices: Voices) -> None:
    sound = voices[0][0].at(16000)
    whole = recognise(engine, sound, piece=len(sound))
    assert recognise(engine, sound, piece=160) == whole
    assert recognise(engine, sound, piece=1111) == whole


def test_words_come_in_order_within_the_sound(engine: EmbeddedEngine, voices: Voices) -> None:
    for clip, _ in voices:
        words = recognise(engine, clip.at(16000))
        starts = [word.start for word in words]
        assert starts == sorted(starts)
        assert all(0 <= word.start <= word.end <= clip.seconds + 0.5 for word in words)
        assert all(0 < word.confidence <= 1 for word in words)


def test_right_words_are_surer_than_wrong_ones(engine: EmbeddedEngine, voices: Voices) -> None:
    """What the officer's marks rest on: below SURE far more is wrong than above."""
    sure, unsure = [], []
    for clip, truth in voices:
        right = set(truth.lower().replace(",", "").replace(".", "").split())
        for word in recognise(engine, through_telephone(clip, 5).at(16000)):
            (sure if word.confidence >= SURE else unsure).append(word.text in right)
    assert len(unsure) >= 5
    assert np.mean(sure) > np.mean(unsure) + 0.2


def test_a_partial_result_is_there_before_the_end(engine: EmbeddedEngine, voices: Voices) -> None:
    clip, truth = voices[-1]
    sound = clip.at(16000)
    decoding = engine.begin()
    decoding.feed(sound[: len(sound) // 2])
    early = [word.text for word in decoding.words()]
    assert 3 <= len(early) < len(truth.split())


def test_silence_and_noise_say_nothing(engine: EmbeddedEngine) -> None:
    assert recognise(engine, np.zeros(16000 * 2, np.float32)) == []
    noise = np.random.default_rng(0).normal(0, 0.01, 32000).astype(np.float32)
    assert len(recognise(engine, noise)) <= 1


def test_likely_phrases_do_no_harm(engine: EmbeddedEngine, voices: Voices) -> None:
    commands = ("gặp người trực", "nghe lại", "đúng rồi", "không phải")
    clip, truth = voices[1]
    assert word_errors(truth, text(recognise(engine, clip.at(16000), bias=commands))).rate <= 0.1


def test_other_weights_are_refused(tmp_path: Path) -> None:
    """One byte of the model is changed: nobody has looked at those weights."""
    try:
        known = bytearray(library_path().read_bytes())
    except NoWeights as error:
        pytest.skip(str(error))
    known[len(known) // 2] ^= 0xFF
    other = tmp_path / "libvietasr.so"
    other.write_bytes(known)
    with pytest.raises(NoWeights, match="not the known one"):
        read_weights(other)
    assert hashlib.sha256(read_weights().model).hexdigest().startswith("b34e699e5557f877")


@pytest.mark.parametrize("data", [b"", b"not a library", b"\x7fELF" + bytes(60)])
def test_a_library_without_weights_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "libvietasr.so"
    path.write_bytes(data)
    with pytest.raises(NoWeights):
        read_weights(path)


def test_the_packages_own_decoding_stands_in(voices: Voices) -> None:
    try:
        engine = PackageEngine.load()
    except EngineMissing as error:
        pytest.skip(str(error))
    clip, truth = voices[0]
    decoding = engine.begin()
    decoding.feed(clip.at(16000))
    words = decoding.finish()
    assert word_errors(truth, text(words)).rate <= 0.2
    assert {word.confidence for word in words} == {UNKNOWN_CONFIDENCE}
