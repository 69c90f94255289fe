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
        "a big tree fell across the road",
        "electric pole is leaning, please check",
        "cây cổ thụ bật gốc nghiêng ra đường",
        "mái tôn nhà văn hóa sắp rơi xuống",
        "hố ga mất nắp giữa đường",
        "đê bị nứt dài mấy chục mét",
        "thôn 3 bị cô lập vì nước",
        "nước ngập tới bụng rồi",
        "hố công trình không rào chắn, nguy hiểm cho các cháu",
        "trường mầm non sắp sập tường ở xã Hương Đô",
        "sắp đổ cột viễn thông",
        "chực sập mái nhà kho hợp tác xã",
        "cây đổ chắn ngang đường",
        "cây bàng gãy nằm giữa đường liên thôn",
        "cành phượng gãy rơi xuống đường, nằm chắn lối",
        "tường rào đổ ra đường",
        "cây to bị bão quật ngã đè lên dây",
        "trụ điện gãy nằm giữa ruộng",
        "cột đèn đổ",
        "cột điện đổ xuống ruộng lúa",
        "trụ viễn thông ngã ngang đường",
        "cột đèn gãy rồi",
        "bờ sông sạt sát nhà dân",
        "bờ sông Ngàn Phố sạt vào vườn nhà dân",
        "bờ sông La xói lở tới chân nhà",
        "biển ăn vào tận móng nhà",
        "sông ăn sâu vào đất vườn",
        "bờ biển bị xâm thực mất mấy chục mét",
        "nước suối về to quá, cái cầu tràn không ai canh, học sinh vẫn lội qua",
        "cầu tràn nước chảy xiết mà không có rào chắn",
        "ngầm tràn ngập sâu, dân vẫn lội qua",
        "trẻ em băng qua suối nước to để đi học, lội qua ngày hai lượt",
        "đường tràn nước lớn, xe máy vẫn băng qua",
        "chó dại cắn người",
        "chó điên chạy rông cắn hai đứa nhỏ",
        "chó nhà bên nghi dại sùi bọt mép",
        "mèo bị dại cào trẻ con",
        "con chó lên cơn dại trong xóm",
        "đường dây điện 35kV bị đứt",
        "dây cáp điện võng thấp sát đầu người",
        "tủ điện ngoài đường hay chập điện tóe lửa",
        "đập nước Khe Xai bị rò",
        "lũ về ngập cầu tràn, dân vẫn đi qua",
        "núi sau nhà dân nứt một vệt dài",
        "bờ kè biển bị sóng đánh sập",
        "xe tải đổ dầu ra đường, ngã mấy xe rồi",
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
        "cột đèn đỏ không sáng",
        "cột đèn đỏ ở ngã tư hỏng",
        "rác ở bờ sông sát nhà dân",
        "rác đổ bờ suối, mùi bay vào nhà",
        "cây do xã trồng che bảng tên",
        "cây xanh che ngang biển báo",
        "trụ điện nằm giữa đường từ hồi làm đường mới",
        "chợ Đại Lộc xe đỗ dài",
        "chỗ dài nhất của mương bị tắc",
        "chó thả rông phóng uế",
        "cầu tràn bẩn, rác mắc nhiều",
        "nước máy yếu, ở cầu tràn cũng yếu",
        "học sinh đi bộ tới trường xa",
        "sắp đổ bê tông đường thôn chưa",
        "dây điện bị hỏng rồi",
        "dây điện thoại đứt",
        "đèn đường bị trẻ con đập vỡ",
        "ghế đá công viên bị đập vỡ",
        "nhà ở chân núi bị mất điện",
        "xe đổ đất đầy ngã ba",
        "đường nhiều bùn ở ngã ba",
    ],
)
def test_what_may_wait_is_not(words: str, phrases: Phrases) -> None:
    assert not phrases.speaks_of("urgent", fold(words))
