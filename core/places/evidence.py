"""What the words around a name say: a place, a village, a street, a bridge, a person, or not meant at all."""

from __future__ import annotations

from core.places import vocabulary as v
from core.places.mention import Mention
from core.places.names import NameBook
from core.places.sentence import Text
from core.places.spelling import spell

_TYPE_LETTERS = frozenset({"p", "ph", "f", "x", "h"})
"""Words of type so short that they may be another word's beginning."""


def weigh(text: Text, book: NameBook, mention: Mention) -> None:
    """Judge a mention by the words around it; fills firm, doubt, near, negated, cue."""
    before, before2 = text.plain(mention.head - 1), text.plain(mention.head - 2)
    low = text.low(mention.head - 1)
    mention.negated = _is_negated(text, mention.head)
    mention.cue = low in v.CUE_MARKS or (not text.marked and before in v.CUES)
    if before.isdigit() and before2 in v.VILLAGE:
        mention.cue = True
    mention.near = (low in v.NEAR or (not text.marked and before in v.NEAR_PLAIN)) or (
        before in v.BETWEEN_NEAR
        and (text.low(mention.head - 2) in v.NEAR or (not text.marked and before2 in v.NEAR_PLAIN))
    )
    if (before2, before) == ("doi", "dien"):
        mention.near = True
    if (before2, before) == ("mo", "sat"):
        mention.near = False  # "mỏ sắt" is an iron mine, not "sát"
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
    if before == "truong":
        return key in v.GREAT_NAMES
    if _is_feature(text, mention.head - 1):
        return True
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
    if before == "pho" and text.plain(mention.head - 3) in v.VILLAGE:
        return False  # "thôn Tân Phố": the word belongs to the village
    if before in v.STREET and not (before == "pho" and before2 == "thanh"):
        return True
    return _is_person(text, mention, key) or _is_titled(text, mention)


def _is_feature(text: Text, at: int) -> bool:
    """A bridge, a river, a crossing, a firm …: what bears a place's name without lying only there."""
    if (text.plain(at - 1), text.plain(at)) in v.FEATURE_PAIRS:
        return True
    return text.low(at) in v.FEATURE or (not text.marked and text.plain(at) in v.FEATURE_PLAIN)


def _is_public(text: Text, at: int) -> bool:
    """A hospital, a bus station or a bridge that bears a district's name stands there."""
    return text.low(at) == "cầu" or (text.plain(at - 1), text.plain(at)) in (("benh", "vien"), ("ben", "xe"))


def _is_person(text: Text, mention: Mention, key: str) -> bool:
    low, plain = text.low(mention.head - 1), text.plain(mention.head - 1)
    titled = low in v.TITLE_MARKS or (
        not text.marked and plain in v.TITLES and plain not in v.DOUBTFUL_TITLES
    )
    if low == "o" and not text.marked:
        return False
    titled = titled or (plain == "la" and text.plain(mention.head - 2) == "ten")
    return titled and (text.plain(mention.first) in v.GIVEN_NAMES or key in v.GREAT_NAMES)


def _is_titled(text: Text, mention: Mention) -> bool:
    """ "chị Cẩm Hà": somebody else, who may bear such a name."""
    low = text.low(mention.head - 1)
    return low in v.THIRD_PERSONS and (text.marked or low != spell(low)[1])


def _may_be_the_speaker(text: Text, mention: Mention) -> bool:
    """ "em Kỳ Anh ạ": somebody of that name, or the speaker, from there."""
    return text.low(mention.head - 1) in ("em", "cháu", "con") and mention.is_district


def _is_dropped(text: Text, mention: Mention, key: str) -> bool:
    """Not even worth a question: a village's, a street's or a person's own name."""
    before = text.plain(mention.head - 1)
    return (
        before in v.VILLAGE
        or key in v.GREAT_NAMES
        or (_is_person(text, mention, key) and not _may_be_the_speaker(text, mention))
        or (before in v.STREET and text.plain(mention.first) in v.GIVEN_NAMES)
        or (
            _is_feature(text, mention.head - 1)
            and mention.is_district
            and not _is_public(text, mention.head - 1)
        )
    )


def _is_firm(text: Text, book: NameBook, mention: Mention, key: str) -> bool:
    if mention.source != "exact":
        return mention.type is not None or mention.cue or _alone(text, mention)
    if mention.type is not None:
        letter, word = text.parts[mention.head], text.parts[mention.first]
        dotted = text.text[letter.end : letter.end + 1] == "."
        short = (
            letter.plain in _TYPE_LETTERS
            and key in book.common
            and not (letter.capital or word.capital or dotted)
        )
        bare = short and not (mention.cue or _alone(text, mention))
        return not bare and (mention.close > 0 or mention.type in ("xa", "phuong", "thi_tran", "huyen"))
    if _alone(text, mention):
        return mention.close > 0
    capital = text.capitals_tell and all(p.capital for p in text.parts[mention.first : mention.last + 1])
    if mention.close == 0:
        return False
    if key not in book.common:
        return mention.close > 1 or capital or mention.cue or not text.marked
    if capital and key not in v.GREAT_NAMES:
        mention.doubt = mention.doubt or _goes_on(text, book, mention)
        return True
    if key in book.everyday:
        mention.doubt = mention.cue and mention.close < 4
        return mention.cue
    if not mention.cue and _set_apart(text, mention):
        mention.doubt = True
        return True
    return mention.cue


def _goes_on(text: Text, book: NameBook, mention: Mention) -> bool:
    """Two more syllables with capitals that begin no place's name: "Đông Kinh Nghĩa Thục"."""
    rest = text.parts[mention.last + 1 : mention.last + 3]
    together = len(rest) == 2 and text.name_gap[mention.last] and text.name_gap[mention.last + 1]
    if not together or not all(part.capital for part in rest):
        return False
    return (rest[0].plain, rest[1].plain) not in book.longest and rest[0].plain not in v.VILLAGE | v.STREET


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
