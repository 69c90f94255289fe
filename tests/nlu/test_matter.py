"""What is left of a message when phones, codes and courtesy are taken away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import find_phones, find_ticket_codes
from nlu.matter import matter_of


def left(text: str) -> str:
    return matter_of(text, find_phones(text), find_ticket_codes(text, "HT"))


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("chào anh, đèn đường tắt, sđt 0900 000 123", "đèn đường tắt"),
        ("xin chào ạ, cho em phản ánh là cái cống ở xóm 3 tắc, cảm ơn ạ", "cái cống ở xóm 3 tắc"),
        ("HT-2611-00042", ""),
        ("mã HT-2611-00042 tới đâu rồi", "tới đâu rồi"),
        ("cho hỏi mã HT-2611-00042", "cho hỏi"),
        ("gọi em số 0900 000 123 nhé", ""),
        ("dạ em chào các anh chị, em muốn phản ánh việc rác không ai lấy ạ", "rác không ai lấy"),
        ("alo alo", ""),
        ("xin chào", ""),
        ("kính gửi quý cơ quan, đường hỏng. Trân trọng cảm ơn!", "đường hỏng"),
        ("cảm ơn ạ", ""),
        ("sđt: 0900000123", ""),
        ("số điện thoại của em là 0900 000 123", ""),
        ("đường lún (0900 000 123)", "đường lún"),
        ("rác nhiều quá, lh: 0900.000.123, 0900.000.124", "rác nhiều quá"),
        ("chị ơi cho hỏi nước máy sao đục", "cho hỏi nước máy sao đục"),
        ("đt em 0900000123, nhà ở xóm 2 mất điện", "nhà ở xóm 2 mất điện"),
        ("hi ad", ""),
        ("Dạ thưa cán bộ, cầu hỏng", "cầu hỏng"),
        ("em là Hoa, số 0900 000 123, mương tắc", "em là Hoa, mương tắc"),
        ("mương tắc, em Hoa 0900 000 123", "mương tắc, em Hoa"),
        ("chào buổi sáng, rác chưa lấy", "rác chưa lấy"),
        ("tôi xin phản ánh: nước bẩn", "nước bẩn"),
        ("cho tôi báo cái hố trước cổng trường", "hố trước cổng trường"),
        ("thanks ad nhiều", ""),
        ("nước đục, tks", "nước đục"),
        ("bổ sung cho HT-2611-00042: rác vẫn còn", "bổ sung cho: rác vẫn còn"),
        ("Đường hỏng\nSĐT 0900 000 123\nCảm ơn", "Đường hỏng"),
        ("chào", ""),
        ("em chào chú ạ", ""),
        ("số không chín không không không không không một hai ba", ""),
        ("vỉa hè vỡ, gọi lại số không chín không không không không không một hai ba", "vỉa hè vỡ"),
        ("liên lạc qua zalo 0900 000 123, cây đổ", "cây đổ"),
        ("hotline 1900 9038 gọi không được", "hotline 1900 9038 gọi không được"),
        ("nhắn tin cho em theo số 0900 000 123", "nhắn tin cho em theo"),
        ("Anh chị ơi, chỗ em mất nước", "chỗ em mất nước"),
        ("xe máy đậu kín vỉa hè", "xe máy đậu kín vỉa hè"),
        ("em nhỏ đuối nước nhiều dịp nghỉ hè nhé", "em nhỏ đuối nước nhiều dịp nghỉ hè"),
        ("rác không ai dọn hè", "rác không ai dọn"),
        ("em muốn phản ánh vụ rác ở xã Kỳ Hoa", "rác ở xã Kỳ Hoa"),
        ("tui phản ánh vụ cống ở xã Kỳ Hoa", "cống ở xã Kỳ Hoa"),
        ("tui báo công an rồi mà chưa ai tới", "tui báo công an rồi mà chưa ai tới"),
    ],
)
def test_the_matter_is_what_is_left(text: str, matter: str) -> None:
    assert left(text) == matter


@given(st.text(max_size=400))
def test_any_text_leaves_something_or_nothing(text: str) -> None:
    matter = left(text)
    assert matter == matter.strip()
    assert len(matter) <= len(text)
