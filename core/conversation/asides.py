"""Everything said beside a report: greetings, help, a person, what we cannot read, who has the talk."""

from __future__ import annotations

import re
from datetime import timedelta

from core.conversation.attachments import repeat_voice
from core.conversation.effects import HandOver
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed
from core.conversation.status import tell_status
from core.text import fold

OFFICER_HAS_IT = timedelta(minutes=30)
"""So long after an officer's own words the bot keeps silent."""

_COMMUNE = re.compile(r"(?:xa|c)[_-]?(\d{5})")
_REPORT = re.compile(r"r[_-]?(.+)")


def start(floor: Floor, heard: Heard) -> None:
    """The citizen opened or followed us; a link's payload may name a commune, a report or a volunteer."""
    payload = heard.event.text.strip().lower()
    if payload == "tnv":
        floor.change(volunteer=True)
        floor.manner = floor.known.phrases.manner(floor.address.channel, volunteer=True)
    commune = _COMMUNE.fullmatch(payload)
    if commune and commune.group(1) in floor.known.pack.places.communes:
        floor.change(hint=commune.group(1))
    floor.change(blocked=False)
    report = _REPORT.fullmatch(payload)
    code = report.group(1).upper() if report else ""
    floor.go_back()
    if code in floor.known.named or floor.own(code) is not None:
        tell_status(floor, code)
    elif floor.draft is not None:
        floor.say("welcome_back")
    else:
        floor.say("welcome_volunteer" if floor.conversation.volunteer else "welcome")


def unsupported(floor: Floor, heard: Heard) -> None:
    """A sticker, a link card, a game: say what works instead."""
    floor.say("unsupported")
    floor.go_back()


def write_to_me_alone(floor: Floor, heard: Heard) -> None:
    floor.say("group")
    floor.settled = True


def officer_has_the_talk(floor: Floor, heard: Heard) -> None:
    """An officer wrote in the channel's own tool: the bot falls silent, the words join the case."""
    floor.change(quiet_until=floor.now + OFFICER_HAS_IT)
    _to_officer(floor, heard)


def officer_listens(floor: Floor, heard: Heard) -> bool:
    """While an officer has the talk, words are theirs to answer; a pressed button still does what it says."""
    until = floor.conversation.quiet_until
    if until is None or floor.now >= until or heard.event.choice is not None:
        return False
    _to_officer(floor, heard)
    return True


def _to_officer(floor: Floor, heard: Heard) -> None:
    last = floor.conversation.last_filed
    floor.do(HandOver("officer", heard.text or heard.event.text, last.code if last else None))
    floor.silent = not (floor.lines or floor.alarm)
    floor.settled = True


def complaint(floor: Floor, heard: Heard) -> bool:
    """Khiếu nại, tố cáo: another procedure. Explained, not filed."""
    meaning = heard.understanding
    asks = floor.known.phrases.speaks_of("asks_of_petition", fold(heard.text))
    if meaning is None or not (meaning.complaint or (asks and _explained_before(floor))):
        return False
    floor.put_question(None, "complaint", floor.choice("report_anyway"), floor.choice("human"))
    return True


def _explained_before(floor: Floor) -> bool:
    """Whether the last answer explained where complaints go: only then “gửi đơn ở đâu” is about one."""
    return any(choice.value == "report_anyway" for choice in floor.conversation.offered)


def to_a_person(floor: Floor, heard: Heard) -> bool:
    """“Cho gặp cán bộ”: one step, from everywhere."""
    if not heard.text or heard.photos:
        return False
    folded, phrases = fold(heard.text), floor.known.phrases
    if not phrases.is_one_of("human", heard.text) and not is_believed(heard, "human"):
        return False
    if phrases.is_reserved(folded) and not phrases.is_one_of("human", heard.text):
        return False
    hand_over(floor, heard)
    return True


def hand_over(floor: Floor, heard: Heard) -> None:
    """A person is told and the hotline is named; the draft stays."""
    last = floor.conversation.last_filed
    words = heard.text or (floor.draft.description if floor.draft else "")
    floor.do(HandOver("asked", words, last.code if last else None))
    floor.say("handed_over", hotline=floor.known.pack.hotline)
    if floor.manner.spoken:
        floor.settled = True  # the call is put through; no question stands in its way
    else:
        floor.go_back()


def greet_or_help(floor: Floor, heard: Heard) -> bool:
    """Greetings, thanks, help, rude words, other services: a short line, then back to the question."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if not folded and heard.intent not in ("greet", "thanks"):
        return False
    intent = "help" if phrases.speaks_of("help", folded) else heard.intent
    greets = phrases.is_one_of("greetings", heard.text)
    intent = "greet" if greets else intent
    if intent not in _ASIDES or (phrases.is_reserved(folded) and not greets):
        return False
    key, in_draft = _ASIDES[intent]
    if intent == "out_of_scope" and heard.place is not None and heard.place.outside:
        floor.say("outside", place=heard.place.outside)
        floor.go_back()
        return True
    floor.change(unheard=0)
    if floor.draft is not None:
        remark = intent == "out_of_scope" and not _asks(floor, heard)
        floor.say("remark_in_draft" if remark else in_draft, hotline=floor.known.pack.hotline)
        floor.go_back()
    elif intent == "greet":
        floor.put_question(None, key)
    else:
        floor.say(key, hotline=floor.known.pack.hotline)
        floor.settled = True
    return True


def _asks(floor: Floor, heard: Heard) -> bool:
    """Whether something is wanted; “đang bận” in the middle of a report is only told."""
    return "?" in heard.text or floor.known.phrases.speaks_of("asks_something", fold(heard.text))


_ASIDES = {
    "greet": ("greet", "greet_back"),
    "help": ("help", "help_in_draft"),
    "thanks": ("thanks", "thanks_in_draft"),
    "out_of_scope": ("out_of_scope", "out_of_scope"),
    "abuse_spam": ("rude", "rude_in_draft"),
}
"""For each intent the phrase with nothing open, and the one while a report is being told."""


def not_understood(floor: Floor, heard: Heard) -> None:
    """Nothing took it: say so, with what works; at the second time a person is offered."""
    if heard.event.choice is not None:
        if floor.draft is not None:
            floor.say("stale_choice")
            floor.go_back()
        else:
            floor.put_question(None, "stale_nothing")
        return
    times = floor.conversation.unheard + 1
    floor.change(unheard=times)
    repeat_voice(floor, heard)
    floor.say("not_understood_in_draft" if floor.draft is not None else "not_understood")
    if times >= 2 and floor.draft is None:
        floor.say("offer_person")
        floor.choices = (floor.choice("human"),)
    floor.go_back()
