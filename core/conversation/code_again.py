"""The code once more: who missed it on the phone, or lost the message, is told it again."""

from __future__ import annotations

from datetime import timedelta

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import names_place
from core.text import fold

JUST_FILED = timedelta(minutes=10)
"""So long after filing “đọc lại đi” means the code, though it is not named."""
A_REQUEST = 14
"""Words up to which it is a request and not part of a matter."""


def tell_code_again(floor: Floor, heard: Heard) -> bool:
    """“Mã số mấy, đọc lại đi”, “bác chưa ghi kịp”: the code of the report filed last."""
    text = heard.text.lower()
    if not text or len(text.split()) > A_REQUEST or heard.photos or names_place(heard):
        return False
    if heard.understanding is not None and heard.understanding.ticket_codes:
        return False
    code = _code_meant(floor, text)
    if code is None:
        return False
    floor.say("code_again", code=code)
    floor.change(unheard=0)
    floor.ends = floor.draft is None
    floor.go_back()
    return True


def _code_meant(floor: Floor, text: str) -> str | None:
    """The code that is asked for; None when none is."""
    phrases, last = floor.known.phrases, floor.conversation.last_filed
    if phrases.speaks_of("asks_for_code", text):
        return last.code if last is not None else next((own.code for own in floor.known.own), None)
    just_filed = last is not None and floor.draft is None and floor.now - last.at <= JUST_FILED
    if last is not None and just_filed and phrases.speaks_of("asks_again", fold(text)):
        return last.code
    return None
