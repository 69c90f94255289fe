"""Words to a phone number as letters of another channel, so that they are durable and tried again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from core.channel import ChannelError
from core.clock import Clock
from core.codec import encode
from core.message import Outbound, Receipt
from core.reports.erasing import ERASED_KEY
from core.reports.records import insert_new
from core.storage import Store, StoreError
from core.storage.schema import outbox
from core.wake import Wake


@dataclass(frozen=True, slots=True)
class PhoneLetters:
    """Fills `connectors.hotline.channel.PhoneText` with rows of the outbox for `channel`; `wake` tells those
    who deliver."""

    store: Store
    clock: Clock
    wake: Wake
    channel: str

    async def send(self, phone: str, words: str, code: str) -> Receipt:
        """The same words to the same number leave once a day. Raises ChannelError when they are not kept."""
        now = self.clock.now()
        mark = hashlib.sha256(f"{self.channel} {phone} {now:%Y%m%d} {words}".encode()).hexdigest()[:40]
        # The code of a receipt was told on the phone: one that cannot arrive is no work for an officer, and
        # nothing of it is kept once it left, as with the last words to a citizen who had everything erased.
        key = f"{ERASED_KEY if code else 'phone'}:{mark}"
        row = {
            "key": key, "channel": self.channel, "user": phone, "payload": encode(Outbound(words)),
            "state": "waiting", "attempts": 0, "next_at": now, "created_at": now,
        }  # fmt: skip
        try:
            await self.store.write(lambda conn: conn.execute(insert_new(conn, outbox, "key"), row) and None)
        except StoreError as error:
            raise ChannelError(f"the letter was not kept: {error}") from error
        self.wake.notify()
        return Receipt((key,))
