"""Words after filing that are about what was filed: “cống này trước nhà ông Sáu”, “hôi lắm”.

What names another place, another thing or a further one is not.
"""

from __future__ import annotations

from itertools import pairwise

from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.likeness import things
from core.conversation.reading import ASIDES, BELIEVED, is_believed, is_only_place, likeliest, names_place
from core.conversation.tokens import term_at, terms, tokens_of
from core.conversation.which_report import named_of
from core.text import fold

A_REMARK = 9
"""Words in the longest message without a thing of its own."""


def is_told_of_it(floor: Floor, heard: Heard, report: ReportBrief) -> bool:
    """Whether the words point at the thing of the report, or have none of their own; right after filing."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if is_elsewhere(heard, report) or phrases.speaks_of("another_matter", folded):
        return False
    if phrases.speaks_of("as_well", folded):
        return False
    return points_at(floor, heard, report) or _has_no_thing(floor, heard, report)


def is_elsewhere(heard: Heard, report: ReportBrief) -> bool:
    """Whether a commune is named that is not the report's, or a place outside the province."""
    place = heard.place
    if place is None or not names_place(heard):
        return False
    return place.status == "outside" or (place.unit is not None and place.unit.code != report.commune)


def points_at(floor: Floor, heard: Heard, report: ReportBrief) -> bool:
    """“Cống này”, “cái cống ấy”: a word of the report with one that points right after it."""
    phrases, tokens = floor.known.phrases, tokens_of(heard.text)
    named, pointing = named_of(floor, heard, report), terms(phrases, "that_one")
    return any(
        token.folded in named and not following.opens and bool(term_at(tokens, index, pointing))
        for index, (token, following) in enumerate(pairwise(tokens), 1)
    )


def _has_no_thing(floor: Floor, heard: Heard, report: ReportBrief) -> bool:
    """A state (“hôi lắm”, “dân khổ lắm rồi”), a bare address, or nothing but what the report tells too."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if not folded or len(folded.split()) > A_REMARK or phrases.is_reserved(heard.text):
        return False
    if phrases.speaks_of("state_only", folded) or phrases.speaks_of("begins_with_it", heard.text.lower()):
        return True
    leaf, p = likeliest(heard)
    if p < BELIEVED and (is_only_place(heard, phrases) or phrases.speaks_of("house_told", folded)):
        return True
    if heard.intent != "report" or is_believed(heard, *ASIDES) or leaf != report.category or p < BELIEVED:
        return False
    named = named_of(floor, heard, report)
    return all(token.folded in named for token in things(heard.text, phrases))
