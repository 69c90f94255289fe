"""What goes into a turn: events with everything done that needs I/O, and the facts around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.conversation.draft import Photo
from core.message import Inbound
from core.pack import Pack
from core.phrases import Phrases
from core.places.commune import PlaceAnswer
from core.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Heard:
    """One event, its media fetched, its voice transcribed, its words interpreted and its place looked up.

    `text` is cleaned words, typed or transcribed. `lost` are reason codes of photos that could not be kept.
    `place` is where the words lead, `spot` where the pin (or else a photo's own position) lies. `right` is
    what the words that a correction puts right mean by themselves, `left` what is still wrong where something
    is solved. `apart`: a further matter of the same message.
    """

    event: Inbound
    text: str = ""
    cut: bool = False
    transcribed: bool = False
    voice: str | None = None
    understanding: Understanding | None = None
    right: Understanding | None = None
    left: Understanding | None = None
    apart: bool = False
    place: PlaceAnswer | None = None
    spot: PlaceAnswer | None = None
    photos: tuple[Photo, ...] = ()
    lost: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def intent(self) -> str:
        """The intent of the words; empty when there are none or no engine could tell."""
        return self.understanding.intent if self.understanding is not None else ""

    @property
    def categories(self) -> tuple[tuple[str, float], ...]:
        return self.understanding.categories if self.understanding is not None else ()

    @property
    def phones(self) -> tuple[str, ...]:
        return self.understanding.phones if self.understanding is not None else ()


@dataclass(frozen=True, slots=True)
class ReportBrief:
    """A report as far as the talk needs it. `metres` is the distance to the draft's point."""

    code: str
    category: str
    commune: str | None
    status: str
    agency: str
    deadline: datetime | None
    created_at: datetime
    description: str = ""
    mine: bool = False
    closed: bool = False
    rated: bool = False
    reopened: int = 0
    has_point: bool = False
    metres: float | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The facts around a turn, read before it. `own` are this citizen's reports, newest first; `near` are
    open reports of the last 14 days within 150 m; `named` are those whose code was said."""

    pack: Pack
    phrases: Phrases
    consented: bool = False
    own: tuple[ReportBrief, ...] = ()
    near: tuple[ReportBrief, ...] = ()
    named: Mapping[str, ReportBrief] = field(default_factory=dict)
