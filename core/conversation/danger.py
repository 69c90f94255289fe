"""Danger first: the number to call stands before everything, and what was said is kept for the coordinators."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.conversation.draft import Draft, Said
from core.conversation.effects import FileReport, HandOver, JoinReport
from core.conversation.filling import add_place_words, add_spot
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.state import LastFiled
from core.message import Ask

SAME_EMERGENCY = timedelta(hours=2)
"""Words of danger within this time belong to the same emergency."""


def danger_first(floor: Floor, heard: Heard) -> bool:
    """Somebody is in danger now: say whom to call, file what is known as urgent, ask for the place."""
    meaning = heard.understanding
    if meaning is None or (meaning.danger is None and meaning.intent != "emergency"):
        return False
    kind = meaning.danger or "general"
    _say_whom_to_call(floor, kind)
    code = floor.conversation.emergency
    recent = floor.conversation.emergency_at
    if code is not None and recent is not None and floor.now - recent <= SAME_EMERGENCY:
        floor.do(JoinReport(code, words=heard.text, photos=heard.photos))
    else:
        code = _file_urgent(floor, heard, kind)
    _ask_where(floor, heard)
    if floor.draft is not None and not floor.settled:
        floor.say("draft_waits")
    return True


def _say_whom_to_call(floor: Floor, kind: str) -> None:
    known = floor.known.phrases.keys()
    floor.warn(f"danger_{kind}" if f"danger_{kind}" in known else "danger_general")


def _file_urgent(floor: Floor, heard: Heard, kind: str) -> str:
    meaning, event = heard.understanding, heard.event
    draft = Draft(
        f"{floor.address.channel}:{event.event_id}",
        floor.now,
        floor.now,
        said=(Said(event.event_id, heard.text),),
        urgent=True,
        photos=heard.photos,
        voices=(heard.voice,) if heard.voice else (),
    ).marked("danger")
    draft = add_place_words(draft, heard.place, (meaning.place_text if meaning else "") or "")
    if event.point is not None:
        draft = add_spot(draft, heard)
    if heard.phones:
        draft = replace(draft, contact_phone=heard.phones[0])
    category = meaning.category if meaning is not None and meaning.category else "an_ninh"
    route = floor.known.pack.router.route(
        category, draft.where.commune, urgent=True, now=floor.now, text=draft.description
    )
    mark = floor.next_mark()
    floor.do(
        FileReport(
            mark=mark, draft=draft, category=category, category_sure=False, agency=route.agency, rule=route.rule,
            why=route.why, deadline=route.deadline, urgent=True, danger=kind,
        )
    )  # fmt: skip
    floor.do(HandOver("danger", heard.text, mark))
    floor.change(emergency=mark, emergency_at=floor.now, last_filed=LastFiled(mark, floor.now))
    floor.say("danger_reported")
    return mark


def _ask_where(floor: Floor, heard: Heard) -> None:
    located = (heard.place is not None and heard.place.status == "unit") or heard.event.point is not None
    if not located:
        floor.put_question(Ask.LOCATION, "danger_where")
    elif floor.draft is None:
        floor.put_question(None, "danger_stay_safe")


def place_of_emergency(floor: Floor, heard: Heard) -> bool:
    """After a call for help, a place (pin or words) and photos join the urgent report."""
    code = floor.conversation.emergency
    at = floor.conversation.emergency_at
    if (
        code is None
        or at is None
        or floor.conversation.asked is not Ask.LOCATION
        or floor.now - at > SAME_EMERGENCY
    ):
        return False
    if heard.event.point is not None or heard.photos:
        spot = heard.spot.unit.code if heard.spot is not None and heard.spot.unit else None
        floor.do(
            JoinReport(code, words=heard.text, photos=heard.photos, point=heard.event.point, commune=spot)
        )
        if heard.event.point is None:
            floor.say("emergency_photos_passed_on")
            floor.put_question(Ask.LOCATION, "danger_where")
            return True
    elif heard.place is not None and heard.place.status in ("unit", "ambiguous", "outside"):
        unit = heard.place.unit.code if heard.place.unit else None
        floor.do(JoinReport(code, words=heard.text, commune=unit))
    elif heard.text and (
        heard.understanding is None or heard.understanding.intent in ("report", "change_location")
    ):
        floor.do(JoinReport(code, words=heard.text))
    else:
        return False
    floor.change(emergency=None, asked=None)
    floor.say("emergency_place_passed_on")
    return True
