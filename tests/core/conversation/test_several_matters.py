"""Where one message may fall apart into several matters."""

from __future__ import annotations

import pytest

from core.conversation.several_matters import counted_parts, parts_by_joint, parts_by_place
from core.pack import Pack
from core.phrases import Phrases


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("thứ nhất là cống tắc, thứ hai là đèn hỏng", ("cống tắc", "đèn hỏng")),
        ("một là rác không ai dọn, hai là chó thả rông", ("rác không ai dọn", "chó thả rông")),
        ("thứ hai tuần trước mất điện, thứ ba có lại", ()),
        ("cống tắc và đèn hỏng", ()),
        ("thứ nhất là cống, thứ hai là đèn", ()),
    ],
)
def test_matters_are_counted_out(phrases: Phrases, text: str, parts: tuple[str, ...]) -> None:
    assert counted_parts(text, phrases) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ổ gà ở xã Sơn Tây và rác ở xã Can Lộc", ("ổ gà ở xã Sơn Tây", "rác ở xã Can Lộc")),
        ("cống tắc ở xã Kỳ Hoa, còn xã Kỳ Lạc mất nước", ("cống tắc ở xã Kỳ Hoa", "xã Kỳ Lạc mất nước")),
        ("đường từ xã Kỳ Hoa đến xã Kỳ Lạc nát", ()),
        ("cống tắc và rác ở xã Kỳ Hoa", ()),
    ],
)
def test_a_joint_between_two_places_parts(
    pack: Pack, phrases: Phrases, text: str, parts: tuple[str, ...]
) -> None:
    assert parts_by_place(text, pack.places.find(text).spans, phrases) == parts


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("vừa mất nước vừa mất điện", [("mất nước", "mất điện")]),
        ("mất điện và mất nước", [("mất điện", "mất nước")]),
        ("ổ gà to quá. Mạng cũng yếu", [("ổ gà to quá", "Mạng cũng yếu")]),
        ("ổ gà to quá. Nhờ em xem giúp", []),
        ("cống tắc. Ngoài ra đèn hỏng", [("cống tắc", "đèn hỏng")]),
        ("vừa qua mất điện", []),
    ],
)
def test_joints_halve(phrases: Phrases, text: str, halves: list[tuple[str, str]]) -> None:
    assert list(dict.fromkeys(parts_by_joint(text, phrases))) == halves
