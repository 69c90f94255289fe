"""The names a place can be called by: of today, of before July 2025, of old districts, beyond the province.

Read once from the pack's CSV files (facts of the official lists).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.places.commune import Commune
from core.places.spelling import spell, syllables

Kind = Literal["new", "old", "district", "local"]

TYPES = {
    "Xã": "xa",
    "Phường": "phuong",
    "Thị trấn": "thi_tran",
    "Huyện": "huyen",
    "Thị xã": "thi_xa",
    "Thành phố": "thanh_pho",
    "Tỉnh": "tinh",
    "Quận": "quan",
    "Đặc khu": "dac_khu",
}
DISTRICT_TYPES = frozenset({"huyen", "thi_xa", "thanh_pho", "quan"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One thing a name can stand for. `units` are codes of today's units, likeliest first."""

    kind: Kind
    type: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """A name in one spelling, with all it can stand for. `marked` is the spelling syllable by syllable."""

    text: str
    plain: tuple[str, ...]
    marked: tuple[str, ...]
    readings: tuple[Reading, ...]

    @property
    def is_district(self) -> bool:
        return any(reading.kind == "district" for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Abroad:
    """A place outside the province: a province, a commune of one, or a town's familiar name."""

    text: str
    type: str
    province: str
    marked: tuple[str, ...]

    @property
    def described(self) -> str:
        spoken = {
            "xa": "xã ", "phuong": "phường ", "thi_tran": "thị trấn ", "huyen": "huyện ", "thi_xa": "thị xã ",
            "thanh_pho": "thành phố ", "tinh": "tỉnh ", "quan": "quận ", "dac_khu": "đặc khu ",
        }  # fmt: skip
        own = spoken.get(self.type, "") + self.text
        return own if self.province in ("", self.text) else f"{own}, {self.province}"


class NameBook:
    """All names by their plain syllables joined with blanks."""

    def __init__(
        self,
        home: Mapping[str, tuple[Name, ...]],
        abroad: Mapping[str, tuple[Abroad, ...]],
        common: frozenset[str],
        everyday: frozenset[str],
    ) -> None:
        self.home = home
        self.abroad = abroad
        self.common = common
        """Names that are ordinary words when the marks are missing: they need evidence."""
        self.everyday = everyday
        """The worst of them: even "ở" before them is not enough."""
        self.joined = {key.replace(" ", ""): names for key, names in home.items() if " " in key}
        self.singles = frozenset(key for key in (*home, *abroad) if " " not in key) | frozenset(self.joined)
        self.longest: dict[tuple[str, str], int] = {}
        """The syllables of the longest name that begins with two syllables."""
        for key in (*home, *abroad):
            parts = key.split(" ")
            if len(parts) > 1:
                pair = (parts[0], parts[1])
                self.longest[pair] = max(len(parts), self.longest.get(pair, 0))
        self.inventory = frozenset(part for key in (*home, *abroad) for part in key.split(" "))
        """Syllables that occur in names of places anywhere: others are more likely typing slips."""
        self.fuzzy_keys = [key for key in home if " " in key and not any(_local(n) for n in home[key])]


def _local(name: Name) -> bool:
    return all(reading.kind == "local" for reading in name.readings)


def read_communes(path: Path) -> dict[str, Commune]:
    """`units.csv`: today's units in the order of their codes."""
    units = [
        Commune(
            code=row["code"], name=row["name"], type=row["type"], full_name=row["full_name"],
            lat=float(row["lat"]), lon=float(row["lon"]),
        )
        for row in _rows(path, "code", "name", "type", "full_name", "lat", "lon")
    ]  # fmt: skip
    return {unit.code: unit for unit in sorted(units, key=lambda unit: unit.code)}


def read_names(folder: Path, communes: Mapping[str, Commune], province_code: str) -> NameBook:
    """The book of a pack's `places` folder. Raises ValueError with the file and the row that is wrong."""
    readings: dict[str, dict[Reading, None]] = defaultdict(dict)
    for unit in communes.values():
        readings[unit.name][Reading("new", TYPES[unit.type], (unit.code,))] = None
    for text, reading in _old_readings(folder / "old_to_new.csv", communes):
        readings[text][reading] = None
    for text, reading in _district_readings(folder / "old_districts.csv", communes):
        readings[text][reading] = None
    gazetteer = folder / "gazetteer.csv"
    if gazetteer.exists():
        for text, reading in _local_readings(gazetteer, communes):
            readings[text][reading] = None
    _add_numbered(readings)
    home: dict[str, list[Name]] = defaultdict(list)
    for text, found in readings.items():
        parts = [(s.plain, s.marked) for s in syllables(text)]
        plain, marked = tuple(p for p, _ in parts), tuple(m for _, m in parts)
        twin = next((n for n in home[" ".join(plain)] if n.marked == marked), None)
        if twin:  # the same name in another official spelling (Quí, Quý)
            home[" ".join(plain)].remove(twin)
        all_readings = dict.fromkeys((*(twin.readings if twin else ()), *found))
        home[" ".join(plain)].append(Name(text, plain, marked, tuple(all_readings)))
    abroad = _read_abroad(folder, province_code)
    common, everyday = _read_common(folder / "common_words.txt")
    return NameBook({k: tuple(v) for k, v in home.items()}, abroad, common, everyday)


def _old_readings(path: Path, communes: Mapping[str, Commune]) -> Iterable[tuple[str, Reading]]:
    """Old communes. A unit that went to several has them all in one reading, the main part first."""
    parts: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for row in _rows(path, "old_name", "old_type", "new_code", "whole_or_part", "main_part"):
        if row["new_code"] not in communes:
            raise ValueError(f"{path.name}: {row['old_name']}: no unit {row['new_code']}")
        main = row["whole_or_part"] == "whole" or row["main_part"] == "yes"
        parts[row["old_name"], row["old_type"]][row["new_code"]] = main
    for (text, kind), units in parts.items():
        ordered = sorted(units, key=lambda code, units=units: (not units[code], code))  # type: ignore[misc]
        yield text, Reading("old", TYPES[kind], tuple(ordered))


def _district_readings(path: Path, communes: Mapping[str, Commune]) -> Iterable[tuple[str, Reading]]:
    """Old districts: the units they covered at the end first, then those they ever covered; each part
    sorted.
    """
    for row in _rows(path, "old_district", "new_codes_2025_06", "new_codes_ever"):
        last = sorted(row["new_codes_2025_06"].split())
        ever = [code for code in sorted(row["new_codes_ever"].split()) if code not in last]
        if missing := [code for code in last + ever if code not in communes]:
            raise ValueError(f"{path.name}: {row['old_district']}: no unit {' '.join(missing)}")
        kind = next(kind for kind in TYPES if row["old_district"].startswith(kind + " "))
        yield row["old_district"][len(kind) + 1 :], Reading("district", TYPES[kind], tuple(last + ever))


def _local_readings(path: Path, communes: Mapping[str, Commune]) -> Iterable[tuple[str, Reading]]:
    """The province's own gazetteer, when there is one.

    `name` with its kind word ("thôn Đông"), `commune` code.
    """
    units: dict[str, dict[str, None]] = defaultdict(dict)
    for row in _rows(path, "name", "commune"):
        if row["commune"] not in communes:
            raise ValueError(f"{path.name}: {row['name']}: no unit {row['commune']}")
        units[row["name"]][row["commune"]] = None
    for text, codes in units.items():
        yield text, Reading("local", "local", tuple(codes))


def _add_numbered(readings: dict[str, dict[Reading, None]]) -> None:
    """ "Sơn Kim 1" is also said "Sơn Kim I" or "một", and "Sơn Kim" alone leaves both."""
    for text in [text for text in readings if text[-2:-1] == " " and text[-1].isdigit()]:
        stem, number = text[:-2], int(text[-1])
        for said in ("I" * number, ("một", "hai", "ba")[number - 1]):
            readings[f"{stem} {said}"].update(readings[text])
        units = {code: None for reading in readings[text] for code in reading.units}
        for reading in readings.pop(stem, {}):
            units = {**dict.fromkeys(reading.units), **units}
        readings[stem][Reading("old", "xa", tuple(units))] = None


def _read_abroad(folder: Path, province_code: str) -> dict[str, tuple[Abroad, ...]]:
    """Provinces of today and before, communes of other provinces, and familiar names beyond the border."""
    found: dict[str, list[Abroad]] = defaultdict(list)
    provinces: dict[str, str] = {}

    def add(text: str, kind: str, province: str) -> None:
        parts = [spell(word)[1:] for word in text.replace("-", " ").split()]
        place = Abroad(text, kind, province, tuple(marked for _, marked in parts))
        found[" ".join(plain for plain, _ in parts)].append(place)

    for row in _rows(folder / "vn_provinces.csv", "code", "name", "type", "old_provinces"):
        spoken = f"{row['type'].lower()} {row['name']}"
        provinces[row["code"]] = spoken
        if row["code"] == province_code:
            continue
        add(row["name"], TYPES[row["type"]], "")
        for old in row["old_provinces"].split("|"):
            if old != row["name"]:
                add(old, "tinh", f"nay thuộc {spoken}")
    for row in _rows(folder / "vn_communes.csv", "name", "type", "province_code"):
        if row["province_code"] != province_code:
            name = row["name"].rstrip(" 0123456789") if row["name"][-1:].isdigit() else row["name"]
            for text in dict.fromkeys((row["name"], name)):  # "Móng Cái 1" is of old Móng Cái
                add(text, TYPES[row["type"]], provinces[row["province_code"]])
    for row in _rows(folder / "outside_names.csv", "name", "type", "province"):
        add(row["name"], TYPES.get(row["type"], ""), row["province"])
    return {key: tuple(places) for key, places in found.items()}


def _read_common(path: Path) -> tuple[frozenset[str], frozenset[str]]:
    """`common_words.txt`: a name a line; a ! before it marks the worst; # begins a comment."""
    common, everyday = set(), set()
    for line in path.read_text(encoding="utf-8").splitlines():
        for entry in line.split("#", 1)[0].split(","):
            if not (word := entry.strip()):
                continue
            key = " ".join(s.plain for s in syllables(word))
            common.add(key)
            if word.startswith("!"):
                everyday.add(key)
    return frozenset(common), frozenset(everyday)


def _rows(path: Path, *columns: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in columns if column not in (reader.fieldnames or ())]:
            raise ValueError(f"{path.name}: no column {', '.join(missing)}")
        return list(reader)
