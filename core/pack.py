"""The pack of a province: one folder of data that makes the program that province's.

`load_pack` reads pack.yml, categories.yml, agencies.yml, routing.yml, calendar.yml and places/. It finds all
that is wrong before it gives up, and says in which file, at which entry, and how to mend it.
Phrases and danger words lie in the same folder and are read by those who use them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from core.calendar import DayNote, Hours, WorkingCalendar
from core.places.commune import Commune
from core.places.places import Places
from core.routing import AGENCY_ID, UNKNOWN, Agency, Level, Router, Rule, find_problems
from core.routing_words import Landmarks, LandmarkWords

SHORT_LABEL = 20
"""Characters a choice may have on every channel."""


class PackError(Exception):
    """The pack's data are wrong. `problems` lists all: file, entry, what is wrong, how to mend it."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(problems)} problem(s) in {folder}:\n" + "\n".join(f"- {p}" for p in problems))


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf of the taxonomy. `short` (≤ 20 characters) is for choices; `group_name` for statistics.

    `also` are names that people give it; `near` the leaves that it is most easily taken for.
    """

    leaf: str
    group: str
    group_name: str
    name: str
    short: str
    source: str
    confirmed: bool
    also: tuple[str, ...] = ()
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pack:
    """All that is particular to one province. `categories` are in the order in which they are shown."""

    folder: Path
    name: str
    full_name: str
    code_prefix: str
    timezone: ZoneInfo
    hotline: str
    consent_version: str
    settings: Mapping[str, Any]
    categories: Mapping[str, Category]
    agencies: Mapping[str, Agency]
    places: Places
    router: Router
    calendar: WorkingCalendar


def load_pack(folder: Path) -> Pack:
    """Read a pack. Raises PackError with everything that is wrong with it."""
    reading = _Reading(folder)
    head = reading.mapping("pack.yml")
    timezone = reading.timezone(head)
    calendar = reading.calendar(timezone)
    categories = reading.categories()
    places = reading.places(str(head.get("code", "")))
    communes = places.communes if places else {}
    agencies, templates = reading.agencies(communes)
    rules, levels, urgent = reading.rules(categories, communes, agencies, templates)
    landmarks = reading.landmarks()
    texts = {
        key: reading.text("pack.yml", head, key)
        for key in ("name", "code_prefix", "hotline", "consent_version")
    }
    if reading.problems or places is None or calendar is None:
        raise PackError(folder, reading.problems)
    return Pack(
        folder=folder,
        full_name=str(head.get("full_name", texts["name"])),
        timezone=timezone,
        settings=MappingProxyType(head.get("settings") or {}),
        categories=MappingProxyType(categories),
        agencies=MappingProxyType(agencies),
        places=places,
        router=Router(
            rules,
            levels,
            agencies,
            communes=communes,
            calendar=calendar,
            urgent_level=urgent,
            landmarks=LandmarkWords(landmarks),
        ),
        calendar=calendar,
        **texts,
    )


@dataclass
class _Reading:
    """One pass over a pack's files; `problems` grows, each method gives what could be read."""

    folder: Path
    problems: list[str] = field(default_factory=list)

    def wrong(self, file: str, entry: object, what: str) -> None:
        self.problems.append(f"{file}: {entry}: {what}")

    def mapping(self, file: str) -> dict[str, Any]:
        try:
            data = yaml.load((self.folder / file).read_text(encoding="utf-8"), Loader=_Loader)
        except FileNotFoundError:
            self.wrong(file, "file", "is missing; add it to the pack")
            return {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            self.wrong(file, "file", f"is not valid YAML in UTF-8: {' '.join(str(error).split())}")
            return {}
        if not isinstance(data, dict):
            self.wrong(file, "file", "must be a mapping of names to values")
            return {}
        return data

    def entries(self, file: str, data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        """The list of mappings at `key`; entries of another form are reported and left out."""
        value = data.get(key)
        if not isinstance(value, list):
            if data:
                self.wrong(file, key, "must be a list of entries")
            return []
        for at, item in enumerate(value):
            if not isinstance(item, dict):
                self.wrong(file, f"{key}[{at}]", "must be a mapping such as {id: …, name: …}")
        return [item for item in value if isinstance(item, dict)]

    def text(self, file: str, entry: Mapping[str, Any], key: str) -> str:
        value = entry.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if entry:
            name = entry.get("id", entry.get("name", "entry"))
            self.wrong(file, name, f"`{key}` must be a non-empty text" + (" in quotes" if value else ""))
        return ""

    def unique(self, file: str, ids: list[str]) -> None:
        for name in sorted({name for name in ids if ids.count(name) > 1}):
            self.wrong(file, name, "the id is used twice; rename one")

    def timezone(self, head: Mapping[str, Any]) -> ZoneInfo:
        try:
            return ZoneInfo(str(head.get("timezone", "UTC")))
        except (ZoneInfoNotFoundError, ValueError):
            self.wrong(
                "pack.yml", "timezone", f"no such time zone: {head['timezone']}; use e.g. Asia/Ho_Chi_Minh"
            )
            return ZoneInfo("UTC")

    def places(self, province_code: str) -> Places | None:
        try:
            return Places.load(self.folder / "places", province_code)
        except FileNotFoundError as error:
            self.wrong(f"places/{Path(error.filename).name}", "file", "is missing; add it to the pack")
        except (ValueError, KeyError) as error:
            self.wrong("places", "data", f"{error}; mend the file it names")
        return None

    def categories(self) -> dict[str, Category]:
        file = "categories.yml"
        data = self.mapping(file)
        groups = {str(g.get("id")): self.text(file, g, "name") for g in self.entries(file, data, "groups")}
        found: dict[str, Category] = {}
        items = self.entries(file, data, "categories")
        for item in items:
            leaf, short, group = (
                self.text(file, item, "id"),
                self.text(file, item, "short"),
                str(item.get("group")),
            )
            if len(short) > SHORT_LABEL:
                self.wrong(
                    file, leaf, f"`short` has {len(short)} characters; at most {SHORT_LABEL} fit a button"
                )
            if group not in groups:
                self.wrong(file, leaf, f"no group {group}; use one of {', '.join(groups)}")
            found[leaf] = Category(
                leaf=leaf, group=group, group_name=groups.get(group, ""), name=self.text(file, item, "name"),
                short=short, source=str(item.get("source", data.get("source", ""))),
                confirmed=bool(item.get("confirmed", data.get("confirmed", False))),
                also=tuple(map(str, item.get("also") or ())), near=tuple(map(str, item.get("near") or ())),
            )  # fmt: skip
        for leaf, category in found.items():
            for other in category.near:
                if other not in found or other == leaf:
                    self.wrong(file, leaf, f"`near` names {other}; use ids of other categories")
        self.unique(file, [str(item.get("id")) for item in items])
        if data and "khac" not in found:
            self.wrong(file, "khac", "is missing; a report that fits nothing needs it")
        return found

    def agencies(self, communes: Mapping[str, Commune]) -> tuple[dict[str, Agency], list[str]]:
        """All bodies by id, and the ids of the templates of which every commune has one."""
        file = "agencies.yml"
        data = self.mapping(file)
        templates, single = self.entries(file, data, "communes"), self.entries(file, data, "province")
        ids = [self.text(file, item, "id") for item in (*templates, *single)]
        self.unique(file, ids)
        for name in ids:
            if name and not AGENCY_ID.fullmatch(name):
                self.wrong(file, name, "an id has small letters, digits and - only")
        found = {}
        for item in single:
            found[str(item.get("id"))] = self._agency(
                item, str(item.get("id")), self.text(file, item, "name"), None
            )
        for item in templates:
            office = self.text(file, item, "name")
            for unit in communes.values():
                name = item.get("name_ward", office) if unit.is_ward else office
                key = f"{item.get('id')}-{unit.code}"
                found[key] = self._agency(item, key, f"{name} {unit.spoken}", unit.code)
        return found, [str(item.get("id")) for item in templates]

    def _agency(self, item: Mapping[str, Any], key: str, name: str, commune: str | None) -> Agency:
        return Agency(
            id=key, name=name, kind=str(item.get("kind", "")), commune=commune,
            source=str(item.get("source", "")), confirmed=bool(item.get("confirmed", False)),
        )  # fmt: skip

    def rules(
        self,
        categories: Mapping[str, Category],
        communes: Mapping[str, Commune],
        agencies: Mapping[str, Agency],
        templates: list[str],
    ) -> tuple[list[Rule], dict[str, Level], str]:
        file = "routing.yml"
        data = self.mapping(file)
        levels = self._levels(file, data)
        items = self.entries(file, data, "rules")
        self.unique(file, [str(item.get("id")) for item in items])
        bodies = {*agencies, *templates}
        units = {*communes, UNKNOWN}
        rules = [
            self._rule(file, item, leaves=set(categories), units=units, bodies=bodies, levels=set(levels))
            for item in items
        ]
        urgent = str(data.get("urgent_level", ""))
        if data and urgent not in levels:
            self.wrong(file, "urgent_level", f"no level {urgent}; use one of {', '.join(levels)}")
        if not self.problems:
            for rule, what in find_problems(rules, categories, communes, templates):
                self.wrong(file, rule, what)
        return rules, levels, urgent

    def landmarks(self) -> Landmarks:
        """The words of routing.yml that make a landmark of what follows; none when it has no such part."""
        file = "routing.yml"
        given = self.mapping(file).get("landmarks") or {}
        known = ("after", "parts", "never_after")
        if not isinstance(given, dict) or not set(given) <= set(known):
            self.wrong(file, "landmarks", f"knows only the lists {', '.join(known)}")
            return Landmarks()
        return Landmarks(*(tuple(map(str, given.get(name) or ())) for name in known))

    def _levels(self, file: str, data: Mapping[str, Any]) -> dict[str, Level]:
        found = {}
        given = data.get("levels")
        for key, item in (given if isinstance(given, dict) else {}).items():
            hours, days = item.get("hours"), item.get("days")
            if (
                (hours is None) == (days is None)
                or not isinstance(hours or days, int | float)
                or (hours or days) <= 0
            ):
                self.wrong(file, key, "a level has either `hours` or `days`, a number above 0")
            found[str(key)] = Level(
                id=str(key), name=self.text(file, item, "name"), hours=hours, days=days,
                source=str(item.get("source", "")), confirmed=bool(item.get("confirmed", False)),
            )  # fmt: skip
        return found

    def _rule(
        self,
        file: str,
        item: Mapping[str, Any],
        *,
        leaves: set[str],
        units: set[str],
        bodies: set[str],
        levels: set[str],
    ) -> Rule:
        name = self.text(file, item, "id")
        when = item.get("when") or {}
        allowed: dict[str, set[Any] | None] = {
            "category": leaves, "commune": units, "type": {"xa", "phuong"}, "urgent": {True, False},
            "hours": {"open", "closed"}, "words": None,
        }  # fmt: skip
        for key, value in when.items():
            if key not in allowed:
                self.wrong(file, name, f"`when` knows no `{key}`; it knows {', '.join(allowed)}")
                continue
            for one in value if isinstance(value, list) else [value]:
                choices = allowed[key]
                if choices is not None and one not in choices:
                    self.wrong(file, name, f"`{key}` knows no {one!r}")
        for key, choices in (("agency", bodies), ("level", levels)):
            if item.get(key) not in choices:
                self.wrong(file, name, f"no {key} {item.get(key)!r}; correct it or add it to the pack")
        words = when.get("words")
        return Rule(
            id=name,
            agency=str(item.get("agency")),
            level=str(item.get("level")),
            why=self.text(file, item, "why"),
            unconfirmed=not item.get("confirmed", False),
            categories=_several(when.get("category")),
            communes=_several(when.get("commune")),
            type=when.get("type"),
            urgent=when.get("urgent"),
            hours=when.get("hours"),
            words=tuple(map(str, words)) if words else None,
        )

    def calendar(self, timezone: ZoneInfo) -> WorkingCalendar | None:
        file = "calendar.yml"
        data = self.mapping(file)
        if not data:
            return None
        week = self._week(file, data)
        holidays: dict[date, DayNote] = {}
        worked: dict[date, DayNote] = {}
        yearly: dict[tuple[int, int], DayNote] = {}
        for item in self.entries(file, data, "yearly"):
            try:
                day = date.fromisoformat(f"2024-{item.get('day')}")
            except ValueError:
                self.wrong(
                    file, item.get("name"), f'`day` must be "MM-DD" in quotes, not {item.get("day")!r}'
                )
                continue
            yearly[day.month, day.day] = _note(item)
        for item in self.entries(file, data, "holidays"):
            for day in self._span(file, item):
                holidays[day] = _note(item)
        for item in self.entries(file, data, "swaps"):
            off, on = item.get("day_off"), item.get("worked")
            if not isinstance(off, date) or not isinstance(on, date):
                self.wrong(file, item.get("name"), "`day_off` and `worked` must be dates such as 2026-01-02")
                continue
            if on.isoweekday() in week:
                self.wrong(
                    file, item.get("name"), f"`worked` {on} is a working weekday already; check the date"
                )
            holidays[off], worked[on] = _note(item), _note(item)
        if not week:
            return None
        return WorkingCalendar(timezone, week, holidays, yearly, worked, worked_as=min(week))

    def _week(self, file: str, data: Mapping[str, Any]) -> dict[int, Hours]:
        given = (data.get("working_hours") or {}).get("week")
        week: dict[int, Hours] = {}
        for weekday, spans in (given if isinstance(given, dict) else {}).items():
            try:
                hours = tuple(
                    (time.fromisoformat(span.split("-")[0]), time.fromisoformat(span.split("-")[1]))
                    for span in spans
                )
            except (ValueError, IndexError, AttributeError):
                self.wrong(file, f"week {weekday}", 'hours are written "07:30-11:30", in quotes')
                continue
            flat = [moment for span in hours for moment in span]
            if weekday not in range(1, 8) or not flat or flat != sorted(set(flat)):
                self.wrong(file, f"week {weekday}", "weekdays are 1 (Monday) to 7, their hours in order")
                continue
            week[weekday] = hours
        if not week:
            self.wrong(file, "working_hours", 'no weekday has hours; add `week: {1: ["07:30-11:30"], …}`')
        return week

    def _span(self, file: str, item: Mapping[str, Any]) -> list[date]:
        first, last = item.get("from"), item.get("to", item.get("from"))
        if (
            not isinstance(first, date)
            or not isinstance(last, date)
            or not first <= last <= first + timedelta(30)
        ):
            self.wrong(file, item.get("name"), "`from` and `to` must be dates in order, such as 2026-02-16")
            return []
        return [first + timedelta(days) for days in range((last - first).days + 1)]


def _several(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})


def _note(item: Mapping[str, Any]) -> DayNote:
    return DayNote(str(item.get("name", "")), str(item.get("source", "")), bool(item.get("confirmed", False)))


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
