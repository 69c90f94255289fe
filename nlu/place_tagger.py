"""Which words of a message name a place: an averaged perceptron over syllables, B-I-O, left to right.

It looks at the words around, at cue words (ở, tại, gần, thôn, xã, đường, chợ …) and at a list of commune
names (the lookup table `place_name` of the training data). Trained on the entity marks, with and without
diacritics
and capitals.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.text import fold
from nlu.examples import Example
from nlu.views import MAX_CHARS, syllable

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_TAGS = "OBI"
_EPOCHS = 3
_SEED = 11
_LONGEST_NAME = 4
_MAX_TOKENS = 220

# prepositions that lead to a place; words that begin the name of one; words that stand behind one
_CUE_WORDS = {
    "lead": "o tai thuoc gan truoc sau canh doan ngoai trong phia doi ben quanh ven toi den tu qua ve",
    "type": "thon xom to tdp khoi xa phuong duong ngo hem kiet cau cho truong ngach kdc khu nga tram"
    " benh ubnd nha"
    " quoc ql tinh huyen thi tx tp thanh lang dap ho song bien cang dinh den chua cong cum doc deo hoi"
    " dao ga vong"
    " bung binh lo tiem quan khach bao mam sieu dai km cua ban kenh pho so p x h tt",
    "stop": "bi co dang ma thi la nay roi chua khong rat may ai di lai",
}
_CUES = {word: cue for cue, words in reversed(_CUE_WORDS.items()) for word in words.split()}


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    word: str
    bare: str
    start: int
    end: int
    shape: str


@lru_cache(maxsize=16_384)
def _word_forms(text: str) -> tuple[str, str, str]:
    lower = text.lower()
    bare = syllable(lower).bare if lower.isalpha() else lower
    if text.isdigit():
        shape = "9" if len(text) < 4 else "99"
    elif not text.isalpha():
        shape = "."
    else:
        shape = "X" if text.isupper() and len(text) > 1 else "x" if text == lower else "Xx"
    return ("0" * len(lower) if len(lower) > 2 and lower.isdigit() else lower), bare, shape


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _TOKEN.finditer(text[:MAX_CHARS]):
        word, bare, shape = _word_forms(match[0])
        found.append(_Token(match[0], word, bare, match.start(), match.end(), shape))
        if len(found) >= _MAX_TOKENS:
            break
    return found


def _in_names(tokens: Sequence[_Token], names: frozenset[str]) -> list[str]:
    """For each token where it stands in the name of a commune: '' (in none), '1' (first) or '2' (further)."""
    marks = [""] * len(tokens)
    for start in range(len(tokens)):
        if marks[start] == "2":
            continue
        for size in range(min(_LONGEST_NAME, len(tokens) - start), 0, -1):
            name = " ".join(token.bare for token in tokens[start : start + size])
            if name in names and (size > 1 or tokens[start].shape == "Xx"):
                marks[start : start + size] = ["1"] + ["2"] * (size - 1)
                break
    return marks


_EDGE = _Token("", "<>", "<>", 0, 0, "")


def _static_features(tokens: Sequence[_Token], marks: Sequence[str]) -> list[list[str]]:
    """What does not depend on the tags given so far."""
    padded = [_EDGE, _EDGE, *tokens, _EDGE, _EDGE]
    around = ["", "", *marks, "", ""]
    result = []
    for at in range(2, len(tokens) + 2):
        before2, before, here, after, after2 = padded[at - 2 : at + 3]
        cue, cue_before, cue_after = (_CUES.get(t.bare, "") for t in (here, before, after))
        result.append([
            "w" + here.word, "b" + here.bare, "p" + before.bare, "n" + after.bare, "q" + before2.bare,
            "m" + after2.bare, f"pw{before.bare} {here.bare}", f"wn{here.bare} {after.bare}",
            f"qp{before2.bare} {before.bare}", f"s{here.shape}{before.shape}{after.shape}",
            f"g{around[at]}{around[at - 1]}{around[at + 1]}", f"c{cue_before}|{cue}|{cue_after}",
            f"cg{cue_before}|{cue}|{around[at]}|{around[at + 1]}", f"sg{here.shape}|{around[at]}"
            f"|{cue_before}",
            f"pW{before.word}",
        ])  # fmt: skip
    return result


def _tag_features(previous: str, before: str, token: _Token, mark: str, cue: str) -> tuple[str, ...]:
    return (
        f"t{previous}{before}",
        f"tw{previous}{token.bare}",
        f"ts{previous}{token.shape}{mark}",
        f"tc{previous}{cue}",
    )


class PlaceTagger:
    """Finds the spans of a message that name places."""

    def __init__(self, weights: Mapping[str, tuple[float, float, float]], names: Iterable[str]) -> None:
        self._weights = dict(weights)
        self._names = frozenset(names)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) in `text` (NFC), in order, without overlap."""
        tokens = _tokens(text)
        return _to_spans(tokens, self._tags(tokens)) if tokens else []

    def named(self, text: str) -> bool:
        """Whether the words hold the name of a commune of the list."""
        return any(_in_names(_tokens(text), self._names))

    def _tags(self, tokens: Sequence[_Token]) -> list[str]:
        marks = _in_names(tokens, self._names)
        tags: list[str] = []
        previous = before = "O"
        get = self._weights.get
        for token, mark, fixed in zip(tokens, marks, _static_features(tokens, marks), strict=True):
            outside = begin = inside = 0.0
            for name in (*fixed, *_tag_features(previous, before, token, mark, _CUES.get(token.bare, ""))):
                weight = get(name)
                if weight is not None:
                    outside += weight[0]
                    begin += weight[1]
                    inside += weight[2]
            if previous == "O":
                tag = "B" if begin > outside else "O"
            else:
                tag = "I" if inside >= max(outside, begin) else "B" if begin > outside else "O"
            tags.append(tag)
            before, previous = previous, tag
        return tags

    def to_json(self) -> dict[str, Any]:
        return {"weights": {k: list(v) for k, v in self._weights.items()}, "names": sorted(self._names)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlaceTagger:
        return cls({name: (v[0], v[1], v[2]) for name, v in data["weights"].items()}, data["names"])


def _to_spans(tokens: Sequence[_Token], tags: Sequence[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for token, tag in zip(tokens, tags, strict=True):
        if tag == "B":
            spans.append((token.start, token.end))
        elif tag == "I" and spans:
            spans[-1] = (spans[-1][0], token.end)
    return spans


def train_tagger(examples: Sequence[Example], lookups: Mapping[str, Sequence[str]]) -> PlaceTagger:
    """Learn from the entity marks of all examples."""
    names = frozenset(fold(name) for name in lookups.get("place_name", ()))
    learner = _Perceptron()
    sentences = [
        _Sentence.of(text, example.places, names, learner.weights)
        for example in examples
        for text in _writings(example)
        # of what names no place every third writing is enough
        if len(text) == len(example.text) and (example.places or len(text) % 3 == 0)
    ]
    order = random.Random(_SEED)
    for _ in range(_EPOCHS):
        order.shuffle(sentences)
        for sentence in sentences:
            learner.learn(sentence)
    return PlaceTagger(learner.averaged(), names)


def _writings(example: Example) -> list[str]:
    """As written; without marks, half of them also without capitals; of a third without capitals alone."""
    size = len(example.text)
    bare = example.stripped().text
    found = [example.text, bare.lower() if size % 2 else bare]
    if example.places and size % 3 == 0:
        found.append(example.text.lower())
    return list(dict.fromkeys(found))


@dataclass(slots=True)
class _Sentence:
    """`fixed` holds the weights themselves of the features that do not depend on tags; `tags` are numbers."""

    tokens: list[_Token]
    marks: list[str]
    fixed: list[list[_Weight]]
    tags: list[int]

    @classmethod
    def of(
        cls,
        text: str,
        places: Sequence[tuple[int, int]],
        names: frozenset[str],
        weights: defaultdict[str, _Weight],
    ) -> _Sentence:
        tokens = _tokens(text)
        marks = _in_names(tokens, names)
        tags = []
        for token in tokens:
            span = next((s for s in places if s[0] <= token.start < s[1]), None)
            tags.append(0 if span is None else 1 if token.start == span[0] else 2)
        fixed = [[weights[name] for name in features] for features in _static_features(tokens, marks)]
        return cls(tokens, marks, fixed, tags)


_Weight = list[float]
"""Of one feature: the weights of O, B and I, then their running products of time and change."""


class _Perceptron:
    """Averaged perceptron, three tags; the average is kept by the usual running product of time and
    change."""

    def __init__(self) -> None:
        self.weights: defaultdict[str, _Weight] = defaultdict(lambda: [0.0] * 6)
        self._time = 0

    def learn(self, sentence: _Sentence) -> None:
        previous = before = "O"
        for token, mark, fixed, wanted in zip(
            sentence.tokens, sentence.marks, sentence.fixed, sentence.tags, strict=True
        ):
            self._time += 1
            cue = _CUES.get(token.bare, "")
            moving = [self.weights[name] for name in _tag_features(previous, before, token, mark, cue)]
            outside = begin = inside = 0.0
            for weight in (*fixed, *moving):
                outside += weight[0]
                begin += weight[1]
                inside += weight[2]
            guess = 0 if outside >= begin else 1
            if previous != "O" and inside > max(outside, begin):
                guess = 2
            if guess != wanted:
                for weight in (*fixed, *moving):
                    weight[wanted] += 1.0
                    weight[3 + wanted] += self._time
                    weight[guess] -= 1.0
                    weight[3 + guess] -= self._time
            # the right tag leads on, half of the time what was guessed, so that it learns to recover
            chosen = guess if self._time % 2 else wanted
            if wanted == 2 and chosen == 0:
                chosen = wanted
            before, previous = previous, _TAGS[chosen]

    def averaged(self) -> dict[str, tuple[float, float, float]]:
        """Feature → weights of O, B, I; those that hardly speak are dropped."""
        result = {}
        for name, weight in self.weights.items():
            mean = [weight[tag] - weight[3 + tag] / (self._time + 1) for tag in range(3)]
            if max(map(abs, mean)) >= 0.05:
                result[name] = (round(mean[0], 2), round(mean[1], 2), round(mean[2], 2))
        return result
