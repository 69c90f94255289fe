"""Words to a phone number as letters of another channel, so that they are durable and tried again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from core.channel import ChannelError
from core.clock import Clock
from core.codec import encode
from core.message import Outbound, Receipt
from core.reports.erasing import ERASED_KEY, PHONE_KEY
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
        try:
            key = await self.store.write(lambda conn: self._put(conn, phone, words, receipt=bool(code)))
        except StoreError as error:
            raise ChannelError(f"the letter was not kept: {error}") from error
        self.wake.notify()
        return Receipt((key,))

    def _put(self, conn: sa.Connection, phone: str, words: str, *, receipt: bool) -> str:
        now = self.clock.now()
        mark = hashlib.sha256(f"{self.channel} {phone} {now:%Y%m%d} {words}".encode()).hexdigest()[:40]
        # The code of a receipt was told on the phone: one that cannot arrive is no work for an officer, and
        # nothing of it is kept once it left, as with the last words to a citizen who had everything erased.
        last = receipt or _are_last_words(conn, phone, words)
        row = {
            "key": f"{ERASED_KEY if last else PHONE_KEY}:{mark}", "channel": self.channel, "user": phone,
            "payload": encode(Outbound(words)), "state": "waiting", "attempts": 0, "next_at": now,
            "created_at": now,
        }  # fmt: skip
        conn.execute(insert_new(conn, outbox, "key"), row)
        return str(row["key"])


def _are_last_words(conn: sa.Connection, phone: str, words: str) -> bool:
    """Whether this passes on an answer to a caller who had everything erased."""
    of_caller = (outbox.c.user == phone) | outbox.c.user.startswith(f"{phone}/")
    waiting = sa.select(outbox.c.payload).where(
        of_caller, outbox.c.state == "waiting", outbox.c.key.startswith(f"{ERASED_KEY}:")
    )
    return any(payload.get("text") == words for payload in conn.execute(waiting).scalars())
