"""The embedded recognizer: a streaming conformer with CTC, decoded by ourselves.

Its form (found by looking at the model): 80 log-mel values each 10 ms; a chunk of 43 frames goes in, 40 are
moved on, and 10 rows of log-probabilities come out, one each 40 ms; two caches carry what was heard before.
The positions run out after about 200 s, so an utterance is one stream and is cut long before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from core.speech import Word
from speech.audio import Sound
from speech.beam import BeamSearch, LogProbs, Token
from speech.bias import START, TokenBook, bias_tree
from speech.engine import RATE, EngineMissing
from speech.weights import NoWeights, Weights, read_weights

LEAD_S = 1.6
"""Silence before the first sample. It fills the 40 rows that attention looks back on: with less the first
syllables are lost, and on the telephone many more (README). What the model makes of it is computed once."""
TAIL_S = 0.8
"""Silence after the last one: without it the last syllable is lost."""
_CHUNK, _STEP = 43, 40
_ROWS = 10
_ROW_S = 0.04
_ATTENTION = (1, 12, 4, 40, 224)
_CONVOLUTION = (1, 12, 448, 30)
_SYLLABLE_S = 0.2
"""How long the last word of a group is taken to be: the model says when a word begins, not when it ends."""


class EmbeddedEngine:
    """The model loaded once; `begin` starts an utterance. One thread a stream: more make it slower."""

    name = "viet-asr 0.1.0.dev11, own decoding"

    def __init__(self, weights: Weights, phrases: Sequence[str] = ()) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._model = ort.InferenceSession(weights.model, options, providers=["CPUExecutionProvider"])
        self.book = TokenBook(weights.tokens)
        self._phrases = tuple(phrases)
        self._tree = bias_tree(self._phrases, self.book)
        self.after_silence = self._hear_silence()

    @classmethod
    def load(cls, phrases: Sequence[str] = ()) -> EmbeddedEngine:
        """From the installed package; `phrases` are likely in every utterance. Raises EngineMissing."""
        try:
            return cls(read_weights(), phrases)
        except NoWeights as error:
            raise EngineMissing(str(error)) from error

    def begin(self, bias: Sequence[str] = ()) -> EmbeddedDecoding:
        tree = bias_tree((*self._phrases, *bias), self.book) if bias else self._tree
        return EmbeddedDecoding(self, BeamSearch(self.book.tokens, tree))

    def _hear_silence(self) -> list[tuple[LogProbs, Any, Any]]:
        """Rows and caches after each chunk that lies wholly in the silence before an utterance."""
        features = knf.OnlineFbank(fbank_options())
        features.accept_waveform(RATE, np.zeros(int(LEAD_S * RATE), np.float32).tolist())
        silent = np.stack([features.get_frame(i) for i in range(_CHUNK)])
        state: tuple[Any, Any] = (np.zeros(_ATTENTION, np.float32), np.zeros(_CONVOLUTION, np.float32))
        heard = []
        for at in range((features.num_frames_ready - _CHUNK) // _STEP + 1):
            rows, *rest = self.run(silent, at * _ROWS, *state)
            state = (rest[0], rest[1])
            heard.append((rows, *state))
        return heard

    def run(
        self, features: npt.NDArray[np.float32], offset: int, attention: Any, convolution: Any
    ) -> tuple[LogProbs, Any, Any]:
        """One chunk [43, 80] → (log-probabilities [10, tokens], the caches after it)."""
        rows, attention, convolution = self._model.run(
            None,
            {
                "chunk": features[None],
                "offset": np.array([[offset]], np.int64),
                "att_cache": attention,
                "cnn_cache": convolution,
            },
        )
        return cast(LogProbs, rows[0]), attention, convolution


class EmbeddedDecoding:
    """One utterance: features, model and search advance together as the sound comes in."""

    def __init__(self, engine: EmbeddedEngine, search: BeamSearch) -> None:
        self._engine = engine
        self._search = search
        self._features = knf.OnlineFbank(fbank_options())
        self._taken = 0
        self._offset = 0
        for rows, self._attention, self._convolution in engine.after_silence:
            self._search.step(rows)
            self._taken += _STEP
            self._offset += _ROWS
        self._features.accept_waveform(RATE, np.zeros(int(LEAD_S * RATE), np.float32).tolist())
        self._features.pop(self._taken)

    def feed(self, sound: Sound) -> None:
        self._features.accept_waveform(RATE, (sound * 32768).tolist())
        while self._taken + _CHUNK <= self._features.num_frames_ready:
            self._step()

    def words(self) -> list[Word]:
        return join_words(self._search.best(), self._engine.book)

    def finish(self) -> list[Word]:
        self.feed(np.zeros(int(TAIL_S * RATE) + _STEP * RATE // 100, np.float32))
        return self.words()

    def _step(self) -> None:
        frames = range(self._taken, self._taken + _CHUNK)
        features = np.stack([self._features.get_frame(i) for i in frames])
        self._features.pop(_STEP)
        rows, self._attention, self._convolution = self._engine.run(
            features, self._offset, self._attention, self._convolution
        )
        self._search.step(rows)
        self._taken += _STEP
        self._offset += _ROWS


def fbank_options() -> Any:
    """How the model's features are computed."""
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.frame_opts.snip_edges = True
    options.frame_opts.window_type = "povey"
    options.mel_opts.num_bins = 80
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 8000
    return options


def join_words(tokens: Sequence[Token], book: TokenBook) -> list[Word]:
    """Tokens → words with times. A word is as sure as its least sure token."""
    groups: list[list[Token]] = []
    for token in tokens:
        text = book.tokens[token.token]
        if text.startswith("<"):  # unknown, end of sentence: nothing to write
            continue
        if text.startswith(START) or not groups:
            groups.append([])
        groups[-1].append(token)
    words: list[Word] = []
    for at, group in enumerate(groups):
        text = "".join(book.tokens[token.token] for token in group).removeprefix(START)
        start = max(0.0, group[0].first * _ROW_S - LEAD_S)
        last = group[-1].clearest * _ROW_S - LEAD_S + _SYLLABLE_S
        end = min(last, groups[at + 1][0].first * _ROW_S - LEAD_S) if at + 1 < len(groups) else last
        if text:
            sure = min(token.probability for token in group)
            words.append(Word(text, round(start, 2), round(max(start, end), 2), round(sure, 3)))
    return words
