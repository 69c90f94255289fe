"""Danger first: the number to call stands before everything, and what was said is kept for the
coordinators. What follows an urgent report is in `emergency`.
"""

from __future__ import annotations

from dataclasses import replace

from core.conversation.after_alarm import Danger, denies, hear_danger
from core.conversation.doubt import ask_whether, hear_answer, is_mere_number, is_only_believed, joined
from core.conversation.draft import Draft, Said, Where
from core.conversation.effects import HandOver, JoinReport
from core.conversation.emergency import (
    SAME_EMERGENCY,
    alarm_words,
    ask_where,
    is_mere_cry,
    is_recent,
    join_emergency,
    tells_of_help,
)
from core.conversation.filing import file_report
from core.conversation.filling import add_place_words, add_spot
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import matter_words, place_text
from core.conversation.state import Doubt, LastFiled
from core.conversation.summary import is_placed
from core.text import fold

_ADVICE: dict[str, tuple[str, ...]] = {
    "suicide": ("poison", "suicide_self"),
    "medical": ("poison", "drowning", "collapse", "traffic"),
    "disaster": ("disaster", "collapse", "traffic"),
    "drowning": ("disaster",),
    "other": ("collapse", "traffic"),
    "missing": ("missing_child",),
}
"""For each kind of danger the narrower advice that the pack's patterns `advice_…` may find in the words."""
_CATEGORY = {
    "suicide": "an_ninh", "fire": "an_ninh", "gas": "an_ninh", "rescue": "an_ninh", "drowning": "an_ninh",
    "bomb": "an_ninh", "crime": "an_ninh", "child": "an_ninh", "missing": "an_ninh", "sea": "an_ninh",
    "electric": "dien", "poison": "y_te", "disaster": "thien_tai",
}  # fmt: skip
"""Kinds that tell their category, whatever burns or breaks; of the others the engine has its say."""


def danger_first(floor: Floor, heard: Heard) -> bool:
    """Somebody is in danger now: say whom to call, file what is known as urgent, ask for the place.

    Danger that no word tells is asked for first (see `doubt`).
    """
    answer = hear_answer(floor, heard)
    if answer.done:
        if answer.confirmed is not None:
            _raise_alarm(floor, heard, answer.confirmed)
        return True
    meaning = heard.understanding
    code = floor.conversation.emergency if is_recent(floor) else None
    failed = code is not None and floor.known.phrases.speaks_of("call_failed", fold(heard.text))
    goes_on = code is not None and hear_danger(floor, heard, code) is Danger.GOES_ON
    insists = failed or goes_on
    if meaning is None or (meaning.danger is None and meaning.intent != "emergency" and not insists):
        return False
    if code is not None and not goes_on and (tells_of_help(floor, heard) or _takes_back(floor, heard, code)):
        return False  # “gọi rồi”, “hết cháy rồi” are no call for help
    kind = meaning.danger or "general"
    if not insists and is_mere_number(heard):
        return False
    if not insists and is_only_believed(floor, heard):
        ask_whether(floor, _urgent_draft(floor, heard), kind, meaning.categories)
        return True
    draft = _urgent_draft(floor, heard)
    if answer.confirmed is not None:
        draft = joined(answer.confirmed.draft, draft)
    told = meaning.danger is not None and meaning.danger_said
    danger = Doubt(draft, kind, meaning.categories)
    _raise_alarm(floor, heard, danger, the_same=insists and not told, unanswered=failed and not told)
    return True


def _takes_back(floor: Floor, heard: Heard, code: str) -> bool:
    """Whether the words deny the alarm, and no word of danger says otherwise."""
    said = heard.understanding is not None and heard.understanding.danger_said
    return not said and denies(floor, heard, alarm_words(floor, code))


def _raise_alarm(
    floor: Floor, heard: Heard, danger: Doubt, *, the_same: bool = False, unanswered: bool = False
) -> None:
    """Whom to call first, then the urgent report, or more of the one that is there, then where it is.

    `the_same`: what was said first is said again; `unanswered`: nobody answered there, and whom to call
    instead is said, too.
    """
    advice = floor.conversation.emergency_advice if the_same else ""
    advice = advice or _advice(floor, danger.draft.description, danger.danger)
    floor.warn(f"danger_{advice}")
    if unanswered:
        floor.say("danger_call_again")
    floor.change(emergency_advice=advice)
    code = floor.conversation.emergency if is_recent(floor) else None
    if code is None:
        _file_urgent(floor, danger)
    else:
        _join_danger(floor, heard, code, danger)
    ask_where(floor, of_oneself=advice == "suicide_self")
    if floor.draft is not None:
        floor.say("draft_waits")


def _join_danger(floor: Floor, heard: Heard, code: str, danger: Doubt) -> None:
    """More of the urgent report; after a mere cry it is now told what it is about."""
    words, kind, category = danger.draft.description, None, None
    if is_mere_cry(floor, alarm_words(floor, code)):
        kind, category = danger.danger, _category_of(danger)
    if heard.text in words:
        join_emergency(floor, heard, code, danger=kind, category=category)
    else:
        photos = danger.draft.photos
        floor.do(JoinReport(code, words=words, photos=photos, danger=kind, category=category))


def _advice(floor: Floor, words: str, kind: str) -> str:
    """Which first words fit: those of the kind, or narrower ones."""
    phrases, folded = floor.known.phrases, fold(words)
    for narrower in _ADVICE.get(kind, ()):
        if phrases.speaks_of(f"advice_{narrower}", folded):
            return narrower
    return kind if phrases.has(f"danger_{kind}") else "general"


def _category_of(danger: Doubt) -> str:
    guessed = danger.categories[0][0] if danger.categories else "an_ninh"
    return _CATEGORY.get(danger.danger, guessed)


def _file_urgent(floor: Floor, danger: Doubt) -> None:
    draft = danger.draft
    mark, _ = file_report(floor, draft, _category_of(danger), sure=False, danger=danger.danger)
    floor.do(HandOver("danger", draft.description, mark))
    floor.change(
        emergency=mark,
        emergency_at=floor.now,
        emergency_placed=is_placed(draft) and "place_of_draft" not in draft.needs_person,
        last_filed=LastFiled(mark, floor.now, where=draft.where),
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
    draft = _placed_by_the_matter(floor, draft)
    return replace(draft, contact_phone=heard.phones[0]) if heard.phones else draft


def _placed_by_the_matter(floor: Floor, draft: Draft) -> Draft:
    """Danger told without its commune beside a matter is taken to be there, and marked so."""
    told, there = draft.where, _place_of_the_matter(floor, draft)
    if is_placed(draft) or told.outside or there.commune is None:
        return draft
    if told.candidates and there.commune not in told.candidates:
        return draft
    words = ", ".join(dict.fromkeys(filter(None, (told.words, there.words))))
    return replace(draft, where=replace(there, words=words, times_asked=0)).marked("place_of_draft")


def _place_of_the_matter(floor: Floor, danger: Draft) -> Where:
    """Where the open matter is, or the one filed just now when the words point back at it (“giờ nó …”)."""
    if floor.draft is not None:
        return floor.draft.where
    last, phrases, folded = floor.conversation.last_filed, floor.known.phrases, fold(danger.description)
    if last is None or floor.now - last.at > SAME_EMERGENCY:
        return Where()
    points = any(phrases.speaks_of(name, folded) for name in ("of_it", "same_place", "that_place"))
    return last.where if points else Where()
