"""What the pages need from the rest of the program; `app.py` fills it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from starlette.routing import BaseRoute

from core.clock import Clock, WallClock
from core.media.store import MediaStore
from core.message import Inbound
from core.storage.store import Store
from web.simulator.simulator import Simulator


class CategoryWords(Protocol):
    @property
    def name(self) -> str: ...


class Pack(Protocol):
    """The part of the province pack that pages show."""

    @property
    def name(self) -> str: ...
    @property
    def hotline(self) -> str: ...
    @property
    def folder(self) -> Path: ...
    @property
    def categories(self) -> Mapping[str, CategoryWords]: ...


@dataclass(frozen=True, slots=True)
class Services:
    """The callables and values behind the pages.

    `accept` commits events to the inbox and says how many were new. `health` gives plain JSON with at least
    `database: bool`. `routes` are the channels' webhooks. `say_status` gives the words of a
    report's status.
    """

    accept: Callable[[list[Inbound]], Awaitable[int]]
    store: Store
    media: MediaStore
    pack: Pack
    health: Callable[[], Awaitable[Mapping[str, Any]]]
    routes: Sequence[BaseRoute] = ()
    simulator: Simulator | None = None
    say_status: Callable[[str], str] = str
    proofs: Mapping[str, str] = field(default_factory=dict)
    """Meta tags of the front page, by name, with which platforms check whose address it is."""
    clock: Clock = field(default_factory=WallClock)
