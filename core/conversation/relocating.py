"""The place put right: another thôn in the same commune, or another commune."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.address import begins_with_place, has_hamlet, parts_of, without_unit
from core.conversation.contrast import Contrast, told_apart
from core.conversation.draft import Draft, Where
from core.conversation.filling import add_place_words, correct_spot, spots_of, without_name, without_words
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import keep_correction, knows_matter, names_place, place_text
from core.conversation.tokens import term_at, terms, tokens_of
from core.phrases import Phrases
from core.places.commune import PlaceAnswer
from core.text import fold


def correct_spot_by(floor: Floor, heard: Heard, contrast: Contrast) -> bool:
    """“Không phải xóm 3 mà xóm 5”: another spot in the same commune."""
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or not (_is_spot(draft, contrast, phrases) or _leads_to_spot(heard, contrast, phrases)):
        return False
    if names_place(heard) and _units_of(heard) - {draft.where.commune}:
        return False  # another commune: more than the spot is wrong
    corrected = correct_spot(draft, contrast.right, contrast.wrong, phrases)
    floor.change_draft(where=corrected.where, said=corrected.said)
    if floor.draft is not None and floor.draft.rewrite == "where" and corrected.where.commune:
        floor.change_draft(rewrite="")
    floor.new_place = True
    return True


def _is_spot(draft: Draft, contrast: Contrast, phrases: Phrases) -> bool:
    """Whether what is right is a place, by its first word or because what was wrong is in the address."""
    if not contrast.right:
        return False
    wrong = fold(contrast.wrong)
    told = bool(wrong) and f" {wrong} " in f" {fold(draft.where.words)} "
    return begins_with_place(contrast.right, phrases) and (told or bool(spots_of(contrast.right, phrases)))


def _leads_to_spot(heard: Heard, contrast: Contrast, phrases: Phrases) -> bool:
    """“Trước nhà ông Ba thôn 7”: words that lead to a thôn, and tell nothing else."""
    leads = term_at(tokens_of(contrast.right), 0, terms(phrases, "near"))
    return bool(leads) and has_hamlet(contrast.right, phrases) and not knows_matter(heard)


def _units_of(heard: Heard) -> set[str | None]:
    place = heard.place
    units = (*place.candidates, place.unit) if place is not None else ()
    return {unit.code for unit in units if unit is not None}


def correct_place(floor: Floor, heard: Heard) -> bool:
    """The place is the one that is named now; of the address before stays what is smaller than a commune."""
    draft, phrases = floor.draft, floor.known.phrases
    words = place_text(heard, phrases)
    if draft is None or not (names_place(heard) or (heard.intent == "change_location" and words)):
        return False
    if not names_place(heard) and correct_spot_by(floor, heard, Contrast(words)):
        return True
    contrast = told_apart(heard.text, phrases)
    answer = heard.place
    if contrast is not None and contrast.right:
        within = fold(words) in fold(contrast.right) and not _leads_to_spot(heard, contrast, phrases)
        words = words if within else contrast.right
        answer = _surely(answer, contrast.right)
    before = draft.where
    corrected = add_place_words(draft, answer, words, phrases, override=True)
    where = corrected.where
    if before.commune and where.commune != before.commune:
        if where.commune is not None:
            keep_correction(floor, draft.description, "commune", before.commune, where.commune)
        spots = "" if _tells_spot(floor, where, words) else _spots_kept(floor, before)
        draft = _without_old_commune(floor, draft, spots)
        if spots and not where.outside:
            where = replace(where, words=f"{spots}, {where.words}")
    floor.change_draft(
        where=where, said=draft.said, rewrite="" if draft.rewrite == "where" else draft.rewrite
    )
    floor.new_place = True
    return True


def _spots_kept(floor: Floor, before: Where) -> str:
    """What of the old address is smaller than a commune; a bare name that stood for the old one is not."""
    phrases, places = floor.known.phrases, floor.known.pack.places
    unit, kept = places.communes.get(before.commune or ""), []
    for part in parts_of(spots_of(before.words, phrases), phrases):
        words = without_unit(part.text, unit, phrases) if unit is not None else part.text
        named = places.find(words)
        codes = {found.code for found in (named.unit, *named.candidates) if found is not None}
        if words and not (before.commune in codes and named.spans == ((0, len(words)),)):
            kept.append(words)
    return ", ".join(kept)


def _tells_spot(floor: Floor, where: Where, words: str) -> bool:
    """Whether the words name more than the commune itself."""
    unit = floor.known.pack.places.communes.get(where.commune or "")
    told = fold(spots_of(words, floor.known.phrases))
    return bool(told) and (unit is None or told != fold(unit.name))


def _surely(answer: PlaceAnswer | None, right: str) -> PlaceAnswer | None:
    """The one commune that may be meant, when it is put right by its very name."""
    if answer is None or answer.unit is not None or len(answer.candidates) != 1:
        return answer
    unit = answer.candidates[0]
    if fold(right) not in (fold(unit.name), fold(unit.full_name)):
        return answer
    return replace(answer, status="unit", unit=unit)


def _without_old_commune(floor: Floor, draft: Draft, spots: str) -> Draft:
    """The draft's words without the commune that was wrong, by what it was called and by its own name; and
    without the thôn there, when none of the `spots` of the old address are kept."""
    phrases = floor.known.phrases
    if not spots:
        draft = without_words(draft, draft.where.words, phrases)
    unit = floor.known.pack.places.communes.get(draft.where.commune or "")
    for name in (unit.full_name, unit.name) if unit is not None else ():
        draft = without_name(draft, name, phrases)
    return draft
