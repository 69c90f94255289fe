"""An address in words as its parts: joining two without saying a thing twice, putting one part right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.conversation.tokens import Token, slice_of, term_at, terms, tokens_of, trimmed_end
from core.phrases import Phrases
from core.places.commune import Commune
from core.text import fold

_DISTRICT = 5
"""Words in the longest name of a district, “thị xã” and “cũ” included."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: “thôn 2”, “chợ Nầm”, “xã Sơn Tây”. `kind` is "spot", "hamlet", "unit" or "district"; `head`
    the folded word it begins with.
    """

    text: str
    kind: str
    head: str

    @property
    def folded(self) -> str:
        return fold(self.text)


def parts_of(words: str, phrases: Phrases) -> list[Part]:
    """The parts of an address in the order told; nothing is lost but blanks, commas and a last “qua”, “ở”."""
    tokens = tokens_of(words)
    if not tokens:
        return []
    begins = [i for i in range(len(tokens)) if i == 0 or _begins(words, tokens, i, phrases)]
    runs = [tokens[start:end] for start, end in zip(begins, [*begins[1:], len(tokens)], strict=True)]
    ended = [trimmed_end(run, terms(phrases, "linking")) for run in runs]
    return [Part(slice_of(words, run), *_kind(run, phrases)) for run in ended if run]


def _begins(words: str, tokens: Sequence[Token], index: int, phrases: Phrases) -> bool:
    if tokens[index].opens:
        return True
    if term_at(tokens, index - 1, terms(phrases, "compounds")) > 1:
        return False
    units = terms(phrases, "unit_heads")
    if term_at(tokens, index - 1, terms(phrases, "spanning")) and not term_at(tokens, index, units):
        return False  # “thôn 2 đến thôn 5”
    if _begins_house(tokens, index, phrases):
        return True
    beside = terms(phrases, "beside")
    if any(term_at(tokens, i, units) == index - i for i in range(max(0, index - 2), index)):
        return False  # the name of the unit itself: “xa huong pho”
    if any(term_at(tokens, i, beside) == index - i for i in range(max(0, index - 2), index)):
        return False
    if term_at(tokens, index, beside) and not term_at(tokens, index - 1, terms(phrases, "place_heads")):
        return True
    heads = terms(phrases, "hamlets", "districts", "unit_heads")
    before = any(term_at(tokens, i, heads) > index - i for i in range(max(0, index - 3), index))
    length = term_at(tokens, index, heads)
    named = bool(length) and index + length < len(tokens) and not tokens[index + length].opens
    return not before and (named or _is_named(words, tokens, index, phrases))


def _begins_house(tokens: Sequence[Token], index: int, phrases: Phrases) -> bool:
    """Whether “nhà ông Sáu” begins here, or the word that leads to it: “trước nhà ông Sáu”."""
    houses, near = terms(phrases, "houses"), terms(phrases, "near")
    if any(term_at(tokens, before, near) == index - before for before in range(max(0, index - 2), index)):
        return False
    return term_at(tokens, index + term_at(tokens, index, near), houses) > 0


def _is_named(words: str, tokens: Sequence[Token], index: int, phrases: Phrases) -> bool:
    """Whether a street, a market … begins here: its word, then a number or a name in capitals."""
    if index + 1 >= len(tokens) or not term_at(tokens, index, terms(phrases, "place_heads")):
        return False
    head, after = words[tokens[index].start], words[tokens[index + 1].start]
    return head.islower() and (after.isupper() or after.isdigit())  # “xã Trường Sơn” is no school


def _kind(run: Sequence[Token], phrases: Phrases) -> tuple[str, str]:
    for kind, names in (
        ("district", "districts"), ("hamlet", "hamlets"), ("unit", "unit_heads"),
    ):  # fmt: skip
        length = term_at(run, 0, terms(phrases, names))
        if length:
            return kind, " ".join(token.folded for token in run[:length])
    return "spot", run[0].folded


def begins_with_place(words: str, phrases: Phrases) -> bool:
    """Whether the words begin as the name of a place does: “thôn 4”, “ngõ 12”, “chợ Nầm”."""
    tokens = tokens_of(words)
    length = term_at(tokens, 0, terms(phrases, "hamlets", "place_heads", "unit_heads"))
    return 0 < length < len(tokens) and not term_at(tokens, length, terms(phrases, "prepositions"))


def without_unit(words: str, unit: Commune, phrases: Phrases) -> str:
    """The part of an address without the unit's own name at its end, however that was written: “thôn 3 xã
    Kỳ Anh”, “xóm 5 Thạch Khê”. A market or a school of that name keeps it.
    """
    small = phrases.words("units") | phrases.words("prepositions")
    tokens, name = words.split(), fold(unit.name).split()
    if [fold(token) for token in tokens[-len(name) :]] != name:
        return words
    rest = tokens[: -len(name)]
    if rest and fold(rest[-1]) not in small and not rest[-1][0].isdigit():
        return words
    while rest and fold(rest[-1]) in small:
        rest = rest[:-1]
    left = " ".join(rest)
    return slice_of(left, trimmed_end(tokens_of(left), terms(phrases, "linking")))


def has_hamlet(words: str, phrases: Phrases) -> bool:
    """Whether a thôn, xóm, tổ … is named in the words."""
    return any(part.kind == "hamlet" and part.folded != part.head for part in parts_of(words, phrases))


def joined(old: str, new: str, phrases: Phrases) -> str:
    """Both addresses as one, each part once. A district yields to a commune that is told after it."""
    if not new or _within(fold(new), fold(old)):
        return old
    if not old or _within(fold(old), fold(new)):
        return new
    before, after = parts_of(old, phrases), parts_of(new, phrases)
    if any(part.kind == "unit" for part in after):
        before = [part for part in before if not _is_mere_district(part)]
    fresh = [p for p in after if not any(_within(p.folded, known.folded) for known in before)]
    before = [p for p in before if not any(_within(p.folded, told.folded) for told in fresh)]
    return written([*before, *fresh])


def _is_mere_district(part: Part) -> bool:
    """Whether it is a district's name and nothing else (“thị xã Hồng Lĩnh cũ”)."""
    words = part.folded.split()
    return part.kind == "district" and len(words) <= _DISTRICT and not any(word.isdigit() for word in words)


def _within(small: str, large: str) -> bool:
    return f" {small} " in f" {large} "


def written(parts: Iterable[Part]) -> str:
    """The parts as one line, the larger places last."""
    order = {"district": 2, "unit": 1}
    return ", ".join(part.text for part in sorted(parts, key=lambda part: order.get(part.kind, 0)))


def put_right(old: str, right: str, wrong: str, phrases: Phrases) -> tuple[str, str]:
    """The address with `right` in place of `wrong`, or of the part of that kind; and the part that went."""
    before, told = parts_of(old, phrases), parts_of(right, phrases)
    gone = _meant(before, fold(wrong), told)
    kept = [part for part in before if part not in gone]
    return joined(written(told), written(kept), phrases), written(gone)


def _meant(before: Sequence[Part], wrong: str, told: Sequence[Part]) -> list[Part]:
    """Which parts were wrong: those that were named so, or the one of the kind that is told now."""
    named = [p for p in before if wrong and (_within(wrong, p.folded) or _within(p.folded, wrong))]
    if named:
        return named
    heads, kinds = {part.head for part in told}, {part.kind for part in told} - {"spot"}
    return [part for part in before if part.head in heads or part.kind in kinds]
