"""One message that tells of two matters: “thứ nhất …, thứ hai …”, “… ở xã A, còn ở xã B thì …”, “vừa mất điện
vừa mất nước”.

The cuts are only where such a message may fall apart; who understands the parts decides whether it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from core.conversation.heard import Heard
from core.conversation.reading import are_matters_apart
from core.conversation.tokens import Token, term_at, terms, tokens_of
from core.pack import Pack
from core.phrases import Phrases
from core.text import fold

MOST_PARTS = 4
"""A message that counts out more is left whole."""
FEWEST_WORDS = 2
"""Words in the shortest matter that is counted out, or joined to another."""
SURE = 0.9
"""Belief in each of two joined matters from which they are for two agencies."""
_SENTENCE = re.compile(r"[.;!?\n]")


def counted_parts(text: str, phrases: Phrases) -> tuple[str, ...]:
    """The matters that are counted out: “thứ nhất cống tắc, hai là đèn hỏng”; empty when none are."""
    tokens = tokens_of(text)
    first, next_ones = terms(phrases, "first_of_all"), terms(phrases, "next_of_all")
    cuts: list[tuple[int, int]] = []
    for index in range(len(tokens)):
        length = term_at(tokens, index, next_ones if cuts else first)
        if length and (
            tokens[index].opens or index == 0 or not cuts or _is_joint(tokens, index - 1, phrases)
        ):
            cuts.append((index, index + length))
    if len(cuts) < 2:
        return ()
    ends = [*(start for start, _ in cuts[1:]), len(tokens)]
    parts = [
        _without_joints(text, tokens[begin:end], phrases) for (_, begin), end in zip(cuts, ends, strict=True)
    ]
    whole = len(parts) <= MOST_PARTS and all(len(part.split()) >= FEWEST_WORDS for part in parts)
    return tuple(parts) if whole else ()


def parts_by_place(text: str, spans: tuple[tuple[int, int], ...], phrases: Phrases) -> tuple[str, ...]:
    """The halves around a joint between two places: “… ở xã A và … ở xã B …”; empty when there is none."""
    tokens = tokens_of(text)
    for (_, end), (start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False):
        for index, token in enumerate(tokens):
            joint = _is_joint(tokens, index, phrases)
            if end <= token.start < start and (joint or token.opens) and index:
                halves = (tokens[:index], tokens[index:])
                return tuple(_without_joints(text, half, phrases) for half in halves)
    return ()


def parts_by_joint(text: str, phrases: Phrases) -> Iterator[tuple[str, str]]:
    """Each way to halve it: “vừa A vừa B”, “A và B”, “A. Ngoài ra B”, “A. B cũng …”."""
    tokens = tokens_of(text)
    for first, second in (*_both_of(tokens, phrases), *_around_joints(text, tokens, phrases)):
        halves = _without_joints(text, first, phrases), _without_joints(text, second, phrases)
        if min(len(half.split()) for half in halves) >= FEWEST_WORDS:
            yield halves


def are_for_two_agencies(parts: Sequence[Heard], pack: Pack, phrases: Phrases, now: datetime) -> bool:
    """Whether each part surely tells of a matter of its own, for other agencies; what only goes on about the
    first (“và nó bốc mùi”, “và xả rác”) is none."""
    if not are_matters_apart(parts, phrases) or any(part.categories[0][1] < SURE for part in parts):
        return False
    if any(_goes_on(part.text, phrases) for part in parts[1:]):
        return False
    units = [part.place.unit for part in parts if part.place is not None and part.place.unit is not None]
    commune = units[0].code if units else None
    routes = (pack.router.route(part.categories[0][0], commune, now=now) for part in parts)
    return len({route.agency for route in routes}) > 1


def _goes_on(text: str, phrases: Phrases) -> bool:
    """Whether the words are about the thing told before, or tell what is done, by whom stands before."""
    does = term_at(tokens_of(text), 0, terms(phrases, "doings")) > 0
    return does or phrases.speaks_of("detail", fold(text))


def _both_of(tokens: list[Token], phrases: Phrases) -> Iterator[tuple[list[Token], list[Token]]]:
    """Around the second “vừa”, the first left out."""
    marks = [index for index in range(len(tokens)) if term_at(tokens, index, terms(phrases, "both"))]
    if len(marks) == 2:
        first, second = marks
        yield [*tokens[:first], *tokens[first + 1 : second]], tokens[second + 1 :]


def _around_joints(
    text: str, tokens: list[Token], phrases: Phrases
) -> Iterator[tuple[list[Token], list[Token]]]:
    """Around a joint, and before a new sentence that says “cũng”."""
    for index in range(1, len(tokens)):
        begins = _SENTENCE.search(text, tokens[index - 1].end, tokens[index].start) is not None
        as_well = begins and phrases.speaks_of("as_well", fold(text[tokens[index].start :]))
        if as_well or _is_joint(tokens, index, phrases):
            yield tokens[:index], tokens[index:]


def _is_joint(tokens: list[Token], index: int, phrases: Phrases) -> bool:
    return index >= 0 and term_at(tokens, index, terms(phrases, "joints")) > 0


def _without_joints(text: str, tokens: list[Token], phrases: Phrases) -> str:
    """The words without “và”, “còn” at either end."""
    joints = terms(phrases, "joints")
    while tokens and (length := term_at(tokens, 0, joints)):
        tokens = tokens[length:]
    while tokens and term_at(tokens, len(tokens) - 1, joints):
        tokens = tokens[:-1]
    return text[tokens[0].start : tokens[-1].end] if tokens else ""
