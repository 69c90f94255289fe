"""After a crash: what callers had said and was not in the inbox yet is taken up from the spool."""

from __future__ import annotations

import asyncio

import structlog

from connectors.hotline.caller import Caller
from connectors.hotline.desk import CHANNEL, Desk, NotKept
from connectors.hotline.ear import Ear
from connectors.hotline.sound import RATE
from connectors.hotline.spool import Leftover
from core.message import Address, InboundKind

log = structlog.get_logger(__name__)


async def recover_calls(desk: Desk) -> int:
    """Every call that did not end in order: its last words, then its hang-up. How many there were.

    Done twice it is done once: the events have the call's id.
    """
    leftovers = await asyncio.to_thread(lambda: list(desk.spool.leftovers()))
    for leftover in leftovers:
        address, caller = Address(CHANNEL, leftover.user), Caller(leftover.number)
        try:
            if voice_in(desk, leftover) >= desk.wording.timing.sustained:
                await desk.keep(address, f"{leftover.call}:rest", caller=caller, pcm=leftover.rest)
            await desk.keep(address, f"{leftover.call}:end", caller=caller, kind=InboundKind.HUNG_UP, later=1)
        except NotKept:
            log.error("call_still_on_disk", call=leftover.call)  # noqa: TRY400
            continue
        await asyncio.to_thread(desk.spool.discard, leftover.call)
        log.warning("call_recovered", call=leftover.call, seconds=len(leftover.rest) / 2 / RATE)
    return len(leftovers)


def voice_in(desk: Desk, leftover: Leftover) -> float:
    """Seconds of voice in what was left."""
    activity = desk.activities.take()
    ear = Ear(activity)
    total = 0.0
    for at in range(0, len(leftover.rest), 8_000):
        ear.hear(leftover.rest[at : at + 8_000])
        if not ear.speaking and ear.last is not None:
            total += ear.last.voice_s
            ear.last = None
    last = ear.finish()
    desk.activities.give_back(activity)
    return total + (last.voice_s if last is not None else 0.0)
