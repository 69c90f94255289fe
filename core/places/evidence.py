"""What the words around a name say: a place, a village, a street, a bridge, a person, or not meant at all."""

from __future__ import annotations

from core.places import vocabulary as v
from core.places.mention import Mention
from core.places.names import NameBook
from core.places.sentence import Text


def weigh(text: Text, book: NameBook, mention: Mention) -> None:
    """Judge a mention by the words around it; fills firm, doubt, near, negated, cue."""
    before, before2 = text.plain(mention.head - 1), text.plain(mention.head - 2)
    low = text.low(mention.head - 1)
    mention.negated = _is_negated(text, mention.head)
    mention.cue = low in v.CUE_MARKS or (not text.marked and before in v.CUES)
    if before.isdigit() and before2 in v.VILLAGE:
        mention.cue = True
    mention.near = (low in v.NEAR or before in v.NEAR_PLAIN) or (
        before in v.BETWEEN_NEAR and (text.low(mention.head - 2) in v.NEAR or before2 in v.NEAR_PLAIN)
    )
    if low in ("qua", "ở", "tại", "thuộc"):
        mention.near = False
    if mention.home or mention.abroad:
        listed = text.after_comma(mention.head) and (mention.close == 4 or not text.marked)
        mention.firm = mention.type is not None or mention.cue or listed or _alone(text, mention)
        return
    key = " ".join(p.plain for p in text.parts[mention.first : mention.last + 1])
    if (
        mention.type is None
        and mention.source == "exact"
        and not mention.local
        and _is_other_thing(text, mention, key)
    ):
        mention.doubt = True
        mention.units = ()
        if _is_dropped(text, mention, key):
            mention.readings = ()
        return
    mention.firm = _is_firm(text, book, mention, key)


def _is_other_thing(text: Text, mention: Mention, key: str) -> bool:
    """The words before make it a village, a street, a bridge, a person."""
    before, before2 = text.plain(mention.head - 1), text.plain(mention.head - 2)
    if mention.head == 0 or text.broken(mention.head - 1, mention.head):
        return False
    touching = text.name_gap[mention.head - 1]
    if not touching:
        return False
    if (
        before in v.VILLAGE
        and not (before == "ban" and before2 == "dia")
        and before not in ("to", "doi", "pho")
    ):
        return True
    if before in ("pho",) and before2 in ("dan", "khoi"):
        return True
    if (
        before2 in v.VILLAGE
        and not before.isdigit()
        and len(before) > 1
        and before not in v.DIRECTIONS | v.CUES
    ):
        return before2 not in ("pho", "to", "doi", "ban")
    if before in v.STREET and not (before == "pho" and before2 == "thanh"):
        return True
    if before == "truong":
        return key in v.GREAT_NAMES
    if _is_feature(text, mention.head - 1):
        return True
    return _is_person(text, mention, key)


def _is_feature(text: Text, at: int) -> bool:
    """A bridge, a river, a crossing, a firm …: what bears a place's name without lying only there."""
    if (text.plain(at - 1), text.plain(at)) in v.FEATURE_PAIRS:
        return True
    return text.low(at) in v.FEATURE or (not text.marked and text.plain(at) in v.FEATURE_PLAIN)


def _is_person(text: Text, mention: Mention, key: str) -> bool:
    low, plain = text.low(mention.head - 1), text.plain(mention.head - 1)
    titled = low in v.TITLE_MARKS or (
        not text.marked and plain in v.TITLES and plain not in v.DOUBTFUL_TITLES
    )
    if low == "o" and not text.marked:
        return False
    titled = titled or (plain == "la" and text.plain(mention.head - 2) == "ten")
    return titled and (text.plain(mention.first) in v.GIVEN_NAMES or key in v.GREAT_NAMES)


def _is_dropped(text: Text, mention: Mention, key: str) -> bool:
    """Not even worth a question: a village's, a street's or a person's own name."""
    before = text.plain(mention.head - 1)
    return (
        before in v.VILLAGE
        or key in v.GREAT_NAMES
        or _is_person(text, mention, key)
        or (before in v.STREET and text.plain(mention.first) in v.GIVEN_NAMES)
        or (_is_feature(text, mention.head - 1) and mention.is_district)
    )


def _is_firm(text: Text, book: NameBook, mention: Mention, key: str) -> bool:
    if mention.source != "exact":
        return mention.type is not None or mention.cue or _alone(text, mention)
    if mention.type is not None:
        letter, word = text.parts[mention.head], text.parts[mention.first]
        dotted = text.text[letter.end : letter.end + 1] == "."
        short = (
            len(letter.plain) == 1 and key in book.common and not (letter.capital or word.capital or dotted)
        )
        return not short and (mention.close > 0 or mention.type in ("xa", "phuong", "thi_tran", "huyen"))
    if _alone(text, mention):
        return mention.close > 0
    capital = text.capitals_tell and all(p.capital for p in text.parts[mention.first : mention.last + 1])
    if mention.close == 0:
        return False
    if key not in book.common:
        return mention.close > 1 or capital or mention.cue or not text.marked
    if capital and key not in v.GREAT_NAMES:
        return True
    if key in book.everyday:
        mention.doubt = mention.cue and mention.close < 4
        return mention.cue
    if not mention.cue and _set_apart(text, mention):
        mention.doubt = True
        return True
    return mention.cue


def _set_apart(text: Text, mention: Mention) -> bool:
    """The name opens or closes the text, as an address does: worth a question even for ordinary words."""
    last = mention.last == len(text.parts) - 1
    return mention.head == 0 or (
        text.after_comma(mention.head) and (last or text.after_comma(mention.last + 1))
    )


def _alone(text: Text, mention: Mention) -> bool:
    """Nothing else is said but small words."""
    if len(text.parts) - (mention.last - mention.head + 1) > 8:
        return False
    return all(
        p.plain in v.FILLERS for i, p in enumerate(text.parts) if not mention.head <= i <= mention.last
    )


def _is_negated(text: Text, head: int) -> bool:
    """ "không phải (ở xã) …" within three words before, in the same sentence."""
    for at in range(max(0, head - 4), head - 1):
        if text.after_comma(at + 1):
            continue  # "à không, ở xã …" takes back what was said before, not what follows
        if (text.plain(at), text.plain(at + 1)) in v.NEGATIONS and not text.broken(at, head):
            between = [text.plain(i) for i in range(at + 2, head)]
            if all(word in ("o", "la", "tai", "thuoc", "ben", "xa", "phai", "trong") for word in between):
                return True
    return False
