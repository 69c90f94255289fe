"""Danger that is only believed: no word told it, a model alone sees it. It is asked for, never filed at once.

The numbers are named all the same. The words are kept until the answer: after a yes they are an urgent
report, after anything else they are heard as an ordinary message, and never as an address.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.conversation.choices import chosen_value
from core.conversation.draft import Draft, Said
from core.conversation.emergency import is_recent
from core.conversation.filling import add_category_guess
from core.conversation.floor import Floor
from core.conversation.heard import Heard
from core.conversation.late import late_addition
from core.conversation.no_danger import tells_of_harm
from core.conversation.photographing import answer_photo, refuse_photo_in_words
from core.conversation.reaching import BESIDE_A_PHONE, words_beside
from core.conversation.reading import knows_matter
from core.conversation.second_matter import begin_or_add
from core.conversation.state import Doubt
from core.message import Ask
from core.spans import find_phones, spoken_digits
from core.text import fold
from core.understanding import Understanding

LONG = 8
"""Words from which a message that was no danger after all is kept as a matter."""
A_MATTER = 3
"""The same, when no matter is open and the words may be one."""


BARE_YES = 3
"""Words up to which a yes (“dạ có ạ”) tells nothing else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`confirmed` is the danger to file; `done` says that nothing of the message is left to hear."""

    confirmed: Doubt | None = None
    done: bool = False


def is_only_believed(floor: Floor, heard: Heard) -> bool:
    """Whether a model alone sees danger, and nothing urgent is going on that the words may belong to."""
    meaning = heard.understanding
    if meaning is None or meaning.danger_said or heard.phones:
        return False
    return floor.draft is not None or not is_recent(floor)


def is_mere_number(heard: Heard) -> bool:
    """Whether the message is a row of digits, in figures or in words, with hardly anything beside it."""
    rows = [(found.start, found.end) for found in find_phones(heard.text)]
    rows += [(row.places[0][0], row.places[-1][1]) for row in spoken_digits(heard.text)]
    return bool(rows) and len(words_beside(heard.text, rows)) <= BESIDE_A_PHONE


def ask_whether(floor: Floor, draft: Draft, kind: str, categories: tuple[tuple[str, float], ...]) -> None:
    """Name the numbers and ask; `draft` is the urgent report that it may become."""
    before = floor.conversation.doubt
    if before is not None:
        draft = joined(before.draft, draft)
    asked = before.asked if before is not None else floor.conversation.asked
    floor.change(doubt=Doubt(draft, kind, categories, asked))
    floor.warn("danger_believed")
    yes, no = floor.choice("danger:yes"), floor.choice("danger:no")
    floor.put_question(Ask.DANGER, "ask_danger", yes, no)
    floor.change(asked=Ask.DANGER, offered=(yes, no))  # for what comes in the same burst


def joined(earlier: Draft, later: Draft) -> Draft:
    """One danger told in two messages."""
    where = later.where if later.where.commune or later.where.words else earlier.where
    return replace(
        earlier,
        said=(*earlier.said, *(said for said in later.said if said not in earlier.said)),
        photos=(*earlier.photos, *later.photos),
        voices=(*earlier.voices, *later.voices),
        contact_phone=later.contact_phone or earlier.contact_phone,
        where=where,
    )


def hear_answer(floor: Floor, heard: Heard) -> Answer:
    """What the message says to “Có ai đang gặp nguy hiểm không ạ?”; unless it is a yes the doubt is over."""
    doubt = floor.conversation.doubt
    if doubt is None:
        return Answer()
    meaning = heard.understanding
    told = meaning is not None and (meaning.danger is not None or meaning.intent == "emergency")
    yes, no = _says(floor, heard, "yes"), _says(floor, heard, "no")
    if told and meaning is not None and meaning.danger_said and not no:
        floor.change(doubt=None, asked=doubt.asked)
        return Answer(confirmed=doubt)
    if told and not yes and not no:
        return Answer()  # believed once more: it is asked once more, with both
    floor.change(doubt=None, asked=doubt.asked, offered=())
    if yes:
        return Answer(confirmed=replace(doubt, draft=_with_answer(doubt.draft, heard)), done=True)
    _hear_as_ordinary(floor, heard, doubt, alone=no)
    if not no:
        floor.settled = floor.again = False
    return Answer(done=no)


def _with_answer(draft: Draft, heard: Heard) -> Draft:
    """The urgent report with the words of the yes, when they tell more: “có người bị kẹt”."""
    if len(heard.text.split()) <= BARE_YES:
        return draft
    return replace(draft, said=(*draft.said, Said(heard.event.event_id, heard.text)))


def _says(floor: Floor, heard: Heard, answer: str) -> bool:
    """Whether a message is that answer, "yes" or "no", by button, number, key or words."""
    chosen = chosen_value(floor, heard)
    if heard.event.choice is not None or chosen is not None:
        return chosen == f"danger:{answer}"
    folded = fold(heard.text)
    return bool(folded) and not heard.photos and floor.known.phrases.speaks_of(f"danger_{answer}", folded)


def _hear_as_ordinary(floor: Floor, heard: Heard, doubt: Doubt, *, alone: bool) -> None:
    """The words of the doubt, now that they are no danger: a matter when they may be one, else an aside.

    `alone`: the answer was a plain no; otherwise the message goes on to be heard for itself.
    """
    calm, before = _calm(heard, doubt), floor.draft
    many = len(calm.text.split())
    if _is_about_photos(floor, calm):
        return
    if before is None and late_addition(floor, calm):
        return
    if before is None:
        may_be_one = many >= A_MATTER and (alone or not knows_matter(heard))
    else:
        may_be_one = alone and tells_of_harm(calm.text, floor.known.phrases)
    if many >= LONG or may_be_one or doubt.draft.photos or doubt.draft.where.point is not None:
        _keep_words(floor, calm, doubt)
    elif before is None and alone:
        floor.put_question(None, "ask_what")
    floor.again = before is not None


def _keep_words(floor: Floor, calm: Heard, doubt: Doubt) -> None:
    """The words begin the draft or are added to it, with what came with them."""
    before = floor.draft
    begin_or_add(floor, calm)
    if floor.draft is not None:
        floor.change(draft=with_all_of(floor.draft, doubt, begun=before is None))


def with_all_of(draft: Draft, doubt: Doubt, *, begun: bool) -> Draft:
    """The draft with photos and voices of the doubt; one that was begun by it has its place too."""
    told, where = doubt.draft, doubt.draft.where
    photos = tuple(photo for photo in told.photos if photo not in draft.photos)
    voices = tuple(voice for voice in told.voices if voice not in draft.voices)
    draft = replace(draft, photos=(*draft.photos, *photos), voices=(*draft.voices, *voices))
    if begun and (where.commune or where.candidates or where.point is not None):
        draft = replace(draft, where=where)
    return draft


def as_a_matter(doubt: Doubt, draft: Draft | None) -> Draft:
    """What is kept of a doubt that nobody answered: the words in the open draft, or a draft of their own."""
    if draft is None:
        told = replace(doubt.draft, urgent=False, transcript=doubt.draft.description)
        return add_category_guess(told, doubt.categories)
    said = tuple(said for said in doubt.draft.said if said not in draft.said)
    return with_all_of(replace(draft, said=(*draft.said, *said)), doubt, begun=False)


def _calm(heard: Heard, doubt: Doubt) -> Heard:
    """The words of the doubt as a message that tells of a matter and names no place."""
    draft = doubt.draft
    words = draft.description
    meaning = Understanding("report", 0.0, categories=doubt.categories, matter=words)
    event = replace(
        heard.event, event_id=draft.said[0].event_id, text=words, choice=None, point=None, contact=None
    )
    return Heard(event, words, understanding=meaning)


def _is_about_photos(floor: Floor, calm: Heard) -> bool:
    """“Trời tối rồi, mai chụp”: what answers the question for photos after all."""
    if floor.draft is None or floor.conversation.asked is not Ask.PHOTO:
        return False
    unsure = calm if calm.understanding is None else _without_categories(calm, calm.understanding)
    rules: tuple[Callable[[Floor, Heard], bool], ...] = (refuse_photo_in_words, answer_photo)
    return any(rule(floor, unsure) for rule in rules)


def _without_categories(heard: Heard, meaning: Understanding) -> Heard:
    return replace(heard, understanding=replace(meaning, categories=()))
