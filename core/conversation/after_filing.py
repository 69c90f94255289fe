"""After filing: status, news of the report, rating, reopening, withdrawing, and what comes late."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from core.conversation.asking import ask_next, gist
from core.conversation.effects import HandOver, JoinReport, Rate, Reopen, Withdraw
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.state import LastFiled
from core.message import Ask
from core.text import fold

LATE_PHOTO = timedelta(hours=24)
LATE_WORDS = timedelta(hours=2)
RATINGS = ("satisfied", "acceptable", "unsatisfied")
LISTED = 5
_STARS = re.compile(r"\b(\d{1,2})\s*(?:sao|diem|/\s*(?:5|10))|^(\d)$")


# -- status ----------------------------------------------------------------------------------------------


def ask_status(floor: Floor, heard: Heard) -> bool:
    """A code, “của tôi”, or a question about what was sent."""
    meaning = heard.understanding
    if not heard.text:
        return False
    folded = fold(heard.text)
    codes = meaning.ticket_codes if meaning is not None else ()
    mine = floor.known.phrases.is_one_of("mine", folded) or floor.known.phrases.speaks_of("mine", folded)
    asks = heard.intent == "check_status"
    if not mine and not asks and not (codes and len(folded.split()) <= 6):
        return False
    if codes:
        for code in codes:
            _tell_status(floor, code)
    else:
        _tell_own(floor)
    floor.change(unheard=0)
    _back_to_draft(floor)
    return True


def ask_status_of(floor: Floor, code: str) -> None:
    _tell_status(floor, code)
    _back_to_draft(floor)


def _back_to_draft(floor: Floor) -> None:
    if floor.draft is not None:
        ask_next(floor, again=True)
    floor.settled = True


def _tell_own(floor: Floor) -> None:
    own = floor.known.own
    if not own:
        floor.say("none_of_yours")
        return
    if len(own) == 1:
        _tell_status(floor, own[0].code)
        return
    floor.say("yours_head", count=len(own))
    for report in own[:LISTED]:
        floor.lines.append(_line(floor, report))
    if len(own) > LISTED:
        floor.say("yours_more", count=len(own) - LISTED)


def _line(floor: Floor, report: ReportBrief) -> str:
    return floor.phrase(
        "yours_line",
        code=report.code,
        what=gist(report.description, 60) or floor.known.pack.categories[report.category].short,
        status=floor.known.phrases.status(report.status),
    )


def _tell_status(floor: Floor, code: str) -> None:
    """The whole to whom it belongs; to others only what a public page would show."""
    report = floor.known.named.get(code) or next((r for r in floor.known.own if r.code == code), None)
    if report is None:
        floor.say("code_unknown", code=code)
        return
    phrases = floor.known.phrases
    what = gist(report.description, 80) if report.mine else floor.known.pack.categories[report.category].name
    fields = {"code": code, "what": what, "status": phrases.status(report.status), "agency": report.agency}
    if report.closed or report.deadline is None:
        floor.say("status_closed", **fields)
    elif report.deadline < floor.now:
        floor.say("status_late", deadline=phrases.time(report.deadline), **fields)
    else:
        floor.say("status_open", deadline=phrases.time(report.deadline), **fields)
    if report.mine and report.status == "resolved" and not report.rated:
        _offer_rating(floor, code)


# -- news from the back office ---------------------------------------------------------------------------


def report_news(floor: Floor, heard: Heard) -> None:
    """A report was moved: its reporter and followers are told, in the middle of whatever they tell us."""
    news = heard.event.news
    if news is None:
        floor.silent = not (floor.lines or floor.alarm)
        return
    phrases = floor.known.phrases
    key = f"news_{news.status}"
    fields = {
        "code": news.code,
        "agency": news.agency,
        "note": news.note,
        "status": phrases.status(news.status),
        "at": phrases.time(heard.event.sent_at),
    }
    floor.say(key if key in phrases.keys() else "news_other", **fields)
    if news.note:
        floor.say("news_note", note=news.note)
    floor.photos = (*floor.photos, *news.photos)
    own = {report.code: report for report in floor.known.own}
    if news.status == "resolved" and news.code in own:
        _offer_rating(floor, news.code)
    elif news.status == "needs_info":
        floor.change(last_filed=LastFiled(news.code, floor.now))
        floor.settled = True
    elif floor.draft is not None:
        ask_next(floor, again=True)
    else:
        floor.settled = True


def _offer_rating(floor: Floor, code: str) -> None:
    floor.change(about=code)
    floor.put_question(Ask.RATING, "ask_rating", *(floor.choice(f"rate:{rating}") for rating in RATINGS))


# -- rating, reason, phone, withdrawing ------------------------------------------------------------------


def answer_result_question(floor: Floor, heard: Heard) -> bool:
    """Answers to what was asked after filing; anything else goes on to the other rules."""
    asked = floor.conversation.asked
    if asked is Ask.RATING:
        return _answer_rating(floor, heard)
    if asked is Ask.REASON:
        return _answer_reason(floor, heard)
    if asked is Ask.PHONE:
        return _answer_phone(floor, heard)
    if asked is Ask.WITHDRAW:
        return _answer_withdraw(floor, heard)
    return False


def _answer_rating(floor: Floor, heard: Heard) -> bool:
    rating = rating_in(floor, heard)
    if rating is None:
        return False
    rate(floor, rating, heard)
    return True


def rating_in(floor: Floor, heard: Heard) -> str | None:
    """The rating that words, stars or points mean."""
    meaning = heard.understanding
    folded = fold(heard.text)
    if not folded:
        return None
    for rating in ("unsatisfied", "acceptable", "satisfied"):
        if floor.known.phrases.is_one_of(f"rate:{rating}", folded):
            return rating
    stars = _STARS.search(folded)
    if stars:
        number = int(stars.group(1) or stars.group(2))
        scale = 10 if "diem" in folded or "10" in folded else 5
        share = number / scale
        return "satisfied" if share >= 0.8 else "acceptable" if share >= 0.5 else "unsatisfied"
    if floor.known.phrases.speaks_of("rate_acceptable", folded):
        return "acceptable"
    if heard.intent in ("feedback_positive", "feedback_negative"):
        return "satisfied" if meaning.intent == "feedback_positive" else "unsatisfied"
    if heard.intent in ("thanks", "confirm"):
        return "satisfied"
    if heard.intent == "deny_correct":
        return "unsatisfied"
    return None


def rate(floor: Floor, rating: str, heard: Heard | None = None) -> None:
    """Keep the rating; *không hài lòng* asks what is still wrong, and words that say it reopen at once."""
    code = floor.conversation.about
    if code is None or rating not in RATINGS:
        floor.say("nothing_to_rate")
        return
    floor.do(Rate(code, rating))
    floor.change(asked=None, about=None)
    if rating != "unsatisfied":
        floor.say(f"rated_{rating}")
        _settle_unless_draft(floor)
        return
    if heard is not None and (heard.photos or len(heard.text.split()) >= 5):
        reopen(floor, code, heard)
        return
    floor.change(about=code)
    floor.put_question(Ask.REASON, "ask_reason", floor.choice("reopen"), floor.choice("no_reopen"))


def ask_reopen_reason(floor: Floor) -> None:
    """“Mở lại” was pressed: asked once why; pressed again it is reopened without."""
    code = floor.conversation.about or _latest_resolved(floor)
    if code is None:
        floor.say("nothing_to_reopen")
    elif floor.conversation.asked is Ask.REASON:
        reopen(floor, code, None)
    else:
        floor.change(about=code)
        floor.put_question(Ask.REASON, "ask_reason", floor.choice("reopen"), floor.choice("no_reopen"))


def _latest_resolved(floor: Floor) -> str | None:
    return next((report.code for report in floor.known.own if report.status == "resolved"), None)


def _answer_reason(floor: Floor, heard: Heard) -> bool:
    code = floor.conversation.about
    if code is None or not (heard.text or heard.photos):
        return False
    folded = fold(heard.text)
    meaning = heard.understanding
    if floor.known.phrases.is_one_of("no_reopen", folded) or (heard.intent == "cancel"):
        floor.change(about=None, asked=None)
        floor.say("goodbye")
        return True
    if (
        meaning is not None
        and meaning.intent in ("check_status", "help", "human", "greet")
        and meaning.confidence >= 0.7
    ):
        return False
    reopen(floor, code, heard)
    return True


def reopen(floor: Floor, code: str, heard: Heard | None) -> None:
    """Once by the citizen; after that a coordinator decides."""
    words = heard.text if heard is not None else ""
    photos = heard.photos if heard is not None else ()
    report = next((r for r in floor.known.own if r.code == code), None)
    floor.change(asked=None, about=None)
    if report is None:
        floor.say("nothing_to_reopen")
    elif report.reopened:
        floor.do(JoinReport(code, words=words, photos=photos))
        floor.do(HandOver("reopen", words, code))
        floor.say("reopen_by_coordinator", code=code)
    else:
        floor.do(Reopen(code, words, photos))
        floor.say("reopened", code=code, agency=report.agency)
    _settle_unless_draft(floor)


def _settle_unless_draft(floor: Floor) -> None:
    if floor.draft is None:
        floor.settled = True


def feedback_unasked(floor: Floor, heard: Heard) -> bool:
    """Praise or blame without being asked: it is about the result given last."""
    meaning = heard.understanding
    if (
        meaning is None
        or meaning.intent not in ("feedback_positive", "feedback_negative")
        or floor.draft is not None
    ):
        return False
    code = next(iter(meaning.ticket_codes), None)
    own = [report for report in floor.known.own if code is None or report.code == code]
    closed = next((report for report in own if report.status == "resolved"), None)
    negative = meaning.intent == "feedback_negative"
    if closed is not None:
        floor.change(about=closed.code)
        rate(floor, "unsatisfied" if negative else "satisfied", heard)
    elif own and negative:
        floor.do(JoinReport(own[0].code, words=heard.text))
        floor.say("blame_kept", code=own[0].code)
        _tell_status(floor, own[0].code)
        floor.settled = True
    elif negative:
        floor.say("blame_without_report")
        floor.settled = True
    else:
        floor.say("thanks")
        floor.settled = True
    return True


def _answer_phone(floor: Floor, heard: Heard) -> bool:
    code = floor.conversation.about
    if code is None:
        return False
    meaning = heard.understanding
    contact = heard.event.contact
    phone = contact.phone if contact is not None and contact.phone else None
    if phone is None and heard.phones:
        phone = heard.phones[0]
    folded = fold(heard.text)
    phrases = floor.known.phrases
    if phone is not None:
        floor.do(JoinReport(code, contact_phone=phone))
        floor.say("neighbour_phone_kept", phone=phone)
    elif (
        phrases.is_one_of("skip_phone", folded)
        or phrases.is_one_of("no", folded)
        or phrases.speaks_of("no_phone", folded)
        or (heard.intent in ("deny_correct", "cancel", "thanks"))
    ):
        floor.say("phone_skipped")
    else:
        return False
    floor.change(asked=None, about=None)
    floor.choices = (floor.choice("new_report"), floor.choice("done"))
    _settle_unless_draft(floor)
    return True


def withdraw_filed(floor: Floor, heard: Heard) -> bool:
    """“Hủy phản ánh vừa gửi”: asked once more, as somebody may be at work on it."""
    meaning = heard.understanding
    if heard.intent != "cancel" or floor.draft is not None:
        return False
    code = next(iter(meaning.ticket_codes), None)
    report = next((r for r in floor.known.own if not r.closed and (code is None or r.code == code)), None)
    if report is None:
        floor.say("nothing_to_cancel")
        floor.settled = True
        return True
    floor.change(about=report.code)
    floor.put_question(
        Ask.WITHDRAW,
        "ask_withdraw",
        floor.choice("withdraw"),
        floor.choice("keep"),
        code=report.code,
        what=gist(report.description, 80),
    )
    return True


def _answer_withdraw(floor: Floor, heard: Heard) -> bool:
    phrases, folded = floor.known.phrases, fold(heard.text)
    meaning = heard.understanding
    if phrases.is_one_of("yes", folded) or (heard.intent in ("confirm", "cancel")):
        withdraw(floor)
        return True
    if phrases.is_one_of("no", folded) or (heard.intent == "deny_correct"):
        floor.change(about=None)
        floor.say("kept")
        floor.settled = True
        return True
    return False


def withdraw(floor: Floor) -> None:
    code = floor.conversation.about
    if code is None:
        floor.say("nothing_to_cancel")
        return
    floor.do(Withdraw(code))
    floor.change(about=None)
    floor.say("withdrawn", code=code)
    floor.settled = True


# -- what comes late -------------------------------------------------------------------------------------


def late_addition(floor: Floor, heard: Heard) -> bool:
    """A photo or a forgotten word after filing joins the report, unless it tells of something else."""
    last = floor.conversation.last_filed
    if last is None or floor.draft is not None:
        return False
    report = next((r for r in floor.known.own if r.code == last.code), None)
    if report is not None and report.closed:
        return False
    meaning = heard.understanding
    tells_anew = (
        meaning is not None
        and meaning.intent == "report"
        and bool(meaning.categories)
        and len(heard.text.split()) >= 4
    )
    adds = floor.known.phrases.speaks_of("addition", fold(heard.text))
    age = floor.now - last.at
    if heard.photos and age <= LATE_PHOTO and (not tells_anew or adds):
        floor.do(JoinReport(last.code, words=heard.text, photos=heard.photos))
        floor.change(last_filed=replace(last, late=(*last.late, *heard.photos)))
        count = len(floor.conversation.last_filed.late) if floor.conversation.last_filed else 0
        floor.lines = [
            line
            for line in floor.lines
            if line != floor.phrase("photos_joined", count=count - len(heard.photos), code=last.code)
        ]
        floor.say("photos_joined", count=count, code=last.code)
        floor.choices = (floor.choice("new_report", floor.known.phrases.choice("other_matter").label),)
        floor.settled = True
        return True
    if (
        heard.event.point is not None
        and age <= LATE_WORDS
        and not (report is not None and report.has_point)
        and not heard.text
    ):
        spot = heard.spot.unit.code if heard.spot is not None and heard.spot.unit else None
        floor.do(JoinReport(last.code, point=heard.event.point, commune=spot))
        floor.say("place_joined", code=last.code)
        floor.choices = (floor.choice("new_report", floor.known.phrases.choice("other_matter").label),)
        floor.settled = True
        return True
    if heard.text and (adds or (heard.intent == "change_location")) and age <= LATE_PHOTO:
        unit = (
            heard.place.unit.code
            if heard.place is not None
            and heard.place.unit
            and meaning is not None
            and meaning.intent == "change_location"
            else None
        )
        floor.do(JoinReport(last.code, words=heard.text, commune=unit))
        floor.say("words_joined", code=last.code)
        floor.settled = True
        return True
    if (
        meaning is not None
        and meaning.intent == "deny_correct"
        and heard.text
        and age <= LATE_WORDS
        and len(heard.text.split()) >= 3
    ):
        floor.do(JoinReport(last.code, words=heard.text))
        floor.say("words_joined", code=last.code)
        floor.settled = True
        return True
    return False
