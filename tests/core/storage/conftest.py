"""Small units of work that the tests of the stores share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from core.storage.schema import counters, report_events, reports

Work = Callable[[sa.Connection], None]
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


@pytest.fixture
def put() -> Callable[[str], Work]:
    """A unit that writes one row with this name."""

    def build(name: str) -> Work:
        return lambda connection: _insert(connection, name)

    return build


def _insert(connection: sa.Connection, name: str) -> None:
    connection.execute(sa.insert(counters).values(name=name, value=1))


@pytest.fixture
def names() -> Callable[[sa.Connection], set[str]]:
    """A unit that reads the names of all rows that `put` wrote."""
    return lambda connection: set(connection.scalars(sa.select(counters.c.name)))


@pytest.fixture
def file_report() -> Callable[[sa.Connection], int]:
    """A unit that writes one report with one event and returns the event's id."""

    def work(connection: sa.Connection) -> int:
        report = connection.execute(
            sa.insert(reports)
            .values(
                code="HT-1", filing_key="draft", channel="telegram", user="7", category="rac_thai",
                description="Rác đổ ven đường", status="received", agency="a", rule="r", why="w",
                created_at=NOON, updated_at=NOON,
            )
            .returning(reports.c.id)
        ).scalar_one()  # fmt: skip
        return connection.execute(
            sa.insert(report_events)
            .values(report_id=report, at=NOON, actor="citizen", kind="filed", note="lời dân", data={"a": 1})
            .returning(report_events.c.id)
        ).scalar_one()

    return work
