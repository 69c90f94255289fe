"""The larger recognizer: sherpa-onnx with an offline transducer (zipformer) that the operator installs.

A model folder holds one encoder, decoder and joiner (`*encoder*.onnx` …, int8 preferred), `tokens.txt`, and
for likely phrases `bpe.vocab`. Such models hear an utterance as a whole: while somebody speaks, what was
said so far is heard again about each second.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from core.speech import Word
from speech.audio import Sound
from speech.engine import RATE, EngineMissing

LEAD_S, TAIL_S = 0.3, 0.8
"""Silence before and after: without it the first and last syllables are lost."""
_AGAIN_S = 1.0
_LAST_WORD_S = 0.2
_BIAS_SCORE = 1.5


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """The files of a transducer."""

    encoder: Path
    decoder: Path
    joiner: Path
    tokens: Path
    bpe_vocab: Path | None

    @classmethod
    def find(cls, folder: Path) -> ModelFolder:
        """Raises EngineMissing when the folder is no model."""
        tokens = folder / "tokens.txt"
        if not tokens.is_file():
            raise EngineMissing(f"{folder} is no model: tokens.txt is missing (KENHDAN_SPEECH_MODEL)")
        bpe_vocab = folder / "bpe.vocab"
        return cls(
            _part(folder, "encoder"), _part(folder, "decoder"), _part(folder, "joiner"), tokens,
            bpe_vocab if bpe_vocab.is_file() else None,
        )  # fmt: skip


def _part(folder: Path, name: str) -> Path:
    found = sorted(folder.glob(f"*{name}*.onnx"), key=lambda path: (".int8." not in path.name, path.name))
    if not found:
        raise EngineMissing(f"{folder} has no {name}: expected a file *{name}*.onnx (KENHDAN_SPEECH_MODEL)")
    return found[0]


class SherpaEngine:
    """An `OfflineRecognizer` of sherpa-onnx, or anything that is used like one."""

    def __init__(self, recognizer: Any, name: str, *, takes_bias: bool = False) -> None:
        self._recognizer = recognizer
        self._takes_bias = takes_bias
        self.name = name

    @classmethod
    def load(cls, folder: Path, phrases: Sequence[str] = ()) -> SherpaEngine:
        """Raises EngineMissing: sherpa-onnx is not installed, or the folder is no model."""
        files = ModelFolder.find(folder)
        try:
            import sherpa_onnx
        except ImportError as error:
            raise EngineMissing("sherpa-onnx is not installed: pip install 'kenhdan[sherpa]'") from error
        settings: dict[str, Any] = {"decoding_method": "modified_beam_search", "num_threads": 1}
        biased = files.bpe_vocab is not None
        with tempfile.TemporaryDirectory(prefix="kenhdan-") as scratch:
            if biased:
                words = Path(scratch) / "phrases.txt"
                words.write_text("\n".join(phrase.upper() for phrase in phrases) + "\n", encoding="utf-8")
                settings |= {
                    "hotwords_file": str(words), "hotwords_score": _BIAS_SCORE,
                    "modeling_unit": "bpe", "bpe_vocab": str(files.bpe_vocab),
                }  # fmt: skip
            try:
                recognizer = sherpa_onnx.OfflineRecognizer.from_transducer(
                    encoder=str(files.encoder), decoder=str(files.decoder), joiner=str(files.joiner),
                    tokens=str(files.tokens), **settings,
                )  # fmt: skip
            except (RuntimeError, ValueError) as error:
                raise EngineMissing(f"sherpa-onnx cannot load the model in {folder}: {error}") from error
        return cls(recognizer, f"sherpa-onnx {folder.name}", takes_bias=biased)

    def begin(self, bias: Sequence[str] = ()) -> SherpaDecoding:
        hotwords = "/".join(phrase.upper() for phrase in bias) if self._takes_bias else ""
        return SherpaDecoding(self._recognizer, hotwords)


class SherpaDecoding:
    """One utterance, heard again as a whole when a second more of it is there."""

    def __init__(self, recognizer: Any, hotwords: str = "") -> None:
        self._recognizer = recognizer
        self._hotwords = hotwords
        self._parts: list[Sound] = []
        self._length = self._heard = 0
        self._words: list[Word] = []

    def feed(self, sound: Sound) -> None:
        self._parts.append(sound)
        self._length += len(sound)

    def words(self) -> list[Word]:
        if self._length - self._heard >= _AGAIN_S * RATE:
            self._words, self._heard = self._decode(), self._length
        return self._words

    def finish(self) -> list[Word]:
        return self._decode() if self._length else []

    def _decode(self) -> list[Word]:
        quiet = np.zeros(int(LEAD_S * RATE), np.float32), np.zeros(int(TAIL_S * RATE), np.float32)
        sound = np.concatenate([quiet[0], *self._parts, quiet[1]])
        stream = (
            self._recognizer.create_stream(hotwords=self._hotwords)
            if self._hotwords
            else self._recognizer.create_stream()
        )
        stream.accept_waveform(RATE, sound)
        self._recognizer.decode_stream(stream)
        return words_of(stream.result)


def words_of(result: Any) -> list[Word]:
    """A result's tokens → words. A token that begins with a blank (or "▁") begins a word."""
    tokens, times = list(result.tokens), list(result.timestamps)
    sure = [exp(min(0.0, log)) for log in (getattr(result, "ys_log_probs", None) or [])]
    groups: list[tuple[str, float, float]] = []
    for at, token in enumerate(tokens):
        text = token.replace("▁", " ")
        start = max(0.0, (times[at] if at < len(times) else 0.0) - LEAD_S)
        confidence = sure[at] if at < len(sure) else 0.5
        if text.startswith(" ") or not groups:
            groups.append((text.strip().lower(), start, confidence))
        else:
            said, begun, least = groups[-1]
            groups[-1] = (said + text.lower(), begun, min(least, confidence))
    words = []
    for at, (text, start, confidence) in enumerate(groups):
        end = groups[at + 1][1] if at + 1 < len(groups) else start + _LAST_WORD_S
        if text:
            words.append(Word(text, round(start, 2), round(max(start, end), 2), round(confidence, 3)))
    return words
