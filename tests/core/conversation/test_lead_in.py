"""What leads up to the matter is not filed; what belongs to it stays."""

from __future__ import annotations

import pytest

from core.conversation.lead_in import without_address, without_lead_in, without_telling
from tests.core.stage import province

_, PHRASES, _ = province()


@pytest.mark.parametrize(
    ("text", "places", "matter"),
    [
        ("tui là Hùng ở thôn 3 xã Kỳ Hoa, nước máy đục", ["thôn 3 xã Kỳ Hoa"], "nước máy đục"),
        ("tui tên Lan, nhà ở thôn 3 xã Kỳ Hoa, mất điện", ["thôn 3 xã Kỳ Hoa"], "mất điện"),
        ("em là Nam gọi ở Kỳ Lạc, cầu gãy lan can", ["Kỳ Lạc"], "cầu gãy lan can"),
        ("cháu ơi bác ở Kỳ Lạc, đường ngập", ["Kỳ Lạc"], "đường ngập"),
        ("em là đoàn viên xã Gia Hanh, nhà bà mất điện", ["xã Gia Hanh"], "nhà bà mất điện"),
        ("bác ở thôn 3 xã Kỳ Hoa đường trước nhà ngập", ["thôn 3 xã Kỳ Hoa"], "đường trước nhà ngập"),
        ("cảm ơn em việc trước, giờ cho báo thêm cống tắc ở cầu", [], "cống tắc ở cầu"),
        ("tui nói rồi mà, đường hỏng", [], "đường hỏng"),
        ("à mà đèn đường cũng hỏng", [], "đèn đường cũng hỏng"),
        ("thêm nữa là đường nhựa bong tróc", [], "đường nhựa bong tróc"),
        ("shop ơi lộn, cho mình phản ánh chó thả rông", [], "chó thả rông"),
        # what tells something stays
        ("em là hộ nghèo chưa được trợ cấp, hỏi xã không trả lời", [], None),
        ("em bị chó cắn ở xã Kỳ Hoa, chủ không đền", ["xã Kỳ Hoa"], None),
        ("nhà bác ở xã Kỳ Hoa bị ngập, nước vào tới giường", ["xã Kỳ Hoa"], None),
        ("tui báo công an rồi mà không ai tới", [], None),
        ("con đường ở xã Kỳ Hoa, mặt nhựa bong tróc", ["xã Kỳ Hoa"], None),
        ("bà con thôn 3, cống tắc", ["thôn 3"], None),
        ("ông ở thôn 3 xã Kỳ Hoa đổ rác ra kênh", [], None),
    ],
)
def test_who_speaks_is_no_part_of_the_matter(text: str, places: list[str], matter: str | None) -> None:
    assert without_lead_in(text, PHRASES, places) == (matter or text)


@pytest.mark.parametrize(
    ("text", "places", "matter"),
    [
        ("báo hộ bà Hoan thôn 2: nhà bà mất điện", ["thôn 2"], "nhà bà mất điện"),
        ("bà Lành nhờ em nói giùm là nhà bà mất nước", [], "nhà bà mất nước"),
        ("em thay mặt thôn 3 xã Hương Phố phản ánh đường điện xuống cấp", ["thôn 3 xã Hương Phố"],
         "đường điện xuống cấp"),
        ("báo thay cụ Đào cùng thôn, cụ 85 tuổi chưa được trợ cấp", [], "cụ 85 tuổi chưa được trợ cấp"),
        ("tui gọi thay ông hàng xóm bị liệt, ông Tịnh, nhà ông dột", [], "bị liệt, nhà ông dột"),
        ("đường lún ở xã Kỳ Hoa, em báo giùm bà Lan", ["xã Kỳ Hoa"], "đường lún ở xã Kỳ Hoa"),
        ("em báo hộ bà Lan", [], "em báo hộ bà Lan"),
    ],
)  # fmt: skip
def test_for_whom_it_is_told_is_no_part_of_the_matter(text: str, places: list[str], matter: str) -> None:
    assert without_telling(text, PHRASES, places) == matter


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("đường trước nhà ngập cháu ạ", "đường trước nhà ngập"),
        ("đèn đường cũng hỏng nữa em", "đèn đường cũng hỏng nữa"),
        ("rác nhiều quá em ơi", "rác nhiều quá"),
        ("nó đánh cháu ạ", "nó đánh cháu ạ"),
        ("chó cắn em", "chó cắn em"),
        ("có hai cháu ạ", "có hai cháu ạ"),
    ],
)
def test_to_whom_it_is_said_is_no_part_of_the_matter(text: str, matter: str) -> None:
    assert without_address(text, text, PHRASES) == matter
