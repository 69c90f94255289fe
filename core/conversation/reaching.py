"""How the citizen, or the neighbour they tell for, is reached: a phone number told in words, or asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.conversation.effects import JoinReport
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed, names_place, surely_reports
from core.message import Ask, Contact
from core.spans import find_phones
from core.text import fold

LATE_PHONE = timedelta(hours=24)
"""So long after filing a lone number belongs to that report."""
BESIDE_A_PHONE = 6
"""Words up to which a message with a number is nothing but the number (“số của bà là …”)."""
ASKED_TWICE = 2


def keep_phone(floor: Floor, heard: Heard) -> bool:
    """A number and hardly anything else: it goes to the draft or the report filed last."""
    if not heard.phones or heard.photos or names_place(heard):
        return False
    numbers = [(found.start, found.end) for found in find_phones(heard.text)]
    if len(words_beside(heard.text, numbers)) > BESIDE_A_PHONE:
        return False
    phone, last = heard.phones[0], floor.conversation.last_filed
    floor.change(unheard=0)
    if floor.draft is not None:
        floor.change_draft(contact_phone=phone)
    elif last is not None and floor.now - last.at <= LATE_PHONE:
        floor.do(JoinReport(last.code, contact_phone=phone))
    else:
        floor.change(contact=Contact(phone))
    floor.say("contact_kept", phone=phone)
    if floor.draft is None and last is None:
        floor.put_question(None, "ask_what")
    else:
        floor.go_back()
    return True


def words_beside(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The folded words outside the spans, and no figures: what is said beside a number."""
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return [word for word in fold(text).split() if not word.isdigit()]


def answer_phone(floor: Floor, heard: Heard) -> bool:
    """The neighbour's phone, a refusal, or “để hỏi đã”. What is no number is asked again, never a matter."""
    code = floor.conversation.about
    if code is None:
        return False
    contact = heard.event.contact
    phone = contact.phone if contact is not None else None
    phone = phone or (heard.phones[0] if heard.phones else None)
    if phone:
        floor.do(JoinReport(code, contact_phone=phone))
        floor.say("neighbour_phone_kept", phone=phone)
        offer_more(floor)
        return True
    if not heard.text or heard.photos:
        return False
    phrases, folded = floor.known.phrases, fold(heard.text)
    if _refuses(floor, heard, folded):
        skip_phone(floor)
    elif phrases.speaks_of("phone_later", folded):
        floor.say("phone_later")
        offer_more(floor)
    elif phrases.speaks_of("number_words", folded) or _is_no_answer(floor, heard, folded):
        floor.change(unheard=floor.conversation.unheard + 1)
        floor.put_question(Ask.PHONE, "ask_phone_again", floor.choice("skip_phone"))
    else:
        return False
    return True


def _refuses(floor: Floor, heard: Heard, folded: str) -> bool:
    phrases = floor.known.phrases
    if not folded or phrases.speaks_of("number_words", folded):
        return False
    return (
        phrases.is_one_of("skip_phone", heard.text)
        or phrases.is_one_of("no", heard.text)
        or phrases.speaks_of("no_phone", folded)
        or phrases.speaks_of("refuses", folded)
        or heard.intent in ("deny_correct", "cancel", "thanks")
    )


def _is_no_answer(floor: Floor, heard: Heard, folded: str) -> bool:
    """Words that are neither an answer nor clearly something else; asked twice, they are heard for
    themselves."""
    if floor.known.phrases.is_reserved(folded) or floor.conversation.unheard >= ASKED_TWICE:
        return False
    if heard.understanding is not None and heard.understanding.ticket_codes:
        return False
    if is_believed(heard, "check_status", "help", "human", "greet", "out_of_scope"):
        return False
    return not (surely_reports(heard) or names_place(heard))


def skip_phone(floor: Floor) -> None:
    """No number: what comes of the report is told to whom told it."""
    floor.say("phone_skipped")
    offer_more(floor)


def offer_more(floor: Floor) -> None:
    """The report for a neighbour is done; volunteers often have the next one."""
    floor.change(asked=None, about=None, unheard=0)
    floor.choices = (floor.choice("new_report"), floor.choice("done"))
    floor.go_back()
