"""Status: a code, “của tôi”, or a question about what was sent."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.effects import HandOver
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.rating import offer_rating
from core.conversation.summary import gist
from core.conversation.which_report import A_POINTER, LISTED, nth_named, report_meant
from core.message import Choice
from core.text import fold


def ask_status(floor: Floor, heard: Heard) -> bool:
    """Tell where reports stand: those whose codes were said, or the citizen's own."""
    meaning = heard.understanding
    if not heard.text:
        return False
    folded, phrases = fold(heard.text), floor.known.phrases
    codes = meaning.ticket_codes if meaning is not None else ()
    nth = _nth_own(floor, heard, folded)
    if nth is not None:
        codes = (nth,)
    mine = phrases.says("mine", heard.text)
    if not codes and not mine and len(floor.known.own) > 1:
        meant = report_meant(floor, heard, floor.known.own)
        codes = (meant.code,) if meant is not None and heard.intent == "check_status" else ()
    if (
        nth is None
        and not mine
        and heard.intent != "check_status"
        and not (codes and _is_little_beside(heard, folded))
    ):
        return False
    floor.go_back()
    if codes:
        for code in codes:
            tell_status(floor, code, heard.text)
    else:
        tell_own(floor, heard.text)
    floor.change(unheard=0)
    return True


def _is_little_beside(heard: Heard, folded: str) -> bool:
    """Whether hardly anything is said beside the codes, which may be told digit by digit."""
    matter = heard.understanding.matter if heard.understanding is not None else folded
    return len(folded.split()) <= 6 or len(matter.split()) <= 4


def ask_status_of(floor: Floor, code: str) -> None:
    """A button that names the report."""
    listed = floor.conversation.offered
    floor.go_back()
    tell_status(floor, code)
    if floor.draft is None and not floor.choices and all(c.value.startswith("status:") for c in listed):
        floor.choices = listed  # the others of the list


def _nth_own(floor: Floor, heard: Heard, folded: str) -> str | None:
    """The code that “cái thứ hai” means in the list of one's own, when that is all that is asked."""
    own = floor.known.own[:LISTED]
    if (
        len(own) < 2
        or len(folded.split()) > A_POINTER
        or not floor.known.phrases.speaks_of("asks_of", folded)
    ):
        return None
    number = nth_named(floor, folded, len(own))
    return own[number].code if number is not None else None


def tell_own(floor: Floor, words: str) -> None:
    """The citizen's own reports: one in full, several in a list.

    `words` asked for them.
    """
    own = floor.known.own
    if not own:
        floor.say("none_of_yours")
        return
    if len(own) == 1:
        tell_status(floor, own[0].code, words)
        return
    list_reports(floor, own)
    if floor.draft is None:
        floor.choices = choices_of(floor, own, "status")


def list_reports(floor: Floor, reports: Sequence[ReportBrief]) -> None:
    """How many they are, and a line for each of the first."""
    floor.say("yours_head", count=len(reports))
    for report in reports[:LISTED]:
        floor.say(
            "yours_line",
            code=report.code,
            what=gist(report.description, 60) or floor.known.pack.categories[report.category].short,
            status=floor.known.phrases.status(report.status),
        )
    if len(reports) > LISTED:
        floor.say("yours_more", count=len(reports) - LISTED)


def choices_of(floor: Floor, reports: Sequence[ReportBrief], action: str) -> tuple[Choice, ...]:
    """One of the list can be chosen by its group, where that tells it from the others, or its number."""
    listed = reports[:LISTED]
    shorts = [floor.known.pack.categories[report.category].short for report in listed]
    return tuple(
        floor.choice(
            f"{action}:{report.code}",
            short if shorts.count(short) == 1 else floor.phrase("nth_of_yours", number=number),
        )
        for number, (report, short) in enumerate(zip(listed, shorts, strict=True), 1)
    )


def tell_status(floor: Floor, code: str, words: str = "") -> None:
    """The whole to whom it belongs; to others only what a public page would show. `words` asked for it."""
    report = floor.known.named.get(code) or floor.own(code)
    if report is None:
        floor.say("code_unknown", code=code)
        return
    category = floor.known.pack.categories[report.category].name
    what = gist(report.description, 80) or category if report.mine else category
    fields = {
        "code": code,
        "what": what,
        "status": floor.known.phrases.status(report.status),
        "agency": report.agency,
    }
    if report.closed or report.deadline is None:
        floor.say("status_closed", **fields)
    elif report.deadline < floor.now:
        _tell_late(floor, report, words, fields)
    else:
        floor.say("status_open", deadline=floor.time(report.deadline), **fields)
    if report.mine and report.status == "resolved" and not report.rated and floor.draft is None:
        offer_rating(floor, code)


def _tell_late(floor: Floor, report: ReportBrief, words: str, fields: dict[str, str]) -> None:
    """The deadline has passed: said plainly, and a coordinator sees that the citizen asked."""
    deadline = floor.time(report.deadline) if report.deadline is not None else ""
    floor.say("status_late", deadline=deadline, **fields)
    if report.mine:
        floor.do(HandOver("late", words, report.code))
        floor.say("status_late_passed_on")
