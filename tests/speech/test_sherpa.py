"""The larger recognizer: the real sherpa-onnx on a tiny transducer, and its refusals."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from speech.engine import EngineMissing
from speech.sherpa import SherpaDecoding, SherpaEngine, words_of

onnx = pytest.importorskip("onnx", reason="onnx is not installed: it builds the tiny model")
pytest.importorskip("sherpa_onnx", reason="sherpa-onnx is not installed: pip install 'kenhdan[sherpa]'")
SECOND = np.zeros(16000, np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    from tests.speech import tiny_transducer

    tiny_transducer.make(tmp_path)
    return tmp_path


def test_a_model_folder_is_loaded_and_heard(folder: Path) -> None:
    engine = SherpaEngine.load(folder, ["Thiên Cầm"])
    assert folder.name in engine.name
    decoding = engine.begin(["chào"])
    decoding.feed(SECOND)
    words = decoding.finish()
    assert [word.text for word in words] == ["chào", "bác"]
    assert all(0.9 < word.confidence <= 1 and word.start <= word.end for word in words)


def test_int8_is_preferred(folder: Path) -> None:
    from speech.sherpa import ModelFolder

    (folder / "encoder-epoch-1.int8.onnx").write_bytes(b"")
    assert ModelFolder.find(folder).encoder.name == "encoder-epoch-1.int8.onnx"


@pytest.mark.parametrize("missing", ["tokens.txt", "encoder-epoch-1.onnx", "joiner-epoch-1.onnx"])
def test_a_folder_that_is_no_model_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(EngineMissing, match="KENHDAN_SPEECH_MODEL"):
        SherpaEngine.load(folder)


class Scripted:
    """Used like sherpa's recognizer; counts how often it decodes."""

    def __init__(self) -> None:
        self.heard: list[float] = []
        self.hotwords: list[str] = []

    def create_stream(self, hotwords: str = "") -> SimpleNamespace:
        self.hotwords.append(hotwords)
        stream = SimpleNamespace(result=None, seconds=0.0)
        stream.accept_waveform = lambda rate, sound: setattr(stream, "seconds", len(sound) / rate)
        return stream

    def decode_stream(self, stream: SimpleNamespace) -> None:
        self.heard.append(stream.seconds)
        stream.result = SimpleNamespace(
            tokens=[" NGH", "ÈN", " BỊ"], timestamps=[0.5, 0.6, 0.9], ys_log_probs=[-0.1, -0.7, -0.01]
        )


def test_while_somebody_speaks_it_is_heard_again_each_second() -> None:
    recognizer = Scripted()
    decoding = SherpaDecoding(recognizer)
    for _ in range(30):
        decoding.feed(SECOND[:1600])
        decoding.words()
    assert len(recognizer.heard) == 3
    assert decoding.finish() == decoding.words()


def test_likely_phrases_are_given_only_to_models_that_take_them() -> None:
    for takes, wanted in ((True, "GẶP NGƯỜI TRỰC/ĐÚNG"), (False, "")):
        recognizer = Scripted()
        decoding = SherpaEngine(recognizer, "scripted", takes_bias=takes).begin(["gặp người trực", "đúng"])
        decoding.feed(SECOND)
        decoding.finish()
        assert recognizer.hotwords == [wanted]


def test_tokens_become_words_with_the_least_confidence_of_their_parts() -> None:
    recognizer = Scripted()
    stream = recognizer.create_stream()
    recognizer.decode_stream(stream)
    first, second = words_of(stream.result)
    assert (first.text, second.text) == ("nghèn", "bị")
    assert first.confidence == pytest.approx(0.497, abs=0.001)
    assert (first.start, first.end, second.start) == (0.2, 0.6, 0.6)


def test_without_log_probabilities_every_word_is_doubtful() -> None:
    result = SimpleNamespace(tokens=["▁chào"], timestamps=[0.4])
    assert [word.confidence for word in words_of(result)] == [0.5]
