"""What is said of the talk itself: “chờ bác tí”, “nói to lên”, “bác không có điện thoại”."""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import knows_matter, names_place
from core.text import fold

A_REMARK = 10
"""Words up to which it is only about the talk."""


def mind_the_talk(floor: Floor, heard: Heard) -> bool:
    """Wait, say it once more and slowly, or calm; what was asked stays asked. In a chat only where nothing is
    being told: beside a draft “chờ tí” is about the photo or the sending.
    """
    folded, phrases = fold(heard.text), floor.known.phrases
    if not folded or len(folded.split()) > A_REMARK or heard.photos or names_place(heard):
        return False
    if not floor.manner.spoken and floor.draft is not None:
        return False
    if heard.understanding is not None and heard.understanding.on_behalf is not None:
        return False
    if phrases.speaks_of("wait_for_me", folded):
        _wait(floor)
    elif floor.manner.spoken and phrases.speaks_of("speak_up", folded):
        floor.slowly = True
        floor.say("speaking_up" if floor.draft is None else "speaking_up_in_draft")
        floor.go_back()
    elif floor.manner.spoken and phrases.speaks_of("has_no_phone", folded) and not knows_matter(heard):
        floor.say("no_phone_needed" if floor.draft is None else "no_phone_needed_in_draft")
        floor.go_back()
    else:
        return False
    floor.change(unheard=0)
    return True


def _wait(floor: Floor) -> None:
    """The question stands as it was; it is not put once more."""
    talk = floor.conversation
    floor.put_question(talk.asked, "take_your_time", *talk.offered)
