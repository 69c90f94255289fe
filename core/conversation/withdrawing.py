"""Taking a filed report back: asked once more, as somebody may be at work on it."""

from __future__ import annotations

from core.conversation.effects import Withdraw
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed
from core.conversation.summary import gist
from core.message import Ask
from core.text import fold


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
    phrases, folded = floor.known.phrases, fold(heard.text)
    solved = any(choice.value == "withdraw:solved" for choice in floor.conversation.offered)
    if solved and (phrases.is_one_of("done", folded) or phrases.speaks_of("solved", folded)):
        refuses = phrases.is_one_of("no", folded) or phrases.speaks_of("not_solved", folded)
        keep(floor) if refuses else withdraw(floor)
    elif any(phrases.is_one_of(name, folded) for name in ("keep", "no", "done")):
        keep(floor)
    elif any(phrases.is_one_of(name, folded) for name in ("withdraw", "yes", "cancel")):
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
