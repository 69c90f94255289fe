"""For whom a message is told: "em nhắn thay mệ Xuân", "bà hàng xóm nhờ em báo", "thay mặt bà con thôn Đông".

A small grammar over the words: who = how many, kin, whose, name, neighbour or place; around it a word of
telling and a word of doing it for another. Works with and without diacritics.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

from core.text import strip_marks

_LOOKED_AT = 1_000
_MOST_WORDS = 150
_LONGEST_NAME = 3
_ADDRESS = 9
"""Words up to which an address may stand between a person and a colon."""
_WORD = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"[,.;:!?()\n]")


class _Vocabulary:
    """Phrases of one to four words; they match as written, or without marks: "chủ" is not "chú"."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self.by_first: dict[str, list[list[tuple[str, str]]]] = {}
        for phrase in phrases:
            forms = [(word, strip_marks(word)) for word in phrase.split()]
            self.by_first.setdefault(forms[0][1], []).append(forms)
        for found in self.by_first.values():
            found.sort(key=len, reverse=True)


def _plain(text: str) -> frozenset[str]:
    """Words without marks, told apart by blanks."""
    return frozenset(text.split())


@cache
def _set(text: str) -> _Vocabulary:
    """Words, or several joined by _, told apart by blanks."""
    return _Vocabulary(one.replace("_", " ") for one in text.split())


_KIN = _set(
    "ông bà ôông mệ mự mạ mẹ má me u bầm bố ba cha thầy bác chú cô o dì cậu mợ thím dượng anh eng chị ả"
    " em cháu"
    " con cụ cố vợ chồng bạn đứa thằng cái bé hàng_xóm bà_con người_nhà người_thân người_quen người_già"
    " người_bạn"
    " bà_hàng_xóm ông_hàng_xóm chị_hàng_xóm anh_hàng_xóm cô_hàng_xóm chú_hàng_xóm bác_hàng_xóm nhà_hàng_xóm"
    " ông_bà bố_mẹ ba_mẹ cha_mẹ mẹ_con bà_cháu vợ_chồng ông_nội ông_ngoại bà_nội bà_ngoại cô_giáo thầy_giáo"
    " mẹ_chồng mẹ_vợ bố_chồng bố_vợ ba_chồng ba_vợ chị_dâu em_dâu anh_rể em_rể chị_gái em_gái em_trai"
    " anh_trai"
    " chị_họ anh_họ em_họ bà_cụ ông_cụ ông_lão bà_lão cụ_ông cụ_bà bà_già ông_già thằng_bạn con_bạn đứa_bạn"
    " nhà_bên nhà_bên_cạnh nhà_kế_bên hộ_bên_cạnh hộ_kế_bên gia_đình nhà bạn_em bạn_tôi đồng_chí"
)
_MANY = _set("mấy các một hai ba gia_đình nhà hộ vợ_chồng mẹ_con hai_vợ_chồng hộ_gia_đình")
_GROUP = _set(
    "bà_con dân nhân_dân người_dân dân_làng hộ_dân các_hộ_dân các_hộ thôn xóm tổ khu_phố khối_phố"
    " tổ_dân_phố"
    " tdp làng khu_dân_cư tập_thể phụ_huynh các_phụ_huynh tiểu_thương anh_em công_nhân"
)
_GROUP_PLACE = _set("thôn xóm tổ khu khối làng xã phường tdp chợ tổ_dân_phố khu_phố khối_phố lớp trường")
_MY_WORDS = "em tôi toi tui mình cháu con tau tao e chúng_tôi chúng_em tụi_em bọn_em tụi_tui"
_MINE = _set(_MY_WORDS)
_MY_OTHER_WORDS = " to tớ mềnh"
_I = _set(_MY_WORDS + _MY_OTHER_WORDS)
_SELF = _set(_MY_WORDS + _MY_OTHER_WORDS + " bà_con_chúng_tôi bà_con_mình dân chúng_tau dân_mình")
_KIND = _set("giáo dâu rể gái trai nội ngoại chồng vợ khuyết_tật chủ_nhiệm")
_NEIGHBOUR = _set("hàng_xóm láng_giềng")
_TELL = _set(
    "phản_ánh báo_cáo báo nhắn_tin nhắn gửi gởi gọi nói trình_bày kiến_nghị kể viết pa alo khai đăng"
    " nhập điền"
    " chuyển_lời lên_tiếng hỏi chụp lập trình ghi"
)
_NEVER_ASKED = _set("hàng_xóm bà_hàng_xóm ông_hàng_xóm chị_hàng_xóm anh_hàng_xóm nhà_hàng_xóm nhà_bên")
_HOW = _set("hộ giúp giùm dùm thay thay_cho thay_mặt thay_mặt_cho hộ_cho giúp_cho giùm_cho dùm_cho")
_NOT_HOW_AFTER = _set(
    "khẩu nghèo cận tịch chiếu kinh_doanh sinh gia_đình_chính_sách đổi mới ga ca thế bóng thuế"
)
_BETWEEN = _set("tin việc lên với cái đơn ảnh lại")
_SPEAKS_FOR = _set("thay_mặt_cho thay_mặt thay_lời đại_diện_cho đại_diện thay_cho")
_ASKS = _set("nhờ biểu bảo kêu nhắn dặn ủy_quyền ủy_quyền_cho có_nhờ có_biểu có_bảo nhờ_vả")
_NO_ADDRESSEE = _set("sĩ ninh an_ninh bộ tịch thư trực")
_AFTER_PLEA = _set("với nhé đi cái nghe hi hí nha nghen")
_AROUND_NAME = _set(
    "tên là tên_là báo_cho báo_hộ báo_giúp báo_thay cho thay sửa_tên đổi_tên thành lại nhé ạ nha mới_đúng mới"
    " đúng của nghe à nhầm rồi em_nhé em_nha em_ạ"
)
_NO_NAME = _plain(
    "o tai cai bi nha dang duoc la voi nhe ve rang vi co khong ko k thi ma bao nho ngo duong nuoc dien"
    " rac viec"
    " chuyen mot may so sdt thon xom xa phuong nay a ah hi nghe nha nghen ben gan cu khoi den can hom"
    " noi ra len cho"
    " nua va mat hong trong ngoai truoc dau cuoi khu to duoi tren cong cot cay cau canh sat ke ban lam"
    " truong"
    " neo gia benh kho ngheo don moi da dang se vua hay cung chi em anh toi tui chau con minh tuoi nhu"
    " do day gui"
    " phan goi nhan viet khai dang thuong vang ngay"
)


class _Word(NamedTuple):
    """`low` and `plain` are the word in lower case with and without marks; `cut`: a clause ends before
    it."""

    start: int
    end: int
    low: str
    plain: str
    capital: bool
    cut: bool


class _Words:
    def __init__(self, text: str) -> None:
        self.text = text
        self.all: list[_Word] = []
        self.persons: dict[int, int] = {}
        """Where the words for a person that begin at a word end, as far as it was looked for."""
        last = 0
        for match in islice(_WORD.finditer(text), _MOST_WORDS):
            low = match[0].lower()
            cut = _BREAK.search(text, last, match.start()) is not None
            self.all.append(
                _Word(match.start(), match.end(), low, strip_marks(low), match[0][0].isupper(), cut)
            )
            last = match.end()

    def __len__(self) -> int:
        return len(self.all)

    def longest(self, at: int, *vocabularies: _Vocabulary) -> int:
        """The words of the longest phrase that stands at `at` within its clause; 0 when none does."""
        if at >= len(self.all):
            return 0
        first, most = self.all[at].plain, 0
        for vocabulary in vocabularies:
            phrases = vocabulary.by_first.get(first)
            if phrases is not None:
                most = max(most, self._of(at, phrases))
        return most

    def _of(self, at: int, phrases: Sequence[list[tuple[str, str]]]) -> int:
        for forms in phrases:
            part = self.all[at : at + len(forms)]
            if (
                len(part) == len(forms)
                and not any(word.cut for word in part[1:])
                and all(word.low in form for word, form in zip(part, forms, strict=True))
            ):
                return len(forms)
        return 0

    def ends(self, at: int) -> bool:
        """A clause ends before the word at `at`, or the text does."""
        return at >= len(self.all) or self.all[at].cut

    def colon(self, at: int) -> bool:
        """Whether the clause that the word at `at` stands in, or begins after, ends by a colon soon."""
        start = self.all[at - 1].end
        found = _BREAK.search(self.text, start)
        near = self.all[min(at + _ADDRESS, len(self.all)) - 1].end
        return found is not None and found[0] == ":" and found.start() <= near + 1

    def said(self, first: int, last: int) -> str:
        return self.text[self.all[first].start : self.all[last - 1].end]


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom a message is told for, and the stretches of the text, as (start, end), that only say so."""

    whom: str
    stretches: tuple[tuple[int, int], ...]


class _Found(NamedTuple):
    """Words from `first` to `last` say that it is for another; `who` are those for the person, if any."""

    first: int
    last: int
    who: tuple[int, int] | None


def find_on_behalf(text: str) -> str | None:
    """Whom a message is told for: the words as typed ("mệ Xuân"), "" when only that it is for another,
    else None.

    A plea for help ("anh báo giúp em với") is not for another.
    """
    telling = find_telling(text)
    return telling.whom if telling is not None else None


def find_telling(text: str) -> Telling | None:
    """Whom a message is told for, and where it says so; None when it is for oneself."""
    words = _Words(text[:_LOOKED_AT])
    for ways in ((_asked, _cannot), (_told, _asked_for, _spoken_for, _helped)):
        for at in range(len(words)):
            for way in ways:
                found = way(words, at)
                if found is not None:
                    return _telling(words, found)
    return None


def find_person_at_head(text: str) -> Telling | None:
    """“Ông Lý thôn 4: ngõ sụt”: of somebody who tells for others, the one with whom the message begins."""
    words = _Words(text[:_LOOKED_AT])
    end = _who(words, 0) if len(words) else 0
    if not end or not _is_named(words, 0, end) or _is_self(words, 0, end):
        return None
    stop = next((i for i in range(end, len(words)) if words.all[i].cut), None)
    return _telling(words, _Found(0, end, (0, end))) if stop is not None and stop - end <= _ADDRESS else None


def is_group(whom: str) -> bool:
    """Whether many are meant, none of whom has the one phone: “thôn 3”, “bà con xóm Đình”."""
    words = _Words(whom)
    at = next((i for i in range(len(words)) if not words.all[i].plain.isdigit()), len(words))
    return words.longest(at, _GROUP) >= max(1, words.longest(at, _KIN))


def person_in(text: str, *, bare: bool = False) -> str | None:
    """The one person with a name whom the words are about and nothing else: “o Lài”, “tên là Lài em nhé”;
    only when `bare` also a name without “o” or “bà”."""
    words = _Words(text)
    at, last = 0, len(words)
    while last > 1 and words.longest(last - 1, _AROUND_NAME) == 1 and not words.all[last - 1].capital:
        last -= 1
    while (
        last > 1
        and words.longest(last - 1, _KIN) == 1
        and words.all[last - 1].low == words.all[last - 1].plain
    ):
        last -= 1
    while at < last and (small := words.longest(at, _AROUND_NAME)) and not words.all[at].capital:
        at += small
    end = _who(words, at) if at < last else at
    if end == last and _is_named(words, at, end):
        return words.said(at, end)
    if end < last and end > at and words.longest(end, _AROUND_NAME):  # “bà tên là Lài”
        start = end + words.longest(end, _AROUND_NAME)
        rest = _name(words, start) if start < last else 0
        return (
            f"{words.said(at, end)} {words.said(start, start + rest)}"
            if rest and start + rest == last
            else None
        )
    named = bare and at < last and words.all[at].capital and _name(words, at) == last - at
    return words.said(at, last) if named else None


def with_kin_of(name: str, whom: str) -> str:
    """“Lài” beside “o Lựu” is “o Lài”; a name that has its own “o” stays."""
    words, other = _Words(name), _Words(whom)
    if len(words) and words.longest(0, _KIN) and not words.all[0].capital:
        return name
    kin = other.longest(0, _KIN) if len(other) else 0
    return f"{other.said(0, kin)} {name}" if kin else name


def _telling(words: _Words, found: _Found) -> Telling:
    """With the fuller name of the person, where one stands beside: “ông hàng xóm …, ông Tịnh, …”."""
    stretches = [(words.all[found.first].start, words.all[found.last - 1].end)]
    if found.who is None:
        return Telling("", tuple(stretches))
    first, last = found.who
    if not _is_named(words, first, last) and words.longest(first, _KIN) and not words.longest(first, _GROUP):
        if (named := _named_after(words, first, last)) is not None:
            stretches.append((words.all[named[0]].start, words.all[named[1] - 1].end))
            first, last = named
        elif last - first == 1 and (named := _named_before(words, first)) is not None:
            first, last = named
    return Telling(words.said(first, last), tuple(stretches))


def _named_after(words: _Words, first: int, last: int) -> tuple[int, int] | None:
    """A person of the same kin with a name, alone in the next clause."""
    start = next((i for i in range(last, len(words)) if words.all[i].cut), len(words))
    if start >= len(words) or words.all[start].low != words.all[first].low:
        return None
    end = _who(words, start)
    return (start, end) if _is_named(words, start, end) and words.ends(end) else None


def _named_before(words: _Words, first: int) -> tuple[int, int] | None:
    """A person of the same kin with a name, told of before: “bà Lành …, em báo giùm bà”."""
    for at in range(first):
        if words.all[at].low == words.all[first].low and _is_named(words, at, end := _who(words, at)):
            return at, end
    return None


def _is_named(words: _Words, first: int, last: int) -> bool:
    return any(word.capital for word in words.all[first + 1 : last])


def _who(words: _Words, at: int) -> int:
    """Where the words for a person or a group that begin at `at` end; `at` when there are none."""
    if at not in words.persons:
        words.persons[at] = _find_who(words, at)
    return words.persons[at]


def _find_who(words: _Words, at: int) -> int:
    end = at
    if words.all[end].plain.isdigit() and end + 1 < len(words):
        end += 1
        if not words.longest(end, _GROUP, _set("hộ nhà người gia_đình")):
            return at
    elif (many := words.longest(end, _MANY)) and not words.ends(end + many):
        counts = many >= words.longest(end, _KIN, _GROUP) and words.longest(end + many, _KIN, _GROUP)
        end += many if counts else 0
    group = words.longest(end, _GROUP, *((_set("hộ"),) if end > at else ()))
    kin = words.longest(end, _KIN)
    if group >= max(kin, 1):
        return _group(words, end + group)
    if not kin or _is_office(words, end + kin):
        return at
    end += kin
    for more in (_KIND, _MINE, None, _NEIGHBOUR):
        if words.ends(end):
            break
        end += _name(words, end) if more is None else words.longest(end, more)
    return end


def _is_office(words: _Words, at: int) -> bool:
    """ "bác sĩ", "bí thư": no kin after all."""
    return at < len(words) and not words.all[at].capital and words.longest(at, _NO_ADDRESSEE) > 0


def _group(words: _Words, end: int) -> int:
    """The end of a group: "bà con" + "thôn Đông", "xóm" + "5"."""
    if not words.ends(end) and words.longest(end, _set("dân")):
        end += 1
    place = 0 if words.ends(end) else words.longest(end, _GROUP_PLACE)
    if place and not words.ends(end + place):
        end += place
    if not words.ends(end) and words.all[end].plain.isdigit():
        return end + 1
    while not words.ends(end) and words.all[end].capital:
        end += 1
    return end


def _name(words: _Words, at: int) -> int:
    """How many words from `at` on are a name: capitals as far as they go, else one word that is no
    other."""
    count = 0
    while count < _LONGEST_NAME and not words.ends(at + count) and words.all[at + count].capital:
        count += 1
    if count or words.text != words.text.lower():
        return count
    own = not words.ends(at) and words.all[at].plain not in _NO_NAME and not words.all[at].plain.isdigit()
    return 1 if own and not words.longest(at, _TELL, _NEIGHBOUR, _ASKS) else 0


def _is_self(words: _Words, first: int, last: int) -> bool:
    return words.longest(first, _SELF) == last - first


def _asked(words: _Words, at: int) -> _Found | None:
    """ "bà hàng xóm nhờ em báo", "mẹ em biểu em nhắn"."""
    end = _who(words, at)
    if end == at or words.ends(end) or _is_self(words, at, end):
        return None
    asks = words.longest(end, _ASKS)
    if not asks or words.ends(end + asks):
        return None
    me = words.longest(end + asks, _I)
    tells = end + asks + me
    tells += words.longest(tells, _set("là đi vào giúp hộ")) if tells < len(words) else 0
    plain_ask = words.all[end].plain in ("nho", "co")
    if words.ends(tells) or not (me or plain_ask):
        return None
    told = words.longest(tells, _TELL)
    if told and not words.longest(tells, _set("gọi_lại")):
        return _Found(at, _after_telling(words, tells + told), (at, end))
    return None


def _after_telling(words: _Words, at: int) -> int:
    """Past “giùm là”, “giúp việc”: what follows “em báo” and is not told of yet."""
    for more in (_HOW, _set("là rằng")):
        if not words.ends(at) and not words.longest(at, _NOT_HOW_AFTER):
            at += words.longest(at, more)
    return at


_UNABLE = _set("không ko k nỏ không_biết không_có nỏ_biết nỏ_có ko_biết ko_có k_biết k_có chưa_biết")
_MEANS = _set("zalo điện_thoại smartphone nhắn_tin chữ máy dùng xài nhắn sử_dụng mạng")


def _cannot(words: _Words, at: int) -> _Found | None:
    """ "bác Tám không có zalo nên em báo giúp"."""
    end = _who(words, at)
    if end == at or _is_self(words, at, end) or end >= len(words):
        return None
    unable = words.longest(end, _UNABLE)
    if not unable or end + unable >= len(words) or not words.longest(end + unable, _MEANS):
        return None
    for so in range(end + unable, min(end + unable + 7, len(words) - 1)):
        me = words.longest(so, _I)
        if me and so + me < len(words) and (told := words.longest(so + me, _TELL)):
            return _Found(at, _after_telling(words, so + me + told), (at, end))
    return None


def _told(words: _Words, at: int) -> _Found | None:
    """ "báo giúp bà Lan hàng xóm", "em nhắn thay"."""
    tells = words.longest(at, _TELL)
    end = at + tells
    if not tells or words.ends(end):
        return None
    how = words.longest(end, _HOW)
    if not how:
        end += words.longest(end, _BETWEEN)
        how = 0 if words.ends(end) else words.longest(end, _HOW)
    if not how:
        return None
    mine = _begins_with_me(words, at)
    by_itself, plea = words.all[end].plain == "thay", words.all[end].plain == "giup"
    end += how
    if words.ends(end):
        return _Found(at, end, None) if mine or by_itself else None
    if words.longest(end, _NOT_HOW_AFTER):
        return None
    end += words.longest(end, _set("cho của"))
    if end >= len(words):
        return None
    last = _whom(words, end, mine=mine, by_itself=by_itself)
    if last is None:
        return None
    whom = words.said(end, last)
    if plea and not mine and whom == whom.lower() and not words.longest(end, _NEVER_ASKED):
        return None  # "nói giúp mấy ông bên thủy lợi": to be told, not told for
    return _Found(at, last, (end, last))


_HELPERS = _set("em bạn ad admin anh chị cháu con kênh tổng_đài shop")


def _asked_for(words: _Words, at: int) -> _Found | None:
    """ "nhờ em báo cho bà Tư: …", "nhờ bạn ghi cho ông Quế ở thôn 1: …": only of somebody with a name, and
    before a colon."""
    asks = words.longest(at, _set("nhờ phiền"))
    helper = at + asks
    tells = helper + (words.longest(helper, _HELPERS) if asks and not words.ends(helper) else 0)
    told = words.longest(tells, _TELL) if tells > helper and not words.ends(tells) else 0
    end = tells + told
    if not told or words.ends(end) or words.all[end].plain != "cho" or words.ends(end + 1):
        return None
    last = _who(words, end + 1)
    return (
        _Found(at, last, (end + 1, last)) if _is_named(words, end + 1, last) and words.colon(last) else None
    )


def _begins_with_me(words: _Words, at: int) -> bool:
    """ "em báo hộ", "em xin báo hộ": the one who tells speaks of himself right before."""
    if at == 0 or words.all[at].cut:
        return False
    if any(words.longest(i, _I) == at - i for i in (at - 1, at - 2) if i >= 0):
        return True
    softly = words.longest(at - 1, _set("xin đang muốn là chỉ phải đi")) > 0
    return softly and at > 1 and words.longest(at - 2, _I) > 0


def _whom(words: _Words, first: int, *, mine: bool, by_itself: bool) -> int | None:
    """Where the words for the person, or for two, end; None when it is not told for them."""
    end = _who(words, first)
    if end == first or (_is_self(words, first, end) and not by_itself):
        return None
    unnamed = not any(word.capital for word in words.all[first:end]) and end - first == 1
    plea = end < len(words) and words.longest(end, _AFTER_PLEA)
    if (
        unnamed
        and not by_itself
        and (plea or not mine)
        and words.all[first].plain in ("bac", "me", "anh", "chi")
    ):
        return None
    if "bà con" in words.said(first, end).lower() and not mine and not by_itself:
        return None
    return _with_others(words, first, end)


def _with_others(words: _Words, first: int, end: int) -> int:
    """ "anh Sơn và chị Hà", "anh Sơn, chị Hà ở tổ 1: …": with a comma only before a colon, as the next person
    may be what is told of."""
    while _is_named(words, first, end) and end < len(words):
        start = end if words.all[end].cut else end + words.longest(end, _set("và với cùng"))
        joined = start > end and not words.ends(start)
        if not joined and not (words.ends(start) and start == end):
            break
        last = _who(words, start) if start < len(words) else start
        if (
            last == start
            or not _is_named(words, start, last)
            or words.said(start, last) == words.said(first, end)
        ):
            break
        if not joined and not words.colon(last):
            break
        first, end = start, last
    return end


def _spoken_for(words: _Words, at: int) -> _Found | None:
    """ "thay mặt bà con thôn Đông", "đại diện cho 12 hộ dân"."""
    speaks = words.longest(at, _SPEAKS_FOR)
    if not speaks or words.ends(at + speaks):
        return None
    end = _who(words, at + speaks)
    return _Found(at, end, (at + speaks, end)) if end > at + speaks else None


def _helped(words: _Words, at: int) -> _Found | None:
    """ "giúp bà Lan gửi phản ánh": only of somebody with a name."""
    how = words.longest(at, _set("giúp hộ giùm dùm thay"))
    if not how or words.ends(at + how):
        return None
    end = _who(words, at + how)
    told = 0 if words.ends(end) or not _is_named(words, at + how, end) else words.longest(end, _TELL)
    return _Found(at, _after_telling(words, end + told), (at + how, end)) if told else None
