from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.danger import BadDangerWords, DangerWords
from core.text import strip_marks

DANGER = DangerWords.load(Path("province/ha_tinh/danger.yml"))

NOW = [
    ("nhà tôi đang cháy, còn người trong nhà", "fire", "114"),
    ("lả cháy lan sang nhà bên rồi", "fire", "114"),
    ("rò rỉ gas nồng nặc trong khu trọ", "gas", "114"),
    ("bố tôi đột quỵ méo miệng", "medical", "115"),
    ("mẹ em khó thở tím tái rồi", "medical", "115"),
    ("có người đuối nước ở biển Thiên Cầm", "drowning", "114"),
    ("nước lên tới nóc nhà rồi, cả nhà trên mái", "disaster", "112"),
    ("sạt lở vùi nhà, có người bên trong", "disaster", "112"),
    ("trộm đang ở trong nhà em", "crime", "113"),
    ("có thằng cầm dao đuổi chém người", "crime", "113"),
    ("em không muốn sống nữa", "suicide", "115"),
    ("nó uống thuốc sâu rồi", "suicide", "115"),
    ("có người bị điện giật bất tỉnh", "electric", "114"),
    ("cứu với", "other", "112"),
    ("cháy rồi", "fire", "114"),
]

NOT_NOW = [
    "hôm qua nhà bên cạnh cháy, đã dập xong",
    "tuần trước có người đuối nước ở đập này",
    "sợ cháy lắm vì dây điện chập",
    "nguy cơ cháy nổ rất cao",
    "dễ gây tai nạn cho học sinh",
    "cầu sắp sập rồi",
    "bóng đèn đường bị cháy",
    "cháy máy bơm vì điện yếu",
    "đốt rác khói mù mịt",
    "xe tôi chết máy vì ngập",
    "hàng bán cháy hàng",
    "lúa cháy khô ngoài đồng",
    "mùi hôi chết đi được",
    "tối qua có trộm vào nhà lấy xe",
    "suýt có người chết đuối",
    "lan can gãy, lỡ trẻ con rơi xuống sông thì sao",
    "xe tải chạy ầm ầm cả đêm",
    "nước thải chảy ra đường",
    "rác thải đổ đầy bờ sông",
    "cột điện nghiêng sắp đổ",
    "ngã tư không có đèn",
    "",
    "...",
]

WHO = (
    "bà cụ", "cháu bé", "anh thợ", "chú tài xế", "em học sinh", "chị hàng xóm", "mẹ tôi", "vợ em",
    "một thanh niên", "ông nội", "đứa nhỏ", "nạn nhân",
)  # fmt: skip
STATES = (
    "ngã xuống nằm bất động",
    "đang ăn thì bị nghẹn cơm, mặt tím tái",
    "bị tường sập đè, chưa ai kéo ra được",
    "bị nước cuốn trôi rồi",
    "lên cơn co giật, sùi bọt mép",
    "bị xe tông, máu chảy lênh láng",
    "bị điện giật gục xuống rồi",
    "kẹt trong thang máy, khó thở quá",
    "leo lên nóc nhà vì nước lũ lên nhanh",
    "rơi từ mái nhà xuống, gọi không thưa",
    "kẹt trên lầu, khói đen mù mịt, còn người trong đó",
    "bị nó cầm dao đâm",
    "rơi xuống giếng, chưa lên được",
    "đang bị đánh túi bụi",
    "bị cây đổ đè, kẹt dưới gốc",
    "uống thuốc sâu, đang quằn quại",
)
SETTLED = (
    "hôm qua {} bị ngã gãy tay ở ổ gà này, đã về nhà",
    "tháng trước {} bị điện giật ở cột này, nay dây vẫn hở",
    "sợ {} bị cây đổ trúng",
    "{} suýt bị xe tông ở ngã ba không đèn",
    "lỡ {} rơi xuống cống không nắp thì sao",
    "năm ngoái {} bị nước cuốn ở tràn này, xin làm cọc tiêu",
    "{} phản ánh bóng đèn đường bị cháy",
    "{} nói đốt rác khói mù mịt cả xóm",
    "nguy cơ {} bị đuối nước vì hồ không rào",
    "tuần trước {} bị chó cắn, đề nghị nhắc chủ nuôi",
    "{} hỏi thủ tục hỗ trợ sau vụ tai nạn",
    "có ngày {} bị đá rơi trúng đầu",
    "{} đã được cứu hôm kia, nay xin lấp hố",
)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", WHO)
def test_whoever_is_in_danger_now_is_found(who: str, state: str) -> None:
    assert DANGER.find(f"{who} {state}") is not None


@pytest.mark.parametrize("told", SETTLED)
@pytest.mark.parametrize("who", WHO)
def test_whoever_was_or_may_be_in_danger_is_not(who: str, told: str) -> None:
    assert DANGER.find(told.format(who)) is None


@pytest.mark.parametrize(("text", "kind", "number"), NOW)
def test_danger_now_names_the_number_to_call(text: str, kind: str, number: str) -> None:
    found = DANGER.find(text)
    assert found is not None
    assert (found.kind, found.numbers[0]) == (kind, number)


@pytest.mark.parametrize(("text", "kind", "number"), NOW)
def test_danger_is_found_without_marks(text: str, kind: str, number: str) -> None:
    assert DANGER.find(strip_marks(text)) is not None


@pytest.mark.parametrize("text", NOT_NOW)
def test_past_feared_and_figurative_danger_is_none(text: str) -> None:
    assert DANGER.find(text) is None


@pytest.mark.parametrize("text", NOT_NOW)
def test_without_marks_it_is_none_or_not_certain(text: str) -> None:
    found = DANGER.find(strip_marks(text))
    assert found is None or not found.certain


def test_words_typed_with_other_marks_are_other_words() -> None:
    assert DANGER.find("xe khách chạy nhanh qua nhà tôi") is None
    assert DANGER.find("nước chảy vào nhà") is None


def test_bare_words_with_several_meanings_are_not_certain() -> None:
    found = DANGER.find("chay nha")
    assert found is not None and found.kind == "fire"
    doubtful = DANGER.find("xe chay qua nha tui")
    assert doubtful is None or not doubtful.certain


def test_now_outweighs_a_past_told_beside_it() -> None:
    assert DANGER.find("hôm qua ngập, giờ cứu với, nước lên tới nóc nhà, cả nhà đang trên nóc") is not None


def test_tone_placing_and_dialect_do_not_matter() -> None:
    assert DANGER.find("hoả hoạn ở chợ") is not None
    assert DANGER.find("con tui té xuống nác rồi cứu với") is not None


def test_every_kind_has_numbers() -> None:
    for kind in DANGER.kinds:
        assert all(number in {"111", "112", "113", "114", "115"} for number in DANGER.numbers(kind))
    assert DANGER.numbers("unknown")


@given(st.text(max_size=3_000))
def test_any_text_is_looked_at(text: str) -> None:
    found = DANGER.find(text)
    assert found is None or found.numbers


@pytest.mark.parametrize(
    "rules",
    [
        "kinds: 3",
        "[]",
        "kinds: {fire: {numbers: []}}",
        "kinds: {fire: {numbers: [114], said: ['~ x?']}}",
        ": :",
    ],
)
def test_bad_rules_are_named(tmp_path: Path, rules: str) -> None:
    path = tmp_path / "danger.yml"
    path.write_text(rules, encoding="utf-8")
    with pytest.raises(BadDangerWords):
        DangerWords.load(path)
