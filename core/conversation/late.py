"""What comes after filing: a photo, a pin or a forgotten word joins the report; a neighbour's phone; an
answer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.about_it import is_told_of_it
from core.conversation.effects import JoinReport, Reopen
from core.conversation.emergency import join_emergency
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.rating import answer_rating, answer_reason
from core.conversation.reaching import answer_phone
from core.conversation.reading import (
    ASIDES,
    BELIEVED,
    TELLS,
    is_believed,
    likeliest,
    names_place,
    surely_reports,
)
from core.conversation.state import LastFiled
from core.conversation.taking_back import answer_taking_back
from core.message import Ask
from core.text import fold

LATE_PHOTO = timedelta(hours=24)
LATE_WORDS = timedelta(hours=2)


def answer_after_filing(floor: Floor, heard: Heard) -> bool:
    """Answers to what was asked after filing; anything else goes on to the other rules."""
    answer = _ANSWERS.get(floor.conversation.asked) if floor.conversation.asked is not None else None
    return answer is not None and answer(floor, heard)


def _answer_agency(floor: Floor, heard: Heard) -> bool:
    """The agency wanted to know more: words, photos or a pin go to the report."""
    code, event = floor.conversation.about, heard.event
    if code is None or floor.draft is not None:
        return False
    if not (heard.text or heard.photos or event.point):
        return False
    if heard.text and not heard.photos:
        if floor.known.phrases.is_reserved(fold(heard.text)):
            return False
        if is_believed(heard, "check_status", "help", "human", "greet", "thanks", "cancel"):
            return False
    commune = heard.spot.unit.code if heard.spot is not None and heard.spot.unit and event.point else None
    floor.do(JoinReport(code, words=heard.text, photos=heard.photos, point=event.point, commune=commune))
    floor.change(last_filed=LastFiled(code, floor.now, heard.photos), asked=None)
    floor.say("answer_passed_on", code=code)
    floor.settled = True
    return True


_ANSWERS = {
    Ask.RATING: answer_rating,
    Ask.REASON: answer_reason,
    Ask.PHONE: answer_phone,
    Ask.WITHDRAW: answer_taking_back,
    Ask.DESCRIPTION: _answer_agency,
}


# -- additions -------------------------------------------------------------------------------------------


def late_addition(floor: Floor, heard: Heard) -> bool:
    """A photo, a pin or a forgotten word after filing joins the report, unless it tells of something else."""
    if _addition_by_code(floor, heard):
        return True
    last = floor.conversation.last_filed
    if last is None or floor.draft is not None:
        return False
    report = floor.own(last.code)
    reopened = any(isinstance(effect, Reopen) and effect.code == last.code for effect in floor.effects)
    if report is not None and report.closed and not reopened:
        return False
    return (
        _late_photos(floor, heard, last)
        or _late_point(floor, heard, last, report)
        or _late_words(floor, heard, last)
    )


def _addition_by_code(floor: Floor, heard: Heard) -> bool:
    """“Bổ sung HT-…: …” joins that report, at any time."""
    meaning = heard.understanding
    codes = meaning.ticket_codes if meaning is not None else ()
    report = next((r for r in floor.known.own if r.code in codes and not r.closed), None)
    if report is None or not floor.known.phrases.speaks_of("addition", fold(heard.text)):
        return False
    floor.do(JoinReport(report.code, words=heard.text, photos=heard.photos))
    floor.say("words_joined", code=report.code)
    floor.go_back()
    return True


def _late_photos(floor: Floor, heard: Heard, last: LastFiled) -> bool:
    if not heard.photos or floor.now - last.at > LATE_PHOTO:
        return False
    tells_anew = surely_reports(heard, TELLS) and len(heard.text.split()) >= 4
    if tells_anew and not floor.known.phrases.speaks_of("addition", fold(heard.text)):
        return False
    floor.do(JoinReport(last.code, words=heard.text, photos=heard.photos))
    before = floor.phrase("photos_joined", count=len(last.late), code=last.code)
    late = (*last.late, *(photo for photo in heard.photos if photo not in last.late))
    floor.change(last_filed=replace(last, late=late))
    floor.lines = [line for line in floor.lines if line != before]  # one album is one line
    floor.say("photos_joined", count=len(late), code=last.code)
    floor.choices = (floor.choice("new_report", floor.known.phrases.choice("other_matter").label),)
    floor.settled = True
    return True


def _late_point(floor: Floor, heard: Heard, last: LastFiled, report: ReportBrief | None) -> bool:
    if heard.event.point is None or heard.text or floor.now - last.at > LATE_WORDS:
        return False
    if report is not None and report.has_point:
        return False
    spot = heard.spot.unit.code if heard.spot is not None and heard.spot.unit else None
    if heard.spot is not None and heard.spot.status == "outside":
        floor.say("place_not_joined", place=heard.spot.outside)
    else:
        floor.do(JoinReport(last.code, point=heard.event.point, commune=spot))
        floor.say("place_joined", code=last.code)
    floor.choices = (floor.choice("new_report"),)
    floor.settled = True
    return True


def _goes_on_about_it(floor: Floor, heard: Heard, last: LastFiled, folded: str) -> bool:
    """“Giờ nó lún sâu thêm rồi”: words without a place of their own that speak of what was just filed.

    After a call for help all that is told is about it, unless it is said to be another matter.
    """
    phrases = floor.known.phrases
    if names_place(heard) or phrases.speaks_of("another_matter", folded) or is_believed(heard, *ASIDES):
        return False
    if phrases.speaks_of("of_it", folded):
        return True
    return heard.intent == "report" and last.code == floor.conversation.emergency


def _is_another_matter(floor: Floor, heard: Heard, last: LastFiled, folded: str) -> bool:
    """“Báo thêm đèn hỏng nữa” after a drain: surely of another category than the report. “Thêm là …” and what
    follows a call for help goes on about it, unless another matter is announced.
    """
    phrases, report = floor.known.phrases, floor.own(last.code)
    if report is None or heard.intent != "report":
        return False
    leaf, p = likeliest(heard)
    if leaf in (report.category, "khac") or p < BELIEVED or phrases.speaks_of("of_it", folded):
        return False
    return phrases.speaks_of("another_matter", folded) or (
        last.code != floor.conversation.emergency and phrases.speaks_of("as_well", folded)
    )


def _late_words(floor: Floor, heard: Heard, last: LastFiled) -> bool:
    folded, phrases = fold(heard.text), floor.known.phrases
    if not folded or heard.event.point is not None or phrases.is_reserved(folded):
        return False
    age = floor.now - last.at
    adds = phrases.speaks_of("addition", folded) or heard.intent == "change_location"
    adds = adds or (age <= LATE_PHOTO and _goes_on_about_it(floor, heard, last, folded))
    report = floor.own(last.code)
    adds = adds or (report is not None and age <= LATE_WORDS and is_told_of_it(floor, heard, report))
    corrects = phrases.speaks_of("mistaken", folded) or heard.intent == "deny_correct"
    if not corrects and _is_another_matter(floor, heard, last, folded):
        return False
    if not (adds and age <= LATE_PHOTO) and not (corrects and age <= LATE_WORDS and len(folded.split()) >= 3):
        return False
    unit = heard.place.unit if heard.place is not None else None
    moves = unit is not None and (heard.intent == "change_location" or corrects)
    if last.code == floor.conversation.emergency:
        join_emergency(floor, heard, last.code)  # “gần cầu …” makes its address fuller
    else:
        floor.do(JoinReport(last.code, words=heard.text, commune=unit.code if unit and moves else None))
    floor.say("words_joined", code=last.code)
    floor.settled = True
    return True
