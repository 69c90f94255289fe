"""After the answer: rating, the reason of *không hài lòng*, reopening, and praise or blame nobody asked
for.
"""

from __future__ import annotations

import re

from core.conversation.effects import HandOver, JoinReport, Rate, Reopen
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.objecting import is_refused, object_to, tells_of_elsewhere
from core.conversation.reading import is_believed, likeliest, names_place
from core.conversation.state import LastFiled
from core.message import Ask
from core.text import fold

RATINGS = ("satisfied", "acceptable", "unsatisfied")
GOOD, FAIR = 0.8, 0.5
"""Share of the stars or points from which a rating is satisfied, or acceptable."""
A_REASON = 5
"""Words from which blame is its own reason."""
_STARS = re.compile(r"\b(\d{1,2})\s*(?:sao|diem)|\b(\d{1,2}) (5|10)$|^(\d{1,2})$")
_ASIDES = ("check_status", "help", "human", "greet")


def offer_rating(floor: Floor, code: str) -> None:
    """“Anh/chị thấy thế nào?”"""
    floor.change(about=code)
    floor.put_question(Ask.RATING, "ask_rating", *(floor.choice(f"rate:{rating}") for rating in RATINGS))


def answer_rating(floor: Floor, heard: Heard) -> bool:
    """Words, stars or points as an answer to the question; anything else goes on to the other rules."""
    rating = _rating_in(floor, heard)
    if rating is None:
        return False
    rate(floor, rating, heard)
    return True


def _rating_in(floor: Floor, heard: Heard) -> str | None:
    folded, phrases = fold(heard.text), floor.known.phrases
    if not folded:
        return None
    for rating in ("unsatisfied", "acceptable", "satisfied"):
        if phrases.is_one_of(f"rate:{rating}", heard.text):
            return rating
    for rating in ("unsatisfied", "acceptable", "satisfied"):
        if phrases.speaks_of(f"rate_{rating}", folded):
            return rating
    stars = _by_stars(folded)
    if stars is not None:
        return stars
    if heard.intent in ("feedback_positive", "feedback_negative"):
        return "satisfied" if heard.intent == "feedback_positive" else "unsatisfied"
    if phrases.is_one_of("yes", heard.text) or is_believed(heard, "thanks", "confirm"):
        return "satisfied"
    if phrases.is_one_of("no", heard.text) or is_believed(heard, "deny_correct"):
        return "unsatisfied"
    return "unsatisfied" if _tells_the_same_again(floor, heard) else None


def _by_stars(folded: str) -> str | None:
    match = _STARS.search(folded)
    if match is None:
        return None
    number = int(match[1] or match[2] or match[4])
    scale = 10 if "diem" in folded or match[3] == "10" or number > 5 else 5
    share = number / scale
    return "satisfied" if share >= GOOD else "acceptable" if share >= FAIR else "unsatisfied"


def _tells_the_same_again(floor: Floor, heard: Heard) -> bool:
    """The matter of the result, told once more without a place of its own: it is not put right."""
    report = floor.own(floor.conversation.about)
    if report is None or heard.intent != "report" or names_place(heard):
        return False
    return likeliest(heard)[0] == report.category


def rate(floor: Floor, rating: str, heard: Heard | None = None) -> None:
    """Keep the rating; *không hài lòng* asks what is still wrong, and words that say it reopen at once."""
    asked = floor.conversation.asked is Ask.RATING and floor.own(floor.conversation.about) is not None
    code = floor.conversation.about if asked else _unrated(floor)
    if code is None or rating not in RATINGS:
        floor.say("nothing_to_rate")
        floor.go_back()
        return
    floor.do(Rate(code, rating))
    floor.change(asked=None, about=None)
    if rating != "unsatisfied":
        floor.say(f"rated_{rating}")
        floor.go_back()
    elif heard is not None and (heard.photos or len(heard.text.split()) >= A_REASON):
        reopen(floor, code, heard)
    else:
        _ask_reason(floor, code)


def _unrated(floor: Floor) -> str | None:
    waiting = (r.code for r in floor.known.own if r.status == "resolved" and not r.rated)
    return next(waiting, None)


def _ask_reason(floor: Floor, code: str) -> None:
    floor.change(about=code)
    floor.put_question(Ask.REASON, "ask_reason", floor.choice("reopen"), floor.choice("no_reopen"))


def ask_reopen_reason(floor: Floor) -> None:
    """“Mở lại” was pressed: asked once why; pressed again it is reopened without."""
    code = floor.conversation.about
    if code is None:
        code = next((report.code for report in floor.known.own if report.status == "resolved"), None)
    if code is None:
        floor.say("nothing_to_reopen")
        floor.go_back()
    elif floor.conversation.asked is Ask.REASON:
        reopen(floor, code, None)
    else:
        _ask_reason(floor, code)


def answer_reason(floor: Floor, heard: Heard) -> bool:
    """A sentence or a photo that says what is still wrong."""
    code, folded = floor.conversation.about, fold(heard.text)
    if code is None or not (heard.text or heard.photos):
        return False
    phrases = floor.known.phrases
    lets_go = phrases.is_one_of("no_reopen", heard.text) or phrases.is_one_of("cancel", heard.text)
    if not heard.photos and (lets_go or is_believed(heard, "cancel", "thanks")):
        floor.change(about=None, asked=None)
        floor.say("okay")
        floor.go_back()
        return True
    refused = is_refused(floor.own(code))
    objects = refused and phrases.speaks_of("objects", folded)
    if not heard.photos and is_believed(heard, *_ASIDES) and not objects:
        return False
    if refused and not objects and tells_of_elsewhere(floor, code, heard):
        return False
    if refused:
        object_to(floor, code, heard)
    else:
        reopen(floor, code, heard)
    return True


def reopen(floor: Floor, code: str, heard: Heard | None) -> None:
    """Once by the citizen; after that a coordinator decides."""
    words = heard.text if heard is not None else ""
    photos = heard.photos if heard is not None else ()
    report = floor.own(code)
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
    if report is not None:  # the other photos of the album join it too
        floor.change(last_filed=LastFiled(code, floor.now, photos))
    floor.go_back()


def feedback_unasked(floor: Floor, heard: Heard) -> bool:
    """Praise or blame without being asked: it is about the result given last."""
    if heard.intent not in ("feedback_positive", "feedback_negative") or floor.draft is not None:
        return False
    meaning = heard.understanding
    code = next(iter(meaning.ticket_codes), None) if meaning is not None else None
    own = [report for report in floor.known.own if code is None or report.code == code]
    result = next((report for report in own if report.status == "resolved"), None)
    negative = heard.intent == "feedback_negative"
    floor.go_back()
    if result is not None:
        floor.change(about=result.code, asked=Ask.RATING)
        rate(floor, "unsatisfied" if negative else "satisfied", heard)
    elif own and negative:
        floor.do(JoinReport(own[0].code, words=heard.text))
        floor.say("blame_kept", code=own[0].code)
    elif negative:
        floor.put_question(None, "blame_without_report")
    else:
        floor.say("thanks")
    return True
