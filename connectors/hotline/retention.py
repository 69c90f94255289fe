"""The sound of calls is deleted after the time that the pack sets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.clock import Clock
from core.media.store import MediaStore, MediaStoreError
from core.review import AT_ONCE, delete_old_audio
from core.storage import Store, StoreError

EVERY_S = 6 * 3600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class AudioRetention:
    """Looks a few times a day; `keep_days` is how long a voice is kept."""

    store: Store
    media: MediaStore
    clock: Clock
    keep_days: int

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                deleted = await self.work_once()
            except (StoreError, MediaStoreError):
                log.exception("audio_not_deleted")
                deleted = 0
            await asyncio.sleep(1.0 if deleted >= AT_ONCE else EVERY_S)

    async def work_once(self) -> int:
        """Delete what is too old; how many recordings."""
        keep = timedelta(days=self.keep_days)
        deleted = await delete_old_audio(self.store, self.media, keep, self.clock.now())
        if deleted:
            log.info("audio_deleted", recordings=deleted)
        return deleted
