"""Privacy: the citizen sees what is kept, and has it erased (Luật 91/2025/QH15, NĐ 356/2025/NĐ-CP)."""

from __future__ import annotations

from core.conversation.effects import Erase
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.secrecy import refuse_consent, wish_for_secrecy
from core.conversation.state import Conversation
from core.message import Ask
from core.text import fold


def privacy_request(floor: Floor, heard: Heard) -> bool:
    """“Xóa dữ liệu của tôi”, “tôi đã gửi những gì”, “ẩn danh được không”, “tôi không đồng ý”."""
    if not heard.text:
        return False
    folded = fold(heard.text)
    phrases = floor.known.phrases
    if floor.conversation.asked is Ask.ERASE:
        if phrases.is_one_of("erase:yes", heard.text):
            erase(floor)
            return True
        keep_data(floor)
        keeps = phrases.speaks_of("refuses", folded) or phrases.speaks_of("keep", folded)
        if keeps or phrases.is_reserved(folded):
            return True
        floor.again = floor.settled = (
            False  # no answer: nothing is erased, the words are heard for themselves
        )
        return False
    if phrases.speaks_of("erase", folded):
        floor.put_question(Ask.ERASE, "ask_erase", floor.choice("erase:yes"), floor.choice("erase:no"))
        return True
    if phrases.speaks_of("export", folded):
        export(floor)
        return True
    return wish_for_secrecy(floor, heard) or refuse_consent(floor, heard)


def erase(floor: Floor) -> None:
    """Everything that ties the citizen to what is stored goes, in this very transaction."""
    turn = floor.conversation.turn
    # last: what the same burst filed stays with its agency, nameless like the rest
    floor.do(Erase(floor.conversation.voices))
    floor.conversation = Conversation(turn=turn)
    floor.say("erased")
    floor.settled = True


def erase_at_once(floor: Floor, heard: Heard) -> None:
    """The channel tells that the citizen withdrew: no question, no answer."""
    erase(floor)
    floor.silent = True


def keep_data(floor: Floor) -> None:
    floor.change(asked=None)
    floor.say("not_erased")
    floor.go_back()


def export(floor: Floor) -> None:
    """All that is kept of this citizen, in words."""
    phrases, own = floor.known.phrases, floor.known.own
    consent = "export_consent" if floor.known.consented else "export_no_consent"
    floor.say("export_head", count=len(own))
    for report in own:
        floor.say(
            "export_report",
            code=report.code,
            day=floor.day(report.created_at),
            what=" ".join(report.description.split()),
            status=phrases.status(report.status),
        )
    if floor.conversation.contact is not None and floor.conversation.contact.phone:
        floor.say("export_phone", phone=floor.conversation.contact.phone)
    floor.say(consent)
    floor.say("export_end")
    floor.go_back()
