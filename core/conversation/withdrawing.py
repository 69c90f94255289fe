"""Taking a filed report back: asked once more, as somebody may be at work on it."""

from __future__ import annotations

from core.conversation.effects import JoinReport, Withdraw
from core.conversation.emergency import is_recent
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.reading import is_believed, names_place
from core.conversation.summary import gist
from core.message import Ask
from core.text import fold

SHORT = 10
"""Words in the longest message that merely takes an alarm back."""


def withdraw_filed(floor: Floor, heard: Heard) -> bool:
    """“Hủy phản ánh vừa gửi”."""
    if floor.draft is not None or not heard.text:
        return False
    phrases, folded = floor.known.phrases, fold(heard.text)
    said = phrases.is_one_of("withdraw", folded) or phrases.speaks_of("withdraw", folded)
    believed = is_believed(heard, "cancel") and not phrases.is_reserved(folded)
    if not (said or believed):
        return False
    meaning = heard.understanding
    code = next(iter(meaning.ticket_codes), None) if meaning is not None else None
    report = next((r for r in floor.known.own if not r.closed and code in (None, r.code)), None)
    if report is None:
        floor.say("nothing_to_cancel")
        floor.settled = True
        return True
    _ask_withdraw(floor, report)
    return True


def _ask_withdraw(floor: Floor, report: ReportBrief) -> None:
    floor.change(about=report.code)
    floor.put_question(
        Ask.WITHDRAW,
        "ask_withdraw",
        floor.choice("withdraw"),
        floor.choice("keep"),
        code=report.code,
        what=gist(report.description, 80),
    )


def take_back_alarm(floor: Floor, heard: Heard) -> bool:
    """“Báo nhầm”, “hết nguy hiểm rồi” after a call for help; a bare “không phải” only right after it.

    Asked once more like every withdrawal; never an address.
    """
    code, folded = floor.conversation.emergency, fold(heard.text)
    if code is None or not folded or not is_recent(floor) or names_place(heard) or heard.photos:
        return False
    phrases = floor.known.phrases
    plain = phrases.speaks_of("false_alarm", folded) and len(folded.split()) <= SHORT
    if not plain and not (phrases.speaks_of("no_alarm", folded) and _is_right_after(floor)):
        return False
    report = next((r for r in floor.known.own if not r.closed and r.code == code), None)
    if report is None:
        return False
    floor.do(JoinReport(code, words=heard.text))  # those on duty read it at once, whatever is answered
    _ask_withdraw(floor, report)
    return True


def _is_right_after(floor: Floor) -> bool:
    """Whether the last answer was about the call for help, and not about a matter that is being told."""
    return floor.draft is None or floor.conversation.asked is Ask.LOCATION


def answer_withdraw(floor: Floor, heard: Heard) -> bool:
    """A clear yes takes it back, a no keeps it; anything else keeps it too and is heard for itself."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if any(phrases.is_one_of(name, folded) for name in ("keep", "no", "done")):
        keep(floor)
    elif any(phrases.is_one_of(name, folded) for name in ("withdraw", "yes", "cancel")):
        withdraw(floor)
    elif phrases.speaks_of("keep", folded) or phrases.speaks_of("refuses", folded):
        keep(floor)
    elif phrases.speaks_of("withdraw", folded) or phrases.speaks_of("cancel", folded):
        withdraw(floor)
    else:
        return False
    return True


def withdraw(floor: Floor) -> None:
    """Take it back now."""
    code = floor.conversation.about
    if code is None:
        floor.say("nothing_to_cancel")
    else:
        floor.do(Withdraw(code))
        floor.change(about=None, asked=None)
        if code == floor.conversation.emergency:
            floor.change(emergency=None, emergency_at=None, emergency_placed=False, last_filed=None)
        floor.say("withdrawn", code=code)
    floor.go_back()


def keep(floor: Floor) -> None:
    """It stays as it is."""
    floor.change(about=None, asked=None)
    floor.say("kept")
    floor.go_back()
