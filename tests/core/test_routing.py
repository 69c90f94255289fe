"""Routing: the pack's rules are total and lead to bodies that exist; bad rules are found at load."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pack import Pack, load_pack
from core.routing import Rule, find_problems
from core.routing_command import route_line

NOW = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # a Monday, 9:00 in Hà Tĩnh
NIGHT = datetime(2026, 11, 16, 16, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(Path(__file__).parents[2] / "province" / "ha_tinh")


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.parametrize("now", [NOW, NIGHT])
def test_every_leaf_in_every_commune_reaches_a_body_that_exists(
    pack: Pack, urgent: bool, now: datetime
) -> None:
    for leaf in pack.categories:
        for code in (*pack.places.communes, None, "99999"):
            route = pack.router.route(leaf, code, urgent=urgent, now=now)
            agency = pack.agencies[route.agency_id]
            assert agency.name == route.agency
            assert agency.commune in (None, code)
            assert route.deadline > now
            assert route.deadline.tzinfo is UTC
            assert route.why.endswith(".")
            assert route.rule in {rule.id for rule in pack.router.rules}


@pytest.mark.parametrize(
    ("leaf", "commune", "text", "agency"),
    [
        ("duong_cau", "18685", "ổ gà trước nhà", "Phòng Kinh tế xã Cẩm Bình"),
        ("duong_cau", "18073", "", "Phòng Kinh tế, Hạ tầng và Đô thị phường Thành Sen"),
        ("duong_cau", "18685", "Quốc lộ 8A sụt lún", "Khu Quản lý đường bộ II"),
        ("duong_cau", "18685", "quoc lo 1a o ga", "Khu Quản lý đường bộ II"),
        (
            "an_toan_giao_thong",
            "18685",
            "xe quá tải chạy suốt đêm",
            "Phòng Cảnh sát giao thông, Công an tỉnh Hà Tĩnh",
        ),
        ("an_toan_giao_thong", "18685", "bò nằm giữa đường", "Công an xã Cẩm Bình"),
        ("an_ninh", "18073", "", "Công an phường Thành Sen"),
        ("dien", "18685", "", "Công ty Điện lực Hà Tĩnh"),
        ("y_te", "18685", "", "Trạm Y tế xã Cẩm Bình"),
        ("hanh_chinh", "18685", "", "Trung tâm Phục vụ hành chính công xã Cẩm Bình"),
        ("khac", None, "", "Trung tâm điều phối (IOC) tỉnh Hà Tĩnh"),
        ("chưa có", "18685", "", "Trung tâm điều phối (IOC) tỉnh Hà Tĩnh"),
    ],
)
def test_who_gets_what(pack: Pack, leaf: str, commune: str | None, text: str, agency: str) -> None:
    assert pack.router.route(leaf, commune, now=NOW, text=text).agency == agency


@pytest.mark.parametrize(
    ("leaf", "text", "rule"),
    [
        ("cay_xanh_cong_cong", "cây phượng sắp đổ trước nhà văn hóa", "cay_xanh"),
        ("cay_xanh_cong_cong", "canh cay gay truoc cong nha van hoa", "cay_xanh"),
        ("cay_xanh_cong_cong", "cây cổ thụ cạnh hội quán thôn 3 mục", "cay_xanh"),
        ("cay_xanh_cong_cong", "mái nhà văn hóa dột", "nha_van_hoa"),
        ("cay_xanh_cong_cong", "ghế trong nhà văn hóa gãy hết", "nha_van_hoa"),
        ("cay_xanh_cong_cong", "nhà văn hóa cạnh hội quán cũ dột", "nha_van_hoa"),
        ("duong_cau", "ổ gà ở đường làng gần quốc lộ 8A", "duong_xa"),
        ("duong_cau", "ổ gà trên quốc lộ 8A trước cổng trường", "duong_quoc_lo"),
        ("duong_cau", "đường vào quốc lộ 1A sụt", "duong_xa"),
        ("an_toan_giao_thong", "xe đỗ trước đèn đỏ", "an_toan_giao_thong"),
        ("giao_duc", "quán nhậu trước cổng chính trường cấp 3", "giao_duc"),
        ("y_te", "tuần trước bệnh viện từ chối khám", "benh_vien"),
        ("y_te", "nhà thuốc đối diện bệnh viện bán thuốc giả", "y_te"),
    ],
)
def test_a_landmark_decides_nothing(pack: Pack, leaf: str, text: str, rule: str) -> None:
    assert pack.router.route(leaf, "18685", now=NOW, text=text).rule == rule


@pytest.mark.parametrize(
    ("commune", "text", "rule"),
    [
        ("18073", "nước giếng nhà em vàng khè", "gieng_phuong"),
        ("18073", "nước máy đục hơn nước giếng", "nuoc_may"),
        ("18073", "mất nước ba ngày", "nuoc_may_phuong"),
        ("18685", "nước giếng nhiễm phèn", "nuoc_nong_thon"),
    ],
)
def test_a_well_is_not_the_water_company_s(pack: Pack, commune: str, text: str, rule: str) -> None:
    assert pack.router.route("nuoc_sach", commune, now=NOW, text=text).rule == rule


def test_an_urgent_report_has_four_working_hours(pack: Pack) -> None:
    urgent = pack.router.route("thoat_nuoc", "18685", urgent=True, now=NOW)
    calm = pack.router.route("thoat_nuoc", "18685", now=NOW)
    assert urgent.level == "khan"
    assert urgent.deadline == NOW + timedelta(hours=4 + 2)  # the midday break between
    assert calm.deadline.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).isoformat() == "2026-11-23T17:00:00+07:00"
    assert urgent.unconfirmed
    assert calm.unconfirmed


def test_an_urgent_report_at_night_goes_to_the_office_on_duty(pack: Pack) -> None:
    assert pack.router.route("thoat_nuoc", "18685", urgent=True, now=NIGHT).agency == "UBND xã Cẩm Bình"


def rule(name: str, **conditions: object) -> Rule:
    return Rule(id=name, agency="dieu-phoi", level="khan", why=".", unconfirmed=True, **conditions)  # type: ignore[arg-type]


LEAVES = ("a", "b")
CATCH_ALL = rule("all")


@pytest.mark.parametrize(
    ("rules", "dead"),
    [
        ([rule("x", categories=frozenset("a")), rule("y", categories=frozenset("a")), CATCH_ALL], "y"),
        ([CATCH_ALL, rule("y", categories=frozenset("a"))], "y"),
        ([rule("x", urgent=True), rule("w", urgent=False), CATCH_ALL], "all"),  # together they take all
        ([rule("x", words=("quốc lộ",)), rule("y", words=("đường quốc lộ",)), CATCH_ALL], "y"),
        ([rule("x", hours="open"), rule("y", hours="open", urgent=True), CATCH_ALL], "y"),
        ([rule("x", type="xa"), rule("y", communes=frozenset({"18685"})), CATCH_ALL], "y"),
    ],
)
def test_a_rule_that_can_never_fire_is_found(pack: Pack, rules: list[Rule], dead: str) -> None:
    problems = list(find_problems(rules, LEAVES, pack.places.communes, ()))
    assert [name for name, _ in problems] == [dead]


def test_rules_that_can_fire_are_left_alone(pack: Pack) -> None:
    rules = [
        rule("x", words=("quốc lộ",), categories=frozenset("a")),
        rule("y", words=("quốc lộ",)),
        rule("z", communes=frozenset({"18685"})),
        rule("v", type="phuong", urgent=True),
        CATCH_ALL,
    ]
    assert list(find_problems(rules, LEAVES, pack.places.communes, ())) == []


def test_a_gap_in_the_rules_is_found(pack: Pack) -> None:
    problems = list(find_problems([rule("x", urgent=True)], LEAVES, pack.places.communes, ()))
    assert problems
    assert "no rule fits" in problems[0][1]


def test_a_commune_office_without_a_commune_is_found(pack: Pack) -> None:
    problems = list(find_problems([CATCH_ALL], LEAVES, pack.places.communes, ["dieu-phoi"]))
    assert ("all", "names a commune's office but also fits reports without a commune") in problems


@given(st.text(max_size=80), st.text(max_size=30), st.booleans())
def test_routing_is_total(pack: Pack, text: str, leaf: str, urgent: bool) -> None:
    for category in (leaf, "duong_cau", "khac"):
        route = pack.router.route(category, "18685", urgent=urgent, now=NOW, text=text)
        assert route.agency_id in pack.agencies


def test_the_dry_run(pack: Pack) -> None:
    line = route_line(pack, {"id": 7, "category": "duong_cau", "commune": "xã Cẩm Bình"}, NOW)
    assert line["agency"] == "Phòng Kinh tế xã Cẩm Bình"
    assert line["deadline"] == "2026-11-23T17:00:00+07:00"
    assert line["unconfirmed"] is True
    assert route_line(pack, {"category": "khac", "commune": "tran phu"}, NOW)["agency"].endswith(
        "phường Trần Phú"
    )


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"category": "nope"},
        {"category": "khac", "commune": "Nowhere"},
        {"category": "khac", "urgent": "yes"},
        {"category": ["khac"]},
        [1],
    ],
)
def test_the_dry_run_says_what_is_wrong(pack: Pack, obj: dict[str, object]) -> None:
    assert route_line(pack, obj, NOW)["error"]
