"""Taking a filed report back: asked once more, as somebody may be at work on it."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.effects import Withdraw
from core.conversation.floor import Floor
from core.conversation.heard import Heard, ReportBrief
from core.conversation.reading import is_believed_cancel
from core.conversation.status import choices_of, list_reports
from core.conversation.summary import gist
from core.conversation.which_report import A_POINTER, LISTED, nth_named, report_meant, report_or_newest
from core.message import Ask
from core.text import fold


def withdraw_filed(floor: Floor, heard: Heard) -> bool:
    """“Hủy phản ánh vừa gửi”."""
    if floor.draft is not None or not heard.text:
        return False
    phrases = floor.known.phrases
    if not (phrases.says("withdraw", heard.text) or is_believed_cancel(heard, phrases)):
        return False
    meaning = heard.understanding
    code = next(iter(meaning.ticket_codes), None) if meaning is not None else None
    open_ones = [r for r in floor.known.own if not r.closed and code in (None, r.code)]
    report = open_ones[0] if len(open_ones) == 1 else report_or_newest(floor, heard, open_ones)
    if report is not None:
        ask_withdraw(floor, report.code, report.description)
    elif open_ones:
        ask_which_to_withdraw(floor, open_ones)
    else:
        floor.say("nothing_to_cancel")
        floor.settled = True
    return True


def ask_which_to_withdraw(floor: Floor, reports: Sequence[ReportBrief]) -> None:
    """The words fit none of several, or more than one: nothing is guessed."""
    floor.change(about=None)
    list_reports(floor, reports)
    floor.put_question(
        Ask.WITHDRAW, "ask_which_to_withdraw", *choices_of(floor, reports, "take_back"), floor.choice("keep")
    )


def take_back(floor: Floor, code: str) -> None:
    """One of the list was chosen."""
    report = next((r for r in floor.known.own if r.code == code and not r.closed), None)
    if report is None:
        floor.say("nothing_to_cancel")
        floor.go_back()
    else:
        ask_withdraw(floor, report.code, report.description)


def _answer_which(floor: Floor, heard: Heard) -> bool:
    """“Cái cống” to the list; anything that names none of it is heard for itself."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    if any(phrases.is_one_of(name, heard.text) for name in ("keep", "no", "done")):
        keep(floor)
        return True
    open_ones = [r for r in floor.known.own if not r.closed]
    number = nth_named(floor, folded, len(open_ones[:LISTED]))
    report = open_ones[number] if number is not None else report_meant(floor, heard, open_ones)
    if report is None or len(folded.split()) > A_POINTER:
        return False
    ask_withdraw(floor, report.code, report.description)
    return True


def ask_withdraw(floor: Floor, code: str, words: str) -> None:
    """“Rút lại … ?”, with the words of the report."""
    floor.change(about=code)
    floor.put_question(
        Ask.WITHDRAW,
        "ask_withdraw",
        floor.choice("withdraw"),
        floor.choice("keep"),
        code=code,
        what=gist(words, 80),
    )


def answer_withdraw(floor: Floor, heard: Heard) -> bool:
    """A clear yes takes it back, a no keeps it; anything else keeps it too and is heard for itself."""
    if floor.conversation.about is None:
        return _answer_which(floor, heard)
    phrases, folded = floor.known.phrases, fold(heard.text)
    solved = any(choice.value == "withdraw:solved" for choice in floor.conversation.offered)
    if solved and (phrases.is_one_of("done", heard.text) or phrases.speaks_of("solved", folded)):
        refuses = phrases.is_one_of("no", heard.text) or phrases.speaks_of("not_solved", folded)
        keep(floor) if refuses else withdraw(floor)
    elif any(phrases.is_one_of(name, heard.text) for name in ("keep", "no", "done")):
        keep(floor)
    elif any(phrases.is_one_of(name, heard.text) for name in ("withdraw", "yes", "cancel")):
        withdraw(floor)
    elif phrases.speaks_of("keep", folded) or phrases.speaks_of("refuses", folded):
        keep(floor)
    elif any(phrases.speaks_of(name, folded) for name in ("withdraw", "cancel", "false_alarm", "slip_alone")):
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
