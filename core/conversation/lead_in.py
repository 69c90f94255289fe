"""What leads up to the matter and tells nothing of it: who speaks, thanks for last time, for whom it is told.

It is taken off the words that go to the agency. Who it is for and the place stand in fields of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.conversation.tokens import Terms, Token, find_run, leading, slice_of, term_at, terms, tokens_of
from core.on_behalf import Telling, find_person_at_head, find_telling
from core.phrases import Phrases
from core.text import fold

WHOLE_MATTER = 3
"""So many words must be left for a lead-in to be taken off."""
SHORTEST_MATTER = 2
"""So many after a clause that only says who speaks or for whom: “báo giúp mệ Xuân: ngõ sụt”."""
_LONGEST_LEAD_IN = 24
"""Words of a lead-in; what is longer tells something."""
_LONGEST_NAME = 3
_EDGES = " ,;:.()–-\n"


def without_lead_in(text: str, phrases: Phrases, places: Sequence[str] = ()) -> str:
    """The text without a greeting, “em báo giùm …”, “tui là Hùng ở …” at its head, if a whole matter is left.

    `places` are the words that name where, as typed.
    """
    known = frozenset(token.folded for place in places for token in tokens_of(place))
    while True:
        tokens = tokens_of(text)
        start = _lead_in(text, tokens, phrases) or _speaker(text, tokens, phrases, known)
        if not start:
            return text
        text = text[tokens[start].start :]


def _lead_in(text: str, tokens: Sequence[Token], phrases: Phrases) -> int:
    """The words of a lead-in that the pack knows; 0 when there is none, or no matter is left."""
    for index in range(min(len(tokens) - SHORTEST_MATTER, _LONGEST_LEAD_IN), 0, -1):
        colon = ":" in text[tokens[index - 1].end : tokens[index].start]
        if len(tokens) - index < WHOLE_MATTER and not colon and not tokens[index].opens:
            continue
        head = text[: tokens[index - 1].end]
        if phrases.speaks_of("lead_in_more", head.lower()):
            return index
        enough = len(tokens) - index >= WHOLE_MATTER or colon
        if tokens[index].opens and (
            (enough and phrases.speaks_of("lead_in", fold(head))) or phrases.speaks_of("chatter", fold(head))
        ):
            return index
    return 0


# -- who speaks ------------------------------------------------------------------------------------------


def _speaker(text: str, tokens: Sequence[Token], phrases: Phrases, known: frozenset[str]) -> int:
    """The words of “tui là Hùng ở thôn 3, …”, “bác ở xã …, …”; 0 when the message does not begin so."""
    at = leading(tokens, terms(phrases, "calling"))
    me = term_at(tokens, at, terms(phrases, "speakers"))
    if not me:
        return 0
    named = _called(text, tokens, at + me, phrases)
    end = _dwelling(tokens, named, phrases, known)
    living = term_at(tokens, at + me, terms(phrases, "dwelling"))
    if named == at + me and not (living and end > at + me + living):
        return 0
    while (
        _opens(tokens, end)
        and (more := _dwelling(tokens, end, phrases, known)) > end
        and _opens(tokens, more)
    ):
        end = more  # “…, nhà ở thôn 3, …”
    placed = any(token.folded in known for token in tokens[named:end])
    if len(tokens) - end < SHORTEST_MATTER or not (_opens(tokens, end) or placed):
        return 0
    return end


def _called(text: str, tokens: Sequence[Token], at: int, phrases: Phrases) -> int:
    """Past “là Hùng đây”, “tên Lan”, “là tình nguyện viên”; `at` when there is no name."""
    being = term_at(tokens, at, terms(phrases, "being"))
    if not being:
        return at
    start = end = at + being
    role = term_at(tokens, start, terms(phrases, "roles"))
    while role:
        end += role
        role = term_at(tokens, end, terms(phrases, "roles"))
    if end == start:
        while end < min(len(tokens), start + _LONGEST_NAME) and text[tokens[end].start].isupper():
            if end > start and tokens[end].opens:
                break
            end += 1
    lower = end == start < len(tokens) and (
        _opens(tokens, start + 1) or term_at(tokens, start + 1, terms(phrases, "dwelling")) > 0
    )
    end += 1 if lower else 0
    return end + leading(_clause(tokens, end), terms(phrases, "pointing_here")) if end > start else at


def _dwelling(tokens: Sequence[Token], at: int, phrases: Phrases, known: frozenset[str]) -> int:
    """Past the words of the clause from `at` on that only say where somebody lives."""
    small = terms(phrases, "dwelling", "prepositions", "near", "pointing_here")
    heads, clause = terms(phrases, "hamlets", "unit_heads"), _clause(tokens, at)
    end = 0
    while end < len(clause):
        length = term_at(clause, end, heads) or term_at(clause, end, small)
        if not length and clause[end].folded not in known and not _is_after(clause, end, heads):
            break
        end += length or 1
    return at + end


def _is_after(tokens: Sequence[Token], at: int, heads: Terms) -> bool:
    """Whether the word is the number or name of a thôn."""
    return any(at - back >= 0 and term_at(tokens, at - back, heads) == back for back in (1, 2, 3))


def _clause(tokens: Sequence[Token], at: int) -> list[Token]:
    end = next((i for i in range(at + 1, len(tokens)) if tokens[i].opens), len(tokens))
    return list(tokens[at:end])


def _opens(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].opens


# -- for whom --------------------------------------------------------------------------------------------


def without_telling(text: str, phrases: Phrases, places: Sequence[str] = ()) -> str:
    """The text without “em nhắn thay mệ Xuân ở thôn Đông, …” and the name, if a whole matter is left."""
    telling = find_telling(text) or find_person_at_head(text)
    if telling is None:
        return text
    known = frozenset(token.folded for place in places for token in tokens_of(place))
    parts = [
        _trimmed(part, phrases, known, first=number == 0)
        for number, part in enumerate(_between(text, telling))
    ]
    left = ", ".join(filter(None, parts))
    left = _without_name(left, telling.whom)
    return left if len(tokens_of(left)) >= SHORTEST_MATTER else text


def _between(text: str, telling: Telling) -> list[str]:
    """What stands before, between and after the stretches that say for whom."""
    edges = [0, *(edge for stretch in telling.stretches for edge in stretch), len(text)]
    return [text[start:end] for start, end in list(pairwise(edges))[::2]]


def _trimmed(part: str, phrases: Phrases, known: frozenset[str], *, first: bool) -> str:
    """The part without what belongs to the telling: “em xin”, “ở thôn Đông”, “phản ánh việc”."""
    tokens = tokens_of(part)
    around = terms(phrases, "around_telling")
    if first:
        while tokens and term_at(tokens, len(tokens) - 1, around):
            tokens = tokens[:-1]
        return slice_of(part, tokens).strip(_EDGES)
    end = _dwelling(tokens, 0, phrases, known) if tokens else 0
    whole = end == len(tokens) or tokens[end].opens
    start = end if whole or any(token.folded in known for token in tokens[:end]) else 0
    start += leading(tokens[start:], around)
    return slice_of(part, tokens[start:]).strip(_EDGES)


def _without_name(text: str, whom: str) -> str:
    """“Nhà bà Hoan mất điện” → “nhà bà mất điện”: the name of the one it is told for is in no public text."""
    name = tokens_of(whom)
    tokens = tokens_of(text)
    at = find_run(tokens, [token.folded for token in name])
    if at < 0 or len(name) < 2 or not whom[name[1].start].isupper():
        return text
    return f"{text[: tokens[at].end]}{text[tokens[at + len(name) - 1].end :]}"


# -- to whom it is said ----------------------------------------------------------------------------------


def without_address(text: str, said: str, phrases: Phrases) -> str:
    """The text without “… em ơi”, “… cháu ạ”, “… nữa em” at its end: it calls the machine.

    `said` is the whole message, whose last particle the text may have lost before.
    """
    particles = terms(phrases, "particles")
    tokens, whole = tokens_of(text), tokens_of(said)
    end = len(tokens)
    while end > SHORTEST_MATTER and term_at(tokens, end - 1, particles):
        end -= 1
    if end <= SHORTEST_MATTER or term_at(tokens, end - 1, terms(phrases, "vocatives")) != 1:
        return text
    before = end - 2
    if term_at(tokens, before, terms(phrases, "done_to_somebody")) == 1:
        return text
    called = term_at(whole, len(whole) - 1, particles) or term_at(
        tokens, before, terms(phrases, "before_vocative")
    )
    return text[: tokens[before].end] if called else text
