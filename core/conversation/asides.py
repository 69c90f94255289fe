"""Everything said beside a report: greetings, help, a person, what we cannot read, who has the talk."""

from __future__ import annotations

import re
from datetime import timedelta

from core.conversation.asking import ask_next
from core.conversation.effects import HandOver
from core.conversation.floor import Floor
from core.conversation.heard import Heard
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
    if floor.conversation.blocked:
        floor.change(blocked=False)
    if floor.draft is not None:
        floor.say("welcome_back")
        ask_next(floor, again=True)
        return
    floor.say("welcome_volunteer" if floor.conversation.volunteer else "welcome")
    floor.choices = (floor.choice("human"),) if floor.manner.spoken else ()


def unsupported(floor: Floor, heard: Heard) -> None:
    """A sticker, a link card, a game: say what works instead."""
    floor.say("unsupported")
    ask_next(floor, again=True)


def write_to_me_alone(floor: Floor, heard: Heard) -> None:
    floor.say("group")
    floor.settled = True


def officer_has_the_talk(floor: Floor, heard: Heard) -> None:
    """An officer wrote in the channel's own tool: the bot falls silent, the words join the case."""
    last = floor.conversation.last_filed
    floor.do(HandOver("officer", heard.event.text, last.code if last else None))
    floor.change(quiet_until=floor.now + OFFICER_HAS_IT)
    floor.silent = True


def complaint(floor: Floor, heard: Heard) -> bool:
    """Khiếu nại, tố cáo: another procedure. Explained, not filed."""
    meaning = heard.understanding
    if meaning is None or not meaning.complaint:
        return False
    floor.put_question(None, "complaint", floor.choice("report_anyway"), floor.choice("human"))
    return True


def to_a_person(floor: Floor, heard: Heard) -> bool:
    """“Cho gặp cán bộ”: one step, from everywhere."""
    meaning = heard.understanding
    if not heard.text or heard.photos:
        return False
    if not floor.known.phrases.is_one_of("human", fold(heard.text)) and (heard.intent != "human"):
        return False
    hand_over(floor, heard)
    return True


def hand_over(floor: Floor, heard: Heard) -> None:
    """A person is told and the hotline is named; the draft stays."""
    last = floor.conversation.last_filed
    words = heard.text or (floor.draft.description if floor.draft else "")
    floor.do(HandOver("asked", words, last.code if last else None))
    floor.say("handed_over", hotline=floor.known.pack.hotline)
    if floor.draft is not None:
        ask_next(floor, again=True)
    floor.settled = True


def greet_or_help(floor: Floor, heard: Heard) -> bool:
    """Greetings, thanks, help, rude words, other services: a short line, then back to the question."""
    meaning = heard.understanding
    if heard.intent not in _ASIDES:
        return False
    key = _ASIDES[meaning.intent]
    if meaning.intent == "greet" and floor.draft is not None:
        key = "greet_back"
    floor.say(key)
    floor.change(unheard=0)
    if floor.draft is not None:
        ask_next(floor, again=True)
    floor.settled = True
    return True


_ASIDES = {
    "greet": "greet",
    "help": "help",
    "thanks": "thanks",
    "out_of_scope": "out_of_scope",
    "abuse_spam": "rude",
}


def not_understood(floor: Floor, heard: Heard) -> None:
    """Nothing took it: say so, with what works; at the second time a person is offered."""
    if heard.event.choice is not None:
        floor.say("stale_choice" if floor.draft is not None else "stale_nothing")
        return
    times = floor.conversation.unheard + 1
    floor.change(unheard=times)
    if floor.draft is not None:
        floor.say("not_understood_in_draft")
        ask_next(floor, again=True)
        return
    if floor.settled or floor.lines:
        return
    floor.say("not_understood")
    if times >= 2:
        floor.choices = (floor.choice("human"),)
    floor.settled = True
