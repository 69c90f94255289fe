"""The matter put right in words: “không phải ổ gà mà là cống tắc”, “viết lại: nắp cống vỡ”."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.contrast import Contrast
from core.conversation.draft import Draft, Said
from core.conversation.filling import is_urgent
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import BELIEVED, TELLS, keep_correction, names_place
from core.conversation.relocating import correct_place
from core.conversation.summary import settled_category
from core.conversation.tokens import covered, find_run, term_at, terms, tokens_of
from core.phrases import Phrases
from core.text import fold


def reword(floor: Floor, heard: Heard, contrast: Contrast) -> bool:
    """What is right stands in the place of what was wrong; group and urgency are those of the new words."""
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or not draft.said or not tells_matter(heard, contrast, phrases):
        return False
    said, whole = _put_right(draft, contrast), False
    if said is None:
        if not (_is_new_matter(draft, heard, contrast, phrases) or _rewrites(heard, phrases)):
            return False
        said, whole = _anew(draft, heard, contrast, phrases), True
    before = draft.description
    draft = floor.change_draft(said=said, urgent=is_urgent(_alone(heard, said), phrases))
    if whole or len(tokens_of(contrast.right)) > 1:
        _regroup(floor, draft, heard, before)
    floor.new_words = True
    if names_place(heard):
        correct_place(floor, heard)
    return True


def put_words_right(floor: Floor, contrast: Contrast) -> bool:
    """“Không phải 3 ngày mà 5 ngày”: words of the matter that are no matter by themselves."""
    draft = floor.draft
    said = _put_right(draft, contrast) if draft is not None and contrast.right else None
    if said is None:
        return False
    floor.change_draft(said=said)
    floor.new_words = True
    return True


def _rewrites(heard: Heard, phrases: Phrases) -> bool:
    return phrases.speaks_of("rewrites", fold(heard.text))


def tells_matter(heard: Heard, contrast: Contrast, phrases: Phrases) -> bool:
    """Whether what is right, taken by itself, tells what is wrong somewhere, and not only where."""
    meaning, words = heard.right, tokens_of(contrast.right)
    if meaning is None or not words:
        return False
    known = bool(meaning.categories) and meaning.categories[0][1] >= TELLS
    if not known and not _rewrites(heard, phrases):
        return False
    if term_at(words, 0, terms(phrases, "hamlets", "unit_heads", "districts")):
        return False
    place = set(fold(meaning.place_text or "").split())
    small = covered(words, terms(phrases, "fillers", "prepositions", "near", "landmarks"))
    return any(word.folded not in place and not mark for word, mark in zip(words, small, strict=True))


def _is_new_matter(draft: Draft, heard: Heard, contrast: Contrast, phrases: Phrases) -> bool:
    """Whether what is right is surely a matter told by mistake as another, and not just the thing that was
    told of: “cống này không phải của xã”.
    """
    if not phrases.speaks_of("mistaken", fold(heard.text)) or len(_folded(contrast.right)) < 2:
        return False
    believed = heard.right is not None and any(p >= BELIEVED for _, p in heard.right.categories[:1])
    return believed and not set(_folded(contrast.right)) <= set(_folded(draft.description))


def _regroup(floor: Floor, draft: Draft, heard: Heard, before: str) -> None:
    ranked = heard.right.categories if heard.right is not None else ()
    leaf, p = ranked[0] if ranked else ("", 0.0)
    if p >= TELLS and leaf != settled_category(draft):
        keep_correction(floor, before, "category", settled_category(draft), leaf)
        floor.change_draft(category=leaf, ranked=ranked, category_by_citizen=p >= BELIEVED)
        floor.new_category = True


def _put_right(draft: Draft, contrast: Contrast) -> tuple[Said, ...] | None:
    """The draft's words with the right ones for the wrong ones; None when the wrong ones are not there."""
    if not contrast.wrong:
        return None
    said = tuple(
        replace(
            one,
            text=exchange(one.text, contrast.wrong, contrast.right),
            matter=exchange(one.matter, contrast.wrong, contrast.right),
        )
        for one in draft.said
    )
    return said if said != draft.said else None


def _anew(draft: Draft, heard: Heard, contrast: Contrast, phrases: Phrases) -> tuple[Said, ...]:
    """What was told first is replaced; “viết lại: …” replaces all."""
    first = Said(heard.event.event_id, contrast.right)
    return (first,) if _rewrites(heard, phrases) else (first, *draft.said[1:])


def _alone(heard: Heard, said: Sequence[Said]) -> Heard:
    """The words as they stand now, without what was denied."""
    return replace(heard, text=" ".join(one.text for one in said), understanding=heard.right)


def exchange(text: str, wrong: str, right: str) -> str:
    """The text with the right words for the wrong ones; words that both sides share stand there once."""
    tokens, gone, new = tokens_of(text), _folded(wrong), _folded(right)
    at = find_run(tokens, gone)
    if at < 0:
        return text
    end = at + len(gone)
    for shared in range(min(len(new) - 1, at), 0, -1):
        if [token.folded for token in tokens[at - shared : at]] == new[:shared]:
            at -= shared
            break
    for shared in range(min(len(new) - 1, len(tokens) - end), 0, -1):
        if [token.folded for token in tokens[end : end + shared]] == new[-shared:]:
            end += shared
            break
    return f"{text[: tokens[at].start]}{right}{text[tokens[end - 1].end :]}"


def _folded(words: str) -> list[str]:
    return [token.folded for token in tokens_of(words)]
