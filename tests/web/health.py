"""Is the program well? Counts of what waits, cheap enough to be asked every few seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import sqlalchemy as sa

from core.storage.schema import inbox, outbox
from core.storage.store import Store, StoreError


def read_counts(connection: sa.Connection) -> dict[str, dict[str, int]]:
    """How many rows of the inbox and outbox stand in a state that somebody should know of."""

    def count(table: sa.Table, state: str) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(table.c.state == state)
        return int(connection.execute(query).scalar_one())

    return {
        "inbox": {"waiting": count(inbox, "waiting"), "failed": count(inbox, "failed")},
        "outbox": {"waiting": count(outbox, "waiting"), "dead": count(outbox, "dead")},
    }


def health_of(store: Store, channels: Sequence[str]) -> Callable[[], Awaitable[dict[str, Any]]]:
    """A `Services.health` that asks the database and names the channels that are on."""

    async def health() -> dict[str, Any]:
        try:
            counts = await store.read(read_counts)
        except StoreError as error:
            return {"database": False, "reason": type(error).__name__, "channels": list(channels)}
        return {"database": True, **counts, "channels": list(channels)}

    return health
