"""“Đừng nói tên tui ra”, “tôi không đồng ý”: who may see what is told, and consent that is refused."""

from __future__ import annotations

from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import BELIEVED, likeliest, names_place
from core.message import Ask
from core.text import fold

A_WISH = 12
"""Words up to which a wish for secrecy is all that a message says."""


def wish_for_secrecy(floor: Floor, heard: Heard) -> bool:
    """Asked whether anybody learns who reported, or to keep it secret: what is so is said, the wish kept."""
    if not _wishes(floor, heard) or not _is_all(floor, heard):
        return False
    floor.change(unheard=0)
    keep_secret(floor, heard)
    last = floor.conversation.last_filed
    filed = last is not None and floor.own(last.code) is not None
    if floor.draft is None and last is not None and filed:
        floor.do(JoinReport(last.code, words=heard.text))
    floor.say("kept_secret" if floor.draft is not None or filed else "kept_how")
    floor.go_back()
    return True


def keep_secret(floor: Floor, heard: Heard) -> None:
    """The wish goes with the draft, also when it is told beside the matter; those who look see it."""
    draft = floor.draft
    if draft is not None and "keep_secret" not in draft.needs_person and _wishes(floor, heard):
        floor.change(draft=draft.marked("keep_secret"))
        floor.say("kept_secret")


def refuse_consent(floor: Floor, heard: Heard) -> bool:
    """“Tôi không đồng ý” to the summary: nothing is sent, the draft stays, the ways on are offered."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    asked = floor.conversation.asked is Ask.CONFIRM and phrases.speaks_of("disagrees", folded)
    if not asked and not phrases.speaks_of("refuses_consent", folded):
        return False
    floor.change(unheard=0)
    if floor.draft is None:
        floor.say("kept_how")
        floor.say("export_end")
        floor.settled = True
        return True
    look_again = floor.choice("resume", phrases.choice("look_again").label)
    floor.put_question(None, "consent_refused", floor.choice("cancel"), look_again, floor.choice("human"))
    return True


def _wishes(floor: Floor, heard: Heard) -> bool:
    return floor.known.phrases.speaks_of("secrecy", fold(heard.text))


def _is_all(floor: Floor, heard: Heard) -> bool:
    """Whether the message says nothing of a matter beside the wish."""
    if len(heard.text.split()) > A_WISH or names_place(heard) or heard.photos:
        return False
    draft = floor.draft
    told = draft is not None and bool(draft.said)
    return told or likeliest(heard)[1] < BELIEVED
