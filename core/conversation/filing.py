"""Filing: the confirmed draft becomes a report with an agency and a deadline."""

from __future__ import annotations

from core.conversation.draft import Draft
from core.conversation.effects import FileReport, GiveConsent, HandOver
from core.conversation.floor import Floor
from core.conversation.state import LastFiled
from core.conversation.summary import is_sure, settled_category, whom
from core.message import Ask
from core.on_behalf import is_group
from core.routing import Route


def route_of(floor: Floor, draft: Draft, category: str) -> Route:
    """Where the draft goes as it stands, and until when."""
    return floor.known.pack.router.route(
        category, draft.where.commune, urgent=draft.urgent, now=floor.now, text=draft.description
    )


def is_category_sure(draft: Draft) -> bool:
    """Whether nobody need look at the draft's category: the citizen named it, or the engine is sure of it."""
    return draft.category_by_citizen or (settled_category(draft) != "khac" and is_sure(draft))


def file_report(
    floor: Floor, draft: Draft, category: str, *, sure: bool, danger: str | None = None,
    unconfirmed: bool = False,
) -> tuple[str, Route]:  # fmt: skip
    """The draft as a report of that category: the mark that stands for its code, and where it goes."""
    route, mark = route_of(floor, draft, category), floor.next_mark()
    floor.do(
        FileReport(
            mark=mark, draft=draft, category=category, category_sure=sure, agency=route.agency,
            rule=route.rule, why=route.why, deadline=route.deadline, urgent=draft.urgent, danger=danger,
            unconfirmed=unconfirmed,
        )
    )  # fmt: skip
    return mark, route


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
    category, sure = settled_category(draft), is_category_sure(draft)
    if category == "khac" or not sure:
        draft = draft.marked("category_unsure")
    if not floor.known.consented:
        floor.do(GiveConsent(floor.known.pack.consent_version))
    mark, route = file_report(floor, draft, category, sure=sure)
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
