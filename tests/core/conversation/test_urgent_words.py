"""Words that make a report urgent (a flag, not an emergency), and words like them that do not."""

from __future__ import annotations

import pytest

from core.phrases import Phrases
from core.text import fold


@pytest.mark.parametrize(
    "words",
    [
        "đập nước Nhà Đường rò rỉ mạnh lắm sắp vỡ rồi",
        "trụ điện nghiêng sắp đổ vào nhà dân",
        "tường rào trường tiểu học Kỳ Hoa nứt sắp sập",
        "cành cây to sắp gãy rơi xuống sân trường mầm non",
        "giếng hoang không nắp cạnh trường mầm non",
        "nước lũ lên nhanh quá nhà tui ngập nửa mét rồi",
        "cột điện xiêu vẹo chực đổ",
        "cây cổ thụ bật gốc nghiêng ra đường",
        "mái tôn nhà văn hóa sắp rơi xuống",
        "hố ga mất nắp giữa đường",
        "đê bị nứt dài mấy chục mét",
        "thôn 3 bị cô lập vì nước",
        "nước ngập tới bụng rồi",
        "hố công trình không rào chắn, nguy hiểm cho các cháu",
    ],
)
def test_what_may_hurt_somebody_soon_is_urgent(words: str, phrases: Phrases) -> None:
    assert phrases.speaks_of("urgent", fold(words))


@pytest.mark.parametrize(
    "words",
    [
        "đèn đường sắp hỏng",
        "quán sắp đóng cửa mà vẫn ồn",
        "sắp tới đường này có sửa không",
        "đường ngập nhẹ sau mưa",
        "nước máy chảy yếu",
        "rác đổ đầy bờ kè",
        "cây xanh chưa cắt tỉa",
        "nhà văn hóa xuống cấp",
        "cầu thang khu chợ bẩn",
        "tường bị vẽ bậy",
        "đập lúa giữa đường",
        "hồ bơi chưa có người dọn",
        "mất nước ba ngày nay",
    ],
)
def test_what_may_wait_is_not(words: str, phrases: Phrases) -> None:
    assert not phrases.speaks_of("urgent", fold(words))
