"""Filing: the confirmed draft becomes a report with an agency and a deadline."""

from __future__ import annotations

from core.conversation.effects import FileReport, GiveConsent, HandOver
from core.conversation.floor import Floor
from core.conversation.state import LastFiled
from core.conversation.summary import is_sure, settled_category, whom
from core.message import Ask
from core.on_behalf import is_group
from core.routing import Route


def route_draft(floor: Floor) -> Route:
    """Where the draft would go as it stands, and until when."""
    draft = floor.draft
    if draft is None:
        raise ValueError("there is no draft to route")
    return floor.known.pack.router.route(
        settled_category(draft),
        draft.where.commune,
        urgent=draft.urgent,
        now=floor.now,
        text=draft.description,
    )


def wants_phone_of(whom: str | None) -> bool:
    """Whether there is one neighbour to be asked for; a whole thôn has no phone."""
    return whom is not None and not is_group(whom)


def file_draft(floor: Floor) -> None:
    """File the draft, tell the code, the agency and the deadline; then ask a volunteer for the neighbour's
    phone.
    """
    draft = floor.draft
    if draft is None or not draft.shown or floor.has_news:
        return
    route = route_draft(floor)
    category = settled_category(draft)
    sure = draft.category_by_citizen or (category != "khac" and is_sure(draft))
    if category == "khac" or not sure:
        draft = draft.marked("category_unsure")
    mark = floor.next_mark()
    if not floor.known.consented:
        floor.do(GiveConsent(floor.known.pack.consent_version))
    floor.do(
        FileReport(
            mark=mark,
            draft=draft,
            category=category,
            category_sure=sure,
            agency=route.agency,
            rule=route.rule,
            why=route.why,
            deadline=route.deadline,
            urgent=draft.urgent,
        )
    )
    if "voice" in draft.needs_person:
        floor.do(HandOver("voice", draft.description, mark))
    floor.change(
        draft=None,
        asked=None,
        offered=(),
        about=None,
        photo_last=False,
        hint=None,
        last_filed=LastFiled(mark, floor.now, where=draft.where, on_behalf=draft.on_behalf_of is not None),
    )
    floor.say(
        "filed" if not route.unconfirmed else "filed_expected",
        code=mark,
        agency=route.agency,
        deadline=floor.time(route.deadline),
    )
    if wants_phone_of(draft.on_behalf_of) and not draft.contact_phone and not floor.manner.spoken:
        floor.change(about=mark)
        floor.put_question(
            Ask.PHONE, "ask_neighbour_phone", floor.choice("skip_phone"), whom=whom(floor, draft)
        )
    elif not floor.conversation.later and floor.conversation.volunteer:
        floor.choices = (floor.choice("new_report"), floor.choice("done"))
