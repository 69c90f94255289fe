"""Danger first: the number to call stands before everything, and what was said is kept for the
coordinators.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.draft import Draft, Said
from core.conversation.effects import FileReport, HandOver, JoinReport
from core.conversation.filling import add_place_words, add_spot
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import matter_words, place_text
from core.conversation.state import LastFiled
from core.conversation.summary import is_placed
from core.message import Ask
from core.text import fold

SAME_EMERGENCY = timedelta(hours=2)
"""Words of danger within this time belong to the same emergency."""


def danger_first(floor: Floor, heard: Heard) -> bool:
    """Somebody is in danger now: say whom to call, file what is known as urgent, ask for the place."""
    meaning = heard.understanding
    if meaning is None or (meaning.danger is None and meaning.intent != "emergency"):
        return False
    kind = meaning.danger or "general"
    known = floor.known.phrases.has(f"danger_{kind}")
    floor.warn(f"danger_{kind}" if known else "danger_general")
    code = floor.conversation.emergency if _is_recent(floor) else None
    if code is None:
        _file_urgent(floor, heard, kind)
    else:
        _join(floor, heard, code)
    _ask_where(floor)
    if floor.draft is not None:
        floor.say("draft_waits")
    return True


def _is_recent(floor: Floor) -> bool:
    at = floor.conversation.emergency_at
    return at is not None and floor.now - at <= SAME_EMERGENCY


def _file_urgent(floor: Floor, heard: Heard, kind: str) -> None:
    draft = _urgent_draft(floor, heard)
    meaning = heard.understanding
    category = meaning.category if meaning is not None and meaning.category else "an_ninh"
    route = floor.known.pack.router.route(
        category, draft.where.commune, urgent=True, now=floor.now, text=draft.description
    )
    mark = floor.next_mark()
    floor.do(
        FileReport(
            mark=mark, draft=draft, category=category, category_sure=False, agency=route.agency,
            rule=route.rule, why=route.why, deadline=route.deadline, urgent=True, danger=kind,
        )
    )  # fmt: skip
    floor.do(HandOver("danger", heard.text, mark))
    floor.change(
        emergency=mark,
        emergency_at=floor.now,
        emergency_placed=is_placed(draft),
        last_filed=LastFiled(mark, floor.now),
    )
    floor.say("danger_reported")


def _urgent_draft(floor: Floor, heard: Heard) -> Draft:
    """What is known of the danger, as a draft of its own."""
    event = heard.event
    draft = replace(
        floor.new_draft(event.event_id),
        said=(Said(event.event_id, heard.text, matter_words(heard)),),
        urgent=True,
        photos=heard.photos,
        voices=(heard.voice,) if heard.voice else (),
    ).marked("danger")
    draft = add_place_words(draft, heard.place, place_text(heard, floor.known.phrases))
    if event.point is not None:
        draft = add_spot(draft, heard)
    return replace(draft, contact_phone=heard.phones[0]) if heard.phones else draft


def _ask_where(floor: Floor) -> None:
    if not floor.conversation.emergency_placed:
        floor.put_question(Ask.LOCATION, "danger_where")
        floor.change(asked=Ask.LOCATION)  # for what comes in the same burst
    elif floor.draft is None:
        floor.put_question(None, "danger_stay_safe")


def place_of_emergency(floor: Floor, heard: Heard) -> bool:
    """After a call for help, a place (pin or words) and photos join the urgent report."""
    code = floor.conversation.emergency
    if code is None or not _is_recent(floor) or floor.conversation.emergency_placed:
        return False
    asked = floor.conversation.asked is Ask.LOCATION
    if heard.event.point is not None and (asked or floor.draft is None):
        _join(floor, heard, code)
    elif heard.photos and asked:
        _join(floor, heard, code)
        floor.say("emergency_photos_passed_on")
        _ask_where(floor)
        return True
    elif asked and _tells_where(floor, heard):
        _join(floor, heard, code)
    else:
        return False
    floor.change(emergency_placed=True, asked=None)
    floor.question, floor.ask, floor.choices = "", None, ()
    floor.say("emergency_place_passed_on")
    floor.go_back()
    return True


def _tells_where(floor: Floor, heard: Heard) -> bool:
    if not heard.text or floor.known.phrases.is_reserved(fold(heard.text)):
        return False
    named = heard.place is not None and heard.place.status != "unknown"
    return named or heard.intent in ("", "report", "change_location", "deny_correct")


def _join(floor: Floor, heard: Heard, code: str) -> None:
    """All of the message goes to the urgent report."""
    answer = heard.spot if heard.event.point is not None else heard.place
    commune = answer.unit.code if answer is not None and answer.unit else None
    floor.do(
        JoinReport(code, words=heard.text, photos=heard.photos, point=heard.event.point, commune=commune)
    )
    if commune is not None or heard.event.point is not None:
        floor.change(emergency_placed=True)


def choose_place_of_emergency(floor: Floor, commune: str) -> bool:
    """A commune was picked while the place of an emergency is wanted."""
    code = floor.conversation.emergency
    wanted = code is not None and _is_recent(floor) and not floor.conversation.emergency_placed
    if code is None or not wanted or floor.draft is not None:
        return False
    floor.do(JoinReport(code, commune=commune))
    floor.change(emergency_placed=True)
    floor.say("emergency_place_passed_on")
    floor.settled = True
    return True
