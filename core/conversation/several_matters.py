"""One message that tells of two matters: “thứ nhất …, thứ hai …”, “… ở xã A, còn ở xã B thì …”.

The cuts are only where such a message may fall apart; who understands the parts decides whether it does.
"""

from __future__ import annotations

from core.conversation.tokens import Token, term_at, terms, tokens_of
from core.phrases import Phrases

MOST_PARTS = 4
"""A message that counts out more is left whole."""
FEWEST_WORDS = 2
"""Words in the shortest matter that is counted out."""


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
