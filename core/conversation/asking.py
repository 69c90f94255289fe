"""Asking: what the draft still lacks, one question a message, and never what was already said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rapidfuzz import fuzz

from core.conversation.draft import Draft, PhotoWish, PlaceSource
from core.conversation.floor import Floor
from core.conversation.heard import ReportBrief
from core.message import Ask, Choice
from core.text import fold

SURE = 0.55
"""Calibrated probability from which the first category is only shown, not asked."""
CLEAR_LEAD = 0.35
"""… or a lead over the second one that is as good."""
NO_IDEA = 0.18
"""Below this no category is worth offering: *khác*, and a person looks."""
PLACE_TRIES = 3
DUPLICATE_DAYS = timedelta(days=14)
SAME_WORDS = 82
SHORT = 110


def is_sure(draft: Draft) -> bool:
    """Whether the category needs no question."""
    if draft.category_by_citizen or not draft.ranked:
        return True
    first = draft.ranked[0][1]
    second = draft.ranked[1][1] if len(draft.ranked) > 1 else 0.0
    return first >= SURE or first - second >= CLEAR_LEAD


def settled_category(draft: Draft) -> str:
    """The category to file under: the citizen's word, the best guess, or *khác*."""
    if draft.category_by_citizen and draft.category:
        return draft.category
    if not draft.ranked or draft.ranked[0][1] < NO_IDEA:
        return "khac"
    return draft.category or draft.ranked[0][0]


def what_is_missing(floor: Floor, draft: Draft) -> Ask:
    """The next thing to ask, in the order in which people like to tell it."""
    if draft.rewrite == "what" or not (draft.said or (draft.voices and "voice" in draft.needs_person)):
        return Ask.DESCRIPTION
    if draft.where.outside:
        return Ask.LOCATION
    if not is_sure(draft) and not draft.category_asked and draft.ranked[0][1] >= NO_IDEA:
        return Ask.CATEGORY
    if draft.rewrite == "where" or not is_placed(draft):
        return Ask.LOCATION
    if same_matter(floor, draft):
        return Ask.DUPLICATE
    wants_photo = draft.rewrite == "photos" or (draft.photo_wish is PhotoWish.OPEN and not draft.photos)
    if floor.manner.asks_photo and wants_photo and not draft.shown:
        return Ask.PHOTO
    return Ask.CONFIRM


def is_placed(draft: Draft) -> bool:
    where = draft.where
    return (
        not where.outside
        and (where.commune is not None or where.given_up)
        and where.source is not PlaceSource.HINT
    )


def same_matter(floor: Floor, draft: Draft) -> ReportBrief | None:
    """An open report that is probably the same: near in space and time, or this citizen's own in the same words."""
    category = settled_category(draft)
    for report in floor.known.near:
        if report.category == category and report.code not in draft.not_same_as:
            return report
    words = fold(draft.description)
    for report in floor.known.own:
        if (
            report.category == category
            and report.commune == draft.where.commune
            and not report.closed
            and report.code not in draft.not_same_as
            and floor.now - report.created_at <= DUPLICATE_DAYS
            and fuzz.token_sort_ratio(words, fold(report.description)) >= SAME_WORDS
        ):
            return report
    return None


def ask_next(floor: Floor, *, again: bool = False) -> None:
    """Put the draft's next question. `again`: this message was an aside, so the open question is repeated."""
    draft = floor.draft
    if draft is None:
        return
    if floor.conversation.asked is Ask.PHOTO and draft.photo_wish is PhotoWish.ASKED and again:
        _ask_photo(floor, draft)
        return
    missing = what_is_missing(floor, draft)
    _ASK[missing](floor, draft)


def _ask_description(floor: Floor, draft: Draft) -> None:
    if draft.voices and not draft.said:
        floor.put_question(
            Ask.DESCRIPTION, "ask_words_for_voice", floor.choice("use_voice"), floor.choice("human")
        )
    elif draft.rewrite == "what":
        floor.put_question(Ask.DESCRIPTION, "ask_what_anew")
    else:
        floor.put_question(Ask.DESCRIPTION, "ask_what")


def _ask_category(floor: Floor, draft: Draft) -> None:
    floor.change_draft(category_asked=True)
    floor.put_question(Ask.CATEGORY, "ask_category", *category_choices(floor, draft, 3))


def category_choices(floor: Floor, draft: Draft, most: int) -> list[Choice]:
    """The best guesses and *khác*, to choose from."""
    categories = floor.known.pack.categories
    leaves = [leaf for leaf, p in draft.ranked[:most] if leaf in categories and leaf != "khac" and p >= 0.03]
    return [Choice(f"category:{leaf}", categories[leaf].short) for leaf in (*leaves, "khac")]


def _ask_location(floor: Floor, draft: Draft) -> None:
    where = draft.where
    pack = floor.known.pack
    draft = floor.change_draft(where=replace(where, times_asked=where.times_asked + 1))
    pin = floor.choice("place:pin")
    if where.outside:
        floor.put_question(Ask.LOCATION, "outside", floor.choice("cancel"), place=where.outside)
    elif where.candidates:
        units = [pack.places.communes[code] for code in where.candidates[:4] if code in pack.places.communes]
        choices = [Choice(f"place:{unit.code}", unit.full_name[:20]) for unit in units]
        if floor.manner.location != "words":
            choices.append(pin)
        floor.put_question(Ask.LOCATION, "ask_which_commune", *choices, place=where.words or "chỗ đó")
    elif where.source is PlaceSource.HINT and where.commune and not where.words:
        unit = pack.places.communes[where.commune]
        floor.put_question(
            Ask.LOCATION,
            "ask_where_hinted",
            Choice(f"place:{unit.code}", unit.full_name[:20]),
            pin,
            place=unit.full_name,
        )
    elif where.words and draft.rewrite != "where":
        floor.put_question(Ask.LOCATION, f"ask_commune_{floor.manner.location}", place=where.words)
    else:
        floor.put_question(Ask.LOCATION, f"ask_where_{floor.manner.location}")


def _ask_duplicate(floor: Floor, draft: Draft) -> None:
    report = same_matter(floor, draft)
    if report is None:
        return
    floor.change(about=report.code)
    key = "ask_same_own" if report.mine else "ask_same_near"
    floor.put_question(
        Ask.DUPLICATE,
        key,
        floor.choice("follow"),
        floor.choice("new_report", floor.known.phrases.choice("not_same").label),
        code=report.code,
        category=floor.known.pack.categories[report.category].name,
        metres=round(report.metres or 0),
        day=floor.known.phrases.day(report.created_at),
        status=floor.known.phrases.status(report.status),
    )


def _ask_photo(floor: Floor, draft: Draft) -> None:
    floor.change_draft(photo_wish=PhotoWish.ASKED)
    floor.put_question(
        Ask.PHOTO, "ask_photo_anew" if draft.rewrite == "photos" else "ask_photo", floor.choice("skip_photo")
    )


def _ask_confirm(floor: Floor, draft: Draft) -> None:
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
        floor.phrase("summary_what", what=draft_gist(floor, draft, 300)),
        floor.phrase("summary_category", category=category.name, urgent=urgent),
        floor.phrase("summary_where", place=place_words(floor, draft)),
    ]
    if draft.photos:
        lines.append(floor.phrase("summary_photos", count=len(draft.photos)))
    if draft.on_behalf_of is not None:
        whom = draft.on_behalf_of or floor.phrase("somebody")
        lines.append(floor.phrase("summary_for", whom=whom))
    if draft.contact_phone and not floor.manner.spoken:
        lines.append(floor.phrase("summary_phone", phone=draft.contact_phone))
    if not floor.known.consented:
        lines.append(floor.phrase("consent"))
    lines.append(floor.phrase("summary_end"))
    return "\n".join(line for line in lines if line)


def draft_gist(floor: Floor, draft: Draft, limit: int = SHORT) -> str:
    """The matter in one short line."""
    if not draft.said:
        return floor.phrase("only_voice")
    return gist("; ".join(said.text for said in draft.said), limit)


def gist(text: str, limit: int = SHORT) -> str:
    """Text in one line, cut at a word."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line.rstrip(" .,;")
    return line[:limit].rsplit(" ", 1)[0].rstrip(" .,;") + "…"


def place_words(floor: Floor, draft: Draft) -> str:
    """“cầu Rào, xã Cẩm Bình (có vị trí)”."""
    where = draft.where
    communes = floor.known.pack.places.communes
    name = communes[where.commune].full_name if where.commune in communes else ""
    name = name[:1].lower() + name[1:]
    words = where.words
    parts = [words] if words else []
    if name and fold(name) not in fold(words):
        bare = fold(communes[where.commune].name) if where.commune else ""
        if bare and fold(words) in (bare, fold(name)):
            parts = []
        parts.append(name)
    line = ", ".join(parts) or floor.phrase("no_place")
    return f"{line} {floor.phrase('pinned')}".strip() if where.point else line


_ASK = {
    Ask.DESCRIPTION: _ask_description,
    Ask.CATEGORY: _ask_category,
    Ask.LOCATION: _ask_location,
    Ask.DUPLICATE: _ask_duplicate,
    Ask.PHOTO: _ask_photo,
    Ask.CONFIRM: _ask_confirm,
}
