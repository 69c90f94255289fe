"""A report and its history, read for the page of the one who filed it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from core.storage.schema import report_events, reports

_EVENT = ("at", "kind", "actor", "from_status", "to_status", "note")
_SHOWN = (
    "code", "category", "description", "address", "commune", "urgent", "status", "agency", "rule", "why",
)  # fmt: skip


def read_report(
    connection: sa.Connection, code: str, owner: str, say_status: Callable[[str], str]
) -> dict[str, Any] | None:
    """The report with its `events`, oldest first; None when this browser did not file it."""
    query = sa.select(reports).where(
        reports.c.code == code,
        reports.c.channel.like("sim\\_%", escape="\\"),
        reports.c.user.startswith(f"{owner}.", autoescape=True),
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    history = connection.execute(
        sa.select(*(report_events.c[name] for name in _EVENT))
        .where(report_events.c.report_id == row["id"])
        .order_by(report_events.c.at, report_events.c.id)
    ).mappings()
    events = [
        # who of the staff it was stays with the staff
        {
            **event,
            "at": event["at"].isoformat(),
            "actor": event["actor"].partition(":")[0],
            "to_words": event["to_status"] and say_status(event["to_status"]),
        }
        for event in history
    ]
    deadline = row["deadline"]
    return {
        "status_words": say_status(row["status"]),
        **{name: row[name] for name in _SHOWN},
        "point": None if row["lat"] is None else {"lat": row["lat"], "lon": row["lon"]},
        "deadline": deadline and deadline.isoformat(),
        "events": events,
    }
