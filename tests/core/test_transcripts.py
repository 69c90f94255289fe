"""Transcripts beside their recordings, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime

from core.speech import Transcript, Word
from core.storage import Store
from core.transcripts import keep_transcript, transcript_of

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
HEARD = Transcript(
    "Ở Thiên Cầm",
    0.8,
    (Word("ở", 0.1, 0.3, 0.99), Word("Thiên", 0.3, 0.5, 0.6, "tiên"), Word("Cầm", 0.5, 0.8, 0.9)),
    "engine",
    0.9,
)


async def test_a_transcript_comes_back_word_by_word(store: Store) -> None:
    await store.write(lambda conn: keep_transcript(conn, "a" * 64, HEARD, NOW))
    found = await store.read(lambda conn: transcript_of(conn, "a" * 64))
    assert found == HEARD
    assert [word.sure for word in found.words] == [True, False, True]
    assert await store.read(lambda conn: transcript_of(conn, "b" * 64)) is None


async def test_hearing_it_again_changes_nothing(store: Store) -> None:
    await store.write(lambda conn: keep_transcript(conn, "a" * 64, HEARD, NOW))
    await store.write(lambda conn: keep_transcript(conn, "a" * 64, Transcript("khác", 0.1), NOW))
    assert await store.read(lambda conn: transcript_of(conn, "a" * 64)) == HEARD
