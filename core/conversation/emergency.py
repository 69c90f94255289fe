"""After a call for help: its place, that help was called or has come, and further words join the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.contrast import told_apart
from core.conversation.draft import Draft, Where
from core.conversation.effects import FileReport, JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.perils import is_peril
from core.conversation.reading import (
    commune_name,
    is_beside,
    is_only_place,
    knows_matter,
    likeliest,
    names_place,
    other_words,
    place_text,
)
from core.conversation.second_matter import begin_or_add
from core.conversation.summary import draft_gist, place_words
from core.message import Ask
from core.text import fold

SAME_EMERGENCY = timedelta(hours=2)
"""Words of danger within this time belong to the same emergency."""
A_CALL = 9
"""Words up to which “gọi rồi” or “xe đến rồi” is all that a message says, beside where it is."""
A_SURE_MATTER = 0.97
"""From this probability on words with a place of their own are another matter than the alarm."""
AN_ADDRESS = 10
"""Words up to which “gần …”, “đầu …” tell a place that no gazetteer knows."""


def is_recent(floor: Floor) -> bool:
    """Whether what is told now may still be about the latest urgent report."""
    at = floor.conversation.emergency_at
    return at is not None and floor.now - at <= SAME_EMERGENCY


def alarm_words(floor: Floor, code: str) -> str:
    """What the urgent report says, be it filed before or in this very turn; empty when it is gone."""
    filed = (
        effect.draft.description
        for effect in floor.effects
        if isinstance(effect, FileReport) and effect.mark == code
    )
    own = (report.description for report in floor.known.own if report.code == code and not report.closed)
    return next(filed, None) or next(own, "")


def is_mere_cry(floor: Floor, words: str) -> bool:
    """“Cháu ơi cứu với”: a call for help that does not tell what has happened."""
    return floor.known.phrases.speaks_of("mere_cry", fold(words))


def tells_of_help(floor: Floor, heard: Heard) -> bool:
    """“Em gọi 114 rồi”, “xe cứu hỏa đến rồi”: short words of help that was called or has come."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    apart = heard.understanding.apart if heard.understanding is not None else ""
    beside_the_place = fold(apart) or folded
    if not folded or len(beside_the_place.split()) > A_CALL or phrases.speaks_of("call_failed", folded):
        return False
    return phrases.speaks_of("called", folded) or phrases.speaks_of("help_came", folded)


def tells_other_matter(floor: Floor, heard: Heard, code: str) -> bool:
    """“Đèn đường thôn 2 xã Can Lộc hỏng”: surely a matter of another group, which is no part of the alarm."""
    phrases = floor.known.phrases
    if heard.intent != "report" or not heard.categories or not names_place(heard):
        return False
    told = other_words(heard, phrases)
    if not told or is_only_place(heard, phrases) or any(is_peril(word, phrases) for word in told):
        return False
    leaf, p = likeliest(heard)
    fields, own = floor.known.pack.categories, _category_of_alarm(floor, code)
    apart = leaf in fields and (own not in fields or fields[leaf].group != fields[own].group)
    return apart and leaf != "khac" and p >= A_SURE_MATTER


def _category_of_alarm(floor: Floor, code: str) -> str:
    """Of the urgent report, be it filed before or in this very turn; empty when it is gone."""
    for effect in floor.effects:
        if isinstance(effect, FileReport) and effect.mark == code:
            return effect.category
    return next((report.category for report in floor.known.own if report.code == code), "")


def ask_where(floor: Floor, *, of_oneself: bool = False) -> None:
    """The place of the emergency, until it is told; one taken from the open matter is named."""
    if floor.conversation.emergency_placed:
        if floor.draft is None:
            floor.put_question(None, "danger_stay_safe")
        return
    where = _assumed_place(floor)
    if where is not None:
        place = place_words(floor, Draft("", floor.now, floor.now, where=where))
        floor.put_question(Ask.LOCATION, "danger_where_as_draft", place=place)
    else:
        floor.put_question(Ask.LOCATION, "danger_where_self" if of_oneself else "danger_where")
    floor.change(asked=Ask.LOCATION)  # for what comes in the same burst


def follow_emergency(floor: Floor, heard: Heard) -> bool:
    """What is told after a call for help: help that came, the place (pin or words), photos, more words."""
    code = floor.conversation.emergency
    if code is None or not is_recent(floor):
        return False
    if heard.text and tells_of_help(floor, heard):
        _note_help(floor, heard, code)
        return True
    if floor.conversation.emergency_placed:
        return correct_place_of_alarm(floor, heard, code)
    return _take_place(floor, heard, code)


def _note_help(floor: Floor, heard: Heard, code: str) -> None:
    """With what is said beside it about where."""
    came = floor.known.phrases.speaks_of("help_came", fold(heard.text))
    floor.say("help_came_noted" if came else "called_noted")
    if not floor.conversation.emergency_placed and names_place(heard):
        join_emergency(floor, heard, code)
        floor.change(emergency_placed=True, asked=None)
        floor.say("emergency_place_passed_on" if came else "emergency_place_joined")
    else:
        floor.do(JoinReport(code, words=heard.text))
    if not floor.conversation.emergency_placed and not came:
        ask_where(floor)
    else:
        floor.go_back()


def _take_place(floor: Floor, heard: Heard, code: str) -> bool:
    asked = floor.conversation.asked is Ask.LOCATION
    if heard.event.point is not None and (asked or floor.draft is None):
        join_emergency(floor, heard, code)
    elif heard.photos and asked:
        join_emergency(floor, heard, code)
        floor.say("emergency_photos_passed_on")
        ask_where(floor)
        return True
    elif asked and _accepts(floor, heard):
        _join_place_of_draft(floor, code)
    elif asked and floor.draft is not None and _is_elsewhere(floor, heard):
        floor.put_question(Ask.LOCATION, "danger_where")
        return True
    elif asked and tells_other_matter(floor, heard, code):
        return _ask_whether_there(floor, heard)
    elif asked and _corrects(floor, heard):
        return correct_place_of_alarm(floor, heard, code)
    elif asked and _tells_where(floor, heard):
        join_emergency(floor, heard, code)
    elif asked and floor.draft is None and _tells_more(floor, heard):
        _join_what_happened(floor, heard, code)
        floor.say("emergency_words_passed_on")
        ask_where(floor)
        return True
    else:
        return False
    floor.change(emergency_placed=True, asked=None)
    floor.question, floor.ask, floor.choices = "", None, ()
    floor.say("emergency_place_passed_on")
    floor.go_back()
    return True


def _assumed_place(floor: Floor) -> Where | None:
    """The place that the urgent report was filed with although nobody told it for the danger itself."""
    last = floor.conversation.last_filed
    if last is None or last.code != floor.conversation.emergency or last.where.commune is None:
        return None
    return last.where


def _accepts(floor: Floor, heard: Heard) -> bool:
    """A yes to the place that the danger was taken to be at, or to “Chỗ nguy hiểm cũng ở … ạ?”."""
    there = _assumed_place(floor) or (floor.draft.where if floor.draft is not None else Where())
    phrases, folded = floor.known.phrases, fold(heard.text)
    there_too = any(phrases.speaks_of(name, folded) for name in ("same_place", "there_too"))
    says_yes = phrases.is_one_of("yes", heard.text) or (floor.draft is not None and there_too)
    return there.commune is not None and says_yes and not names_place(heard)


def _is_elsewhere(floor: Floor, heard: Heard) -> bool:
    """“Không, chỗ khác”: where, is not said yet."""
    phrases = floor.known.phrases
    denies = phrases.is_one_of("no", heard.text) or phrases.speaks_of("another_place", fold(heard.text))
    return denies and not names_place(heard)


def _ask_whether_there(floor: Floor, heard: Heard) -> bool:
    """Another matter with its place, while the alarm has none: it is a report of its own, and is the danger
    there, too?"""
    begin_or_add(floor, heard)
    draft = floor.draft
    if draft is not None and draft.where.commune is not None:
        place, what = place_words(floor, draft), draft_gist(floor, draft)
        floor.put_question(Ask.LOCATION, "danger_where_too", what=what, place=place)
    return True


def _join_place_of_draft(floor: Floor, code: str) -> None:
    """The danger is where the open matter is; one that was filed with that place has it already."""
    draft = floor.draft
    if draft is not None and _assumed_place(floor) is None:
        floor.do(JoinReport(code, address=draft.where.words, commune=draft.where.commune))


def _corrects(floor: Floor, heard: Heard) -> bool:
    phrases = floor.known.phrases
    return told_apart(heard.text, phrases) is not None or phrases.speaks_of("mistaken", fold(heard.text))


def correct_place_of_alarm(floor: Floor, heard: Heard, code: str) -> bool:
    """“Nhầm, ở xã Kỳ Lạc”: the place told now is that of the alarm, which goes to who is on duty there."""
    phrases, last, before = floor.known.phrases, floor.conversation.last_filed, _commune_of_alarm(floor, code)
    if last is None or last.code != code or heard.photos or is_beside(heard, phrases):
        return False
    words, unit = place_text(heard, phrases), heard.place.unit if heard.place is not None else None
    elsewhere = unit is not None and unit.code != before
    bare = elsewhere and floor.draft is None and is_only_place(heard, phrases)
    corrects = _corrects(floor, heard) and bool(words) and _is_latest(floor)
    if not (corrects or bare) or tells_other_matter(floor, heard, code):
        return False
    if phrases.speaks_of("reassures", fold(heard.text)):
        return False  # “nhầm, khói bếp thôi ở …”
    if phrases.speaks_of("where_i_am", fold(heard.text)):
        floor.do(JoinReport(code, words=heard.text))
        floor.say("emergency_words_passed_on")
        floor.go_back()
        return True
    commune = unit.code if unit is not None else before
    if commune is not None and (unit is None or fold(unit.name) not in fold(words)):
        words = f"{words}, {commune_name(floor, commune)}"
    floor.do(JoinReport(code, words=heard.text, address=words, commune=commune, moved=True))
    floor.change(
        emergency_placed=True,
        asked=None,
        last_filed=replace(last, where=replace(last.where, commune=commune, words=words)),
    )
    floor.question, floor.ask, floor.choices = "", None, ()
    floor.say("emergency_place_passed_on")
    floor.go_back()
    return True


def _is_latest(floor: Floor) -> bool:
    """Whether the alarm is what was told last, rather than the open matter."""
    draft, at = floor.draft, floor.conversation.emergency_at
    asked = floor.conversation.asked is Ask.LOCATION and not floor.conversation.emergency_placed
    return draft is None or asked or (at is not None and draft.touched_at <= at)


def _commune_of_alarm(floor: Floor, code: str) -> str | None:
    own = next((report.commune for report in floor.known.own if report.code == code), None)
    last = floor.conversation.last_filed
    return own or (last.where.commune if last is not None and last.code == code else None)


def _tells_where(floor: Floor, heard: Heard) -> bool:
    """Words that name a place; a sentence that names none is not an address."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if not folded or phrases.is_reserved(heard.text):
        return False
    meaning = heard.understanding
    if is_only_place(heard, phrases) or names_place(heard) or (meaning is not None and meaning.place_text):
        return True
    if heard.intent not in ("", "report", "deny_correct", "change_location"):
        return False
    return len(folded.split()) <= AN_ADDRESS and phrases.speaks_of("address", folded)


def _tells_more(floor: Floor, heard: Heard) -> bool:
    phrases, folded = floor.known.phrases, fold(heard.text)
    if not folded or phrases.is_reserved(heard.text) or phrases.speaks_of("another_matter", folded):
        return False
    return heard.intent in ("", "report", "deny_correct", "emergency")


def _join_what_happened(floor: Floor, heard: Heard, code: str) -> None:
    """Further words; after a mere cry they are the first that tell the matter, when the engine knows it."""
    tells = knows_matter(heard) and is_mere_cry(floor, alarm_words(floor, code))
    category = likeliest(heard)[0] if tells else None
    join_emergency(floor, heard, code, danger="general" if tells else None, category=category)


def join_emergency(
    floor: Floor, heard: Heard, code: str, *, danger: str | None = None, category: str | None = None
) -> None:
    """All of the message goes to the urgent report; the words that name the place are its address.

    `danger` and `category` are set when they tell what the report is about.
    """
    answer = heard.spot if heard.event.point is not None else heard.place
    commune = answer.unit.code if answer is not None and answer.unit else None
    told = _tells_where(floor, heard)
    address = (place_text(heard, floor.known.phrases) or heard.text) if told else ""
    floor.do(
        JoinReport(
            code, words=heard.text, address=address, photos=heard.photos, point=heard.event.point,
            commune=commune, danger=danger, category=category,
        )
    )  # fmt: skip
    if commune is not None or heard.event.point is not None:
        floor.change(emergency_placed=True)
    last = floor.conversation.last_filed
    if last is not None and last.code == code and (commune or address):
        where = replace(last.where, commune=commune or last.where.commune, words=address)
        floor.change(last_filed=replace(last, where=where))


def choose_place_of_emergency(floor: Floor, commune: str) -> bool:
    """A commune was picked while the place of an emergency is wanted."""
    code = floor.conversation.emergency
    wanted = code is not None and is_recent(floor) and not floor.conversation.emergency_placed
    if code is None or not wanted or floor.draft is not None:
        return False
    floor.do(JoinReport(code, commune=commune))
    floor.change(emergency_placed=True)
    floor.say("emergency_place_passed_on")
    floor.settled = True
    return True
