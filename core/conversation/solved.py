"""News from the citizen: “có nước lại rồi”, “họ dọn rồi”. It goes to the report; then it may be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import things
from core.conversation.rating import offer_rating
from core.conversation.reading import names_place
from core.conversation.summary import gist
from core.conversation.which_report import fits, report_or_newest, reports_meant
from core.message import Ask
from core.text import fold

A_LINE = 14
"""Words in the longest message that merely says so."""


def hear_solved(floor: Floor, heard: Heard) -> bool:
    """The trouble of an open report is said to be over: passed on, and asked whether to withdraw it."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if floor.draft is not None or not folded or len(folded.split()) > A_LINE:
        return False
    if phrases.is_one_of("done", heard.text):
        return False  # the talk is over, not the trouble
    if not phrases.speaks_of("solved", folded) or phrases.speaks_of("not_solved", folded):
        return False
    waiting = [r for r in floor.known.own if not r.closed or (r.status == "resolved" and not r.rated)]
    report = _report_of(floor, heard, waiting)
    if report is None:
        return False
    floor.change(unheard=0)
    if report.closed:
        offer_rating(floor, report.code)
        return True
    floor.do(JoinReport(report.code, words=heard.text, photos=heard.photos))
    floor.change(about=report.code)
    floor.put_question(
        Ask.WITHDRAW,
        "ask_solved",
        floor.choice("withdraw:solved"),
        floor.choice("keep"),
        code=report.code,
        what=gist(report.description, 80),
    )
    return True


def _report_of(floor: Floor, heard: Heard, waiting: Sequence[ReportBrief]) -> ReportBrief | None:
    """An open report, or one whose result waits for a rating; the newest when no thing is named."""
    best = reports_meant(floor, heard, waiting)
    if not best:
        return None
    report = report_or_newest(floor, heard, best) or best[0]
    named = things(heard.text, floor.known.phrases)
    return report if not named or names_place(heard) or fits(floor, heard, report) else None
