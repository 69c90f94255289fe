"""Review of calls: what the officer sees, corrected words, and the end of the sound."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.media.store import MediaMissing
from core.message import Address, InboundKind, MediaKind, MediaRef
from core.review import NothingToReview, correct_transcript, delete_old_audio, read_review
from core.speech import Transcript, Word
from core.storage import Store
from core.storage.schema import media, report_events, report_media, transcripts
from tests.core.stage import Post, Stage, province

CALLER = Address("hotline", "0900000123")
HEARD = "cái cống ở xã thạch hả sập rồi"


class Ear:
    """A recognizer that is sure of all words but one."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        words = tuple(
            Word(text, at * 0.3, at * 0.3 + 0.2, 0.4 if text == "hả" else 0.99)
            for at, text in enumerate(HEARD.split())
        )
        return Transcript(HEARD, 0.9, words, "scripted", 2.7)


@pytest.fixture
async def call(store: Store, tmp_path: Path) -> tuple[Stage, str, str]:
    """A call that ended without a yes: its stage, the report's code and the recording's id."""
    post = Post("hotline")
    post.media["v"] = b"RIFF\0\0\0\0WAVEsound"
    stage = Stage(store, tmp_path, post=post)
    stage.worker.hearing.recognizer = Ear()
    await stage.say(stage.event(CALLER, voice=MediaRef(MediaKind.VOICE, "v")))
    await stage.say(stage.event(CALLER, kind=InboundKind.HUNG_UP))
    code = await stage.value(sa.text("SELECT code FROM reports"))
    media_id = await stage.value(sa.select(media.c.id))
    return stage, code, media_id


async def correct(stage: Stage, code: str, media_id: str, text: str) -> Any:
    pack, _, plain = province()
    return await correct_transcript(
        stage.store, plain, pack, code=code, media_id=media_id, text=text, who="a", now=stage.clock.now()
    )


async def test_sound_words_and_fields_are_side_by_side(call: tuple[Stage, str, str]) -> None:
    stage, code, media_id = call
    review = await stage.store.read(lambda conn: read_review(conn, code))
    assert (review.status, review.description) == ("unconfirmed", HEARD)
    assert "hung_up" in review.why
    (recording,) = review.recordings
    assert recording.media_id == media_id
    assert recording.transcript is not None
    doubtful = [word.text for word in recording.transcript.words if not word.sure]
    assert doubtful == ["hả"]


async def test_corrected_words_are_understood_again(call: tuple[Stage, str, str]) -> None:
    stage, code, media_id = call
    right = "cái cống ở xã Cẩm Bình sập rồi"
    before = await stage.store.read(lambda conn: read_review(conn, code))
    done = await correct(stage, code, media_id, right)
    after = await stage.store.read(lambda conn: read_review(conn, code))
    pack = province()[0]
    assert after.description == right
    assert after.commune is not None
    assert pack.places.communes[after.commune].name == "Cẩm Bình"
    assert {"commune", "agency"} <= set(done.changed)
    assert after.agency != before.agency
    events = await stage.rows(sa.select(report_events).where(report_events.c.kind == "transcript_corrected"))
    assert [event.note for event in events] == [HEARD]


async def test_danger_in_corrected_words_makes_it_urgent(call: tuple[Stage, str, str]) -> None:
    stage, code, media_id = call
    await correct(stage, code, media_id, "cháy nhà rồi cứu với, ở xã Cẩm Bình")
    row = (await stage.rows(sa.text("SELECT urgent, danger FROM reports")))[0]
    assert (bool(row.urgent), row.danger) == (True, "fire")


async def test_what_is_not_of_the_report_is_refused(call: tuple[Stage, str, str]) -> None:
    stage, code, _ = call
    with pytest.raises(NothingToReview):
        await correct(stage, code, "0" * 64, "x")
    with pytest.raises(NothingToReview):
        await stage.store.read(lambda conn: read_review(conn, "HT-0000-00000"))


async def test_sound_is_deleted_after_its_time_and_the_words_stay(call: tuple[Stage, str, str]) -> None:
    stage, code, media_id = call
    sounds = stage.worker.hearing.media
    keep = timedelta(days=180)
    assert await delete_old_audio(stage.store, sounds, keep, stage.clock.now() + timedelta(days=179)) == 0
    assert await delete_old_audio(stage.store, sounds, keep, stage.clock.now() + timedelta(days=181)) == 1
    with pytest.raises(MediaMissing):
        sounds.get(media_id)
    for table in (media, transcripts):
        assert await stage.count(table) == 0
    assert await stage.count(report_media, purpose="voice") == 0
    assert await stage.count(report_events, kind="audio_deleted") == 1
    review = await stage.store.read(lambda conn: read_review(conn, code))
    assert (review.description, review.recordings) == (HEARD, ())
