"""News from the citizen: “có nước lại rồi”, “họ dọn rồi”. It goes to the report; then it may be withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.left_wrong import LeftWrong, says_solved, what_is_left
from core.conversation.likeness import things
from core.conversation.rating import offer_rating
from core.conversation.reading import names_place
from core.conversation.second_matter import begin_or_add
from core.conversation.summary import gist
from core.conversation.which_report import fits, report_or_newest, reports_meant
from core.message import Ask
from core.text import fold
from core.understanding import Understanding

CERTAIN = 0.9
"""From this probability on what is left wrong is a matter of its own group."""
A_LINE = 14
"""Words in the longest message that merely says so."""


def hear_solved(floor: Floor, heard: Heard) -> bool:
    """The trouble of an open report is said to be over: passed on, and asked whether to withdraw it."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if floor.draft is not None or not folded or len(folded.split()) > A_LINE:
        return False
    if phrases.is_one_of("done", heard.text):
        return False  # the talk is over, not the trouble
    wrong = what_is_left(heard.text, phrases)
    if wrong is not None and _is_still_wrong(heard, wrong):
        return _hear_what_is_left(floor, heard, wrong)
    if not says_solved(heard.text, phrases):
        return False
    waiting = _waiting(floor)
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


def _is_still_wrong(heard: Heard, wrong: LeftWrong) -> bool:
    return wrong.against or _other_matter(heard) is not None


def _other_matter(heard: Heard) -> str | None:
    """The group of what is left, where that is surely a matter."""
    leaf, p = heard.left.categories[0] if heard.left is not None and heard.left.categories else ("", 0.0)
    return leaf if p >= CERTAIN else None


def _hear_what_is_left(floor: Floor, heard: Heard, wrong: LeftWrong) -> bool:
    """Of the same thing: more words for its report. Of another thing: a matter of its own, and the report
    hears that it is solved.
    """
    solved = replace(heard, text=wrong.solved, understanding=_uncategorised(heard), left=None)
    report = _report_of(floor, solved, [r for r in _waiting(floor) if not r.closed])
    other = _other_matter(heard)
    if report is None and other is None:
        return False
    more = floor.known.phrases.speaks_of("state_only", fold(wrong.left))
    anew = other is not None and not more and (report is None or report.category != other)
    if report is not None:
        floor.do(JoinReport(report.code, words=wrong.solved if anew else heard.text, photos=heard.photos))
        floor.say("words_joined", code=report.code)
    if anew:
        begin_or_add(floor, replace(heard, text=wrong.left, understanding=heard.left, left=None, photos=()))
    else:
        floor.settled = True
    floor.change(unheard=0)
    return True


def _uncategorised(heard: Heard) -> Understanding | None:
    """The group of the whole message may be that of what is left."""
    return replace(heard.understanding, categories=()) if heard.understanding is not None else None


def _waiting(floor: Floor) -> list[ReportBrief]:
    return [r for r in floor.known.own if not r.closed or (r.status == "resolved" and not r.rated)]


def _report_of(floor: Floor, heard: Heard, waiting: Sequence[ReportBrief]) -> ReportBrief | None:
    """An open report, or one whose result waits for a rating; the newest when no thing is named."""
    best = reports_meant(floor, heard, waiting)
    if not best:
        return None
    report = report_or_newest(floor, heard, best) or best[0]
    named = things(heard.text, floor.known.phrases)
    return report if not named or names_place(heard) or fits(floor, heard, report) else None
