"""Leaving the draft: “thôi, hủy giúp”. Clear words drop it at once; a mere guess is asked back."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.consent import is_yes, puts_off, wants_it_sent
from core.conversation.emergency import is_recent
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.nameless import points_only
from core.conversation.reading import is_believed_cancel, knows_matter, names_place
from core.conversation.summary import draft_gist
from core.conversation.wording import said_words
from core.message import Ask
from core.text import fold, strip_marks

ASKED_BACK = ("cancel", "keep")
"""The choices of “Hủy việc này ạ?”."""
_OTHERWISE = ("send", "photo_later", "photo_coming", "photo_how")
SHORT_CANCEL = 4
"""Words in the longest unmarked “Huy nha em” that may be a cancel."""
SHORT = 8
"""Words in the longest message that merely puts the draft off."""


def as_meant(floor: Floor, heard: Heard) -> Heard:
    """A name is no cancel: “gần nhà anh Huy”, “phường Hà Huy Tập”. Such words tell of the draft."""
    meaning, phrases = heard.understanding, floor.known.phrases
    if floor.draft is None or meaning is None or meaning.intent != "cancel":
        return heard
    written, folded = heard.text.lower(), fold(heard.text)
    if phrases.speaks_of("cancel_written", written):
        return heard
    if names_place(heard) and not phrases.is_one_of("cancel", heard.text):
        return replace(heard, understanding=replace(meaning, intent="report"))
    named = phrases.speaks_of("cancel_as_name", heard.text) and len(folded.split()) > SHORT_CANCEL
    if named or (strip_marks(written) != written and phrases.speaks_of("cancel_name", written)):
        return replace(heard, understanding=replace(meaning, intent="report"))
    return heard


def cancel_draft(floor: Floor, heard: Heard) -> bool:
    """Clear words drop the draft; what only the engine takes for a cancel is asked back."""
    if floor.draft is None:
        return False
    if tuple(choice.value for choice in floor.conversation.offered) == ASKED_BACK:
        return _answer_asked_back(floor, heard)
    if not heard.text:
        return False
    phrases, folded = floor.known.phrases, fold(heard.text)
    if phrases.speaks_of("enough", folded) or phrases.speaks_of("not_needed", folded):
        return _hear_enough(floor, heard, folded)
    if _means_otherwise(floor, heard.text):
        return False
    if _is_clear(floor, heard, folded):
        if phrases.speaks_of("cancel_as_name", heard.text):
            ask_back(floor, heard)  # a name, or a phone that writes the first letter large
        else:
            drop_draft(floor)
        return True
    if is_believed_cancel(heard, phrases):
        ask_back(floor, heard)
        return True
    return False


def _hear_enough(floor: Floor, heard: Heard, folded: str) -> bool:
    """“Thế thôi”, “thôi không cần”: no photo where one was asked for, no yes and no cancel at the summary."""
    asked, phrases = floor.conversation.asked, floor.known.phrases
    if asked is Ask.PHOTO:
        return False  # it is the answer to that
    if asked is Ask.CONFIRM and phrases.speaks_of("enough", folded):
        floor.say("not_sent_yet")
        floor.again = True
        return True
    ask_back(floor, heard)
    return True


def _is_clear(floor: Floor, heard: Heard, folded: str) -> bool:
    phrases, written = floor.known.phrases, heard.text.lower()
    if phrases.is_one_of("cancel", folded):
        return phrases.is_one_of("cancel", heard.text)  # “bò” is no “bỏ”, “thổi” no “thôi”
    if not phrases.speaks_of("cancel", folded):
        return False
    as_name = strip_marks(written) != written and phrases.speaks_of("cancel_name", written)
    return phrases.speaks_of("cancel_written", written) or not (as_name or names_place(heard))


def _means_otherwise(floor: Floor, text: str) -> bool:
    """Whether it is a refusal or a promise of photos, a wish to send, or to send later."""
    phrases, folded, at_photo = floor.known.phrases, fold(text), floor.conversation.asked is Ask.PHOTO
    no_photo = phrases.is_one_of("no_photo", text)
    if at_photo and (no_photo or phrases.speaks_of("refuses", folded)):
        return no_photo or not phrases.speaks_of("cancel", folded)
    if phrases.speaks_of("cancel", folded):
        return False
    return puts_off(text, phrases) or any(phrases.speaks_of(name, folded) for name in _OTHERWISE)


def ask_back(floor: Floor, heard: Heard) -> None:
    """“Hủy việc này ạ?” The draft stays, and so do the words until it is clear what they were."""
    phrases = floor.known.phrases
    said = said_words(heard, phrases)
    of_sending = wants_it_sent(heard.text, phrases) or puts_off(heard.text, phrases)
    of_sending = of_sending or phrases.speaks_of("gives_up", fold(heard.text))
    telling = len(heard.text.split()) >= 3 and not of_sending
    floor.change_draft(doubted=said if telling and said.text else None)
    floor.put_question(None, "ask_cancel", floor.choice("cancel"), floor.choice("keep"))


def _answer_asked_back(floor: Floor, heard: Heard) -> bool:
    """A yes drops it; a no keeps it; anything else keeps it and is heard for itself."""
    phrases, folded = floor.known.phrases, fold(heard.text)
    yes = any(phrases.is_one_of(name, heard.text) for name in ("yes", "cancel"))
    if yes or phrases.speaks_of("cancel", folded):
        drop_draft(floor)
        return True
    keep_draft(floor)
    if any(phrases.is_one_of(name, heard.text) for name in ("no", "keep", "no_photo", "resume")):
        return True
    return phrases.speaks_of("keep", folded) or wants_it_sent(heard.text, phrases)


def keep_draft(floor: Floor) -> None:
    """It was no cancel: the draft goes on, with the words that were in doubt."""
    draft = floor.draft
    if draft is not None and draft.doubted is not None:
        floor.change_draft(said=(*draft.said, draft.doubted), doubted=None)
        floor.new_words = True
    floor.change(offered=())
    floor.again = True


def put_off(floor: Floor, heard: Heard) -> bool:
    """“Để mai gửi”, “khoan đã”: nothing is sent and nothing is lost."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or floor.conversation.asked is Ask.PHOTO or draft.rewrite == "what":
        return False
    if len(folded.split()) > SHORT or knows_matter(heard) or names_place(heard):
        return False
    if not puts_off(heard.text, phrases) or points_only(heard, phrases):
        return False
    floor.say("put_off")
    floor.settled = True
    return True


def resume_draft(floor: Floor, heard: Heard) -> bool:
    """After a pause that was asked for: “gửi đi” shows the draft again before it is sent, “vâng” does not."""
    draft, phrases, folded = floor.draft, floor.known.phrases, fold(heard.text)
    if draft is None or floor.conversation.asked is not None or floor.conversation.offered:
        return False
    if phrases.speaks_of("send", folded) or phrases.is_one_of("resume", heard.text):
        return True
    if is_yes(heard.text, phrases):
        floor.say("okay_waiting")
        floor.settled = True
        return True
    return False


def drop_draft(floor: Floor) -> None:
    """The draft is gone, and kept aside for some minutes; a further matter told meanwhile is next."""
    draft = floor.draft
    if draft is not None and is_recent(floor):  # an alarm was sent: not “nothing was sent”
        floor.say("cancelled_one", what=draft_gist(floor, draft))
    else:
        floor.say("cancelled")
    dropped = replace(draft, touched_at=floor.now, doubted=None) if draft is not None else None
    floor.change(draft=None, dropped=dropped, asked=None, offered=(), about=None, photo_last=False)
