"""The port of storage: a unit of work is a plain function of a connection, the store decides where it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

import sqlalchemy as sa

T = TypeVar("T")


class StoreError(Exception):
    """The database refused: disk full, locked by another instance, unreachable. Nothing of the work was kept."""


class Store(Protocol):
    """Runs units of work. `write` is durable when it returns; the work may be run again after a conflict,
    so it must do nothing but talk to its connection."""

    async def write(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def read(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def close(self) -> None: ...
