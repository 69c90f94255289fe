"""For whom a message is told: "em nhắn thay mệ Xuân", "bà hàng xóm nhờ em báo", "thay mặt bà con thôn Đông".

A small grammar over the words: who = how many, kin, whose, name, neighbour or place; around it a word of
telling and a word of doing it for another. Works with and without diacritics.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import NamedTuple

from core.text import strip_marks

_LOOKED_AT = 1_000
_MOST_WORDS = 150
_LONGEST_NAME = 3
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
    " chuyển_lời lên_tiếng hỏi chụp lập trình"
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

    def said(self, first: int, last: int) -> str:
        return self.text[self.all[first].start : self.all[last - 1].end]


def find_on_behalf(text: str) -> str | None:
    """Whom a message is told for: the words as typed ("mệ Xuân"), "" when only that it is for another,
    else None.

    A plea for help ("anh báo giúp em với") is not for another.
    """
    words = _Words(unicodedata.normalize("NFC", text[:_LOOKED_AT]))
    for ways in ((_asked, _cannot), (_told, _spoken_for, _helped)):
        for at in range(len(words)):
            for way in ways:
                found = way(words, at)
                if found is not None:
                    return found
    return None


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


def _asked(words: _Words, at: int) -> str | None:
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
    if words.longest(tells, _TELL) and not words.longest(tells, _set("gọi_lại")):
        return words.said(at, end)
    return None


_UNABLE = _set("không ko k nỏ không_biết không_có nỏ_biết nỏ_có ko_biết ko_có k_biết k_có chưa_biết")
_MEANS = _set("zalo điện_thoại smartphone nhắn_tin chữ máy dùng xài nhắn sử_dụng mạng")


def _cannot(words: _Words, at: int) -> str | None:
    """ "bác Tám không có zalo nên em báo giúp"."""
    end = _who(words, at)
    if end == at or _is_self(words, at, end) or end >= len(words):
        return None
    unable = words.longest(end, _UNABLE)
    if not unable or end + unable >= len(words) or not words.longest(end + unable, _MEANS):
        return None
    for so in range(end + unable, min(end + unable + 7, len(words) - 1)):
        me = words.longest(so, _I)
        if me and so + me < len(words) and words.longest(so + me, _TELL):
            return words.said(at, end)
    return None


def _told(words: _Words, at: int) -> str | None:
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
        return "" if mine or by_itself else None
    if words.longest(end, _NOT_HOW_AFTER):
        return None
    end += words.longest(end, _set("cho của"))
    if end >= len(words):
        return None
    whom = _whom(words, end, mine=mine, by_itself=by_itself)
    if whom and plea and not mine and whom == whom.lower() and not words.longest(end, _NEVER_ASKED):
        return None  # "nói giúp mấy ông bên thủy lợi": to be told, not told for
    return whom


def _begins_with_me(words: _Words, at: int) -> bool:
    """ "em báo hộ", "em xin báo hộ": the one who tells speaks of himself right before."""
    if at == 0 or words.all[at].cut:
        return False
    if any(words.longest(i, _I) == at - i for i in (at - 1, at - 2) if i >= 0):
        return True
    softly = words.longest(at - 1, _set("xin đang muốn là chỉ phải đi")) > 0
    return softly and at > 1 and words.longest(at - 2, _I) > 0


def _whom(words: _Words, first: int, *, mine: bool, by_itself: bool) -> str | None:
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
    return words.said(first, end)


def _spoken_for(words: _Words, at: int) -> str | None:
    """ "thay mặt bà con thôn Đông", "đại diện cho 12 hộ dân"."""
    speaks = words.longest(at, _SPEAKS_FOR)
    if not speaks or words.ends(at + speaks):
        return None
    end = _who(words, at + speaks)
    return words.said(at + speaks, end) if end > at + speaks else None


def _helped(words: _Words, at: int) -> str | None:
    """ "giúp bà Lan gửi phản ánh": only of somebody with a name."""
    how = words.longest(at, _set("giúp hộ giùm dùm thay"))
    if not how or words.ends(at + how):
        return None
    end = _who(words, at + how)
    named = any(word.capital for word in words.all[at + how + 1 : end])
    return words.said(at + how, end) if named and not words.ends(end) and words.longest(end, _TELL) else None
