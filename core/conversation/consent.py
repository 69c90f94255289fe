"""What counts as a yes to the summary. Silence is none, nor is a word that may mean something else."""

from __future__ import annotations

from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.reading import is_believed, knows_matter, names_place
from core.conversation.tokens import covered, terms, tokens_of
from core.phrases import Phrases
from core.text import fold

SHORT_YES = 7
"""Words in the longest assent of free wording that sends."""


def consents(floor: Floor, heard: Heard) -> bool:
    """“Gửi đi”, “đc”, 👍, or a short yes in other words: “thôi gởi đi”, “ừ đúng thế gửi giùm bác”."""
    folded, phrases = fold(heard.text), floor.known.phrases
    if not folded:
        return is_believed(heard, "confirm")  # a sign alone
    if asks_back(heard.text, phrases):
        return False
    if phrases.is_one_of("confirm", heard.text):
        return True
    if knows_matter(heard) or names_place(heard) or len(folded.split()) > SHORT_YES:
        return False
    if holds_back(heard.text, phrases):
        return False
    if wants_it_sent(heard.text, phrases):
        return True
    if phrases.is_one_of("confirm", folded):
        return False  # “ứ” is no “ừ”
    assents = phrases.speaks_of("assent", folded) or phrases.speaks_of("send_or_call", heard.text.lower())
    return heard.intent == "confirm" and assents and _says_no_more(heard.text, phrases)


def asks_back(text: str, phrases: Phrases) -> bool:
    """“Gửi à”, “gửi thế nào”, “ok?”: a question is no yes."""
    if "?" in text:
        return True
    return phrases.speaks_of("asks_back", fold(text)) or phrases.speaks_of("asks_back_written", text.lower())


def _says_no_more(text: str, phrases: Phrases) -> bool:
    """Whether all are words of assent and particles: “đúng là chán”, “ừ để xem” say something else."""
    return all(covered(tokens_of(text), terms(phrases, "consenting")))


def is_yes(text: str, phrases: Phrases) -> bool:
    """A yes to a question, also in the words that send: “có”, “đúng rồi”, “chuẩn”."""
    return phrases.is_one_of("yes", text) or phrases.is_one_of("confirm", text)


def holds_back(text: str, phrases: Phrases) -> bool:
    """“Không”, “chưa”, “để mai”; “đừng” and “dừng”, which without marks would be “đúng”."""
    denies = phrases.speaks_of("negation", fold(text)) or phrases.speaks_of("negation_written", text.lower())
    return denies or puts_off(text, phrases)


def puts_off(text: str, phrases: Phrases) -> bool:
    """“Để mai gửi”, “khoan đã”, “đừng em”."""
    return phrases.speaks_of("put_off", fold(text)) or phrases.speaks_of("put_off_written", text.lower())


def wants_it_sent(text: str, phrases: Phrases) -> bool:
    """“Gửi đi”, also as the South says it; “gọi đi” is a call and no sending."""
    return phrases.speaks_of("send", fold(text)) or phrases.speaks_of("send_written", text.lower())
