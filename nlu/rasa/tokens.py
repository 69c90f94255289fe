"""Cutting a message into syllables and numbers, each with its place and its plain writing.

The text itself is never changed: entities are given by offsets. Runs on Python 3.10 too.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from nlu.rasa.marker import split_context
from nlu.views import syllable

_WORD = re.compile(r"[^\W\d_]+|\d+")


class Cut(NamedTuple):
    """`text` is as typed, `lemma` without marks and in common words ("dc" → "duoc", "nác" → "nuoc")."""

    text: str
    start: int
    end: int
    lemma: str


def cut(text: str) -> list[Cut]:
    """The marker of the state, if there is one, then the words; a text without words is one token."""
    context, begin = split_context(text)
    tokens = [Cut(text[:begin].rstrip(), 0, len(text[:begin].rstrip()), f"_{context}_")] if begin else []
    for match in _WORD.finditer(text, begin):
        plain = "_".join(syllable(match[0].lower()).plain)
        tokens.append(Cut(match[0], match.start(), match.end(), plain or match[0]))
    return tokens or [Cut(text, 0, len(text), text)]
