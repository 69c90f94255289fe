"""The record of a call: all that counts in it becomes an event in the inbox, its sound on disk until then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from connectors.hotline.caller import Caller
from connectors.hotline.desk import Desk, NotKept
from core.message import Address, InboundKind

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Event:
    number: int
    kind: InboundKind = InboundKind.MESSAGE
    wav: bytes = b""
    text: str = ""
    choice: str | None = None
    choice_turn: int | None = None


class CallRecord:
    """Keeps the events of one call. `spool` holds what was said and is in no event yet."""

    def __init__(self, desk: Desk, address: Address, caller: Caller, call_id: str) -> None:
        self.call_id = call_id
        self.began_at = desk.clock.now()
        self.spool = desk.spool.open(call_id, address.user, caller.number, self.began_at)
        self._desk = desk
        self._address = address
        self._caller = caller
        self._count = 0
        self._pending: dict[int, _Event] = {}
        """Events that are not in the inbox; tried once more at the end, under the same name."""
        self._aside: list[bytes] = []

    async def begin(self) -> None:
        """Somebody is on the line. Raises NotKept, as all that keeps does."""
        await self._keep(_Event(self._next(), InboundKind.START))

    async def keep_choice(self, value: str, turn: int) -> None:
        await self._keep(_Event(self._next(), choice=value, choice_turn=turn))

    async def keep_code(self, digits: str) -> None:
        """The code of a report, as it was keyed."""
        await self._keep(_Event(self._next(), text=digits))

    async def keep_voice(self, wav: bytes, position: int) -> None:
        """An utterance, which ended at `position` of the spool."""
        await self._keep(_Event(self._next(), wav=wav))
        self.spool.accepted(position, self._desk.clock.now())

    def set_aside(self, wav: bytes) -> None:
        """A voice that nobody could make out: a person listens to it after the call."""
        self._aside.append(wav)

    async def close(self, last_words: Iterable[bytes]) -> None:
        """What was not kept so far, the last words and the hang-up; when that fails, the next start finds
        them on disk."""
        try:
            for event in [*self._pending.values()]:
                await self._keep(event)
            for wav in (*self._aside, *last_words):
                await self._keep(_Event(self._next(), wav=wav))
            await self._keep(_Event(self._next(), InboundKind.HUNG_UP))
        except NotKept:
            log.error("call_left_on_disk", call=self.call_id)  # noqa: TRY400
            self.spool.flush()
            return
        await asyncio.to_thread(self.spool.discard)
        if self._desk.send_receipt is not None:
            self._desk.send_receipt(self._address, self._caller, self.began_at)

    def _next(self) -> int:
        self._count += 1
        return self._count

    async def _keep(self, event: _Event) -> None:
        self._pending[event.number] = event
        await self._desk.keep(
            self._address, f"{self.call_id}:{event.number}", caller=self._caller, wav=event.wav,
            text=event.text, kind=event.kind, choice=event.choice, choice_turn=event.choice_turn,
            later=event.number,
        )  # fmt: skip
        del self._pending[event.number]
