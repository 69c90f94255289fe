"""Which of several names is meant: not one taken back, nor where the speaker lives while it is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.places.mention import Mention
from core.places.sentence import Text

_SLIPS = frozenset({"nham", "nhầm", "lộn", "nhâm"})
_SLIP_PAIRS = frozenset({("xin", "loi"), ("a", "quen"), ("sua", "lai"), ("noi", "lai")})
_CHANGES = frozenset({"doi", "chuyen", "sua"})
_NO = frozenset({"không", "khong", "ko"})
_SMALL = frozenset({"a", "à", "ạ", "o", "ở", "la", "là"})
_HOMES = frozenset({"quê", "que", "nhà", "nha"})
_AT = frozenset({"ở", "tại", "thuộc", "tai", "thuoc"})
_SELF = frozenset(
    {"em", "tôi", "tui", "toi", "mình", "minh", "cháu", "chau", "con", "anh", "chị", "chi", "bác", "bac", "ở"}
    | {"o", "tại", "tai"}
)


def drop_corrected(text: Text, mentions: list[Mention]) -> list[Mention]:
    """ "A, nhầm, B": what was said before the slip was noticed does not count; "đổi từ A sang B" neither."""
    kept = list(mentions)
    named = [m for m in mentions if m.readings and not m.negated]
    for before, after in pairwise(named):
        between = range(before.last + 1, after.head)
        change = (
            text.plain(before.head - 1) in ("tu", "o")
            and any(text.plain(i) in _CHANGES for i in range(max(0, before.head - 4), before.head))
            and any(text.plain(i) in ("sang", "thanh", "qua") for i in between)
        )
        if change:
            after.near, after.cue = False, True
        if change or _is_slip(text, between):
            kept = [m for m in kept if m.first > before.last]
    return kept


def _is_slip(text: Text, between: range) -> bool:
    if any(text.low(i) in _SLIPS or (text.plain(i), text.plain(i + 1)) in _SLIP_PAIRS for i in between):
        return True
    return _is_plain_no(text, between)


def _is_plain_no(text: Text, between: range) -> bool:
    """ "A, à không, B": a no of its own, with nothing else said."""
    said = [text.low(i) for i in between]
    if sum(word in _NO for word in said) != 1 or not all(word in _NO | _SMALL for word in said):
        return False
    return text.after_comma(between[0]) or text.broken(between[0] - 1, between[0])


def set_home_aside(text: Text, mentions: Sequence[Mention]) -> None:
    """ "nhà em ở A, hư hỏng ở B": A is where the speaker lives, when B is where it is."""
    named = [m for m in mentions if m.readings and not m.negated]
    for home, other in pairwise(named):
        if (
            not home.near
            and text.low(other.head - 1) in _AT
            and other.head - 1 > home.last
            and _is_home(text, home.head)
            and not _is_home(text, other.head)
        ):
            home.near = True


def _is_home(text: Text, head: int) -> bool:
    """ "quê", "nhà ở", "nhà em ở" right before a name; with "quê" a word of one's own too ("quê tui ở")."""
    at = head - 1
    while at >= max(0, head - 3) and text.low(at) in _SELF:
        at -= 1
    if text.low(at) not in _HOMES:
        return False
    return text.plain(at) == "que" or at < head - 1
