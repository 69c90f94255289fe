"""Words by which the name of a place begins, and what is counted where a number stands behind one."""

from __future__ import annotations

from core.text import strip_marks


def _listed(words: str) -> frozenset[str]:
    """What is written between bars."""
    return frozenset(words.split("|"))


HEADS = _listed(
    "thôn|xóm|bản|tổ dân phố|tdp|khối phố|khu phố|khu dân cư|khu tái định cư|khu đô thị|khu công nghiệp|"
    "kcn|khu kinh tế|khu di tích|khu du lịch|khu trọ|khu chợ|cụm công nghiệp|làng|ngõ|ngách|hẻm|kiệt|"
    "đại lộ|quốc lộ|tỉnh lộ|huyện lộ|ql|đt|đường liên xã|đường liên thôn|đường tránh|đường ven biển|"
    "đường đê|ngã ba|ngã tư|ngã năm|ngã sáu|vòng xuyến|bùng binh|nút giao|khúc cua|dốc|đèo|trường|"
    "trường mầm non|trường mẫu giáo|trường tiểu học|trường thcs|trường thpt|trường cấp 1|trường cấp 2|"
    "trường cấp 3|trường trung học|trường đại học|trường học|mầm non|mẫu giáo|tiểu học|thcs|thpt|nhà trẻ|"
    "trạm y tế|trạm xá|bệnh viện|phòng khám|nhà thuốc|ủy ban|uỷ ban|ubnd|trụ sở|nhà văn hóa|nhà văn hoá|"
    "hội quán|trung tâm|bưu điện|công an|đồn công an|đồn biên phòng|sân vận động|sân bóng|nhà thi đấu|"
    "thư viện|bảo tàng|chợ|siêu thị|quán|quán ăn|quán nhậu|quán cà phê|quán cafe|quán bar|quán karaoke|"
    "quán hải sản|quán cơm|nhà hàng|khách sạn|nhà nghỉ|tiệm|tiệm vàng|tiệm sửa xe|cửa hàng|cây xăng|"
    "bến xe|nhà ga|cảng|bến cảng|bến đò|chung cư|nhà khách|tòa nhà|toà nhà|công viên|quảng trường|"
    "vườn hoa|tượng đài|đài tưởng niệm|tượng đài liệt sĩ|nghĩa trang|nghĩa trang liệt sĩ|nghĩa địa|"
    "nhà thờ|giáo xứ|chùa|đền|đình|miếu|nhà hoang|bãi rác|bãi tắm|bãi biển|bãi đá|bãi xe|bãi bồi|hồ|đập|"
    "đập tràn|ngầm tràn|cầu tràn|tràn|ngầm|kè|kè biển|kè sông|đê|đê biển|kênh|mương|hói|sông|suối|khe|ao|"
    "đầm|cửa biển|cửa sông|rú|rừng|rừng phòng hộ|đồi|núi|đồng|cánh đồng|trạm bơm|trạm biến áp|trạm điện|"
    "nhà máy|nhà máy nước|lò gạch|lò mổ|lò giết mổ|lò vôi|mỏ đá|xưởng|xưởng may|xưởng gỗ|xưởng bún|"
    "xưởng cưa|trang trại|trại lợn|trại gà|trại heo|đoạn|khúc|cổng|nhà sinh hoạt cộng đồng|"
    "trường nội trú|trường liên cấp|trường dạy nghề|cao đẳng|đại học|nhà nguyện|họ đạo|quán phở|"
    "quán nước|quán internet|quán net|quán ốc|quán lẩu|đại lý|phòng trọ|dãy trọ|xóm trọ|bãi cát|"
    "bãi tập kết|điểm tập kết|điểm trường|bờ biển|bờ sông|bờ kè|bờ đê|bờ hồ|cầu vượt|cầu treo|cầu phao|"
    "hầm chui|phố|trại giam|nhà tù|kho bạc|ngân hàng|phòng giao dịch|nhà điều hành|trại nuôi|vùng nuôi|"
    "hồ chứa|nhà lao|khu nghỉ dưỡng|resort|homestay|sân chơi|sân vận động xã|khu"
)
"""As typed with marks, lower case."""

_SURE_WITHOUT_MARKS = ("thôn", "xóm", "tdp", "ql", "thcs", "thpt", "ubnd", "trường", "ngõ")

BARE_HEADS = frozenset(strip_marks(head) for head in HEADS if " " in head or head in _SURE_WITHOUT_MARKS)
"""Those that are no other word when they are typed without marks."""

FIRST_WORDS = frozenset(head.split()[0] for head in HEADS | BARE_HEADS)

HEADS_OF_NAMES = _listed("đường|cầu|phố")
"""Heads only before a name in capitals: a bridge is also what is broken, "đường" also what the lamp is of."""

TELLING = _listed(
    "hỏng|hư|bị|vỡ|sập|tắt|nát|gãy|dột|tắc|nghẹt|lún|sụt|nứt|rồi|quá|lắm|mà|thì|là|đã|đang|nữa|rất|hong|sap|roi|nghet|"
    "ngập|lụt|hôi|thối|bẩn|dơ|bốc|nhiều|nhớp|nhếch|bừa|ngổn|ồn|nham|lênh|lầy|kẹt|ùn|chưa|không|chẳng|"
    "chết|khô|bỏ|đầy|đổ|bể|cháy|sạt|lở|mất|thiếu|cứ|vẫn|hay|toàn|hoài|hết|mãi|ngap|hoi thoi"
)
"""Words that tell what is wrong, how much or how long: no name of a place holds them."""

TELLING_BESIDE = _listed(
    "đông|tối|sâu|trơn|nặng|to|bụi|xe|rác|nước|bùn|khói|mùi|ruồi|muỗi|người|chó|trâu|bò|lợn|heo|gà|tràn|kêu|chạy"
)
"""The same, but names of hamlets and streets as well: not right behind a head that must have a name."""

HOLES = _listed("ổ gà|ổ voi|ổ trâu|ổ chuột")
"""A fault of two words, of which a place may seem to hold the first."""

NAMED_HEADS = _listed(
    "thôn|xóm|bản|làng|tổ dân phố|tdp|khối phố|khối|tổ|ấp|khu phố|ngõ|ngách|hẻm|kiệt|đường|phố|cầu|xã|phường|"
    "thị trấn|sông|suối|hói|rú|núi|đồng|kênh|đập|hồ|chùa|đền|đình|miếu|quán|trại"
)
"""Heads whose next word is their name, even where no capital shows it."""

COUNTED = _listed(
    "ngay|thang|nam|tuan|gio|phut|lan|vu|nguoi|chau|em|hoc|ho|nha|cai|con|chiec|xe|bao|tan|met|m|km|k|"
    "nghin|ngan|trieu|ty|dong|dua|cay|cot|bong|den|ban|chi|kg|lit|chuyen|bua|hom|dem|tieng|phan|to|tam|"
    "doi"
)
"""Without marks: behind a number they tell that it counts something."""
