"""Reports in the database: filing, joining, moving. Plain functions of a connection."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from core.codec import encode
from core.conversation.draft import Photo
from core.conversation.effects import FileReport, JoinReport
from core.message import Address, Inbound, InboundKind, News
from core.reports.moves import CLOSED, Actor, MoveRefused, Status, check_move
from core.storage.schema import counters, followers, inbox, media, report_events, report_media, reports
from core.text import fold

CODE_DIGITS = 5


def insert_new(conn: sa.Connection, table: sa.Table, *conflict: str) -> Any:
    """An INSERT that leaves a row that is there already as it is, in the connection's dialect."""
    return _insert_new(conn.dialect.name, table, conflict)


@cache
def _insert_new(dialect: str, table: sa.Table, conflict: tuple[str, ...]) -> Any:
    statement: Any = pg_insert(table) if dialect == "postgresql" else sqlite_insert(table)
    return statement.on_conflict_do_nothing(index_elements=list(conflict))


# Statements of every filing, built once: building one costs as much as running it
_COUNT = (
    counters.update()
    .where(counters.c.name == sa.bindparam("of_name"))
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
_FILED = sa.select(reports.c.code).where(reports.c.filing_key == sa.bindparam("key"))
_FILE = reports.insert().returning(reports.c.id)
_NOTE = report_events.insert().returning(report_events.c.id)


def next_code(conn: sa.Connection, prefix: str, now: datetime, timezone: ZoneInfo) -> str:
    """The next code of the month, “HT-2611-00042”. The counter's row orders concurrent filings."""
    month = now.astimezone(timezone).strftime("%y%m")
    name = f"report:{prefix}:{month}"
    value = conn.execute(_COUNT, {"of_name": name}).scalar_one_or_none()
    if value is None:  # the month's first; two processes may both come here
        conn.execute(insert_new(conn, counters, "name"), {"name": name, "value": 0})
        value = conn.execute(_COUNT, {"of_name": name}).scalar_one()
    return f"{prefix}-{month}-{value:0{CODE_DIGITS}d}"


def file_report(
    conn: sa.Connection, address: Address, filing: FileReport, now: datetime, prefix: str, timezone: ZoneInfo
) -> str:
    """Write the report with its first event, photos and reporter as follower; the code it has.

    A draft that was filed before gives its report's code and changes nothing.
    """
    draft = filing.draft
    there = conn.execute(_FILED, {"key": draft.id}).scalar_one_or_none()
    if there is not None:
        return str(there)
    code = next_code(conn, prefix, now, timezone)
    status = Status.UNCONFIRMED if filing.unconfirmed else Status.RECEIVED
    where = draft.where
    report_id = conn.execute(
        _FILE,
        {
            "code": code, "filing_key": draft.id, "channel": address.channel, "user": address.user,
            "category": filing.category, "category_sure": filing.category_sure,
            "commune": where.commune, "address": where.words,
            "lat": where.point.lat if where.point else None, "lon": where.point.lon if where.point else None,
            "accuracy_m": where.point.accuracy_m if where.point else None,
            "description": draft.description, "transcript": draft.transcript,
            "on_behalf_of": draft.on_behalf_of,
            "contact_name": draft.contact_name, "contact_phone": draft.contact_phone,
            "urgent": filing.urgent, "danger": filing.danger, "needs_person": ",".join(draft.needs_person),
            "status": status, "agency": filing.agency, "rule": filing.rule, "why": filing.why,
            "deadline": filing.deadline, "created_at": now, "updated_at": now,
        },
    ).scalar_one()  # fmt: skip
    note_event(conn, report_id, now, Actor.CITIZEN, "filed", to=status, data={"rule": filing.rule})
    add_photos(conn, report_id, draft.photos)
    _add_voices(conn, report_id, draft.voices)
    follow(conn, report_id, address, now)
    return code


def note_event(
    conn: sa.Connection,
    report_id: int,
    at: datetime,
    actor: str,
    kind: str,
    *,
    source: str | None = None,
    to: str | None = None,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> int:
    """One more line of the report's history, which only grows; its number."""
    return int(
        conn.execute(
            _NOTE,
            {
                "report_id": report_id, "at": at, "actor": str(actor), "kind": kind,
                "from_status": source, "to_status": to, "note": note, "data": data,
            },
        ).scalar_one()
    )  # fmt: skip


def add_photos(conn: sa.Connection, report_id: int, photos: Iterable[Photo], purpose: str = "report") -> None:
    """Photos join a report behind those it has; the same photo once."""
    photos = tuple(photos)
    if not photos:
        return
    first = conn.execute(
        sa.select(sa.func.count()).select_from(report_media).where(report_media.c.report_id == report_id)
    ).scalar_one()
    for position, photo in enumerate(photos, first):
        conn.execute(
            insert_new(conn, report_media, "report_id", "media_id"),
            {"report_id": report_id, "media_id": photo.media_id, "position": position, "purpose": purpose},
        )


def _add_voices(conn: sa.Connection, report_id: int, voices: Iterable[str]) -> None:
    add_photos(conn, report_id, (Photo(voice) for voice in voices), purpose="voice")


def follow(conn: sa.Connection, report_id: int, address: Address, now: datetime) -> None:
    conn.execute(
        insert_new(conn, followers, "report_id", "channel", "user"),
        {"report_id": report_id, "channel": address.channel, "user": address.user, "since": now},
    )


def report_row(conn: sa.Connection, code: str) -> sa.RowMapping | None:
    return conn.execute(sa.select(reports).where(reports.c.code == code)).mappings().one_or_none()


def join_report(conn: sa.Connection, join: JoinReport, address: Address, now: datetime) -> None:
    """What came late is kept in the history, and fills fields of the report that were empty."""
    row = report_row(conn, join.code)
    if row is None:
        return
    values: dict[str, Any] = {"updated_at": now}
    if join.point is not None and row["lat"] is None:
        values |= {"lat": join.point.lat, "lon": join.point.lon, "accuracy_m": join.point.accuracy_m}
    assumed = "place_of_draft" in row["needs_person"].split(",")
    own = row["user"] == address.user and row["channel"] == address.channel
    anew = join.moved and own and bool(row["danger"])
    if join.commune is not None and (row["commune"] is None or assumed or anew):
        values["commune"] = join.commune
    if join.commune is not None and row["commune"] not in (None, join.commune):
        values["needs_person"] = _with_reason(row["needs_person"], "place_corrected")
    if own:
        if join.contact_phone is not None:
            values["contact_phone"] = join.contact_phone
        if join.on_behalf_of is not None:
            values["on_behalf_of"] = join.on_behalf_of
    if join.address and row["danger"] and row["user"] == address.user:
        moved = anew or (assumed and join.commune not in (None, row["commune"]))
        values["address"] = join.address[:500] if moved else _with_place(row["address"], join.address)
    if join.danger is not None and join.category is not None and row["danger"]:
        values |= {"danger": join.danger, "category": join.category}
        values["description"] = f"{join.words}\n{row['description']}"
    conn.execute(reports.update().where(reports.c.id == row["id"]).values(values))
    add_photos(conn, row["id"], join.photos)
    note_event(
        conn, row["id"], now, Actor.CITIZEN, "joined", note=join.words,
        data={"photos": len(join.photos), "commune": join.commune, "point": join.point is not None},
    )  # fmt: skip
    if row["status"] == Status.NEEDS_INFO and (join.words or join.photos):
        move_report(conn, join.code, Status.IN_PROGRESS, Actor.CITIZEN, "", now)


def _with_place(known: str, told: str) -> str:
    """The address with what was told of the place later; nothing twice."""
    if not known or fold(told) in fold(known):
        return known or told[:500]
    return f"{told}, {known}"[:500]


def take_photos_back(conn: sa.Connection, code: str, photos: Iterable[Photo], now: datetime) -> None:
    row = report_row(conn, code)
    if row is None:
        return
    ids = [photo.media_id for photo in photos]
    conn.execute(
        report_media.delete().where(report_media.c.report_id == row["id"], report_media.c.media_id.in_(ids))
    )
    note_event(conn, row["id"], now, Actor.CITIZEN, "photos_taken_back", data={"photos": len(ids)})


@dataclass(frozen=True, slots=True)
class Result:
    """What comes with a move: words for the citizen, media ids as proof, the new agency, the other report."""

    note: str = ""
    photos: tuple[str, ...] = ()
    document: bool = False
    agency: str = ""
    duplicate_of: str = ""


def move_report(
    conn: sa.Connection,
    code: str,
    target: Status,
    by: Actor,
    who: str,
    now: datetime,
    result: Result = Result(),
) -> int:
    """Move a report by the table, write its history, and tell its followers in their own talks.

    Returns the number of the history line. Raises MoveRefused.
    """
    row = report_row(conn, code)
    if row is None:
        raise MoveRefused(f"there is no report {code}")
    source = Status(row["status"])
    check_move(
        source, target, by,
        reason=result.note, proof=bool(result.photos) or result.document, code=result.duplicate_of,
        reopened=row["reopened"],
    )  # fmt: skip
    values: dict[str, Any] = {"status": target, "updated_at": now}
    values["closed_at"] = now if target in CLOSED else None
    if result.agency:
        values["agency"] = result.agency
    if target is Status.REOPENED:
        values |= {"reopened": row["reopened"] + (1 if by is Actor.CITIZEN else 0), "rating": None}
    conn.execute(reports.update().where(reports.c.id == row["id"]).values(values))
    add_photos(conn, row["id"], (Photo(media_id) for media_id in result.photos), purpose="result")
    number = note_event(
        conn, row["id"], now, f"{by}:{who}" if who else by, "moved",
        source=source, to=target, note=result.note, data={"agency": result.agency or row["agency"]},
    )  # fmt: skip
    if by is not Actor.CITIZEN:
        news = News(code, target.value, result.agency or row["agency"], result.note, result.photos)
        tell_followers(conn, row["id"], number, news, now)
    return number


def tell_followers(conn: sa.Connection, report_id: int, number: int, news: News, now: datetime) -> None:
    """News enter each follower's talk as an event of its own, told in its turn, once."""
    for row in conn.execute(sa.select(followers).where(followers.c.report_id == report_id)).mappings().all():
        event = Inbound(
            Address(row["channel"], row["user"]),
            f"news:{news.code}:{number}:{row['user']}",
            now,
            kind=InboundKind.NEWS,
            news=news,
        )
        put_in_inbox(conn, event, now, now)


def event_key(event: Inbound) -> str:
    """What the inbox knows an event by: a digest, for channels put the citizen's number into event ids."""
    return hashlib.sha256(f"{event.address.user}\n{event.event_id}".encode()).hexdigest()[:40]


def put_in_inbox(conn: sa.Connection, event: Inbound, received_at: datetime, ready_at: datetime) -> bool:
    """One event into the inbox; False when it is there already (a redelivery)."""
    done = conn.execute(
        insert_new(conn, inbox, "channel", "event_id"),
        {
            "channel": event.address.channel, "event_id": event_key(event), "user": event.address.user,
            "sent_at": event.sent_at, "received_at": received_at, "ready_at": ready_at,
            "payload": encode(event), "state": "waiting", "attempts": 0,
        },
    )  # fmt: skip
    return bool(done.rowcount)


def rate_report(conn: sa.Connection, code: str, rating: str, now: datetime) -> None:
    row = report_row(conn, code)
    if row is None:
        return
    conn.execute(reports.update().where(reports.c.id == row["id"]).values(rating=rating, updated_at=now))
    note_event(conn, row["id"], now, Actor.CITIZEN, "rated", note=rating)


def _with_reason(reasons: str, reason: str) -> str:
    return reasons if reason in reasons.split(",") else ",".join(filter(None, (reasons, reason)))


def keep_photo_row(conn: sa.Connection, values: dict[str, Any]) -> None:
    """A stored medium's row; the same bytes once."""
    conn.execute(insert_new(conn, media, "id").values(values))
