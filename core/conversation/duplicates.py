"""Two that may be one: a matter reported before, and an old draft beside a new one."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.effects import Follow, JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed
from core.text import fold


def answer_duplicate(floor: Floor, heard: Heard) -> bool:
    """“Cùng việc này không?”"""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if phrases.speaks_of("send", folded) or phrases.is_one_of("no", heard.text):
        not_the_same(floor)
    elif phrases.is_one_of("yes", heard.text):
        follow_existing(floor)
    elif is_believed(heard, "deny_correct") and not phrases.is_reserved(folded):
        not_the_same(floor)
    elif is_believed(heard, "confirm") and not phrases.is_reserved(folded):
        follow_existing(floor)
    else:
        return False
    return True


def follow_existing(floor: Floor) -> None:
    """The matter is known already: the citizen follows it; their words join if they once agreed to it."""
    code, draft = floor.conversation.about, floor.draft
    if code is None:
        return
    floor.do(Follow(code))
    passes_on = draft is not None and floor.known.consented
    if draft is not None and passes_on:
        floor.do(JoinReport(code, words=draft.description, photos=draft.photos))
    floor.change(draft=None, asked=None, about=None, offered=())
    floor.say("following" if passes_on else "following_only", code=code)


def not_the_same(floor: Floor) -> None:
    """Another matter: it is not asked about this report again."""
    draft = floor.draft
    if draft is not None and floor.conversation.about:
        floor.change_draft(not_same_as=(*draft.not_same_as, floor.conversation.about))


def answer_continue(floor: Floor, heard: Heard) -> bool:
    """“Tiếp việc cũ hay báo việc mới?”"""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if phrases.speaks_of("go_on", folded) or phrases.is_one_of("yes", heard.text):
        floor.again = True
        return True
    if phrases.speaks_of("new_one", folded):
        take_new_instead(floor)
        return True
    return False


def take_new_instead(floor: Floor) -> None:
    """The matter told last is taken up and the old draft is left."""
    *others, newest = floor.conversation.later
    newest = replace(newest, touched_at=floor.now)
    floor.change(draft=newest, later=tuple(others), asked=None, offered=())
    floor.new_words, floor.after_break = True, False
