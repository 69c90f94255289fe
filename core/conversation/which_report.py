"""Which of their reports the citizen means: by words of it, by its group, or by where it is."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import telling
from core.conversation.reading import BELIEVED


def report_meant(floor: Floor, heard: Heard, reports: Sequence[ReportBrief]) -> ReportBrief | None:
    """The one report that the words fit; None when none does, or several do as well."""
    told = telling(heard.text, floor.known.phrases)
    unit = heard.place.unit if heard.place is not None else None
    if unit is not None:
        reports = [report for report in reports if report.commune == unit.code]
    shared = {report.code: len(told & known_by(floor, report)) for report in reports}
    most = max(shared.values(), default=0)
    best = [report for report in reports if most and shared[report.code] == most] or list(reports)
    if most and len(best) == 1:
        return best[0]
    leaf, p = heard.categories[0] if heard.categories else ("", 0.0)
    alike = [report for report in best if p >= BELIEVED and report.category == leaf]
    if len(alike) == 1:
        return alike[0]
    return best[0] if unit is not None and len(reports) == 1 else None


def known_by(floor: Floor, report: ReportBrief) -> frozenset[str]:
    """The words by which a report is known again: its own and those of its group."""
    category = floor.known.pack.categories[report.category]
    return telling(f"{report.description} {category.short} {category.name}", floor.known.phrases)
