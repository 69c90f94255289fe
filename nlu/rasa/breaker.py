"""A circuit breaker: a server that fails again and again is left alone for a while, then tried once."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    CLOSED = "closed"  # asked as usual
    OPEN = "open"  # left alone
    TRIED = "tried"  # one question is on its way to see whether it is back


class Breaker:
    """`after` failures in a row open it for `rest` seconds. `monotonic` is a clock in seconds."""

    def __init__(self, monotonic: Callable[[], float], after: int = 3, rest: float = 30.0) -> None:
        self._monotonic = monotonic
        self._after = after
        self._rest = rest
        self._failures = 0
        self._opened_at: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        if self._opened_at is None:
            return State.CLOSED
        return State.TRIED if self._trying else State.OPEN

    def may_ask(self) -> bool:
        """Whether to ask now. After the rest one caller is told yes; it must report back."""
        if self._opened_at is None:
            return True
        if self._trying or self._monotonic() - self._opened_at < self._rest:
            return False
        self._trying = True
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._opened_at = None
        self._trying = False

    def failed(self) -> None:
        self._failures += 1
        if self._trying or (self._opened_at is None and self._failures >= self._after):
            self._opened_at = self._monotonic()
        self._trying = False

    def given_up(self) -> None:
        """The question was called back before its answer said anything about the server."""
        self._trying = False
