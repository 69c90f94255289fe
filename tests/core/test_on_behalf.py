"""Whom a message is told for: sixty ways to say it, and words that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.on_behalf import find_on_behalf, find_person_at_head, find_telling, is_group
from core.text import strip_marks

FOR_ANOTHER = [
    ("bà Lan hàng xóm nhờ em báo cái cống tắc", "bà Lan hàng xóm"),
    ("em báo giúp bà Lan hàng xóm, nhà bà bị mất nước", "bà Lan hàng xóm"),
    ("em báo giúp bà Lan hàng xóm nhà bà bị mất nước", "bà Lan hàng xóm"),
    ("phản ánh hộ bà Lan hàng xóm cái cột điện nghiêng", "bà Lan hàng xóm"),
    ("tôi nhắn thay ông Tư cạnh nhà, đường vào nhà ông lún", "ông Tư"),
    ("báo hộ anh Bình trưởng thôn, loa hỏng", "anh Bình"),
    ("gửi giúp cô Hoa ở xóm 3 cái này với, đèn đường tắt", "cô Hoa"),
    ("cháu báo giúp ông nội, ông không biết dùng điện thoại", "ông nội"),
    ("mẹ em nhờ em nhắn, nhà bị ngập", "mẹ em"),
    ("mạ tui biểu tui báo cái cầu gãy", "mạ tui"),
    ("bác Tám không có zalo nên em báo giúp, cống tắc", "bác Tám"),
    ("bà nội em không biết chữ nên em nhắn giùm", "bà nội em"),
    ("thay mặt bà con thôn Đông, tôi xin phản ánh mùi hôi", "bà con thôn Đông"),
    ("thay mặt xóm 5 tôi kiến nghị làm đường", "xóm 5"),
    ("đại diện cho 12 hộ dân tổ 4 tôi phản ánh bụi", "12 hộ dân tổ 4"),
    ("tôi là trưởng thôn, báo thay cho hộ bà Năm, tường đổ", "hộ bà Năm"),
    ("phản ánh giùm chị Thu bán nước ngoài chợ, rác không ai lấy", "chị Thu"),
    ("o Lý nhờ tui báo hộ o, nhà o mất điện", "o Lý"),
    ("chú hàng xóm nhờ báo giúp cái đèn hỏng", "chú hàng xóm"),
    ("bao ho ba Sau o thon Trung, duong lay", "ba Sau"),
    ("em nhan giup cu Phuc nha canh, mat nuoc 3 ngay", "cu Phuc"),
    ("bác em bảo em phản ánh cái mương", "bác em"),
    ("vợ chồng ông Ba nhờ cháu gửi ảnh hố sụt", "vợ chồng ông Ba"),
    ("em viết giúp mẹ, mẹ em già rồi, đường trơn quá", "mẹ"),
    ("em gửi thay bố em, trạm y tế đóng cửa", "bố em"),
    ("nhắn hộ thằng bạn, nó bị mất wifi cả xóm", "thằng bạn"),
    ("báo dùm hộ bên cạnh, cây ngã đè mái", "hộ bên cạnh"),
    ("gọi hộ cho cụ Bảy, cụ bị cắt trợ cấp", "cụ Bảy"),
    ("em là thanh niên tình nguyện, báo giúp bà Mười 80 tuổi, nhà dột", "bà Mười"),
    ("em ở đoàn thanh niên, nhập hộ cho ông Chín thôn Hạ", "ông Chín"),
    ("bà con xóm Đình nhờ tôi phản ánh giúp", "bà con xóm Đình"),
    ("có bà cụ nhờ em báo, ngõ tối om", "bà cụ"),
    ("ông ngoại nhờ cháu nhắn là cống nghẹt", "ông ngoại"),
    ("hàng xóm em nhờ báo giùm nước đục", "hàng xóm em"),
    ("mẹ chồng em nhờ em báo hộ chuyện rác", "mẹ chồng em"),
    ("chị dâu em nhờ phản ánh giúp vụ chó cắn", "chị dâu em"),
    ("tôi phản ánh hộ người bạn khuyết tật, vỉa hè không có dốc", "người bạn khuyết tật"),
    ("em báo hộ gia đình bác Sơn", "gia đình bác Sơn"),
    ("phản ánh giúp hàng xóm nhà em", "hàng xóm"),
    ("cán bộ ơi em báo hộ bà Tâm nhé", "bà Tâm"),
    ("báo giúp mệ Xuân với ạ", "mệ Xuân"),
    ("em khai hộ bà Lan, số bà là 0900 000 123", "bà Lan"),
    ("em đăng giúp cậu Hùng", "cậu Hùng"),
    ("giúp bà Lan gửi phản ánh cái cống", "bà Lan"),
    ("em nói thay mấy cô bán rau", "mấy cô"),
    ("thay lời bà con, đường bụi quá", "bà con"),
    ("cô giáo chủ nhiệm nhờ em báo cổng trường hỏng", "cô giáo chủ nhiệm"),
    ("tau báo hộ mệ tau", "mệ tau"),
    ("con báo giúp bà ngoại con, bà bị mất sổ hộ nghèo", "bà ngoại con"),
    ("cái này không phải của em, em báo giúp bác Hai", "bác Hai"),
    ("báo hộ nhà bên, nước tràn", "nhà bên"),
    ("người ta nhờ em báo hộ", ""),
    ("bà Lành nhờ em nói giùm là nhà bà mất nước", "bà Lành"),
    ("bà Lành xóm 2 bị mất nước, em báo giùm bà", "bà Lành"),
    ("tui gọi thay ông hàng xóm bị liệt, ông Tịnh, nhà ông dột", "ông Tịnh"),
    ("nhờ em báo cho bà Tư: ngõ sụt", "bà Tư"),
    ("nhờ bạn ghi cho ông Quế ở thôn 1 xã Sơn Tây: chưa nhận tiền", "ông Quế"),
    ("báo giúp anh Sơn, chị Hà ở tổ 1 phường Sông Trí: cống nghẹt", "anh Sơn, chị Hà"),
    ("báo giúp anh Sơn và chị Hà, cống nghẹt", "anh Sơn và chị Hà"),
    ("báo giúp anh Sơn, chị Hà đổ rác ra đường", "anh Sơn"),
    ("báo giúp bà Lan, bà Lan mất điện", "bà Lan"),
]
FOR_ONESELF = [
    "cán bộ xử lý giúp bà con với",
    "nhờ anh báo giúp bên điện lực",
    "báo giúp công an xã với, có đánh bạc",
    "em nhờ báo giúp với ban quản lý chợ",
    "anh chị gửi giúp đội môi trường xuống dọn",
    "báo cho ông chủ tịch xã biết",
    "em gọi cho anh điện lực không nghe máy",
    "nói giúp mấy ông bên thủy lợi mở nước",
    "bà Lan hàng xóm đổ rác sang nhà em",
    "hàng xóm em hát karaoke ồn",
    "phản ánh thay đổi giờ xe buýt",
    "đề nghị thay bóng đèn",
    "thay mới nắp cống giúp dân",
    "báo giúp chúng tôi lên tỉnh",
    "nhắn giúp chủ nhà trọ dọn rác",
    "nhờ xã gọi giúp đội cứu hộ",
    "giúp tôi báo lên xã",
    "gửi hộ khẩu bị sai tên",
    "báo hộ nghèo bị cắt chế độ",
    "kê khai hộ kinh doanh ở đâu",
    "bác sĩ bảo em gọi lại sau",
    "bà con chúng tôi phản ánh",
    "gọi thay ga ở đâu",
    "ba em nhờ",
    "báo cho hàng xóm tôi là bà Lan",
    "nhờ em báo cho bà Tư biết",
    "nhờ em báo cho anh Nam điện lực xuống sửa",
    "nhờ em ghi cho chính xác: đường 3 tháng 2",
]


@pytest.mark.parametrize(("text", "whom"), FOR_ANOTHER)
def test_whom_it_is_for(text: str, whom: str) -> None:
    assert find_on_behalf(text) == whom


@pytest.mark.parametrize("text", FOR_ONESELF)
def test_what_is_told_to_somebody_or_asked_of_him_is_not_for_him(text: str) -> None:
    assert find_on_behalf(text) is None


def test_the_words_that_say_for_whom_are_known_by_their_place() -> None:
    text = "tui gọi thay ông hàng xóm bị liệt, ông Tịnh, nhà ông dột"
    telling = find_telling(text)
    assert telling is not None
    assert [text[a:b] for a, b in telling.stretches] == ["gọi thay ông hàng xóm", "ông Tịnh"]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("ông Lý thôn 4: đường ngõ sụt hố", "ông Lý"),
        ("ông Lý cùng xóm, đường ngõ sụt", "ông Lý"),
        ("bác sĩ Nam: thuốc hết", None),
        ("chị Hà", None),
        ("đường ngõ sụt: ông Lý ngã", None),
    ],
)
def test_a_person_at_the_head(text: str, whom: str | None) -> None:
    found = find_person_at_head(text)
    assert (found.whom if found is not None else None) == whom


def test_many_have_no_one_phone() -> None:
    assert all(map(is_group, ("thôn 3", "bà con xóm Đình", "12 hộ dân tổ 4", "xóm 5")))
    assert not any(map(is_group, ("bà Lan", "anh Sơn, chị Hà", "vợ chồng ông Ba", "gia đình bác Sơn", "")))


def test_without_marks_it_is_mostly_the_same() -> None:
    same = [find_on_behalf(strip_marks(text)) == strip_marks(whom) for text, whom in FOR_ANOTHER]
    assert sum(same) / len(same) >= 0.9
    calm = [find_on_behalf(strip_marks(text)) is None for text in FOR_ONESELF]
    assert sum(calm) / len(calm) >= 0.85


@given(st.text(max_size=300), st.sampled_from(FOR_ANOTHER))
def test_what_is_found_stands_in_the_text(noise: str, known: tuple[str, str]) -> None:
    text = f"{known[0]}. {noise}"
    found = find_on_behalf(text)
    assert found == known[1]
    alone = find_on_behalf(noise)
    assert alone is None or isinstance(alone, str)
