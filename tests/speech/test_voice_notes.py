"""A voice note from a channel, through the real recognizer, into the talk and beside its recording."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from core.message import MediaKind, MediaRef
from core.settings import Settings
from core.storage import Store
from core.storage.schema import media
from core.transcripts import transcript_of
from speech.audio import Clip
from speech.measures import word_errors
from speech.opening import open_recognizer
from tests.core.stage import CITIZEN, Stage, province
from tests.speech.sounds import encode


async def test_a_real_voice_note_is_heard_and_kept_word_by_word(
    sqlite_store: Store, voices: list[tuple[Clip, str]], tmp_path: Path
) -> None:
    clip, truth = voices[3]
    stage = Stage(sqlite_store, tmp_path)
    stage.post.media["voice"] = encode(clip.at(48000), 48000, "ogg", "libopus")
    recognizer = open_recognizer(Settings(speech_workers=1), province()[0])
    assert recognizer is not None
    stage.worker.hearing.recognizer = recognizer
    try:
        await stage.say(stage.event(CITIZEN, voice=MediaRef(MediaKind.VOICE, "voice")))
    finally:
        await recognizer.close()
    media_id = await stage.value(sa.select(media.c.id).where(media.c.kind == "voice"))
    kept = await sqlite_store.read(lambda conn: transcript_of(conn, media_id))
    assert kept is not None
    assert word_errors(truth, kept.text).rate <= 0.15
    assert len(kept.words) == len(kept.text.split())
    assert "viet-asr" in kept.engine
