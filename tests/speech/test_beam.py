"""The beam search against the sum over all alignments, and what likely phrases change."""

from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.beam import BeamSearch, LogProbs
from speech.bias import TokenBook, bias_tree

TOKENS = ("<blank>", "▁đúng", "▁sai", "▁rồi")


def log_probs(rows: list[list[float]]) -> LogProbs:
    """Rows of weights → log-probabilities."""
    weights = np.array(rows, np.float32) + 1e-3
    return np.log(weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def by_brute_force(frames: LogProbs) -> tuple[int, ...]:
    """The text whose alignments together are likeliest."""
    totals: dict[tuple[int, ...], float] = {}
    for path in product(range(frames.shape[1]), repeat=len(frames)):
        text = tuple(token for token, _ in groupby(path) if token)
        totals[text] = totals.get(text, 0.0) + float(np.exp(sum(frames[t, k] for t, k in enumerate(path))))
    return max(totals, key=totals.__getitem__)


def ids(search: BeamSearch) -> tuple[int, ...]:
    return tuple(token.token for token in search.best())


@given(st.lists(st.lists(st.floats(0, 1, width=16), min_size=4, max_size=4), min_size=1, max_size=6))
@settings(max_examples=120, deadline=None)
def test_a_wide_beam_finds_what_brute_force_finds(rows: list[list[float]]) -> None:
    frames = log_probs(rows)
    search = BeamSearch(TOKENS, width=500)
    search.step(frames)
    found, wanted = ids(search), by_brute_force(frames)
    if found != wanted:  # only when two texts are as good as equal
        assert score(frames, found) == pytest.approx(score(frames, wanted), rel=1e-3)


def score(frames: LogProbs, text: tuple[int, ...]) -> float:
    total = 0.0
    for path in product(range(frames.shape[1]), repeat=len(frames)):
        if tuple(token for token, _ in groupby(path) if token) == text:
            total += float(np.exp(sum(frames[t, k] for t, k in enumerate(path))))
    return total


def test_the_same_word_twice_needs_a_blank_between() -> None:
    search = BeamSearch(TOKENS)
    search.step(log_probs([[0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]]))
    assert ids(search) == (1, 1)


def test_times_and_confidence_are_those_of_the_clearest_frame() -> None:
    search = BeamSearch(TOKENS)
    search.step(log_probs([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.1, 0.9, 0, 0], [1, 0, 0, 0]]))
    (token,) = search.best()
    assert (token.first, token.clearest) == (1, 2)
    assert token.probability == pytest.approx(0.9, abs=0.01)


def test_a_likely_phrase_wins_what_is_nearly_even() -> None:
    frames = log_probs([[0, 0.45, 0.55, 0]])
    plain, leaning = BeamSearch(TOKENS), BeamSearch(TOKENS, bias_tree(["Đúng"], TokenBook(TOKENS)))
    plain.step(frames)
    leaning.step(frames)
    assert (ids(plain), ids(leaning)) == ((2,), (1,))


def test_a_likely_phrase_does_not_win_against_clear_speech() -> None:
    search = BeamSearch(TOKENS, bias_tree(["đúng"], TokenBook(TOKENS)))
    search.step(log_probs([[0, 0.02, 0.98, 0]]))
    assert ids(search) == (2,)


def test_an_unfinished_phrase_earns_nothing() -> None:
    search = BeamSearch(TOKENS, bias_tree(["đúng rồi"], TokenBook(TOKENS)))
    search.step(log_probs([[0, 0.45, 0.55, 0], [1, 0, 0, 0]]))
    assert ids(search) == (2,)


def test_spellings_of_what_is_no_single_token() -> None:
    book = TokenBook(("<blank>", "▁ngh", "èn", "▁n", "gh", "▁đúng"))
    assert book.spellings("đúng") == ((5,),)
    assert book.spellings("nghèn")[0] == (1, 2)
    assert book.spellings("xyz") == ()
    assert bias_tree(["xyz", "  "], book) is None
