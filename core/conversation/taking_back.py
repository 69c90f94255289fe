"""An alarm taken back: “nhầm, khói bếp thôi”. Where a draft is open too, which of the two is meant is asked.

The draft is never lost by it: only a choice that names it drops it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum, auto

from core.conversation.address import has_hamlet
from core.conversation.after_alarm import Danger, denies, hear_danger
from core.conversation.contrast import told_apart
from core.conversation.correcting import ask_what_to_correct
from core.conversation.draft import Draft
from core.conversation.effects import JoinReport
from core.conversation.emergency import alarm_words, is_recent
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.leaving import drop_draft
from core.conversation.likeness import shares, telling
from core.conversation.reading import is_believed_cancel, is_only_place, names_place
from core.conversation.summary import draft_gist, gist
from core.conversation.tokens import tokens_of
from core.conversation.withdrawing import answer_withdraw, ask_withdraw, keep, withdraw
from core.message import Ask
from core.text import fold

SOON = timedelta(minutes=15)
"""So long after an alarm a denial that does not say what it denies is about it."""
SHORT = 10
"""Words in the longest message that merely takes an alarm back."""
_LABEL = 19
_PHOTO_ANSWERS = ("no_photo", "photo_later", "photo_coming", "photo_how", "send")


class _Meant(Enum):
    ALARM = auto()
    UNCLEAR = auto()
    """The alarm or the draft."""


def take_back_alarm(floor: Floor, heard: Heard) -> bool:
    """“Báo nhầm”, “không cháy nữa”, “à không, họ đốt rác” after a call for help; never an address.

    Asked once more like every withdrawal.
    """
    code = floor.conversation.emergency
    if code is None or not fold(heard.text) or not is_recent(floor) or names_place(heard) or heard.photos:
        return False
    if floor.conversation.asked is Ask.WITHDRAW:
        return False  # it is the answer to that
    words = alarm_words(floor, code)
    meant = _what_is_denied(floor, heard, words) if words else None
    if meant is None:
        return False
    if not _cancels(floor, heard):
        floor.do(JoinReport(code, words=heard.text))  # those on duty read it at once, whatever is answered
    if meant is _Meant.ALARM:
        ask_withdraw(floor, code, words)
    else:
        _ask_which(floor, heard, code, words)
    return True


def _what_is_denied(floor: Floor, heard: Heard, alarm: str) -> _Meant | None:
    """By its words where they tell; soon after the alarm also when they do not."""
    phrases, folded, draft = floor.known.phrases, fold(heard.text), floor.draft
    code = floor.conversation.emergency
    if code is not None and hear_danger(floor, heard, code) in (Danger.GOES_ON, Danger.OVER):
        return None
    plain = phrases.speaks_of("false_alarm", folded) and len(folded.split()) <= SHORT
    if plain or denies(floor, heard, alarm):
        return _Meant.ALARM
    if _soon_is_over(floor) or _tells_where(floor, heard) or _is_about_draft(floor, heard):
        return None
    if phrases.speaks_of("no_alarm", folded):
        return _by_what_was_asked(floor)
    if _opens_with_denial(floor, heard):
        return _Meant.ALARM if draft is None else _Meant.UNCLEAR
    return _Meant.UNCLEAR if draft is not None and _cancels(floor, heard) else None


def _tells_where(floor: Floor, heard: Heard) -> bool:
    """“Nhầm, thôn 3”, “không phải nhà bên cạnh mà nhà đối diện”: the place is put right."""
    phrases = floor.known.phrases
    if is_only_place(heard, phrases) or phrases.speaks_of("address", fold(heard.text)):
        return True
    if phrases.speaks_of("another_place", fold(heard.text)):
        return True
    contrast = told_apart(heard.text, phrases)
    if contrast is not None and has_hamlet(contrast.right, phrases):
        return True
    apart = contrast is not None and bool(contrast.right) and bool(contrast.wrong)
    return apart and contrast is not None and not telling(contrast.wrong, phrases)


def _soon_is_over(floor: Floor) -> bool:
    at = floor.conversation.emergency_at
    return at is None or floor.now - at > SOON


def _by_what_was_asked(floor: Floor) -> _Meant | None:
    """A bare “không phải” answers the last question; one for a photo has no such answer."""
    asked = floor.conversation.asked
    if floor.draft is None or (asked is Ask.LOCATION and not floor.conversation.emergency_placed):
        return _Meant.ALARM
    return _Meant.UNCLEAR if asked is Ask.PHOTO else None


def _is_about_draft(floor: Floor, heard: Heard) -> bool:
    """Whether the words deny what the draft says, or answer its question for a photo."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None:
        return False
    if any(phrases.speaks_of(name, folded) for name in _PHOTO_ANSWERS):
        return True
    contrast = told_apart(heard.text, phrases)
    known = f"{draft.description} {draft.where.words}"
    return contrast is not None and bool(contrast.wrong) and shares(contrast.wrong, known, phrases)


def _opens_with_denial(floor: Floor, heard: Heard) -> bool:
    """“Nhầm, …”, “à không, …”: a denial, and then what it was."""
    phrases, tokens = floor.known.phrases, tokens_of(heard.text)
    end = next((index for index, token in enumerate(tokens) if token.opens), len(tokens))
    clause = " ".join(token.folded for token in tokens[:end])
    opens = end < len(tokens) and phrases.speaks_of("denial_alone", clause)
    return opens or phrases.speaks_of("denial_first", fold(heard.text))


def _cancels(floor: Floor, heard: Heard) -> bool:
    """“Hủy”, “thôi không báo nữa”, “rút lại”: of a thing that it does not name."""
    phrases = floor.known.phrases
    said = phrases.says("cancel", heard.text) or phrases.says("withdraw", heard.text)
    return said or is_believed_cancel(heard, phrases)


# -- which of the two ------------------------------------------------------------------------------------


def _ask_which(floor: Floor, heard: Heard, code: str, alarm: str) -> None:
    draft = floor.draft
    if draft is None:
        return
    told = draft_gist(floor, draft)
    of_draft = "cancel:draft" if _cancels(floor, heard) else "edit"
    floor.change(about=code)
    floor.put_question(
        Ask.WITHDRAW,
        "ask_which_back",
        floor.choice("withdraw:alarm", gist(alarm, _LABEL)),
        floor.choice(of_draft, gist(told, _LABEL)),
        floor.choice("keep"),
        alarm=gist(alarm, 60),
        draft=gist(told, 60),
    )


def answer_taking_back(floor: Floor, heard: Heard) -> bool:
    """The answer to “Rút lại … ?”, or to which of the two is meant."""
    code, draft, offered = floor.conversation.about, floor.draft, floor.conversation.offered
    if code is None or draft is None or not any(choice.value == "withdraw:alarm" for choice in offered):
        return answer_withdraw(floor, heard)
    return _answer_which(floor, heard, code, draft)


def _answer_which(floor: Floor, heard: Heard, code: str, draft: Draft) -> bool:
    """The alarm or the draft, by its words. What names neither is asked once more, or heard for itself."""
    offered = floor.conversation.offered
    phrases, folded = floor.known.phrases, fold(heard.text)
    of_alarm = shares(heard.text, alarm_words(floor, code), phrases)
    of_draft = shares(heard.text, f"{draft.description} {draft.where.words}", phrases)
    if phrases.says("keep", heard.text):
        keep(floor)
    elif of_alarm and not of_draft:
        withdraw(floor)
    elif of_draft and not of_alarm and len(folded.split()) <= SHORT:
        _leave_alarm(floor, drop=any(choice.value == "cancel:draft" for choice in offered))
    elif _cancels(floor, heard) or phrases.is_one_of("yes", heard.text):
        _ask_which(floor, heard, code, alarm_words(floor, code))
    else:
        return False
    return True


def _leave_alarm(floor: Floor, *, drop: bool) -> None:
    """It was the draft: dropped, or put right."""
    floor.change(about=None, asked=None, offered=())
    if drop:
        drop_draft(floor)
    else:
        ask_what_to_correct(floor)
