"""Answers of the talk on their way to the caller's ear, and what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.message import Outbound

HOLD_S = 4.0
"""How long an answer waits for a caller who is just speaking."""


@dataclass(eq=False, slots=True)
class Letter:
    """An answer of the talk, and the promise to tell what became of it."""

    message: Outbound
    receipt: asyncio.Future[str]

    def settle(self, what: str) -> None:
        """Say what became of it: heard, interrupted, overtaken or unheard. The first word counts."""
        if not self.receipt.done():
            self.receipt.set_result(what)


class HeldLetter:
    """At most one answer, which waits until the caller has finished speaking."""

    def __init__(self, on_long: Callable[[], None]) -> None:
        """`on_long` is called when it has waited long enough."""
        self._on_long = on_long
        self._letter: Letter | None = None
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        return self._letter is not None

    def hold(self, letter: Letter) -> None:
        """The one held before is overtaken."""
        self.drop()
        self._letter = letter
        self._alarm = asyncio.get_running_loop().call_later(HOLD_S, self._on_long)

    def take(self) -> Letter | None:
        if self._alarm is not None:
            self._alarm.cancel()
        letter, self._letter = self._letter, None
        return letter

    def drop(self, what: str = "overtaken") -> None:
        """The caller has said more meanwhile; the answer to that is the one that counts."""
        letter = self.take()
        if letter is not None:
            letter.settle(what)
