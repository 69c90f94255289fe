"""How right a transcript is: words and characters that were put in, left out or mistaken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

_NOT_SPOKEN = re.compile(r"[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits among `length` units of the reference; add them up over recordings."""

    edits: int = 0
    length: int = 0

    @property
    def rate(self) -> float:
        """0 is right; more than 1 is possible when much was invented."""
        return self.edits / self.length if self.length else float(self.edits > 0)

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.edits + other.edits, self.length + other.length)


def bare_words(text: str) -> list[str]:
    """A text as it is compared: NFC, lower case, no punctuation."""
    return _NOT_SPOKEN.sub(" ", unicodedata.normalize("NFC", text).lower()).split()


def word_errors(truth: str, heard: str) -> Errors:
    """WER of one recording."""
    return _errors(bare_words(truth), bare_words(heard))


def character_errors(truth: str, heard: str) -> Errors:
    """CER of one recording; blanks count."""
    return _errors(" ".join(bare_words(truth)), " ".join(bare_words(heard)))


def _errors(truth: Sequence[str], heard: Sequence[str]) -> Errors:
    return Errors(Levenshtein.distance(truth, heard), len(truth))
