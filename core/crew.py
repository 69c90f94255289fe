"""A crew: claims pieces of work and does several of them at once, until it is cancelled."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from core.wake import Wake

T = TypeVar("T")
_process = uuid.uuid4().hex[:20]
_leases = itertools.count()


def new_lease() -> str:
    """A token that no other claim, of this process or another, ever has."""
    return f"{_process}-{next(_leases)}"


async def work_through(
    claim: Callable[[int], Awaitable[list[T]]],
    do: Callable[[T], Coroutine[Any, Any, None]],
    *,
    most: Callable[[], int],
    wake: Wake,
    patience: Callable[[], Awaitable[float]],
) -> None:
    """Claim up to as many pieces as there is room for, do each in a task of its own, and wait for more.

    `most` says how many may be under way, `patience` how many seconds to wait when nobody wakes us.
    Cancelled, it cancels what is under way: whoever starts next finishes it.
    """
    running: set[asyncio.Task[None]] = set()

    def ended(task: asyncio.Task[None]) -> None:
        running.discard(task)
        if len(running) >= most() - 1:
            wake.notify()  # there was no room; now there is

    try:
        while True:
            free = most() - len(running)
            pieces = await claim(free) if free > 0 else []
            for piece in pieces:
                task = asyncio.create_task(do(piece))
                running.add(task)
                task.add_done_callback(ended)
            if len(pieces) < free or free <= 0:  # else there may be more
                await wake.wait(await patience())
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
