"""The receipt: after a call, the code of what was filed goes to the caller's mobile number in writing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog

from connectors.hotline.caller import Caller
from connectors.hotline.channel import PhoneText
from connectors.hotline.wording import Wording
from core.channel import ChannelError
from core.message import Address
from core.phrases import Phrases
from core.reports.moves import Status
from core.storage import Store, StoreError
from core.storage.schema import inbox, reports

LOOKS, LOOK_S = 240, 0.5

log = structlog.get_logger(__name__)


def receipt_sender(
    store: Store, texting: PhoneText, wording: Wording, phrases: Phrases
) -> Callable[[Address, Caller, datetime], Coroutine[Any, Any, None]]:
    """A function that writes to the caller about each report filed since the call began."""
    manner = phrases.manner("zalo")  # written, not spoken

    async def send(address: Address, caller: Caller, since: datetime) -> None:
        if not caller.is_mobile:
            return
        try:
            await _all_heard(store, address)
            filed = await store.read(lambda conn: _filed_since(conn, address, since))
        except StoreError:
            log.exception("receipt_not_looked_up")
            return
        for row in filed:
            unconfirmed = row["status"] == Status.UNCONFIRMED
            words = wording.say(
                "receipt_unconfirmed" if unconfirmed else "receipt",
                code=row["code"],
                agency=row["agency"],
                deadline=phrases.time(row["deadline"], manner) if row["deadline"] else "",
            )
            try:
                await texting.send(caller.number, words, row["code"])
            except ChannelError as error:
                log.warning("receipt_not_sent", error=f"{type(error).__name__}: {error}")

    return send


async def _all_heard(store: Store, address: Address) -> None:
    """Wait until nothing of the call waits in the inbox any more: what was said last may be filed by then."""
    mine = (inbox.c.channel == address.channel) & (inbox.c.user == address.user)
    waiting = sa.select(sa.func.count()).where(mine, inbox.c.state == "waiting")
    for _ in range(LOOKS):
        if not await store.read(lambda conn: conn.execute(waiting).scalar_one()):
            return
        await asyncio.sleep(LOOK_S)


def _filed_since(conn: sa.Connection, address: Address, since: datetime) -> list[sa.RowMapping]:
    mine = (reports.c.channel == address.channel) & (reports.c.user == address.user)
    rows = conn.execute(
        sa.select(reports.c.code, reports.c.agency, reports.c.deadline, reports.c.status)
        .where(mine, reports.c.created_at >= since)
        .order_by(reports.c.id)
    )
    return list(rows.mappings().all())
