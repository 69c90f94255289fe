"""The one confirm: what is said to the summary. Nothing leaves without an explicit yes."""

from __future__ import annotations

from core.conversation.consent import consents
from core.conversation.contrast import told_apart
from core.conversation.correcting import ask_what_to_correct, correct_draft
from core.conversation.filing import file_draft
from core.conversation.floor import Floor
from core.conversation.grouping import take_group
from core.conversation.heard import Heard
from core.conversation.photographing import refuses
from core.conversation.reading import is_beside, is_matter, is_only_place, knows_matter, names_place
from core.conversation.second_matter import begin_or_add, is_told_of_elsewhere
from core.text import fold


def answer_confirm(floor: Floor, heard: Heard) -> bool:
    """The words said to “Gửi đi · Sửa · Hủy”."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if consents(floor, heard):
        file_draft(floor)
        return True
    if take_group(floor, heard.text):
        return True
    if phrases.is_one_of("no", heard.text):
        ask_what_to_correct(floor)
        return True
    if phrases.is_one_of("no_photo", heard.text) or phrases.speaks_of("no_phone", folded):
        return True  # a refusal of what is not asked any more: the summary is shown again
    if phrases.is_reserved(folded):
        return False
    if heard.intent == "confirm" and not knows_matter(heard) and not refuses(floor, heard, folded):
        floor.say("not_sent_yet")  # only the engine takes it for a yes
        return True
    return _corrects_or_adds(floor, heard)


def _corrects_or_adds(floor: Floor, heard: Heard) -> bool:
    phrases, meaning, draft = floor.known.phrases, heard.understanding, floor.draft
    if draft is not None and is_told_of_elsewhere(floor, draft, heard):
        begin_or_add(floor, heard)
        return True
    beside = is_beside(heard, phrases) and told_apart(heard.text, phrases) is None
    if heard.intent in ("deny_correct", "change_location") and not beside:
        return correct_draft(floor, heard)
    if meaning is not None and meaning.on_behalf is not None and not heard.categories:
        return correct_draft(floor, heard)
    if heard.intent != "report" and not beside:
        return False
    if not (is_matter(heard, phrases) or names_place(heard)):
        return False
    only_place = not is_matter(heard, phrases) or is_only_place(heard, phrases)
    if only_place and not is_beside(heard, phrases):
        return correct_draft(floor, heard)
    begin_or_add(floor, heard)
    return True
