"""Which words of a message name a place: a linear tagger over syllables, B-I-O, left to right.

It looks at the words around, at cue words (ở, tại, gần, thôn, xã, đường, chợ …), at a list of commune names
(the lookup table `place_name` of the training data) and at what it tagged so far. `nlu.place_training`
learns the weights.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nlu.views import MAX_CHARS, syllable

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_LONGEST_NAME = 4
_MAX_TOKENS = 160

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


class Token(NamedTuple):
    """One word, number or sign; `shape` tells capitals and digits, `cue` what kind of cue word it is."""

    word: str
    bare: str
    start: int
    end: int
    shape: str
    cue: str


_EDGE = Token("<>", "<>", 0, 0, "", "")


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


def _tokens(text: str) -> list[Token]:
    text = text[:MAX_CHARS]
    if text.isupper() and len(text.lower()) == len(text):
        text = text.lower()  # where all is in capitals, they say nothing of names
    found = []
    for match in _TOKEN.finditer(text):
        word, bare, shape = _word_forms(match[0])
        found.append(Token(word, bare, match.start(), match.end(), shape, _CUES.get(bare, "")))
        if len(found) >= _MAX_TOKENS:
            break
    return found


def _in_names(tokens: Sequence[Token], names: frozenset[str]) -> list[str]:
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


class Reading:
    """One message while it is tagged from left to right: `features` of the next word, then `put` its tag."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.tokens = _tokens(text)
        self.marks = _in_names(self.tokens, names)
        self.tags: list[str] = []
        self._padded = [_EDGE, _EDGE, *self.tokens, _EDGE, _EDGE]
        self._around = ["", "", *self.marks, "", ""]
        self._head = ""

    def put(self, tag: str) -> None:
        """The next word's tag: O, B or I."""
        if tag == "B":
            self._head = self.tokens[len(self.tags)].bare
        elif tag == "O":
            self._head = ""
        self.tags.append(tag)

    def features(self) -> list[str]:
        """Names of the features of the next word."""
        at = len(self.tags) + 2
        before2, before, here, after, after2 = self._padded[at - 2 : at + 3]
        mark, mark_before, mark_after = self._around[at], self._around[at - 1], self._around[at + 1]
        t = self.tags[-1] if self.tags else "O"
        t2 = self.tags[-2] if len(self.tags) > 1 else "O"
        found = [
            "bias", "w" + here.word, "b" + here.bare, "p" + before.bare, "n" + after.bare,
            "q" + before2.bare, "m" + after2.bare, f"pw{before.bare} {here.bare}",
            f"wn{here.bare} {after.bare}", f"qp{before2.bare} {before.bare}", f"pW{before.word}",
            f"s{here.shape}{before.shape}{after.shape}", f"g{mark}{mark_before}{mark_after}",
            f"c{before.cue}|{here.cue}|{after.cue}", f"cg{before.cue}|{here.cue}|{mark}|{mark_after}",
            f"sg{here.shape}|{mark}|{before.cue}",
            # with the tags given so far
            f"t{t}{t2}", f"tw{t}{here.bare}", f"ts{t}{here.shape}{mark}", f"tc{t}{here.cue}",
            f"tb{t}{before.bare}", f"tn{t}{after.bare}", f"tcc{t}{before.cue}|{here.cue}|{after.cue}",
            f"tsx{t}{before.shape}{here.shape}{after.shape}",
        ]  # fmt: skip
        if self._head:  # with the word by which the place begins
            head = self._head
            found += (f"h{head}|{here.cue}", f"hs{head}|{here.shape}{after.shape}", f"hw{head}|{here.bare}")
        return found

    def spans(self) -> list[tuple[int, int]]:
        """(start, end) of what is tagged."""
        found: list[tuple[int, int]] = []
        for token, tag in zip(self.tokens, self.tags, strict=True):
            if tag == "B":
                found.append((token.start, token.end))
            elif tag == "I" and found:
                found[-1] = (found[-1][0], token.end)
        return found


class PlaceTagger:
    """Finds the spans of a message that name places. `weights`: feature → those of O, B and I."""

    def __init__(self, weights: Mapping[str, tuple[float, float, float]], names: Iterable[str]) -> None:
        self._weights = dict(weights)
        self._names = frozenset(names)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) in `text` (NFC), in order, without overlap."""
        reading = Reading(text, self._names)
        for _ in reading.tokens:
            reading.put(self._tag(reading))
        return reading.spans()

    def named(self, text: str) -> bool:
        """Whether the words hold the name of a commune of the list."""
        return any(_in_names(_tokens(text), self._names))

    def _tag(self, reading: Reading) -> str:
        get = self._weights.get
        outside = begin = inside = 0.0
        for name in reading.features():
            weight = get(name)
            if weight is not None:
                outside += weight[0]
                begin += weight[1]
                inside += weight[2]
        if reading.tags and reading.tags[-1] != "O" and inside >= max(outside, begin):
            return "I"
        return "B" if begin > outside else "O"

    def to_json(self) -> dict[str, Any]:
        return {"weights": {k: list(v) for k, v in self._weights.items()}, "names": sorted(self._names)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PlaceTagger:
        return cls({name: (v[0], v[1], v[2]) for name, v in data["weights"].items()}, data["names"])
