"""What a turn wants done, in the same transaction that remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.conversation.draft import Draft, Photo
from core.message import Point


def code_mark(number: int) -> str:
    """Stands for the code of the turn's n-th new report until storage has given it one."""
    return f"⟦{number}⟧"


def spelled_mark(code: str) -> str:
    """Stands for the same code read out digit by digit; empty for what is not a mark."""
    return f"{code[:-1]}:spelled⟧" if code.startswith("⟦") else ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """File the draft. Filing the same draft id again gives the report that is there already.

    `unconfirmed` is a caller's report that nobody said yes to: somebody calls back first.
    """

    mark: str
    draft: Draft
    category: str
    category_sure: bool
    agency: str
    rule: str
    why: str
    deadline: datetime | None
    urgent: bool = False
    danger: str | None = None
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class JoinReport:
    """Something came after filing: words, photos or a place join the report; its agency sees it.

    `address` is the part of the words that names the place; an urgent report that has none takes it.
    `danger` and `category` are set when the words tell what an urgent report is about, where only a cry for
    help had been heard: they then stand first in the report, which is routed again. `moved`: commune and
    address take the place of those of an urgent report.
    """

    code: str
    words: str = ""
    address: str = ""
    photos: tuple[Photo, ...] = ()
    point: Point | None = None
    commune: str | None = None
    on_behalf_of: str | None = None
    contact_phone: str | None = None
    danger: str | None = None
    category: str | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class TakePhotosBack:
    """Photos that joined a report turned out to be of another matter."""

    code: str
    photos: tuple[Photo, ...]


@dataclass(frozen=True, slots=True)
class Follow:
    code: str


@dataclass(frozen=True, slots=True)
class Rate:
    code: str
    rating: str


@dataclass(frozen=True, slots=True)
class Reopen:
    code: str
    words: str
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdraw:
    code: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person must look. `reason`: asked, danger, failed, officer, late, reopen, voice, call_back."""

    reason: str
    words: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class GiveConsent:
    text_version: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase what ties the citizen to anything here (Luật 91/2025/QH15); `voices` are recordings of theirs,
    in a report or not."""

    voices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Correct:
    """The citizen corrected a guess: kept as a candidate training example."""

    text: str
    context: str
    field: str
    guessed: str | None
    corrected: str
    code: str | None = None


Effect = (
    FileReport
    | JoinReport
    | TakePhotosBack
    | Follow
    | Rate
    | Reopen
    | Withdraw
    | HandOver
    | GiveConsent
    | Erase
    | Correct
)
