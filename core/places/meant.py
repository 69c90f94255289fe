"""Which of several names is meant: not one taken back, nor where the speaker lives while it is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from core.places.mention import Mention
from core.places.sentence import Text
from core.places.vocabulary import VILLAGE

_SLIPS = frozenset({"nham", "nhầm", "lộn", "nhâm"})
_SLIP_PAIRS = frozenset(
    {("xin", "loi"), ("a", "quen"), ("sua", "lai"), ("noi", "lai"), ("ay", "chet"), ("y", "chet")}
)
_CHANGES = frozenset({"doi", "chuyen", "sua"})
_NO = frozenset({"không", "khong", "ko"})
_STARTLED = frozenset({"a", "à", "ủa", "ua", "ui", "ơi", "oi", "ôi", "ấy", "chết", "chet", "khoan", "quên"})
_SMALL = _STARTLED | {"ạ", "o", "ở", "la", "là", "phải", "phai", "rồi", "roi", "em", "dạ", "da"}
_IN_A_SLIP = _SMALL | _NO | _SLIPS | {"xin", "lỗi", "loi", "quen", "sửa", "sua", "nói", "noi", "lại", "lai"}
_HOMES = frozenset({"quê", "que", "nhà", "nha"})
_TURNS = frozenset({"nhung", "con", "chu", "ma"})
_OWN_DOINGS = frozenset({"lam", "hoc", "song", "lay"})
_AT = frozenset({"ở", "tại", "thuộc", "tai", "thuoc"})
_SELF = frozenset(
    {"em", "tôi", "tui", "toi", "mình", "minh", "cháu", "chau", "con", "anh", "chị", "chi", "bác", "bac", "ở"}
    | {"o", "tại", "tai"}
)


def drop_corrected(text: Text, mentions: list[Mention]) -> list[Mention]:
    """ "A, nhầm, B": what was said before the slip was noticed does not count; "đổi từ A sang B" neither."""
    kept = list(mentions)
    for mention in mentions:
        mention.negated = mention.negated and not _denies_what_was_before(text, mention.head)
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
    """ "A, à không, B", "A, không phải, B": a no of its own, with nothing else said."""
    said = [text.low(i) for i in between]
    if sum(word in _NO for word in said) != 1 or not all(word in _NO | _SMALL for word in said):
        return False
    opens = text.after_comma(between[0]) or text.broken(between[0] - 1, between[0])
    closes = any(text.after_comma(i) for i in range(_last_no(text, between) + 1, between[-1] + 2))
    right = said[-1] in ("phải", "phai") and not closes  # "A, không phải B"
    return not right and (opens or (closes and said[0] in _STARTLED))


def _last_no(text: Text, between: range) -> int:
    return max(i for i in between if text.low(i) in _NO)


def _denies_what_was_before(text: Text, head: int) -> bool:
    """ "…, không phải, ở B": the comma before B says that the no is not of B."""
    at = next((i for i in range(head - 1, max(-1, head - 4), -1) if text.low(i) in _NO), None)
    return at is not None and any(text.after_comma(i) for i in range(at + 2, head + 1))


def taken_back(text: Text, mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """Where in "A, à nhầm B" the words stand that B takes back, slip and all, as (start, end).

    The thôn told with A goes only when B is told with its own. Where more is said between, nothing is cut.
    """
    cuts = _villages_taken_back(text)
    for before, after in pairwise(m for m in mentions if m.readings and not m.negated):
        between = range(before.last + 1, after.head)
        spot = next((i for i in between if text.plain(i) in VILLAGE), after.head)
        if not (_is_slip(text, between) and _is_all_slip(text, range(before.last + 1, spot))):
            continue
        first = before.head
        if spot < after.head:
            first = next(
                (i for i in range(first - 1, max(-1, first - 4), -1) if text.plain(i) in VILLAGE), first
            )
        cuts.append((text.parts[first].start, text.parts[spot].start))
    return sorted(cuts)


def _villages_taken_back(text: Text) -> list[tuple[int, int]]:
    """ "thôn 2, à nhầm thôn 3": a name or number of one or two words, then the slip."""
    heads = [i for i in range(len(text.parts)) if text.plain(i) in VILLAGE]
    cuts = []
    for one, other in pairwise(heads):
        runs = (range(one + 1 + name, other) for name in (1, 2))
        if any(run and _is_slip(text, run) and _is_all_slip(text, run) for run in runs):
            cuts.append((text.parts[one].start, text.parts[other].start))
    return cuts


def _is_all_slip(text: Text, words: range) -> bool:
    return all(text.low(i) in _IN_A_SLIP for i in words)


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
            and _turns(text, range(home.last + 1, other.head))
        ):
            home.near = True


def _turns(text: Text, between: range) -> bool:
    """ "nhưng", "còn": the sentence turns to another place, which is not where somebody works or learns."""
    said = {text.plain(i) for i in between}
    return not said.isdisjoint(_TURNS) and said.isdisjoint(_OWN_DOINGS)


def _is_home(text: Text, head: int) -> bool:
    """ "quê", "nhà ở", "nhà em ở" right before a name; with "quê" a word of one's own too ("quê tui ở")."""
    at = head - 1
    while at >= max(0, head - 3) and text.low(at) in _SELF:
        at -= 1
    if text.low(at) not in _HOMES:
        return False
    return text.plain(at) == "que" or at < head - 1
