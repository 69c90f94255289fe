"""Words → commune: every name there is, the traps one by one, and what must hold for any text."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.places.commune import PlaceAnswer
from core.places.places import Places
from core.text import strip_marks

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "province" / "ha_tinh" / "places"
DEV = [json.loads(line) for line in (HERE / "locate_dev.jsonl").read_text(encoding="utf-8").splitlines()]


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def writings(text: str) -> tuple[str, ...]:
    bare = strip_marks(text)
    return text, text.lower(), text.upper(), bare, bare.lower()


def names(answer: PlaceAnswer) -> list[str]:
    return [unit.name for unit in answer.candidates]


def leads_to(places: Places, text: str, code: str) -> bool:
    """The unit itself, or honest doubt that offers it. Another unit is never acceptable."""
    answer = places.find(text)
    if answer.status == "unit":
        assert answer.unit is not None
        assert answer.unit.code == code, f"{text!r} → {answer.unit.full_name}"
        return True
    assert answer.status == "ambiguous", f"{text!r} → {answer}"
    assert code in [unit.code for unit in answer.candidates], f"{text!r} → {names(answer)}"
    return False


@pytest.mark.parametrize(
    "form", ["{type} {name}, {district}", "{type} {name}", "ở {name}", "{name}, {district}"]
)
def test_every_old_name_leads_to_its_unit(places: Places, form: str) -> None:
    certain = total = 0
    for row in rows("old_to_new.csv"):
        text = form.format(type=row["old_type"], name=row["old_name"], district=row["old_district"])
        for writing in writings(text):
            certain += leads_to(places, writing, row["new_code"])
            total += 1
    assert certain / total > 0.9


def test_old_names_that_are_not_split_or_shared_are_certain(places: Places) -> None:
    for row in rows("old_to_new.csv"):
        if row["whole_or_part"] == "part" or row["same_name_new_unit"]:
            continue
        text = f"{row['old_type']} {row['old_name']}, {row['old_district']}"
        assert leads_to(places, text, row["new_code"]), text
        assert leads_to(places, strip_marks(text), row["new_code"]), text


def test_every_unit_is_found_by_its_own_name(places: Places) -> None:
    shared = {"Trần Phú", "Hà Huy Tập"}
    for unit in places.communes.values():
        for writing in (unit.full_name, unit.full_name.lower(), f"ở {unit.full_name}, tỉnh Hà Tĩnh"):
            assert leads_to(places, writing, unit.code) or unit.name in shared, writing
        leads_to(places, strip_marks(unit.full_name), unit.code)


def test_every_old_district_is_ambiguous_between_its_units(places: Places) -> None:
    for row in rows("old_districts.csv"):
        for writing in writings(row["old_district"]):
            answer = places.find(writing)
            assert answer.status == "ambiguous", writing
            found = {unit.code for unit in answer.candidates}
            assert set(row["new_codes_2025_06"].split()) <= found, writing
            assert found == set(row["new_codes_ever"].split()), writing


@pytest.mark.parametrize(
    ("text", "first"),
    [("Nghi Xuân", "Nghi Xuân"), ("ở kỳ anh", "Kỳ Anh"), ("Can Lộc", "Can Lộc"), ("huong khe", "Hương Khê")],
)
def test_a_bare_old_district_offers_the_unit_of_that_name_first(
    places: Places, text: str, first: str
) -> None:
    answer = places.find(text)
    assert answer.status == "ambiguous"
    assert names(answer)[0] == first
    assert len(answer.candidates) > 4


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("xã Nghi Xuân", "Nghi Xuân"),
        ("thị trấn Nghi Xuân", "Tiên Điền"),
        ("xã Kỳ Anh", "Kỳ Anh"),
        ("tt kỳ anh", "Sông Trí"),
        ("xã Thạch Hạ", "Trần Phú"),
        ("xã Thạch Hà", "Thạch Hà"),
        ("phuong thach ha", "Trần Phú"),
        ("xa thach ha tp ha tinh", "Trần Phú"),
        ("phường Trần Phú cũ", "Thành Sen"),
        ("phường Trần Phú bây giờ", "Trần Phú"),
        ("phường Hà Huy Tập (cũ)", "Thành Sen"),
        ("Kỳ Lợi nay là phường Vũng Áng", "Vũng Áng"),
        ("X. Cẩm Lĩnh, H. Cẩm Xuyên", "Cẩm Trung"),
        ("P.Kỳ Long, TX.Kỳ Anh", "Vũng Áng"),
        ("xã Thạch Quí", "Thành Sen"),
        ("Hoà Hải, Hương Khê", "Hương Bình"),
        ("xã Lâm Trung Thuỷ", "Đức Thịnh"),
        ("xã Cẫm Bình", "Cẩm Bình"),
        ("xã Cẩm Suyên", "Cẩm Xuyên"),
        ("cambinh", "Cẩm Bình"),
        ("xã Sơn Kim II", "Sơn Kim 2"),
    ],
)
def test_traps_with_one_honest_reading(places: Places, text: str, unit: str) -> None:
    answer = places.find(text)
    assert answer.status == "unit", answer
    assert answer.unit is not None
    assert answer.unit.name == unit


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("phường Trần Phú", {"Trần Phú", "Thành Sen"}),
        ("phường Hà Huy Tập", {"Hà Huy Tập", "Thành Sen"}),
        ("xa thach ha", {"Thạch Hà", "Trần Phú"}),
        ("Đại Nài", {"Thành Sen", "Hà Huy Tập"}),
        ("xã Kỳ Lợi", {"Vũng Áng", "Sông Trí", "Hoành Sơn"}),
        ("Sơn Kim", {"Sơn Kim 1", "Sơn Kim 2"}),
        ("từ xã Thạch Khê đến xã Thạch Lạc", {"Thạch Khê", "Thạch Lạc"}),
        ("xã Cẩm Bình hoặc Cẩm Duệ", {"Cẩm Bình", "Cẩm Duệ"}),
        ("Hồng Lĩnh", {"Bắc Hồng Lĩnh", "Nam Hồng Lĩnh"}),
    ],
)
def test_traps_that_must_be_asked(places: Places, text: str, among: set[str]) -> None:
    answer = places.find(text)
    assert answer.status == "ambiguous"
    assert set(names(answer)) == among


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("xã Yên Hòa, Nghệ An", "xã Yên Hòa, tỉnh Nghệ An"),
        ("TP Vinh", "thành phố Vinh, tỉnh Nghệ An"),
        ("tôi ở Nghệ An", "tỉnh Nghệ An"),
        ("huyện Kỳ Sơn, Nghệ An", "huyện Kỳ Sơn, tỉnh Nghệ An"),
    ],
)
def test_places_beyond_the_border_are_named(places: Places, text: str, outside: str) -> None:
    answer = places.find(text)
    assert (answer.status, answer.outside) == ("outside", outside)
    assert answer.unit is None


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("Quỳnh Lưu Nghệ An", "huyện Quỳnh Lưu, tỉnh Nghệ An"),
        ("quynh luu nghe an", "huyện Quỳnh Lưu, tỉnh Nghệ An"),
        ("đường ở Nam Đàn Nghệ An hỏng", "huyện Nam Đàn, tỉnh Nghệ An"),
        ("Vinh Nghệ An", "thành phố Vinh, tỉnh Nghệ An"),
        ("vinh nghe an", "vinh, tỉnh Nghệ An"),
        ("Kỳ Sơn Nghệ An", "Kỳ Sơn, tỉnh Nghệ An"),
        ("dong hoi quang binh", "thành phố Đồng Hới, tỉnh Quảng Bình cũ, nay là tỉnh Quảng Trị"),
        ("Thanh Xuân Hà Nội", "Thanh Xuân, thành phố Hà Nội"),
        ("quận 1 Sài Gòn", "quận 1, thành phố Sài Gòn, thành phố Hồ Chí Minh"),
        ("Hoằng Hóa Thanh Hóa", "Hoằng Hóa, tỉnh Thanh Hóa"),
        ("Nghi Xuân Nghệ An", "Nghi Xuân, tỉnh Nghệ An"),
    ],
)
def test_a_place_and_its_province_need_no_comma(places: Places, text: str, outside: str) -> None:
    answer = places.find(text)
    assert (answer.status, answer.outside) == ("outside", outside)


PROVINCES = dict.fromkeys(
    name
    for row in rows("vn_provinces.csv")
    if row["code"] != "42"
    for name in (row["name"], *row["old_provinces"].split("|"))
)


@pytest.mark.parametrize("form", ["{}", "ở {}", "tỉnh {}", "đường hỏng ở {}", "tôi quê {} gửi phản ánh"])
def test_every_province_of_before_and_after_is_outside(places: Places, form: str) -> None:
    assert len(PROVINCES) == 62
    for name in PROVINCES:
        text = form.format(name)
        for writing in (text, text.lower(), strip_marks(text), strip_marks(text).lower()):
            answer = places.find(writing)
            short = name == "Huế" and writing != text  # one small syllable alone may be anything
            assert answer.status == "outside" or (short and answer.status == "unknown"), writing


DISTRICTS = [row["old_district"] for row in rows("old_districts.csv") if "Hà Tĩnh" not in row["old_district"]]


@pytest.mark.parametrize("district", DISTRICTS)
def test_beside_the_name_of_another_province_ours_stay_ours(places: Places, district: str) -> None:
    name = district.split(" ", 1)[1].removeprefix("xã ").removeprefix("phố ")
    for text in (f"xe từ Nghệ An vào {name}", f"quán bún bò Huế ở {name}", f"{name} giáp Nghệ An"):
        assert places.find(text).status == "ambiguous", text


@pytest.mark.parametrize(
    "text", ["bún bò Huế", "nem Thanh Hóa bị giả", "xe Hà Nội", "công viên hòa bình", "sông Lam"]
)
def test_what_bears_the_name_of_a_place_far_away_is_none(places: Places, text: str) -> None:
    assert places.find(text).status == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "tien dien thang nay cao qua",
        "cái hố đó sâu lắm",
        "co ho do to o giua duong",
        "ky lam, goi mai khong nghe",
        "bình an là được rồi",
        "cam on",
        "đường Trần Phú bị ngập",
        "anh Đức Thọ làm ở ủy ban",
        "thôn Liên Minh",
        "xe hay thuong nga o khuc cua",
        "con tui bi dong kinh ma tram khong co thuoc",
        "khong phai xa cam binh dau",
        "",
        "🙂" * 40,
    ],
)
def test_ordinary_words_are_no_places(places: Places, text: str) -> None:
    assert places.find(text).status == "unknown"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("nhầm, không phải Cẩm Bình mà Cẩm Lạc", "Cẩm Lạc"),
        ("ở Thạch Khê, nhầm, Thạch Lạc", "Thạch Lạc"),
        ("xã Bình An, không phải, xã Hồng Lộc", "Hồng Lộc"),
        ("không phải, xã Can Lộc", "Can Lộc"),
        ("thôn 3 xã Gia Hanh, ủa không, xã Can Lộc", "Can Lộc"),
        ("xã Gia Hanh, không phải xã Can Lộc", "Gia Hanh"),
        ("Cẩm Hưng chứ không phải Cẩm Trung", "Cẩm Hưng"),
        ("đổi từ Cẩm Bình sang Cẩm Duệ", "Cẩm Duệ"),
        ("ở xã Cẩm Hưng, giáp xã Cẩm Duệ", "Cẩm Hưng"),
    ],
)
def test_the_place_meant_among_several(places: Places, text: str, unit: str) -> None:
    answer = places.find(text)
    assert answer.unit is not None, answer
    assert answer.unit.name == unit


def test_spans_are_offsets_of_the_words_in_the_text_given(places: Places) -> None:
    text = "  Cái cống ở thôn Đông  xã Cẩm Bình, huyện Cẩm Xuyên sập rồi"
    answer = places.find(text)
    assert [text[a:b] for a, b in answer.spans] == ["xã Cẩm Bình", "huyện Cẩm Xuyên"]


def test_the_gazetteer_is_used_when_the_province_has_one(tmp_path: Path) -> None:
    for file in DATA.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "gazetteer.csv").write_text(
        "name,commune\nthôn Yên Mỹ Thử,18685\nxóm Thử Hai,18685\nxóm Thử Hai,18739\n", encoding="utf-8"
    )
    own = Places.load(tmp_path, "42")
    found = own.find("cống ở thôn Yên Mỹ Thử tắc")
    assert found.unit is not None
    assert found.unit.name == "Cẩm Bình"
    assert set(names(own.find("xóm Thử Hai"))) == {"Cẩm Bình", "Cẩm Duệ"}


def grade(expected: dict[str, object], answer: PlaceAnswer) -> str:
    if expected["status"] == "unit":
        if answer.status == "unit":
            return "right" if answer.unit is not None and answer.unit.code == expected["code"] else "wrong"
        offered = expected["code"] in [unit.code for unit in answer.candidates]
        return "honest" if answer.status == "ambiguous" and offered else "missed"
    if answer.status == "unit":
        return "wrong"
    if expected["status"] == "ambiguous":
        wanted = set(expected["candidates"])  # type: ignore[call-overload]
        offered = answer.status == "ambiguous" and wanted <= {unit.code for unit in answer.candidates}
        return "right" if offered else "missed"
    return "right" if answer.status == expected["status"] else "missed"


@pytest.mark.parametrize("bare", [False, True])
def test_the_development_set(places: Places, bare: bool) -> None:
    texts = [strip_marks(row["text"]) if bare else row["text"] for row in DEV]
    grades = Counter(grade(row, places.find(text)) for row, text in zip(DEV, texts, strict=True))
    assert len(DEV) >= 300
    assert (grades["right"] + grades["honest"]) / len(DEV) >= 0.97
    assert grades["wrong"] / len(DEV) <= 0.01


WORDS = st.sampled_from(
    [
        "xã",
        "phường",
        "thị",
        "trấn",
        "huyện",
        "tp",
        "tx",
        "ở",
        "không",
        "phải",
        "nhầm",
        "cẩm",
        "bình",
        "kỳ",
        "anh",
        "thạch",
        "hà",
        "Hạ",
        "đức",
        "thọ",
        "nghi",
        "xuân",
        "từ",
        "đến",
        "giáp",
        "thôn",
        "xa",
        "cam",
        "binh",
        "ky",
        "anh",
        ".",
        ",",
        "-",
        "\n",
        "(",
        "1",
        "2",
        "vinh",
        "nghệ",
        "an",
        "cũ",
        "mới",
        "đường",
        "cầu",
        "chị",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)))
def test_any_text_gets_a_consistent_answer(places: Places, text: str) -> None:
    answer = places.find(text)
    assert (answer.unit is not None) == (answer.status == "unit")
    assert answer.status != "unit" or answer.candidates == (answer.unit,)
    assert answer.status != "ambiguous" or answer.candidates
    assert bool(answer.outside) == (answer.status == "outside")
    assert len({unit.code for unit in answer.candidates}) == len(answer.candidates)
    assert all(0 <= start < end <= len(text) for start, end in answer.spans)
    assert answer == places.find(text)


@given(st.sampled_from(DEV), st.text(alphabet=" \n", max_size=3))
def test_blanks_around_change_nothing(places: Places, row: dict[str, str], blank: str) -> None:
    plain, padded = places.find(row["text"]), places.find(blank + row["text"] + blank)
    assert (plain.status, plain.candidates) == (padded.status, padded.candidates)


@pytest.mark.parametrize(
    ("text", "name"),
    [("à không, ở xã Nghi Xuân", "Nghi Xuân"), ("không, không phải Nghi Xuân, xã Tiên Điền", "Tiên Điền")],
)
def test_a_no_with_a_comma_takes_back_what_was_before(places: Places, text: str, name: str) -> None:
    answer = places.find(text)
    assert answer.unit is not None
    assert answer.unit.name == name


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("mất nước ở xã Cẩm Hưng, à nhầm xã Cẩm Lạc", "mất nước ở xã Cẩm Lạc"),
        ("thôn 3 xã Kỳ Hoa, ủa nhầm xã Kỳ Lạc", "thôn 3 xã Kỳ Lạc"),
        ("thôn 3 xã Kỳ Hoa, à lộn, thôn 5 xã Kỳ Lạc", "thôn 5 xã Kỳ Lạc"),
        ("xã Bình An, không phải, xã Hồng Lộc", "xã Hồng Lộc"),
        ("cống tắc thôn 2, à nhầm thôn 3 xã Kỳ Hoa", "cống tắc thôn 3 xã Kỳ Hoa"),
    ],
)
def test_a_place_taken_back_goes_with_the_slip(places: Places, told: str, meant: str) -> None:
    assert places.without_slips(told) == meant


@pytest.mark.parametrize(
    "told",
    [
        "xã Gia Hanh, không phải xã Can Lộc",
        "không phải xã Gia Hanh mà xã Can Lộc",
        "xã Gia Hanh không có điện, xã Can Lộc cũng vậy",
        "từ xã Gia Hanh đến xã Can Lộc không có đèn",
        "xã Kỳ Hoa gửi nhầm giấy của em sang xã Kỳ Lạc",
        "gửi nhầm cho xã Kỳ Hoa",
        "thôn 2 mất điện, không phải thôn 3",
        "thôn 2 và thôn 3 xã Kỳ Hoa",
    ],
)
def test_what_takes_nothing_back_stays_as_told(places: Places, told: str) -> None:
    assert places.without_slips(told) == told


def test_a_wife_is_no_commune(places: Places) -> None:
    assert places.find("để tui hỏi bà xã cái đã").status == "unknown"
    assert places.find("nhà bà xã Kỳ Hoa").unit is not None


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("phường Yên Hòa, quận Thanh Xuân, Hà Nội", "phường Yên Hòa, quận Thanh Xuân, thành phố Hà Nội"),
        ("Đồng Tiến, Nông Cống, Thanh Hóa", "Đồng Tiến, Nông Cống, tỉnh Thanh Hóa"),
        ("hai ninh, tien yen, quang ninh", "hai ninh, tien yen, tỉnh Quảng Ninh"),
        ("Thạch Bàn, Phú Quý Lâm, Hà Nội", "Thạch Bàn, Phú Quý Lâm, thành phố Hà Nội"),
        ("Trần Phú, quận Hải Châu, Đà Nẵng", "Trần Phú, quận Hải Châu, thành phố Đà Nẵng"),
        ("Sơn Tây, Thạch Thất", "phường Sơn Tây, thành phố Hà Nội"),
        ("phường Bắc Hà, quận Tự Đặt", "phường Bắc Hà, quận Tự Đặt"),
    ],
)
def test_a_whole_address_of_another_province_is_outside(places: Places, text: str, outside: str) -> None:
    answer = places.find(text)
    assert (answer.status, answer.outside) == ("outside", outside)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Yên Hòa, Tân Phong, Cẩm Xuyên", "Yên Hòa"),
        ("Sơn Tây, Hương Sơn, Hà Tĩnh", "Sơn Tây"),
        ("Cẩm Bình, Bình Minh", "Cẩm Bình"),
        ("xã Cẩm Bình, xe Hà Nội đổ đất", "Cẩm Bình"),
        ("xa cam binh quan nhau on", "Cẩm Bình"),
    ],
)
def test_an_address_of_ours_stays_ours(places: Places, text: str, unit: str) -> None:
    answer = places.find(text)
    assert answer.unit is not None, answer
    assert answer.unit.name == unit


@pytest.mark.parametrize(
    ("text", "among"),
    [
        ("giáp ranh xã Cẩm Hưng với Cẩm Lạc", {"Cẩm Hưng", "Cẩm Lạc"}),
        ("xe từ Cẩm Hưng vô Cẩm Lạc", {"Cẩm Hưng", "Cẩm Lạc"}),
        ("tu cam lac ra cam hung", {"Cẩm Hưng", "Cẩm Lạc"}),
        ("cạnh xã Cẩm Mỹ", {"Cẩm Duệ"}),
        ("đối diện xã Xuân Hồng", {"Nghi Xuân"}),
        ("dãy núi Trường Sơn", {"Đức Minh"}),
        ("bán đảo Sơn Trà", {"Tứ Mỹ"}),
        ("chị Cẩm Hà bán cá", {"Cẩm Hưng"}),
        ("Bắc Sơn, Bỉm Sơn", {"Toàn Lưu"}),
        ("Cẩm Bình, huyện Phước Quy", {"Cẩm Bình"}),
        ("nhà em ở Cẩm Bình, làm ở Thạch Linh", {"Cẩm Bình", "Thành Sen"}),
    ],
)
def test_what_is_only_beside_or_may_be_another_thing_is_asked(
    places: Places, text: str, among: set[str]
) -> None:
    answer = places.find(text)
    assert answer.status == "ambiguous"
    assert set(names(answer)) == among


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("ở Cẩm Hưng, giáp ranh Cẩm Lạc và Kỳ Phong", "Cẩm Hưng"),
        ("mới chuyển từ Cẩm Bình sang Cẩm Duệ", "Cẩm Duệ"),
        ("gần UBND xã Cẩm Mỹ", "Cẩm Duệ"),
        ("mỏ sắt Thạch Khê", "Thạch Khê"),
        ("Sơn Kim, à không, Sơn Hồng", "Sơn Hồng"),
        ("quê Đức Thọ nhưng chỗ hỏng ở Thạch Linh", "Thành Sen"),
        ("nhà ông Kỳ Tân ở Cẩm Bình", "Cẩm Bình"),
        ("thôn Tân Phố Hương Trà", "Hương Đô"),
        ("T.T Xuân Thành", "Tiên Điền"),
        ("p hai ninh", "Hải Ninh"),
        ("ddoongf lộc", "Đồng Lộc"),
    ],
)
def test_the_one_place_that_is_named(places: Places, text: str, unit: str) -> None:
    answer = places.find(text)
    assert answer.unit is not None, answer
    assert answer.unit.name == unit


def test_a_town_with_dots_is_not_the_commune_of_its_name(places: Places) -> None:
    assert places.find("T.X Kỳ Anh").candidates == places.find("thị xã Kỳ Anh").candidates


def test_an_old_commune_that_never_was_is_asked(places: Places) -> None:
    assert places.find("xã Kỳ Anh").status == "unit"
    assert places.find("xã Kỳ Anh cũ").status == "ambiguous"


@pytest.mark.parametrize("text", ["ông Kỳ Lâm báo", "anh Vũ Quang", "đường Vũ Quang ngập", "dãy Hồng Lĩnh"])
def test_persons_streets_and_ranges_are_no_places(places: Places, text: str) -> None:
    assert places.find(text).status == "unknown"
