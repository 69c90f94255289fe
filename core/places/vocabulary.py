"""The Vietnamese words by which a place in a text is told from other things.

Plain lists of the language, not of a province. "With marks" lists are compared with the word as typed (lower
case), the others with its plain form (`spelling.spell`).
"""

from __future__ import annotations

from core.places.spelling import spell


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    """ "a b, c d" as {("a", "b"), ("c", "d")}."""
    return frozenset((one, two) for one, two in (pair.split() for pair in text.split(",")))


TYPE_WORDS: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = tuple(
    (tuple(spell(w)[1] for w in words.split()), kind, tuple(spell(w)[2] for w in words.split()))
    for words, kind in (
        ("thị trấn", "thi_tran"), ("thị tứ", "thi_tran"), ("t trấn", "thi_tran"), ("tt", "thi_tran"),
        ("ttr", "thi_tran"), ("t t", "thi_tran"),
        ("thị xã", "thi_xa"), ("t xã", "thi_xa"), ("tx", "thi_xa"), ("t x", "thi_xa"),
        ("thành phố", "thanh_pho"), ("t phố", "thanh_pho"), ("tp", "thanh_pho"), ("t p", "thanh_pho"),
        ("huyện", "huyen"), ("h", "huyen"), ("phường", "phuong"), ("fường", "phuong"), ("phg", "phuong"),
        ("ph", "phuong"), ("p", "phuong"), ("f", "phuong"), ("xã", "xa"), ("x", "xa"), ("quận", "quan"),
        ("tỉnh", "tinh"),
    )
)  # fmt: skip
TYPES_BY_START = {
    start: [entry for entry in TYPE_WORDS if entry[0][0] == start] for start in {e[0][0] for e in TYPE_WORDS}
}
"""Words of type (plain syllables, type, marked syllables) by their first syllable, longest first."""

VILLAGE = _words(
    """
    ap ban doi khoi lang pho tdp thon thonxom to xom
    """
)
"""Words before the name of a hamlet."""

DIRECTIONS = _words(
    """
    bac doai dong duoi giua ha nam tay thuong tren trung
    """
)
"""One-syllable names of hamlets that are directions: "thôn Đông Cẩm Bình" is in Cẩm Bình."""

STREET = _words(
    """
    duong hem lo ngach ngo pho tuyen
    """
)
"""Words before the name of a street."""

FEATURE = _words(
    """
    bến cảng cầu ga hiệu hồ kcn kdc kdt khe kkt kênh mỏ núi quán rừng rặng suối sông trường xe dãy
    đèo đê đảo đập đỉnh
    """
)
"""What bears a place's name without lying only there; with marks."""

FEATURE_PLAIN = _words(
    """
    cang cau dao dap deo kcn kenh khe kkt nui song suoi
    """
)
"""Those of them that are no other word when the marks are missing."""

FEATURE_PAIRS = _pairs(
    """
    ban dao, benh vien, cong nghiep, cong ti, da khoa, dan cu, do thi, duong mon, khach san, kinh te,
    nga ba, nga tu, nha hang
    """
)
"""The same in two words, without marks."""

TITLES = _words(
    """
    anh ba bac bi bui chau chi chu co con dang dinh duong em gap giao ha ho hoang la le me nguyen
    ong pham phan ten thai thay tran truong vo
    """
)
"""Words before a person's name, without marks."""

DOUBTFUL_TITLES = _words(
    """
    ba bi co con ha la
    """
)
"""Titles that are mostly other words when the marks are missing."""

TITLE_MARKS = _words(
    """
    anh bà bác bé bùi cháu chú chị cô cậu dì em giáo hoàng hồ lê mẹ mệ mự nguyễn o phan phạm thím
    thầy trương trưởng trần tên võ ông đinh đặng
    """
)
"""Words before a person's name."""

THIRD_PERSONS = _words(
    """
    anh bà bác chú chị cô cậu dì mệ mự thím thầy ông
    """
)
"""Those of them that are seldom the speaker: what follows is a person, or worth a question."""

GIVEN_NAMES = _words(
    """
    an bac binh bui cuong dan duc gia ha hai hoa hong hung huong ien khanh kim lien loc mai mi nam
    ngoc nguyen phuc phuong quang ki son song tan thai thanh thien tien tran trung truong tung van viet
    vinh vu xuan
    """
)
"""First syllables of place names that people bear too."""

GREAT_NAMES = frozenset({"ha huy tap", "nguyen du", "tran phu"})
"""Persons after whom streets and schools are named everywhere."""

CUES = _words(
    """
    ban ben canh chi cho den dia duoi gan giap ngoai o phia qua que tai thuoc tram tren trong tu
    ubnd ve vuc xa
    """
)
"""Words that announce a place, without marks."""

CUE_MARKS = _words(
    """
    bàn bên chợ cạnh dưới giáp gần lên ngoài qua quê ra sang thuộc trong trên trạm tại tới từ ubnd
    vào về vực xuống đến ở
    """
)
"""Words that announce a place."""

NEAR = _words(
    """
    cách cạnh giáp gần hướng lên phía ra sang sát vào về xuống đi
    """
)
"""Words that make the place after them a neighbour or a direction."""

NEAR_PLAIN = _words(
    """
    cach canh di gan giap huong sat
    """
)
"""Those that can be told without marks."""

BETWEEN_NEAR = _words(
    """
    cau cho dia duong phan phia ranh tam trung ubnd ve voi xa
    """
)
"""Words that may stand between them and the name."""

FILLERS = _words(
    """
    a anh bac ban bao ben chac chi cho ci con cu cung da day dia do em ha k khong kia ko la minh moi
    nai ne nghe nha nhe nhen o oi roi tai thi thua thuoc tinh toi tren tui u vang voi
    """
)
"""Small words around an answer to "where?"."""

NEGATIONS = _pairs(
    """
    chang phai, chu khong, chu ko, dung nham, hem phai, hok phai, hong phai, k o, k phai, k thuoc,
    kg phai, khong o, khong phai, khong thuoc, ko o, ko phai, ko thuoc, no phai
    """
)
""""Not", in two words, without marks."""

OLD_WORDS = _words(
    """
    cu cũ trước xưa
    """
)
"""After a name: as it was before July 2025."""

NEW_WORDS = _words(
    """
    mới nay
    """
)
"""After a name: as it is now."""


def names_a_place(low: str) -> bool:
    """Whether hardly anything but a place can follow a word (lower case, with marks)."""
    return low in ("ở", "tại", "quê", "tỉnh", "thuộc", "tp")
