"""Loading a pack: what it holds, and that every fault is named with its file and entry."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.pack import PackError, load_pack

FOLDER = Path(__file__).parents[2] / "province" / "ha_tinh"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "pack"))


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_what_the_pack_holds() -> None:
    pack = load_pack(FOLDER)
    assert (pack.code_prefix, pack.hotline, str(pack.timezone)) == ("HT", "19009038", "Asia/Ho_Chi_Minh")
    assert len(pack.places.communes) == 69
    assert len(pack.categories) == 22
    assert list(pack.categories)[-1] == "khac"
    assert pack.agencies["pkt-18685"].name == "Phòng Kinh tế xã Cẩm Bình"
    assert pack.folder == FOLDER


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "pack.yml",
            'hotline: "19009038"',
            "hotline: 19009038",
            "pack.yml: Hà Tĩnh: `hotline` must be a non-empty text",
        ),
        ("pack.yml", "Asia/Ho_Chi_Minh", "Asia/Nowhere", "no such time zone"),
        ("categories.yml", 'short: "Khác"', 'short: "một nhãn dài hơn hai mươi chữ"', "at most 20"),
        ("categories.yml", "group: moi_truong", "group: khong_co", "no group khong_co"),
        ("agencies.yml", "{id: vp,", "{id: ubnd,", "ubnd: the id is used twice"),
        ("routing.yml", "agency: kqldb", "agency: ai_do", "duong_quoc_lo: no agency 'ai_do'"),
        ("routing.yml", "category: [rac_thai]", "category: [rac_thaj]", "`category` knows no 'rac_thaj'"),
        ("routing.yml", "when: {commune: unknown}", "when: {}", "can never fire"),
        ("routing.yml", "hours: 4,", "hours: -4,", "khan: a level has either"),
        ("routing.yml", "urgent: true, hours: closed", "urgent: true, moon: full", "`when` knows no `moon`"),
        ("calendar.yml", "07:30-11:30", "7h30-11h30", "week 1"),
        ("calendar.yml", "from: 2026-11-24", "from: mai", "must be dates"),
        ("places/old_to_new.csv", "18073,Phường", "99999,Phường", "no unit 99999"),
        ("places/units.csv", "code,name", "ma,name", "units.csv: no column code"),
    ],
)
def test_a_fault_is_named_with_file_and_entry(copy: Path, file: str, old: str, new: str, says: str) -> None:
    change(copy, file, old, new)
    with pytest.raises(PackError) as caught:
        load_pack(copy)
    assert says in str(caught.value)
    assert any(problem.startswith(file.split("/", maxsplit=1)[0]) for problem in caught.value.problems)


def test_all_faults_are_told_at_once(copy: Path) -> None:
    change(copy, "pack.yml", "Asia/Ho_Chi_Minh", "Asia/Nowhere")
    change(copy, "routing.yml", "agency: kqldb", "agency: ai_do")
    (copy / "agencies.yml").write_text("communes: [", encoding="utf-8")
    (copy / "places" / "neighbours.geojson").unlink()
    with pytest.raises(PackError) as caught:
        load_pack(copy)
    text = str(caught.value)
    assert all(file in text for file in ("pack.yml", "routing.yml", "agencies.yml", "neighbours.geojson"))


def test_a_folder_without_a_pack_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"pack\.yml: file: is missing"):
        load_pack(tmp_path)
