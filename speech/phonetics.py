"""Vietnamese syllables as they sound, and how easily one is heard as another.

A syllable is onset, vowel, coda and tone. Costs count from 0 (the same) to about 1 (nobody confuses them) a
part; what speakers of Nghệ Tĩnh merge (hỏi, ngã and nặng) and what many write alike (tr and ch, s and x, d,
gi and r, l and n, n and ng) costs little.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_TONES = {"\u0300": "huyền", "\u0301": "sắc", "\u0309": "hỏi", "\u0303": "ngã", "\u0323": "nặng"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ONSETS = (
    "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "b", "c", "d", "đ", "g", "h", "k", "l",
    "m", "n", "p", "r", "s", "t", "v", "x",
)  # fmt: skip
_SAME_ONSET = {"ngh": "ng", "gh": "g", "k": "c", "gi": "d", "qu": "c"}
_CODAS = ("ch", "ng", "nh", "c", "m", "n", "p", "t")
_VOWELS = _words(
    """
    a ă â e ê i o ô ơ u ư y ai ao au ay âu ây eo êu ia iê iêu iu oa oai oay oă oe oeo oi ôi ơi ua uâ uây uê
    ui uô uôi uơ uy uya uyê uyu ưa ưi ươ ươi ươu ưu yê yêu oao uao oo ôô uêu ue ueo uă uay uau
    """
)
_SAME_VOWEL = {
    "y": "i", "yê": "iê", "ia": "iê", "ua": "uô", "ưa": "ươ", "yêu": "iêu", "uya": "uyê",
}  # fmt: skip

_NEAR = 0.25
_FAR = 1.0


def _pairs(groups: str, cost: float) -> dict[frozenset[str], float]:
    """ "tr ch, d r v" → a cost for every pair within a group."""
    found = {}
    for group in groups.split(","):
        members = group.split()
        for at, one in enumerate(members):
            found.update({frozenset((one, other)): cost for other in members[at + 1 :]})
    return found


_ONSET_COSTS = {
    **_pairs("c g, b p, b m, đ t, kh h, ng nh, n nh, ng g, kh c, ph h, v b, t ch, x th, l đ", 0.5),
    **_pairs("t th", 0.35),
    **_pairs("tr ch, s x, d r, d v, l n, d nh, kh g, ph p", _NEAR),
}
_VOWEL_COSTS = {
    **_pairs("a ơ, o a, u ô, i ê, ư u, ê ơ, ay ai, ao au, ưu iu, uôi ui, ươi ưi, e ă, oa a, oa o", 0.5),
    **_pairs(
        "a ă â, ă â ơ, o ô, e ê, iê i, iê ê, uô u, uô ô, ươ ư, ươ ơ, ây ay, âu au, ưu ươu, iêu iu", _NEAR
    ),
    **_pairs("uyê iê, uy i, uê ê, oai ai, oe e, ôi oi, ơi ôi, uô ươ, eo êu", 0.35),
}
_CODA_COSTS = {
    **_pairs("m n, p t, m ng, p c", 0.4),
    **_pairs("n ng nh, t c ch", _NEAR),
}
_TONE_COSTS = {
    **_pairs("ngang huyền, sắc hỏi, sắc ngã, huyền nặng, huyền hỏi, sắc ngang", 0.35),
    **_pairs("hỏi ngã nặng", 0.1),
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A syllable's parts, in one spelling for those that sound the same."""

    onset: str
    vowel: str
    coda: str
    tone: str


@lru_cache(maxsize=20_000)
def parse(word: str) -> Spoken | None:
    """The parts of a syllable (lower case, with marks); None when it is no Vietnamese syllable."""
    tone, letters = "ngang", []
    for mark in unicodedata.normalize("NFD", word):
        if mark in _TONES:
            tone = _TONES[mark]
        else:
            letters.append(mark)
    body = unicodedata.normalize("NFC", "".join(letters))
    onset = next((found for found in _ONSETS if body.startswith(found)), "")
    rest = body[len(onset) :]
    if onset == "gi" and not (rest and rest[0] in "aăâeêioôơuưy"):  # gì, gìn
        onset, rest = "gi", "i" + rest
    if onset == "qu":
        rest = "o" + rest if rest[:1] in ("a", "ă", "e") else "u" + rest
    coda = next((found for found in _CODAS if rest.endswith(found) and len(rest) > len(found)), "")
    vowel = rest[: len(rest) - len(coda)]
    if vowel not in _VOWELS or (coda in ("c", "ch", "p", "t") and tone not in ("sắc", "nặng")):
        return None
    return Spoken(_SAME_ONSET.get(onset, onset), _SAME_VOWEL.get(vowel, vowel), coda, tone)


@lru_cache(maxsize=100_000)
def unlikeness(heard: str, meant: str) -> float:
    """How far two syllables sound apart: 0 the same … about 3."""
    if heard == meant:
        return 0.0
    one, other = parse(heard), parse(meant)
    if one is None or other is None:
        return 3.0
    return (
        _cost(one.onset, other.onset, _ONSET_COSTS)
        + _cost(one.vowel, other.vowel, _VOWEL_COSTS)
        + _cost(one.coda, other.coda, _CODA_COSTS, 0.8)
        + _cost(one.tone, other.tone, _TONE_COSTS, 0.6)
    )


def _cost(one: str, other: str, costs: dict[frozenset[str], float], far: float = _FAR) -> float:
    return 0.0 if one == other else costs.get(frozenset((one, other)), far)


def unglue(word: str) -> tuple[str, ...]:
    """A word that is two syllables written as one ("cẩmbình") → both; any other word alone."""
    if len(word) < 4 or parse(word) is not None:
        return (word,)
    ways = [
        (word[:at], word[at:])
        for at in range(2, len(word) - 1)
        if parse(word[:at]) is not None and parse(word[at:]) is not None
    ]
    return ways[0] if len(ways) == 1 else (word,)
