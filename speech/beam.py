"""CTC prefix beam search with times, confidences and likely phrases.

The model says 25 times a second how likely each token is (or "blank": none). The search keeps the best few
texts; a text's score is the sum over all the ways in which it may have been spoken. A phrase of the bias
tree is paid for while it is walked and charged back when it is left unfinished, so it helps only those who
say it.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from math import exp, inf, log1p

import numpy as np
import numpy.typing as npt

from speech.bias import START, BiasNode

LogProbs = npt.NDArray[np.float32]

BLANK = 0
WIDTH = 8
_CANDIDATES = 20
_UNLIKELY = -8.0
"""Tokens below this log-probability are not followed."""
_HOPELESS = 14.0
"""Texts this far behind the best one are not followed."""
_SILENT = -0.002
"""Above this log-probability of a blank nothing else is looked at."""
_AUDIBLE = -1.6
"""A token begins in the first frame in which it is at least this likely (one in five)."""
BIAS = 1.5
"""What each token of a likely phrase earns, in nats."""


class Prefix:
    """A text: the one before it and one token more."""

    __slots__ = ("at", "earned", "first", "held", "next", "parent", "peak", "spot", "token")

    def __init__(self, parent: Prefix | None, token: int, frame: int) -> None:
        self.parent = parent
        self.token = token
        self.first = -1
        self.at = frame
        self.peak = -inf
        self.next: dict[int, Prefix] = {}
        self.spot: BiasNode | None = None
        self.earned = self.held = 0.0

    def saw(self, likely: float, frame: int) -> None:
        """The token was seen in a frame; the clearest one counts."""
        if likely > self.peak:
            self.peak, self.at = likely, frame
        if self.first < 0 and likely > _AUDIBLE:
            self.first = frame


@dataclass(frozen=True, slots=True)
class Token:
    """A decoded token: its id, the frame it began in, the one it was clearest in, its probability there."""

    token: int
    first: int
    clearest: int
    probability: float


class BeamSearch:
    """The search over one utterance."""

    def __init__(
        self, tokens: tuple[str, ...], bias: BiasNode | None = None, width: int = WIDTH, weight: float = BIAS
    ) -> None:
        self._tokens = tokens
        self._bias = bias
        self._width = width
        self._weight = weight
        self._frame = 0
        self._beam: dict[Prefix, tuple[float, float]] = {Prefix(None, -1, 0): (0.0, -inf)}

    def step(self, frames: LogProbs) -> None:
        """The next frames: log-probabilities [frames, tokens]."""
        for frame in frames:
            blank = float(frame[BLANK])
            if blank > _SILENT:
                self._beam = {p: (_sum(*scores) + blank, -inf) for p, scores in self._beam.items()}
            else:
                self._spread(frame, blank)
            self._frame += 1

    def best(self) -> list[Token]:
        """The likeliest text so far."""
        prefix: Prefix | None = max(self._beam, key=lambda p: _sum(*self._beam[p]) + p.earned)
        found = []
        while prefix is not None and prefix.parent is not None:
            first = prefix.first if prefix.first >= 0 else prefix.at
            found.append(Token(prefix.token, first, prefix.at, exp(min(0.0, prefix.peak))))
            prefix = prefix.parent
        return found[::-1]

    def _spread(self, frame: LogProbs, blank: float) -> None:
        likely = _likely(frame)
        best = max(_sum(*scores) for scores in self._beam.values())
        new: dict[Prefix, list[float]] = {}
        for prefix, (with_blank, without) in self._beam.items():
            total = _sum(with_blank, without)
            scores = new.setdefault(prefix, [-inf, -inf])
            scores[0] = _sum(scores[0], total + blank)
            if without > -inf:
                again = float(frame[prefix.token])
                scores[1] = _sum(scores[1], without + again)
                prefix.saw(again, self._frame)
            for token, chance in likely:
                before = with_blank if token == prefix.token else total
                if before + chance < best - _HOPELESS:
                    continue
                longer = self._extend(prefix, token)
                longer.saw(chance, self._frame)
                scores = new.setdefault(longer, [-inf, -inf])
                scores[1] = _sum(scores[1], before + chance)
        worth = {prefix: _sum(*scores) + prefix.earned + prefix.held for prefix, scores in new.items()}
        kept = nlargest(self._width, new, key=worth.__getitem__)
        self._beam = {prefix: (new[prefix][0], new[prefix][1]) for prefix in kept}

    def _extend(self, prefix: Prefix, token: int) -> Prefix:
        found = prefix.next.get(token)
        if found is not None:
            return found
        longer = prefix.next[token] = Prefix(prefix, token, self._frame)
        longer.earned = prefix.earned
        if self._bias is not None:
            self._walk(prefix, longer, token)
        return longer

    def _walk(self, prefix: Prefix, longer: Prefix, token: int) -> None:
        """Go on in a likely phrase, begin one, or lose what was paid for an unfinished one."""
        assert self._bias is not None
        spot, held = (prefix.spot.next.get(token), prefix.held) if prefix.spot else (None, 0.0)
        if spot is None and self._tokens[token].startswith(START):
            spot, held = self._bias.next.get(token), 0.0
        if spot is None:
            return
        longer.spot, longer.held = spot, held + self._weight
        if spot.ends:
            longer.earned, longer.held = prefix.earned + longer.held, 0.0


def _likely(frame: LogProbs) -> list[tuple[int, float]]:
    """The tokens worth following, with their log-probabilities."""
    found = np.flatnonzero(frame > _UNLIKELY)
    if len(found) > _CANDIDATES:
        found = found[np.argsort(frame[found])[-_CANDIDATES:]]
    return [(int(token), float(frame[token])) for token in found if token != BLANK]


def _sum(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b == -inf else a + log1p(exp(b - a))
