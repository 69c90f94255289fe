"""Names of communes, wards and districts are no words of danger, whatever they sound like."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.danger import DangerWords
from core.danger_names import PlaceNames, read_place_names
from core.danger_patterns import Said, form
from core.text import strip_marks

PACK = Path("province/ha_tinh")
DANGER = DangerWords.load(PACK / "danger.yml")
NAMES = sorted(set(read_place_names(PACK / "places")))
MATTERS = ("{}, đường trước nhà hỏng nặng", "{} nước máy yếu quá")


def test_all_names_of_the_pack_are_there() -> None:
    assert len(NAMES) > 250
    assert {"Đông Kinh", "Hương Khê", "Kỳ Anh", "Bùi La Nhân", "Nghèn"} <= set(NAMES)


@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize("before", ["em ơi bác ở ", "cháu ở xã ", "ông bà con ở thôn 3 ", "cháu ơi, bác "])
def test_no_name_is_danger_with_its_marks(before: str, matter: str) -> None:
    told = [matter.format(before + name) for name in NAMES if not name.isascii()]
    told += [text.lower() for text in told] + [text.upper() for text in told]
    assert [text for text in told if DANGER.find(text)] == []


@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize("before", ["o xa ", "bac o ", "thon 3 ", "o thon 3 xa "])
def test_no_name_is_certain_danger_without_marks_after_a_word_of_place(before: str, matter: str) -> None:
    told = [strip_marks(matter.format(before + name)) for name in NAMES]
    told += [text.lower() for text in told]
    assert [text for text in told if (found := DANGER.find(text)) and found.certain] == []


@pytest.mark.parametrize(
    "text",
    [
        "ở xã Đông Kinh có người lên cơn động kinh",
        "nó lên cơn đông kinh sùi bọt mép",
        "chau bi dong kinh roi, co giat lien tuc",
        "cháy nhà ở Đông Kinh",
        "cháy nhà ông Ba ở xã Bùi La Nhân",
    ],
)
def test_danger_beside_a_name_is_found(text: str) -> None:
    assert DANGER.find(text) is not None


def test_a_hidden_name_leaves_clauses_where_they_were() -> None:
    names = PlaceNames(["Đông Kinh"], ["ở"], ["cơn"])
    said = Said.of("em ở Đông Kinh, cháy nhà")
    hidden = names.hide(said)
    assert hidden.words == ["em", form("ở"), "_", "_", form("cháy"), form("nhà")]
    assert [hidden.line[at:].split()[0] for at in hidden.breaks] == [form("cháy")]
    assert names.hide(Said.of("lên cơn đông kinh")).words[-2:] == ["đông", "kinh"]
    assert names.hide(Said.of("o dong kinh")).words == ["o", "_", "_"]
    assert names.hide(Said.of("bi dong kinh")).words == ["bi", "dong", "kinh"]


def test_a_pack_without_tables_of_places_has_no_names(tmp_path: Path) -> None:
    assert list(read_place_names(tmp_path)) == []
