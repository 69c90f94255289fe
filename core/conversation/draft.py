"""The draft: one report while it is being told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.message import Point

MAX_PHOTOS = 10
"""Photos kept with one report; the citizen is told when more come."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of the citizen about the matter, with the event that brought them (an edit replaces them).

    `matter` is the part that is read back: without greetings, phones and codes; empty when it is all of it.
    """

    event_id: str
    text: str
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored photo. `point` is where the camera says it was taken."""

    media_id: str
    phash: str = ""
    point: Point | None = None


class PlaceSource(StrEnum):
    NONE = ""
    HINT = "hint"  # a poster's QR code
    PHOTO = "photo"  # EXIF position
    WORDS = "words"
    CHOSEN = "chosen"  # picked among candidates
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Where:
    """What is known of the place. `commune` is a unit code; `candidates` are codes to choose from;
    `words` is the address as told; `outside` names a unit of another province."""

    commune: str | None = None
    point: Point | None = None
    words: str = ""
    candidates: tuple[str, ...] = ()
    outside: str = ""
    source: PlaceSource = PlaceSource.NONE
    times_asked: int = 0
    given_up: bool = False


class PhotoWish(StrEnum):
    OPEN = "open"  # not asked yet
    ASKED = "asked"
    AWAITED = "awaited"  # promised
    DONE = "done"  # sent, refused, or the channel has none


@dataclass(frozen=True, slots=True)
class Draft:
    """`id` comes from the first event, so that filing it twice is one report."""

    id: str
    started_at: datetime
    touched_at: datetime
    said: tuple[Said, ...] = ()
    category: str | None = None
    category_by_citizen: bool = False
    ranked: tuple[tuple[str, float], ...] = ()
    category_asked: bool = False
    where: Where = Where()
    photos: tuple[Photo, ...] = ()
    photo_wish: PhotoWish = PhotoWish.OPEN
    voices: tuple[str, ...] = ()
    transcript: str = ""
    on_behalf_of: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    urgent: bool = False
    not_same_as: tuple[str, ...] = ()
    rewrite: str = ""
    """Field that the next words replace: "", "what", "where" or "photos"."""
    needs_person: tuple[str, ...] = ()
    doubted: Said | None = None
    """Words that may have been a cancel; they join the matter when the draft is kept."""
    shown: bool = False
    """The citizen has seen a summary of it."""

    @property
    def description(self) -> str:
        return "\n".join(said.text for said in self.said)

    def marked(self, reason: str) -> Draft:
        """The draft with a reason for a person to look at it; each reason once."""
        return (
            self if reason in self.needs_person else replace(self, needs_person=(*self.needs_person, reason))
        )
