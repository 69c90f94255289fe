"""After a refusal (“không thụ lý”): the citizen may object, and a coordinator looks at it again."""

from __future__ import annotations

from core.conversation.effects import HandOver, JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.reading import names_place
from core.message import Ask
from core.text import fold

AN_OBJECTION = 30
"""Words up to which “vô lý, …” is an objection, and not a matter told anew."""


def offer_objection(floor: Floor, code: str) -> None:
    """Said with the refusal: a reason is passed on, and a person is one step away."""
    floor.change(about=code)
    floor.put_question(Ask.REASON, "ask_objection", floor.choice("human"), floor.choice("no_reopen"))


def is_refused(report: ReportBrief | None) -> bool:
    return report is not None and report.status == "refused"


def tells_of_elsewhere(floor: Floor, code: str, heard: Heard) -> bool:
    """Whether the words are a matter in another commune, and no word on the refused one."""
    report = floor.own(code)
    unit = heard.place.unit if heard.place is not None else None
    return (
        heard.intent == "report" and report is not None and unit is not None and unit.code != report.commune
    )


def object_to(floor: Floor, code: str, heard: Heard) -> None:
    """The words join the report, and a coordinator is told."""
    floor.do(JoinReport(code, words=heard.text, photos=heard.photos))
    floor.do(HandOver("reopen", heard.text, code))
    floor.change(asked=None, about=None, unheard=0)
    floor.say("objection_passed_on", code=code)
    floor.go_back()


def object_unasked(floor: Floor, heard: Heard) -> bool:
    """“Sao lại không nhận?” about the report refused last, whenever it comes."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if floor.draft is not None or not folded or len(folded.split()) > AN_OBJECTION or names_place(heard):
        return False
    newest = next((report for report in floor.known.own if report.closed), None)
    if newest is None or not is_refused(newest) or not phrases.speaks_of("objects", folded):
        return False
    object_to(floor, newest.code, heard)
    return True
