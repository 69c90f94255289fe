"""Reading the draft back: the matter in a line, the place in words, the summary before the one confirm."""

from __future__ import annotations

from core.conversation.address import parts_of, without_unit
from core.conversation.draft import Draft, PhotoWish, PlaceSource
from core.conversation.floor import Floor
from core.message import Ask

SURE = 0.5
"""Calibrated probability from which the first category is only shown, not asked."""
CLEAR_LEAD = 0.3
"""… or a lead over the second one that is as good."""
NO_IDEA = 0.18
"""Below this no category is worth offering: *khác*, and a person looks."""
WORTH_KEEPING = 0.3
"""From this probability on, twice the next, the first category stays when the question is not answered."""
SHORT = 110
LONG = 300


def leads_clearly(draft: Draft) -> bool:
    """Whether the first category is well before the second, though not sure enough to be unasked."""
    p, *others = [p for _, p in draft.ranked] or [0.0]
    return p >= WORTH_KEEPING and p >= 2 * (others[0] if others else 0.0)


def is_sure(draft: Draft) -> bool:
    """Whether the category needs no question."""
    if draft.category_by_citizen or not draft.ranked:
        return True
    first = draft.ranked[0][1]
    second = draft.ranked[1][1] if len(draft.ranked) > 1 else 0.0
    return first >= SURE or first - second >= CLEAR_LEAD


def settled_category(draft: Draft) -> str:
    """The category to file under: the citizen's word, a guess that is sure or leads clearly, or *khác*.

    So it is whether the question for it was answered “ko”, passed over, or never came to be asked.
    """
    if draft.category_by_citizen and draft.category:
        return draft.category
    if not draft.ranked or draft.ranked[0][1] < NO_IDEA or not (is_sure(draft) or leads_clearly(draft)):
        return "khac"
    return draft.category or draft.ranked[0][0]


def is_placed(draft: Draft) -> bool:
    """Whether the place is settled, or will be by a person."""
    where = draft.where
    known = where.commune is not None and where.source is not PlaceSource.HINT
    return not where.outside and (known or where.given_up)


def show_summary(floor: Floor, draft: Draft) -> None:
    """Read the draft back and ask for the one confirm."""
    draft = floor.change_draft(shown=True, photo_wish=PhotoWish.DONE, rewrite="")
    floor.put_question(
        Ask.CONFIRM, None, floor.choice("confirm"), floor.choice("edit"), floor.choice("cancel")
    )
    floor.question = summary(floor, draft)


def summary(floor: Floor, draft: Draft) -> str:
    """The draft read back, in the manner of the channel."""
    category = floor.known.pack.categories[settled_category(draft)]
    urgent = floor.phrase("summary_urgent") if draft.urgent else ""
    lines = [
        floor.phrase("summary_head"),
        floor.phrase("summary_what", what=draft_gist(floor, draft, LONG)),
        floor.phrase("summary_category", category=category.name, urgent=urgent),
        floor.phrase("summary_where", place=place_words(floor, draft)),
    ]
    if draft.photos:
        lines.append(floor.phrase("summary_photos", count=len(draft.photos)))
    if draft.on_behalf_of is not None:
        lines.append(floor.phrase("summary_for", whom=whom(floor, draft)))
    if draft.contact_phone:
        lines.append(floor.phrase("summary_phone", phone=draft.contact_phone))
    if not floor.known.consented:
        lines.append(floor.phrase("consent"))
    lines.append(floor.phrase("summary_end"))
    return "\n".join(line for line in lines if line)


def whom(floor: Floor, draft: Draft) -> str:
    """Whom the report is for, in words."""
    return draft.on_behalf_of or floor.phrase("somebody")


def draft_gist(floor: Floor, draft: Draft, limit: int = SHORT) -> str:
    """The matter in one short line."""
    if not draft.said:
        return floor.phrase("only_voice")
    return gist("; ".join(gist(said.matter or said.text, limit) for said in draft.said), limit)


def gist(text: str, limit: int = SHORT) -> str:
    """Text in one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line.rstrip(" .,;?!") or line
    return line[:limit].rsplit(" ", 1)[0].rstrip(" .,;?!") + "…"


def place_words(floor: Floor, draft: Draft) -> str:
    """“cầu Rào, xã Cẩm Bình (có vị trí)”."""
    where, phrases = draft.where, floor.known.phrases
    unit = floor.known.pack.places.communes.get(where.commune or "")
    parts = [where.words]
    if unit is not None:
        told = (without_unit(part.text, unit, phrases) for part in parts_of(where.words, phrases))
        parts = [*told, unit.spoken]
    line = ", ".join(filter(None, parts)) or floor.phrase("no_place")
    return f"{line} {floor.phrase('pinned')}".strip() if where.point else line
