"""The desk: what all calls share — the inbox, media, recognition, prompts, and the pack's words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from connectors.hotline.activities import Activities
from connectors.hotline.caller import Caller
from connectors.hotline.dictation import WordsHeard
from connectors.hotline.prompts import Prompts
from connectors.hotline.sound import as_wav
from connectors.hotline.spool import Spool
from connectors.hotline.wording import Wording
from core.clock import Clock
from core.media.store import MediaStore, MediaStoreError
from core.message import Address, Contact, Inbound, InboundKind, MediaKind, MediaRef
from core.storage import StoreError

CHANNEL = "hotline"
TRIES = (0.0, 0.3, 1.0)
"""Seconds before each try to keep what was said; a caller cannot wait longer."""

Accept = Callable[[Sequence[Inbound]], Awaitable[object]]

log = structlog.get_logger(__name__)


class NotKept(Exception):
    """What was said could not be put into the inbox; it is on disk, and taken up at the next start."""


@dataclass(slots=True)
class Desk:
    """`is_complete` tells whether words name a matter and a place, so that nobody waits for more of them;
    `operators_there` whether a person answers now; `send_receipt` writes to the caller after the call."""

    accept: Accept
    media: MediaStore
    words: WordsHeard
    prompts: Prompts
    wording: Wording
    spool: Spool
    clock: Clock
    activities: Activities
    operators_there: Callable[[], bool]
    is_complete: Callable[[str], Awaitable[bool]]
    spell: Callable[[str], str]
    send_receipt: Callable[[Address, Caller, datetime], None] | None = None

    async def keep(
        self, address: Address, event: str, *, caller: Caller, pcm: bytes = b"", wav: bytes = b"",
        text: str = "", kind: InboundKind = InboundKind.MESSAGE, choice: str | None = None,
        choice_turn: int | None = None, later: int = 0,
    ) -> None:  # fmt: skip
        """One event of a call into the inbox, its sound kept first. Raises NotKept.

        `later` orders events of the same moment.
        """
        wav = wav or (as_wav(pcm) if pcm else b"")
        at = self.clock.now() + timedelta(microseconds=later)
        for number, pause in enumerate(TRIES, 1):
            await asyncio.sleep(pause)
            try:
                voice = await self._keep_sound(wav) if wav else None
                contact = Contact(caller.number) if caller.number else None
                await self.accept(
                    [Inbound(address, event, at, kind, text, voice=voice, contact=contact, choice=choice,
                             choice_turn=choice_turn, language="vi")]
                )  # fmt: skip
            except (StoreError, MediaStoreError) as error:
                log.warning("call_event_not_kept", attempt=number, error=type(error).__name__)
            else:
                return
        raise NotKept(event)

    async def _keep_sound(self, wav: bytes) -> MediaRef:
        media_id = await asyncio.to_thread(self.media.put, wav, ".wav")
        return MediaRef(MediaKind.VOICE, media_id, size=len(wav), mime="audio/wav")
