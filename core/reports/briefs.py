"""Reports as the talk needs them: a citizen's own, those near a point, those whose code was said."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import cos, hypot, radians

import sqlalchemy as sa

from core.conversation.heard import ReportBrief
from core.message import Address, Point
from core.reports.moves import CLOSED
from core.storage.schema import reports

NEAR_METRES = 150.0
NEAR_DAYS = timedelta(days=14)
OWN_MOST = 30

_METRES_LAT = 110_600.0
_METRES_LON = 111_320.0


def own_reports(conn: sa.Connection, address: Address) -> tuple[ReportBrief, ...]:
    """This citizen's reports, newest first."""
    rows = conn.execute(_OWN, {"channel": address.channel, "user": address.user}).mappings()
    return tuple(_brief(row, address) for row in rows)


def named_reports(conn: sa.Connection, codes: Iterable[str], address: Address) -> dict[str, ReportBrief]:
    codes = list(codes)
    if not codes:
        return {}
    rows = conn.execute(sa.select(reports).where(reports.c.code.in_(codes))).mappings()
    return {row["code"]: _brief(row, address) for row in rows}


def near_reports(
    conn: sa.Connection, point: Point, address: Address, now: datetime
) -> tuple[ReportBrief, ...]:
    """Open reports within 150 m and 14 days of a point, nearest first."""
    lat_span = NEAR_METRES / _METRES_LAT
    lon_span = NEAR_METRES / (_METRES_LON * max(0.1, cos(radians(point.lat))))
    rows = conn.execute(
        sa.select(reports).where(
            reports.c.lat.between(point.lat - lat_span, point.lat + lat_span),
            reports.c.lon.between(point.lon - lon_span, point.lon + lon_span),
            reports.c.created_at >= now - NEAR_DAYS,
            reports.c.status.not_in([str(status) for status in CLOSED]),
        )
    ).mappings()
    found = []
    for row in rows:
        metres = metres_between(point, Point(row["lat"], row["lon"]))
        if metres <= NEAR_METRES:
            found.append(_brief(row, address, metres))
    return tuple(sorted(found, key=lambda brief: (brief.metres or 0.0, brief.code)))


def metres_between(a: Point, b: Point) -> float:
    """Distance on the local plane; good to 0.1 % within a province."""
    north = (b.lat - a.lat) * _METRES_LAT
    east = (b.lon - a.lon) * _METRES_LON * cos(radians((a.lat + b.lat) / 2))
    return hypot(north, east)


def _brief(row: sa.RowMapping, address: Address, metres: float | None = None) -> ReportBrief:
    return ReportBrief(
        code=row["code"],
        category=row["category"],
        commune=row["commune"],
        status=row["status"],
        agency=row["agency"],
        deadline=row["deadline"],
        created_at=row["created_at"],
        description=row["description"],
        mine=row["channel"] == address.channel and row["user"] == address.user,
        closed=row["status"] in CLOSED,
        rated=row["rating"] is not None,
        reopened=row["reopened"],
        has_point=row["lat"] is not None,
        metres=metres,
    )


_OWN = (
    sa.select(reports)
    .where(reports.c.channel == sa.bindparam("channel"), reports.c.user == sa.bindparam("user"))
    .order_by(reports.c.created_at.desc(), reports.c.id.desc())
    .limit(OWN_MOST)
)
