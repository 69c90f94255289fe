"""What is said beside a report: the net is slow, the phone is old. No matter, no detail and no place."""

from __future__ import annotations

from core.conversation.draft import Draft
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place
from core.phrases import Phrases
from core.text import fold


def is_remark(text: str, phrases: Phrases) -> bool:
    """Whether the words only complain of what one reports with."""
    folded = fold(text)
    further = phrases.speaks_of("as_well", folded) or phrases.speaks_of("another_matter", folded)
    return phrases.speaks_of("side_remark", folded) and not further


def began_with_remark(draft: Draft, phrases: Phrases) -> bool:
    """Whether all that was told so far may have been such a remark, of no place."""
    return bool(draft.said) and not draft.where.words and is_remark(draft.description, phrases)


def hear_remark(floor: Floor, heard: Heard) -> bool:
    """“Mạng lag quá” while something else is being told."""
    draft, phrases = floor.draft, floor.known.phrases
    if draft is None or not draft.said or draft.rewrite or heard.photos or names_place(heard):
        return False
    if not is_remark(heard.text, phrases) or began_with_remark(draft, phrases):
        return False
    floor.change(unheard=0)
    floor.say("remark_in_draft")
    floor.go_back()
    return True
