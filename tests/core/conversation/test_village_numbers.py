"""“Thôn bốn” is “thôn 4”, and “xóm ba nhà mất điện” counts houses."""

from __future__ import annotations

import pytest

from core.conversation.village_numbers import with_village_numbers
from core.phrases import Phrases


@pytest.mark.parametrize(
    ("told", "digits"),
    [
        ("thôn bốn", "thôn 4"),
        ("xã Cẩm Lạc thôn bốn", "xã Cẩm Lạc thôn 4"),
        ("thôn tư mất điện từ sáng", "thôn 4 mất điện từ sáng"),
        ("Thôn Ba nhà ông Sáu", "Thôn 3 nhà ông Sáu"),
        ("thôn năm xã Kỳ Hoa", "thôn 5 xã Kỳ Hoa"),
        ("tổ dân phố mười hai, phường Hà Huy Tập", "tổ dân phố 12, phường Hà Huy Tập"),
        ("xóm bảy mốt", "xóm 71"),
        ("khối hai mươi lăm", "khối 25"),
        ("thôn một nhé", "thôn 1 nhé"),
        ("thôn bốn cháu ạ", "thôn 4 cháu ạ"),
        ("không phải thôn ba mà thôn tư", "không phải thôn 3 mà thôn 4"),
        ("thon bon xa ky hoa", "thon 4 xa ky hoa"),
    ],
)
def test_number_of_a_village_is_written_in_digits(told: str, digits: str, phrases: Phrases) -> None:
    assert with_village_numbers(told, phrases) == digits


@pytest.mark.parametrize(
    "told",
    [
        "thôn năm nay ngập ba lần",
        "xóm năm bóng mà tắt hết",
        "làng ba trăm tuổi",
        "trong xóm hai nhà cãi nhau",
        "trong thôn một cây to đổ",
        "xóm hai vợ chồng đánh nhau",
        "xóm ba bốn nhà mất điện",
        "xóm Ba Giang",
        "thôn Nam",
        "thon nam xa ky hoa",
        "thôn một số nhà mất điện",
        "mất điện ba ngày, xóm tui hai nhà có máy nổ",
    ],
)
def test_what_only_counts_or_names_stays(told: str, phrases: Phrases) -> None:
    assert with_village_numbers(told, phrases) == told
