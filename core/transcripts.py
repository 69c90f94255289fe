"""What was heard in recordings, kept beside them: the officer sees which words are doubtful."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa

from core.reports.records import insert_new
from core.speech import Transcript, Word
from core.storage.schema import transcripts


def keep_transcript(conn: sa.Connection, media_id: str, transcript: Transcript, at: datetime) -> None:
    """What a recognizer heard in a medium; hearing it again (after a crash) changes nothing."""
    conn.execute(
        insert_new(conn, transcripts, "media_id").values(
            media_id=media_id,
            text=transcript.text,
            words=[asdict(word) for word in transcript.words],
            confidence=transcript.confidence,
            engine=transcript.engine[:120],
            seconds=transcript.seconds,
            at=at,
        )
    )


def transcript_of(conn: sa.Connection, media_id: str) -> Transcript | None:
    """What was heard in a medium; None when nothing was. Words below `core.speech.SURE` are doubtful."""
    row = conn.execute(sa.select(transcripts).where(transcripts.c.media_id == media_id)).one_or_none()
    if row is None:
        return None
    words = tuple(Word(**word) for word in row.words)
    return Transcript(row.text, row.confidence, words, row.engine, row.seconds)
