"""Questions about the matter itself: who deals with it, by when, whose number that is, who forgot what."""

from __future__ import annotations

from datetime import timedelta

from core.conversation.filing import route_of
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.reading import likeliest, names_place, surely_reports
from core.conversation.status import tell_own, tell_status
from core.conversation.summary import is_placed, settled_category
from core.conversation.which_report import report_meant
from core.text import fold

JUST_NOW = timedelta(hours=2)
"""So long after filing “bao giờ xong” asks of that report."""
A_QUESTION = 9
"""Words up to which “bao giờ xong”, “ai xử lý” is a question and not part of a matter."""


def tell_facts(floor: Floor, heard: Heard) -> bool:
    """“Bao giờ có kết quả”, “ai xử lý việc ni”, “1900… là số gì”: what is known is said."""
    folded = fold(heard.text)
    if not folded or len(folded.split()) > A_QUESTION or names_place(heard) or heard.photos:
        return False
    phrases, hotline = floor.known.phrases, floor.known.pack.hotline
    if hotline in folded.replace(" ", ""):
        floor.say("hotline_is", hotline=hotline)
    elif _asks_of_the_matter(floor, heard, folded):
        if floor.draft is not None:
            _tell_draft(floor)
        else:
            _tell_own(floor, heard)
    elif floor.draft is None and phrases.speaks_of("forgot", folded):
        _tell_forgetful(floor, heard)
    else:
        return False
    floor.change(unheard=0)
    if not floor.settled:
        floor.go_back()
    return True


def _asks_of_the_matter(floor: Floor, heard: Heard, folded: str) -> bool:
    phrases = floor.known.phrases
    waits = floor.draft is None and phrases.speaks_of("waits", folded)
    if not (waits or phrases.speaks_of("asks_when", folded) or phrases.speaks_of("asks_who", folded)):
        return False
    if floor.draft is not None:
        return bool(floor.draft.said) and floor.draft.rewrite != "what"
    known = waits and any(own.category == likeliest(heard)[0] for own in _open(floor))
    return bool(floor.known.own) and (known or not surely_reports(heard))


def _open(floor: Floor) -> list[ReportBrief]:
    return [report for report in floor.known.own if not report.closed]


def _tell_own(floor: Floor, heard: Heard) -> None:
    """The one that is meant; else the report filed a short time ago, or the citizen's own."""
    last = floor.conversation.last_filed
    own = {report.code for report in floor.known.own}
    meant = report_meant(floor, heard, floor.known.own)
    if meant is not None:
        tell_status(floor, meant.code, heard.text)
    elif last is not None and last.code in own and floor.now - last.at <= JUST_NOW:
        tell_status(floor, last.code, heard.text)
    else:
        tell_own(floor, heard.text)


def _tell_draft(floor: Floor) -> None:
    """By routing, as the draft stands; nothing is promised while its place is open."""
    draft = floor.draft
    if draft is None or not is_placed(draft) or draft.where.commune is None:
        floor.say("draft_facts_open")
        return
    route = route_of(floor, draft, settled_category(draft))
    key = "draft_facts_expected" if route.unconfirmed else "draft_facts"
    floor.say(key, agency=route.agency, deadline=floor.time(route.deadline))


def _tell_forgetful(floor: Floor, heard: Heard) -> None:
    """No code is needed: the citizen's own reports are listed; without any a person can look."""
    if floor.known.own:
        tell_own(floor, heard.text)
    else:
        floor.say("forgotten", hotline=floor.known.pack.hotline)
        floor.choices = (floor.choice("human"),)
        floor.settled = True
