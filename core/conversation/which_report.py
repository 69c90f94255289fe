"""Which of their reports the citizen means: by words of it, by its group, or by where it is."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import in_common
from core.conversation.reading import BELIEVED, TELLS, likeliest
from core.text import fold

LISTED = 5
"""So many of their reports are listed; the others are only counted."""
A_POINTER = 8
"""Words up to which “cái thứ hai”, “cái đèn đường ấy” point at the list rather than telling a matter."""


def report_meant(floor: Floor, heard: Heard, reports: Sequence[ReportBrief]) -> ReportBrief | None:
    """The one report that the words fit; None when none does, or several do as well."""
    unit = heard.place.unit if heard.place is not None else None
    best = reports_meant(floor, heard, reports)
    return best[0] if len(best) == 1 and (unit is not None or fits(floor, heard, best[0])) else None


def nth_named(floor: Floor, folded: str, count: int) -> int | None:
    """The index that “việc thứ hai” names among `count`."""
    named = (n for n in range(count) if floor.known.phrases.speaks_of(f"nth_{n + 1}", folded))
    return next(named, None)


def report_or_newest(floor: Floor, heard: Heard, reports: Sequence[ReportBrief]) -> ReportBrief | None:
    """The one that is meant, or the one filed last where the words name nothing; None: it is to be asked."""
    best = reports_meant(floor, heard, reports)
    if len(best) == 1 or not best:
        return best[0] if best else None
    last = floor.conversation.last_filed
    newest = next((report for report in best if last is not None and report.code == last.code), best[0])
    return None if fits(floor, heard, newest) else newest


def reports_meant(floor: Floor, heard: Heard, reports: Sequence[ReportBrief]) -> list[ReportBrief]:
    """Those that the words fit best, in the order given: all when they name nothing, none when they name what
    none of them is about.
    """
    unit = heard.place.unit if heard.place is not None else None
    there = [report for report in reports if unit is None or report.commune == unit.code]
    shared = {report.code: _likeness(floor, heard, report) for report in there}
    most = max(shared.values(), default=(0, 0))
    best = [report for report in there if shared[report.code] == most]
    leaf, p = likeliest(heard)
    alike = [report for report in best if p >= BELIEVED and report.category == leaf]
    names_other = p >= TELLS or floor.known.phrases.speaks_of("names_thing", fold(heard.text))
    return alike or (best if any(most) or unit is not None or not names_other else [])


def named_of(floor: Floor, heard: Heard, report: ReportBrief) -> frozenset[str]:
    """The words that name the report: its own, or those of its group."""
    own, group = _named(floor, heard, report)
    return own | group


def _likeness(floor: Floor, heard: Heard, report: ReportBrief) -> tuple[int, int]:
    """How many words are the report's own, and of its group; those come first."""
    own, group = _named(floor, heard, report)
    return len(own), len(group - own)


def _named(floor: Floor, heard: Heard, report: ReportBrief) -> tuple[frozenset[str], frozenset[str]]:
    category, phrases = floor.known.pack.categories[report.category], floor.known.phrases
    group = in_common(heard.text, f"{category.short} {category.name}", phrases)
    return in_common(heard.text, report.description, phrases), group


def fits(floor: Floor, heard: Heard, report: ReportBrief) -> bool:
    """Whether the words name what the report is about."""
    leaf, p = likeliest(heard)
    return bool(named_of(floor, heard, report)) or (p >= BELIEVED and report.category == leaf)
