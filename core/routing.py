"""Who handles a report, until when, and which rule says so.

Rules come from the pack, in order; the first that fits wins. Agencies, limits and levels are data with a
source; what is inferred is `unconfirmed` (the province's regulation is not public).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from core.calendar import WorkingCalendar
from core.places.commune import Commune
from core.places.spelling import Syllable, syllables
from core.routing_words import NO_LANDMARKS, LandmarkWords, WordCondition

UNKNOWN = "unknown"
"""Stands for "no commune" in a rule, and for a category the pack does not have."""


@dataclass(frozen=True, slots=True)
class Agency:
    """A body that handles reports.

    `commune` is the unit's code for bodies of a commune, None for the province's.

    `kind` is commune, police, health, department, utility or coordinator.
    """

    id: str
    name: str
    kind: str
    commune: str | None
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Level:
    """How much time a report has: working hours from now, or whole working days after today (one of the
    two).
    """

    id: str
    name: str
    hours: float | None
    days: int | None
    source: str
    confirmed: bool


@dataclass(frozen=True)
class Rule:
    """`agency` is an agency's id or a template of the communes. A condition left None fits everything.

    `communes` holds unit codes or UNKNOWN; `type` is "xa" or "phuong"; `hours` is "open" or "closed".
    """

    id: str
    agency: str
    level: str
    why: str
    unconfirmed: bool
    categories: frozenset[str] | None = None
    communes: frozenset[str] | None = None
    type: str | None = None
    urgent: bool | None = None
    hours: str | None = None
    words: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """`agency` is the display name with the commune's, `deadline` aware and UTC, `why` a Vietnamese sentence.

    `unconfirmed` is True when the rule, the limit or the agency is inferred and not a published rule of the
    province.
    """

    agency_id: str
    agency: str
    deadline: datetime
    rule: str
    why: str
    level: str
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class _Case:
    """What rules look at. `text` is None when the words do not matter (all word conditions fail)."""

    category: str
    commune: str
    type: str | None
    urgent: bool
    open: bool


class Router:
    """The rules of a pack, ready to be asked. `problems` of the rules are found by `find_problems`, not
    here.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        levels: Mapping[str, Level],
        agencies: Mapping[str, Agency],
        *,
        communes: Mapping[str, Commune],
        calendar: WorkingCalendar,
        urgent_level: str,
        landmarks: LandmarkWords = NO_LANDMARKS,
    ) -> None:
        self.rules = tuple(rules)
        self.levels = levels
        self.agencies = agencies
        self._communes = communes
        self._calendar = calendar
        self._urgent_level = urgent_level
        self._words = {
            rule.id: WordCondition(rule.words, landmarks) for rule in rules if rule.words is not None
        }

    def route(
        self, category: str, commune: str | None, *, urgent: bool = False, now: datetime, text: str = ""
    ) -> Route:
        """The route of a report received `now` (aware).

        A commune code that is not of the province counts as none.

        `text` is the citizen's words; some rules listen to them (quốc lộ, quá tải …), but not to landmarks.
        """
        unit = self._communes.get(commune or "")
        case = _Case(
            category=category,
            commune=unit.code if unit else UNKNOWN,
            type=None if unit is None else "phuong" if unit.is_ward else "xa",
            urgent=urgent,
            open=self._calendar.is_working(now),
        )
        said = syllables(text)
        rule = next(rule for rule in self.rules if self._fits(rule, case, said))
        agency = self.agency_of(rule, unit)
        level = self.levels[self._urgent_level if urgent else rule.level]
        return Route(
            agency_id=agency.id,
            agency=agency.name,
            deadline=self._deadline(now, level),
            rule=rule.id,
            why=rule.why,
            level=level.id,
            unconfirmed=rule.unconfirmed or not (agency.confirmed and level.confirmed),
        )

    def agency_of(self, rule: Rule, unit: Commune | None) -> Agency:
        """The agency that a rule names, of the given commune when it names a commune's office."""
        agency = self.agencies.get(rule.agency)
        if agency is None and unit is not None:
            agency = self.agencies.get(f"{rule.agency}-{unit.code}")
        if agency is None:
            raise LookupError(
                f"rule {rule.id}: no agency {rule.agency} for {unit.code if unit else 'no commune'}"
            )
        return agency

    def _fits(self, rule: Rule, case: _Case, said: Sequence[Syllable]) -> bool:
        if not _fits_but_words(rule, case):
            return False
        return rule.words is None or self._words[rule.id].heard_in(said)

    def _deadline(self, now: datetime, level: Level) -> datetime:
        if level.hours is not None:
            return self._calendar.add_working_time(now, timedelta(hours=level.hours))
        return self._calendar.end_of_working_day(now, level.days or 0)


def find_problems(
    rules: Sequence[Rule],
    categories: Iterable[str],
    communes: Mapping[str, Commune],
    templates: Iterable[str],
) -> Iterator[tuple[str, str]]:
    """(rule id, what is wrong) for rules that can never fire, cases no rule fits, and offices of no commune.

    Every case that rules can tell apart is tried: category × commune × type × urgent × hours, and each word.
    """
    templates = frozenset(templates)
    seen: set[str] = set()
    heard = {word: syllables(word) for rule in rules for word in rule.words or ()}
    conditions = {rule.id: WordCondition(rule.words) for rule in rules if rule.words is not None}
    for case in _cases(rules, categories, communes):
        fitting = [rule for rule in rules if _fits_but_words(rule, case)]
        closed = False
        taken: list[Rule] = []
        for rule in fitting:
            if closed:
                break
            if rule.words is None:
                closed, fires = True, True
            else:
                fires = any(not any(conditions[t.id].heard_in(heard[w]) for t in taken) for w in rule.words)
                taken.append(rule)
            if fires:
                seen.add(rule.id)
                if case.commune == UNKNOWN and rule.agency in templates:
                    yield rule.id, "names a commune's office but also fits reports without a commune"
        if not closed:
            yield "rules", f"no rule fits {case}; end the list with a rule whose `when` is empty"
    for rule in rules:
        if rule.id not in seen:
            yield rule.id, "can never fire: rules above it take all its cases; move it up or take it out"


def _fits_but_words(rule: Rule, case: _Case) -> bool:
    return (
        (rule.categories is None or case.category in rule.categories)
        and (rule.communes is None or case.commune in rule.communes)
        and (rule.type is None or rule.type == case.type)
        and (rule.urgent is None or rule.urgent == case.urgent)
        and (rule.hours is None or (rule.hours == "open") == case.open)
    )


def _cases(
    rules: Sequence[Rule], categories: Iterable[str], communes: Mapping[str, Commune]
) -> Iterator[_Case]:
    """One case for each that the rules can tell apart; communes no rule names are alike when of one type."""
    named = frozenset().union(*(rule.communes for rule in rules if rule.communes is not None))
    places: dict[tuple[str, str | None], tuple[str, str | None]] = {(UNKNOWN, None): (UNKNOWN, None)}
    for unit in communes.values():
        kind = "phuong" if unit.is_ward else "xa"
        places.setdefault((unit.code if unit.code in named else "", kind), (unit.code, kind))
    for leaf, (code, type_), urgent, opened in product(
        (*categories, UNKNOWN), places.values(), (False, True), (False, True)
    ):
        yield _Case(leaf, code, type_, urgent, opened)


AGENCY_ID = re.compile(r"[a-z][a-z0-9-]{0,40}")
"""What an agency's or template's id looks like; a template's is followed by `-<unit code>`."""
