"""News from the back office: a report was moved; its people are told in the middle of whatever they tell
us.
"""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.objecting import offer_objection
from core.conversation.rating import offer_rating
from core.message import Ask, News


def report_news(floor: Floor, heard: Heard) -> None:
    """Say what happened; then ask for a rating or an answer, or go back to the draft."""
    news = heard.event.news
    if news is None:
        floor.silent = not (floor.lines or floor.alarm)
        return
    _tell(floor, heard, news)
    own = floor.own(news.code) is not None
    if news.status == "resolved" and own:
        offer_rating(floor, news.code)
    elif news.status == "refused" and own and floor.draft is None:
        offer_objection(floor, news.code)
    elif news.status == "needs_info" and own and floor.draft is None:
        floor.change(about=news.code)
        floor.put_question(Ask.DESCRIPTION, "ask_for_agency")
    else:
        if news.status == "needs_info" and own:
            floor.say("answer_with_code", code=news.code)
        floor.go_back()


def _tell(floor: Floor, heard: Heard, news: News) -> None:
    status = floor.known.phrases.status(news.status)
    key = f"news_{news.status}"
    fields = {
        "code": news.code,
        "agency": news.agency,
        "status": status,
        "at": floor.time(heard.event.sent_at),
    }
    floor.say(key if floor.known.phrases.has(key) else "news_other", **fields)
    if any(letter.isalnum() for letter in news.note):
        floor.say("news_note", note=news.note)
    floor.photos = (*floor.photos, *news.photos)
