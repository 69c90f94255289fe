"""Reading a heard message: small questions that several rules ask."""

from __future__ import annotations

from collections.abc import Sequence

from core.conversation.effects import Correct
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.tokens import Token, covered, term_at, terms, tokens_of, trimmed
from core.conversation.village_numbers import counts
from core.phrases import Phrases
from core.text import fold

TELLS = 0.35
"""From this probability on a category shows that the words are about a matter of their own."""
BELIEVED = 0.6
"""From this confidence on an intent alone, without a word of the pack, decides."""
ASIDES = ("greet", "thanks", "help", "out_of_scope", "abuse_spam", "human", "check_status")
"""Intents of what is said beside a report."""
_LONG_ENOUGH = 10
_BESIDE_A_PLACE = ("near", "living", "mistakes", "slips", "denials", "but", "proper")
"""Lists of words that may stand beside a place's name and tell nothing of their own."""


def is_matter(heard: Heard, phrases: Phrases) -> bool:
    """Whether the words tell of a matter, rather than only that one is coming, or where."""
    if heard.understanding is None:
        return True
    if tells_whom(heard) and not _telling_words(heard, phrases):
        return False  # “báo thay bà cụ ở Thạch Khê”, whatever an engine believes
    if heard.categories:
        return True
    if heard.intent != "report" and not phrases.speaks_of("on_behalf_told", fold(heard.text)):
        return False
    if heard.intent == "report" and len(matter_words(heard).split()) >= _LONG_ENOUGH:
        return True
    return names_place(heard) and len(_telling_words(heard, phrases)) >= 2


def tells_whom(heard: Heard) -> bool:
    """Whether the words say whom they are for."""
    return heard.understanding is not None and heard.understanding.on_behalf is not None


def _telling_words(heard: Heard, phrases: Phrases) -> list[Token]:
    """The words beside the place that do not merely announce a matter."""
    words = other_words(heard, phrases)
    marks = covered(words, terms(phrases, "announcing", "for_another"))
    whom = set(fold(heard.understanding.on_behalf or "").split()) if heard.understanding else set()
    return [word for word, mark in zip(words, marks, strict=True) if not mark and word.folded not in whom]


def likeliest(heard: Heard) -> tuple[str, float]:
    """The category that the engine ranks first, and its probability; ("", 0.0) when it knows none."""
    return heard.categories[0] if heard.categories else ("", 0.0)


def knows_matter(heard: Heard) -> bool:
    """Whether the engine knows a matter in the words."""
    return likeliest(heard)[1] >= TELLS


def surely_reports(heard: Heard, least: float = BELIEVED) -> bool:
    """Whether the engine takes the words for a report, and is as sure as that of its category."""
    return heard.intent == "report" and likeliest(heard)[1] >= least


def tells_anything(heard: Heard, phrases: Phrases) -> bool:
    """Whether there is any word beside mere fillers, or a place, or the engine knows a matter in them."""
    return knows_matter(heard) or bool(place_text(heard, phrases)) or bool(other_words(heard, phrases))


def matter_words(heard: Heard) -> str:
    """The words about the thing itself: without greetings, phones and codes."""
    meaning = heard.understanding
    return (meaning.matter if meaning is not None else "") or heard.text


def is_believed(heard: Heard, *intents: str) -> bool:
    """Whether the engine is fairly sure of one of these intents."""
    meaning = heard.understanding
    return meaning is not None and meaning.intent in intents and meaning.confidence >= BELIEVED


def names_place(heard: Heard) -> bool:
    return heard.place is not None and heard.place.status != "unknown"


def is_believed_cancel(heard: Heard, phrases: Phrases) -> bool:
    """Whether the engine takes for a cancel what is no known answer."""
    return is_believed(heard, "cancel") and not phrases.is_reserved(fold(heard.text))


def is_only_place(heard: Heard, phrases: Phrases) -> bool:
    """Whether the words name a place and tell nothing else: “tui ở thôn 3 xã …”, “à quên, xã … nhé”."""
    if not (names_place(heard) or place_text(heard, phrases) or _is_by_landmark(heard, phrases)):
        return False
    matter = matter_words(heard)
    start = max(heard.text.find(matter), 0)
    end = start + len(matter) if matter in heard.text else len(heard.text)
    told = [word for word in other_words(heard, phrases) if start <= word.start < end]
    return all(covered(told, terms(phrases, *_BESIDE_A_PLACE, "landmarks")))


def are_matters_apart(parts: Sequence[Heard], phrases: Phrases) -> bool:
    """Whether each part surely tells of a matter, and they differ by their group or their commune."""
    if len(parts) < 2 or not all(_is_sure_matter(part, phrases) for part in parts):
        return False
    units = {part.place.unit.code for part in parts if part.place is not None and part.place.unit is not None}
    return len(units) > 1 or len({likeliest(part)[0] for part in parts}) > 1


def _is_sure_matter(heard: Heard, phrases: Phrases) -> bool:
    return surely_reports(heard) and not is_only_place(heard, phrases) and not is_beside(heard, phrases)


def _is_by_landmark(heard: Heard, phrases: Phrases) -> bool:
    """“Chợ”, “cạnh trường học”, “trước cổng chợ”: a landmark without a name, and words of where."""
    words = trimmed(tokens_of(heard.text), terms(phrases, "fillers", "prepositions"))
    led = all(covered(words, terms(phrases, "near", "fillers", "landmarks")))
    return led and any(covered(words, terms(phrases, "landmarks")))


def is_beside(heard: Heard, phrases: Phrases) -> bool:
    """Whether the place that is named is only near: “giáp xã …”, “đường đi …”."""
    return names_place(heard) and any(covered(tokens_of(heard.text), terms(phrases, "beside")))


def other_words(heard: Heard, phrases: Phrases) -> list[Token]:
    """The words that are no part of the place's name, its thôn or xóm, and no mere fillers."""
    tokens = tokens_of(heard.text)
    spans = _place_spans(heard, phrases)
    small = terms(phrases, "fillers", "prepositions")
    fillers = covered(tokens, small, terms(phrases, "compounds"))
    spans += _names(heard.text, tokens, phrases)
    inside = [any(a <= token.start and token.end <= b for a, b in spans) for token in tokens]
    return [t for t, place, filler in zip(tokens, inside, fillers, strict=True) if not place and not filler]


def place_text(heard: Heard, phrases: Phrases | None = None) -> str:
    """The words that name the place: the interpreter's span, widened by what the gazetteer knew beside it.

    With the phrases, a word such as “thôn” or “ngõ” before them belongs to them, so does a thôn told after
    them; whom it is for does not.
    """
    start, end = _place_span(heard)
    if phrases is not None:
        tokens = tokens_of(heard.text)
        start, end = _widened(heard, start, end, phrases, tokens, _spots(heard.text, tokens, phrases))
    if start < 0:
        meaning = heard.understanding
        spans = list(heard.place.spans) if heard.place is not None else []
        told = meaning.place_text if meaning is not None and meaning.place_text else ""
        return told or ", ".join(heard.text[a:b] for a, b in spans)
    if phrases is None:
        return heard.text[start:end]
    return _without_person(heard.text[start:end], heard, phrases)


def _place_spans(heard: Heard, phrases: Phrases) -> list[tuple[int, int]]:
    """Everything in the text that names where, as (start, end)."""
    tokens = tokens_of(heard.text)
    spots = _spots(heard.text, tokens, phrases)
    named = (_place_span(heard), *(heard.place.spans if heard.place else ()))
    spans = [_widened(heard, start, end, phrases, tokens, spots) for start, end in named]
    return [*(span for span in spans if span[0] >= 0), *spots]


def _widened(
    heard: Heard,
    start: int,
    end: int,
    phrases: Phrases,
    tokens: Sequence[Token],
    spots: Sequence[tuple[int, int]],
) -> tuple[int, int]:
    """The span with the words before it that begin a place, and a spot named right before or after it.

    Fillers at its ends are cut, but never out of a unit's name: “xã Kỳ Anh”.
    """
    text = heard.text
    if start < 0:
        return spots[0] if len(spots) == 1 else (-1, -1)
    first = next((index for index, token in enumerate(tokens) if token.start >= start), 0)
    while first > 0 and not tokens[first].opens and _leads(tokens, first - 1, phrases):
        first -= 1
        start = tokens[first].start
    for a, b in spots:
        follows, precedes = a >= end, b <= start
        if (follows and not text[end:a].strip(" ,")) or (precedes and not text[b:start].strip(" ,")):
            start, end = min(start, a), max(end, b)
    kept = trimmed(tokens_of(text[start:end]), terms(phrases, "fillers"), terms(phrases, "compounds"))
    if not kept:
        return start, end
    first, last = start + kept[0].start, start + kept[-1].end
    for a, b in heard.place.spans if heard.place is not None else ():
        if start <= a and b <= end:
            first, last = min(first, a), max(last, b)
    return first, last


def _leads(tokens: Sequence[Token], index: int, phrases: Phrases) -> bool:
    """Whether the word is the head of the place after it, and not part of another word (“đèn đường”)."""
    compounds = terms(phrases, "compounds")
    if term_at(tokens, index, compounds) > 1 or (index and term_at(tokens, index - 1, compounds) > 1):
        return False
    return term_at(tokens, index, terms(phrases, "place_heads")) == 1


def _spots(text: str, tokens: Sequence[Token], phrases: Phrases) -> list[tuple[int, int]]:
    """Where a thôn, a market, a bridge … is named: its word, then a number or a name in capitals."""
    found, index = [], 0
    compounds = terms(phrases, "compounds")
    while index < len(tokens):
        length = term_at(tokens, index, terms(phrases, "hamlets", "place_heads"))
        end = _end_of_name(text, tokens, index + length, phrases) if length else 0
        joined = index > 0 and term_at(tokens, index - 1, compounds) > 1
        if end > index + length and not joined:
            found.append((tokens[index].start, tokens[end - 1].end))
        index = max(end, index + (length or 1))
    return found


def _names(text: str, tokens: Sequence[Token], phrases: Phrases) -> list[tuple[int, int]]:
    """Where somebody says who they are: “tôi tên Bình”."""
    found = []
    for index in range(len(tokens)):
        length = term_at(tokens, index, terms(phrases, "naming"))
        end = _end_of_name(text, tokens, index + length, phrases) if length else 0
        if end > index + length:
            found.append((tokens[index].start, tokens[end - 1].end))
    return found


def _end_of_name(text: str, tokens: Sequence[Token], index: int, phrases: Phrases) -> int:
    """The index after a name or number that begins at `index`; `index` when there is none."""
    if index >= len(tokens) or tokens[index].opens:
        return index
    if any(character.isdigit() for character in tokens[index].folded):
        measured = index + 1 < len(tokens) and not tokens[index + 1].opens
        return index if measured and counts(tokens, index + 1, phrases) else index + 1
    end = index
    while end < min(len(tokens), index + 3) and text[tokens[end].start].isupper():
        if end > index and tokens[end].opens:
            break
        end += 1
    return end


def _place_span(heard: Heard) -> tuple[int, int]:
    """Where the interpreter's place words stand, joined with the gazetteer's that touch them; (-1, -1):
    nowhere.
    """
    meaning = heard.understanding
    spans = list(heard.place.spans) if heard.place is not None else []
    told = meaning.place_text if meaning is not None and meaning.place_text else ""
    start = heard.text.find(told) if told else -1
    if start < 0:
        return min(spans) if len(spans) == 1 else (-1, -1)
    end = start + len(told)
    for a, b in spans:
        if a <= end + 2 and start <= b + 2:
            start, end = min(start, a), max(end, b)
    return start, end


def _without_person(words: str, heard: Heard, phrases: Phrases) -> str:
    """“Xuân ở thôn Đông” said for mệ Xuân is thôn Đông."""
    meaning = heard.understanding
    whom = (meaning.on_behalf or "") if meaning is not None else ""
    parts, name = words.split(), whom.split()
    if not name or fold(parts[0] if parts else "") != fold(name[-1]):
        return words
    rest = parts[1:]
    while rest and fold(rest[0]) in phrases.words("prepositions"):
        rest = rest[1:]
    return " ".join(rest) or words


def commune_name(floor: Floor, code: str) -> str:
    """The name inside a sentence: “xã Cẩm Bình”."""
    return floor.known.pack.places.communes[code].spoken


def keep_correction(floor: Floor, text: str, field: str, guessed: str | None, corrected: str) -> None:
    """The citizen's correction of a guess is kept as a candidate example."""
    floor.do(Correct(text, "draft_open", field, guessed, corrected))
