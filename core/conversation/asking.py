"""Asking: what the draft still lacks, one question a message, and never what was already said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from rapidfuzz import fuzz

from core.conversation.draft import Draft, PhotoWish, PlaceSource, Where
from core.conversation.floor import Floor
from core.conversation.heard import ReportBrief
from core.conversation.summary import NO_IDEA, is_placed, is_sure, settled_category, show_summary
from core.message import Ask, Choice
from core.places.commune import Commune
from core.text import fold

__all__ = ["ask_next", "category_choices", "is_placed", "same_matter", "settled_category", "what_is_missing"]

DUPLICATE_DAYS = timedelta(days=14)
SAME_WORDS = 82
LABEL = 20
WORTH_OFFERING = 0.03
_WANTED = (PhotoWish.ASKED, PhotoWish.AWAITED)


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


def same_matter(floor: Floor, draft: Draft) -> ReportBrief | None:
    """An open report that is probably the same: near in space and time, or this citizen's own in the same
    words.
    """
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
    """Put the draft's next question. `again`: this message was an aside, so an open wish for photos is
    repeated.
    """
    draft = floor.draft
    if draft is None:
        return
    missing = what_is_missing(floor, draft)
    if again and missing is Ask.CONFIRM and draft.photo_wish in _WANTED and not draft.photos:
        missing = Ask.PHOTO
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


def category_choices(floor: Floor, draft: Draft, most: int, *, anew: bool = False) -> list[Choice]:
    """The best guesses and *khác*, to choose from; `anew`: the present one is wrong and is not among them,
    and what it is easily taken for is offered too.
    """
    categories, wrong = floor.known.pack.categories, settled_category(draft) if anew else None
    leaves = [leaf for leaf, p in draft.ranked if p >= WORTH_OFFERING]
    if anew:
        beside = next(
            iter([leaf for leaf in (wrong, *leaves) if leaf in categories and leaf != "khac"]), None
        )
        leaves += categories[beside].near if beside is not None else ()
        leaves += (leaf for leaf, _ in draft.ranked)
    offered = [leaf for leaf in dict.fromkeys(leaves) if leaf in categories and leaf not in ("khac", wrong)]
    return choices_of(floor, offered[:most])


def choices_of(floor: Floor, leaves: Iterable[str]) -> list[Choice]:
    """These categories and *khác*, to choose from."""
    categories = floor.known.pack.categories
    return [Choice(f"category:{leaf}", categories[leaf].short) for leaf in (*leaves, "khac")]


def _ask_location(floor: Floor, draft: Draft) -> None:
    where = draft.where
    draft = floor.change_draft(where=replace(where, times_asked=where.times_asked + 1))
    if where.outside:
        floor.put_question(Ask.LOCATION, "outside", floor.choice("cancel"), place=where.outside)
    elif where.candidates:
        _ask_which_commune(floor, where)
    elif where.source is PlaceSource.HINT and where.commune and draft.rewrite != "where":
        unit = floor.known.pack.places.communes[where.commune]
        yes = Choice(f"place:{unit.code}", unit.full_name[:LABEL])
        floor.put_question(Ask.LOCATION, "ask_where_hinted", yes, *_pin(floor), place=unit.spoken)
    elif where.words and draft.rewrite != "where":
        floor.put_question(Ask.LOCATION, f"ask_commune_{floor.manner.location}", place=where.words)
    else:
        floor.put_question(Ask.LOCATION, f"ask_where_{floor.manner.location}")


def _ask_which_commune(floor: Floor, where: Where) -> None:
    communes = floor.known.pack.places.communes
    units = [communes[code] for code in where.candidates[:4] if code in communes]
    choices = [Choice(f"place:{unit.code}", unit.full_name[:LABEL]) for unit in units]
    if is_district(floor, where):
        elsewhere = floor.phrase("elsewhere_in", place=units[0].name)
        choices = [choices[0], Choice("place:elsewhere", elsewhere[:LABEL])]
    if _are_told(floor, units):
        floor.put_question(Ask.LOCATION, "ask_which_told", *choices, *_pin(floor))
        return
    place = where.words or floor.phrase("that_place")
    if len(units) == 1:
        unit = units[0].spoken
        floor.put_question(Ask.LOCATION, "ask_that_commune", *choices, *_pin(floor), place=place, unit=unit)
        return
    floor.put_question(Ask.LOCATION, "ask_which_commune", *choices, *_pin(floor), place=place)


def _are_told(floor: Floor, units: Sequence[Commune]) -> bool:
    """Whether the words name each of several: “đường từ xã Kỳ Hoa đi xã Kỳ Lạc”."""
    told = f" {fold(floor.draft.description)} " if floor.draft is not None else ""
    return len(units) > 1 and all(f" {fold(unit.full_name)} " in told for unit in units)


def is_district(floor: Floor, where: Where) -> bool:
    """Whether an old district is named, which today is a commune of its name and others (“Nghi Xuân”)."""
    communes = floor.known.pack.places.communes
    told = f" {fold(where.words)} "
    named = [
        code for code in where.candidates if code in communes and f" {fold(communes[code].name)} " in told
    ]
    return len(where.candidates) > 2 and named == [where.candidates[0]]


def _pin(floor: Floor) -> tuple[Choice, ...]:
    """The offer to send a position, where the channel can carry one."""
    return () if floor.manner.location == "words" else (floor.choice("place:pin"),)


def _ask_duplicate(floor: Floor, draft: Draft) -> None:
    report = same_matter(floor, draft)
    if report is None:
        return
    floor.change(about=report.code)
    floor.put_question(
        Ask.DUPLICATE,
        "ask_same_own" if report.mine else "ask_same_near",
        floor.choice("follow"),
        floor.choice("new_report", floor.known.phrases.choice("not_same").label),
        code=report.code,
        category=floor.known.pack.categories[report.category].name,
        metres=round(report.metres or 0),
        day=floor.day(report.created_at),
        status=floor.known.phrases.status(report.status),
    )


def _ask_photo(floor: Floor, draft: Draft) -> None:
    floor.change_draft(photo_wish=PhotoWish.ASKED)
    key = "ask_photo_anew" if draft.rewrite == "photos" else "ask_photo"
    floor.put_question(Ask.PHOTO, key, floor.choice("skip_photo"))


_ASK = {
    Ask.DESCRIPTION: _ask_description,
    Ask.CATEGORY: _ask_category,
    Ask.LOCATION: _ask_location,
    Ask.DUPLICATE: _ask_duplicate,
    Ask.PHOTO: _ask_photo,
    Ask.CONFIRM: show_summary,
}
