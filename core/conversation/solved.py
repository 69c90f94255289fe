"""News from the citizen: “có nước lại rồi”, “họ dọn rồi”. It goes to the report; then it may be withdrawn."""

from __future__ import annotations

from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import telling
from core.conversation.rating import offer_rating
from core.conversation.reading import TELLS, names_place
from core.conversation.summary import gist
from core.conversation.tokens import covered, terms, tokens_of
from core.conversation.which_report import known_by, report_meant
from core.message import Ask
from core.text import fold

A_LINE = 14
"""Words in the longest message that merely says so."""


def hear_solved(floor: Floor, heard: Heard) -> bool:
    """The trouble of an open report is said to be over: passed on, and asked whether to withdraw it."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if floor.draft is not None or not folded or len(folded.split()) > A_LINE:
        return False
    if not phrases.speaks_of("solved", folded) or phrases.speaks_of("not_solved", folded):
        return False
    report = _report_of(floor, heard)
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


def _report_of(floor: Floor, heard: Heard) -> ReportBrief | None:
    """An open report, or one whose result waits for a rating; the newest when no thing is named."""
    waiting = [r for r in floor.known.own if not r.closed or (r.status == "resolved" and not r.rated)]
    meant = report_meant(floor, heard, waiting)
    if meant is not None or not waiting or names_place(heard):
        return meant
    leaf, p = heard.categories[0] if heard.categories else ("", 0.0)
    told = telling(heard.text, floor.known.phrases)
    alike = [r for r in waiting if r.category == leaf or told & known_by(floor, r)]
    if alike:
        return alike[0]
    last = floor.conversation.last_filed
    newest = next((r for r in waiting if last is not None and r.code == last.code), waiting[0])
    work = covered(tokens_of(heard.text), terms(floor.known.phrases, "solving"))
    named = told - {t.folded for t, mark in zip(tokens_of(heard.text), work, strict=True) if mark}
    return newest if p < TELLS and not named else None
