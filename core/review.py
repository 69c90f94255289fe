"""Review of calls: the sound, its words and the report's fields side by side; corrections; and an end to it.

A machine wrote down what somebody said on the phone. An officer listens, mends the words, and what was
understood from them is understood again. After the time that the pack sets, the sound is deleted.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.media.store import MediaStore
from core.pack import Pack
from core.places.commune import PlaceAnswer
from core.reports.moves import Actor, Status
from core.reports.records import note_event, report_row
from core.speech import Transcript
from core.storage import Store
from core.storage.schema import media, report_media, reports, transcripts
from core.text import clean
from core.transcripts import transcript_of
from core.understanding import Context, Interpreter, Understanding

TELLS = 0.35
"""From this probability on, corrected words may change the category."""
ROUTED_ANEW = (Status.UNCONFIRMED, Status.RECEIVED)
"""Nobody works on it yet: another category or commune may lead to another agency."""
AT_ONCE = 200


class NothingToReview(LookupError):
    """There is no such report, or the recording is not of it."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of a report. `transcript` has the words with times and confidence (those below
    `core.speech.SURE` are doubtful); None when no recognizer made anything of it."""

    media_id: str
    mime: str
    size: int
    transcript: Transcript | None


@dataclass(frozen=True, slots=True)
class Review:
    """A report of a call as the officer sees it: recordings in the order in which they were said, and what
    was made of them. `why` lists the reasons for a person to look."""

    code: str
    status: str
    description: str
    category: str
    category_sure: bool
    commune: str | None
    address: str
    contact_phone: str | None
    agency: str
    why: tuple[str, ...]
    recordings: tuple[Recording, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What corrected words changed."""

    category: str
    commune: str | None
    agency: str
    changed: tuple[str, ...]


def read_review(conn: sa.Connection, code: str) -> Review:
    """Raises NothingToReview. Seeing the phone number must be logged by whoever shows it."""
    row = report_row(conn, code)
    if row is None:
        raise NothingToReview(f"there is no report {code}")
    return Review(
        code=code, status=row["status"], description=row["description"], category=row["category"],
        category_sure=row["category_sure"], commune=row["commune"], address=row["address"],
        contact_phone=row["contact_phone"], agency=row["agency"],
        why=tuple(filter(None, row["needs_person"].split(","))),
        recordings=tuple(_recordings(conn, row["id"])),
    )  # fmt: skip


def _recordings(conn: sa.Connection, report_id: int) -> list[Recording]:
    rows = conn.execute(
        sa.select(media.c.id, media.c.mime, media.c.size)
        .join(report_media, report_media.c.media_id == media.c.id)
        .where(report_media.c.report_id == report_id, report_media.c.purpose == "voice")
        .order_by(report_media.c.position)
    ).all()
    return [Recording(row.id, row.mime, row.size, transcript_of(conn, row.id)) for row in rows]


async def correct_transcript(
    store: Store, interpreter: Interpreter, pack: Pack, *, code: str, media_id: str, text: str, who: str,
    now: datetime,
) -> Corrected:  # fmt: skip
    """The officer's words take the place of the machine's, and are understood. What an officer or the citizen
    had settled stays. Raises NothingToReview."""
    text = clean(text)
    meaning = await interpreter.interpret(text, Context.IDLE)
    place = pack.places.find(text)
    return await store.write(
        lambda conn: _correct(conn, pack, _Words(code, media_id, text, meaning, place), who, now)
    )


@dataclass(frozen=True, slots=True)
class _Words:
    code: str
    media_id: str
    text: str
    meaning: Understanding
    place: PlaceAnswer | None


def _correct(conn: sa.Connection, pack: Pack, words: _Words, who: str, now: datetime) -> Corrected:
    review = read_review(conn, words.code)
    heard = next((one for one in review.recordings if one.media_id == words.media_id), None)
    row = report_row(conn, words.code)
    if heard is None or row is None:
        raise NothingToReview(f"{words.code} has no such recording")
    before = heard.transcript.text if heard.transcript is not None else ""
    _keep_words(conn, words, heard.transcript, now)
    values: dict[str, Any] = {
        "description": _replaced(row["description"], before, words.text),
        "transcript": _replaced(row["transcript"], before, words.text),
        "updated_at": now,
    }
    values |= _understood(row, words)
    values |= _routed(pack, row, values, words.text, now)
    changed = tuple(key for key in ("category", "commune", "agency") if values.get(key, row[key]) != row[key])
    conn.execute(reports.update().where(reports.c.id == row["id"]).values(values))
    note_event(
        conn, row["id"], now, f"{Actor.COORDINATOR}:{who}"[:120], "transcript_corrected", note=before,
        data={"media": words.media_id, "changed": {key: [row[key], values[key]] for key in changed}},
    )  # fmt: skip
    final = {**row, **values}
    return Corrected(final["category"], final["commune"], final["agency"], changed)


def _keep_words(conn: sa.Connection, words: _Words, heard: Transcript | None, now: datetime) -> None:
    values: dict[str, Any] = {"text": words.text, "words": [], "confidence": 1.0, "engine": "officer"}
    if heard is not None:
        conn.execute(transcripts.update().where(transcripts.c.media_id == words.media_id).values(values))
    else:
        conn.execute(transcripts.insert().values(media_id=words.media_id, seconds=0.0, at=now, **values))


def _replaced(whole: str, before: str, after: str) -> str:
    """The text with the corrected part in place of the old one, or added when the old one is not there."""
    if before and before in whole:
        return whole.replace(before, after, 1)
    return f"{whole}\n{after}".strip()


def _understood(row: sa.RowMapping, words: _Words) -> dict[str, Any]:
    values: dict[str, Any] = {}
    ranked = words.meaning.categories
    if not row["category_sure"] and ranked and ranked[0][1] >= TELLS:
        values["category"] = ranked[0][0]
    if row["lat"] is None and words.place is not None and words.place.status == "unit" and words.place.unit:
        values["commune"] = words.place.unit.code
        values["address"] = words.meaning.place_text or row["address"]
    if words.meaning.danger is not None and not row["danger"]:
        values |= {"danger": words.meaning.danger, "urgent": True}
    return values


def _routed(
    pack: Pack, row: sa.RowMapping, values: dict[str, Any], text: str, now: datetime
) -> dict[str, Any]:
    final = {**row, **values}
    same = final["category"] == row["category"] and final["commune"] == row["commune"]
    if row["status"] not in ROUTED_ANEW or (same and final["urgent"] == row["urgent"]):
        return {}
    route = pack.router.route(
        final["category"], final["commune"], urgent=final["urgent"], now=now, text=final["description"]
    )
    return {
        "agency": route.agency, "rule": route.rule, "why": route.why, "deadline": route.deadline,
    }  # fmt: skip


async def delete_old_audio(store: Store, sounds: MediaStore, keep: timedelta, now: datetime) -> int:
    """Delete all voices that have been kept for longer than `keep`, with their word times; how many.

    The words stay in the reports. The file goes first: a crash in between leaves a row, and the next run
    ends it. Raises StoreError, MediaStoreError.
    """
    old = await store.read(lambda conn: _old_voices(conn, now - keep))
    for media_id in old:
        await asyncio.to_thread(sounds.delete, media_id)
        await store.write(lambda conn, which=media_id: _forget_voice(conn, which, now))  # type: ignore[misc]
    return len(old)


def _old_voices(conn: sa.Connection, before: datetime) -> list[str]:
    return list(
        conn.execute(
            sa.select(media.c.id)
            .where(media.c.kind == "voice", media.c.stored_at < before)
            .order_by(media.c.stored_at)
            .limit(AT_ONCE)
        ).scalars()
    )


def _forget_voice(conn: sa.Connection, media_id: str, now: datetime) -> None:
    theirs = conn.execute(
        report_media.delete().where(report_media.c.media_id == media_id).returning(report_media.c.report_id)
    ).scalars()
    for report_id in theirs.all():
        note_event(conn, report_id, now, Actor.SYSTEM, "audio_deleted")
    conn.execute(transcripts.delete().where(transcripts.c.media_id == media_id))
    conn.execute(media.delete().where(media.c.id == media_id))
