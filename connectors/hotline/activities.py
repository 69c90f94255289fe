"""Voice activity models, made ready beforehand: making one takes long enough to be heard in other calls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.speech import VoiceActivity

READY = 2


class Activities:
    """Keeps a few models ready, and those of ended calls for the next ones."""

    def __init__(self, make: Callable[[], VoiceActivity]) -> None:
        self._make = make
        self._free: list[VoiceActivity] = []

    async def prepare(self) -> None:
        """See that some are ready; they are made in a thread."""
        while len(self._free) < READY:
            self._free.append(await asyncio.to_thread(self._make))

    def take(self) -> VoiceActivity:
        """One for a call, as new."""
        return self._free.pop() if self._free else self._make()

    def give_back(self, activity: VoiceActivity) -> None:
        activity.reset()
        self._free.append(activity)
