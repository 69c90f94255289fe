"""The list of the citizen's own reports, and choosing one of it: by number, or “cái đèn đường ấy”."""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import in_common, things
from core.conversation.status import tell_status
from core.conversation.which_report import A_POINTER, LISTED, named_of, nth_named, report_meant
from core.text import fold


def point_at_listed(floor: Floor, heard: Heard) -> bool:
    """Right after the list: “việc thứ hai”, “cái đèn đường ấy”, words that tell nothing new."""
    listed = _listed(floor)
    folded = fold(heard.text)
    if not listed or floor.draft is not None or not folded or len(folded.split()) > A_POINTER:
        return False
    if heard.event.choice is not None or heard.photos or floor.known.phrases.speaks_of("solved", folded):
        return False
    number = nth_named(floor, folded, len(listed))
    report = listed[number] if number is not None else report_meant(floor, heard, listed)
    if report is None or (number is None and not _only_points(floor, heard, report)):
        return False
    choices = floor.conversation.offered
    floor.go_back()
    tell_status(floor, report.code, heard.text)
    floor.change(unheard=0)
    floor.choices = floor.choices or choices
    return True


def _listed(floor: Floor) -> list[ReportBrief]:
    """The reports of the list that the last message showed."""
    codes = [
        choice.value.partition(":")[2] for choice in floor.conversation.offered if _is_of_list(choice.value)
    ]
    own = {report.code: report for report in floor.known.own[:LISTED]}
    return [own[code] for code in codes if code in own]


def _is_of_list(value: str) -> bool:
    return value.startswith("status:")


def _only_points(floor: Floor, heard: Heard, report: ReportBrief) -> bool:
    """Whether the words point (“ấy”), ask, or say nothing of the thing that the report does not."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if phrases.speaks_of("points_at_one", folded) or phrases.speaks_of("asks_of", folded):
        return True
    unit = heard.place.unit if heard.place is not None else None
    known = named_of(floor, heard, report) | in_common(heard.text, unit.spoken if unit else "", phrases)
    return all(token.folded in known for token in things(heard.text, phrases))
