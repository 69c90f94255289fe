"""The pool with real workers: whole recordings, live voices, workers that die, and what cannot be loaded."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from core.pack import Pack
from core.speech import RecognitionFailed
from speech.audio import Clip, to_pcm16
from speech.measures import word_errors
from speech.pool import EngineOptions, SpeechPool
from speech.recognizer import LocalRecognizer
from speech.telephone import as_wav, through_telephone
from speech.written import SpeechWriting, likely_phrases, place_names, read_book
from tests.speech.sounds import encode

Voices = list[tuple[Clip, str]]


@pytest.fixture
def recognizer(pack: Pack) -> LocalRecognizer:
    book = read_book(pack)
    return LocalRecognizer(
        EngineOptions(phrases=likely_phrases(book)), SpeechWriting(place_names(book)), most=2
    )


async def test_recordings_live_voices_and_a_dying_worker(recognizer: LocalRecognizer, voices: Voices) -> None:
    """One story, because each start of a worker costs seconds."""
    assert recognizer.pool.pids == []  # nothing runs before it is needed
    clip, truth = voices[0]
    note = encode(clip.at(48000), 48000, "ogg", "libopus")  # a voice note as Telegram sends it
    heard = await recognizer.transcribe(note, "audio/ogg")
    assert word_errors(truth, heard.text).rate <= 0.1
    assert heard.seconds == pytest.approx(clip.seconds, abs=0.1)
    assert len(heard.words) == len(heard.text.split())
    assert 0.8 < heard.confidence <= 1
    assert "own decoding" in heard.engine

    phone = to_pcm16(through_telephone(clip).samples).tobytes()
    live = await recognizer.listen(8000, ["đúng rồi"])
    for at in range(0, len(phone), 320):  # 20 ms, as AudioSocket brings it
        await live.feed(phone[at : at + 320])
    assert len((await live.partial()).split()) >= 5
    for pid in recognizer.pool.pids:
        os.kill(pid, signal.SIGKILL)
    heard = await live.finish()
    assert word_errors(truth, heard.text).rate <= 0.2
    with pytest.raises(RecognitionFailed, match="over"):
        await live.feed(b"\0\0")

    with pytest.raises(RecognitionFailed, match="cannot be read"):
        await recognizer.transcribe(b"no sound at all", "audio/ogg")
    empty = await recognizer.transcribe(as_wav(Clip(clip.samples * 0, clip.rate)), None)
    assert (empty.text, empty.words, empty.confidence) == ("", (), 0.0)

    dropped = await recognizer.listen()
    await dropped.feed(phone[:3200])
    await dropped.drop()
    several = await asyncio.gather(*(recognizer.transcribe(as_wav(one), None) for one, _ in voices[:3]))
    for one, (_, text) in zip(several, voices, strict=False):
        assert word_errors(text, one.text).rate <= 0.2
    pids = recognizer.pool.pids
    await recognizer.close()
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(RecognitionFailed, match="closed"):
        await recognizer.transcribe(note, None)


async def test_one_side_of_a_call_centres_recording(recognizer: LocalRecognizer, voices: Voices) -> None:
    import numpy as np

    (caller, truth), (agent, _) = voices[0], voices[1]
    length = max(len(caller.samples), len(agent.samples))
    both = np.stack([np.pad(c.samples, (0, length - len(c.samples))) for c in (agent, caller)])
    file = encode(both, caller.rate, "wav", "pcm_s16le")
    try:
        heard = await recognizer.transcribe_side(file, "right")
    finally:
        await recognizer.close()
    assert word_errors(truth, heard.text).rate <= 0.1


async def test_an_engine_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    pool = SpeechPool(EngineOptions("sherpa", tmp_path), most=1)
    with pytest.raises(RecognitionFailed, match="KENHDAN_SPEECH_MODEL"):
        await pool.warm()
    assert pool.pids == []
    await pool.close()


async def test_overlapping_requests_keep_their_answers_and_late_words_cost_nothing(
    recognizer: LocalRecognizer, voices: Voices
) -> None:
    clip, truth = voices[0]
    phone = to_pcm16(through_telephone(clip).samples).tobytes()
    pool = recognizer.pool
    try:
        both = [await pool.open(8000, []) for _ in range(2)]
        for utterance in both:
            await utterance.feed(phone)
        several = await asyncio.gather(*(u.words(60) for u in both for _ in range(3)), both[0].finish())
        assert "engine" in several[-1]
        assert all(isinstance(words, list) and len(words) >= 5 for words in several[:-1])

        (pid,) = {pool.pids[0]}
        for one in pool.pids:
            os.kill(one, signal.SIGSTOP)
        assert await both[1].words(0.2) == []  # too late, and nobody is blamed for it
        ending = asyncio.create_task(both[1].finish())
        await asyncio.sleep(0.2)
        for one in pool.pids:
            os.kill(one, signal.SIGCONT)
        answer = await ending
        assert word_errors(truth, " ".join(row["text"] for row in answer["words"])).rate <= 0.2
        assert pid in pool.pids
        with pytest.raises(RecognitionFailed, match="over"):
            await both[1].words()
    finally:
        await recognizer.close()


async def test_only_a_worker_that_hangs_at_the_end_is_replaced(
    recognizer: LocalRecognizer, voices: Voices
) -> None:
    clip, truth = voices[0]
    phone = to_pcm16(through_telephone(clip).samples).tobytes()
    pool = recognizer.pool
    try:
        await recognizer.warm()
        (hung,) = pool.pids
        utterance = await pool.open(8000, [])
        await utterance.feed(phone[:16000])
        os.kill(hung, signal.SIGSTOP)
        asked = [asyncio.create_task(utterance.words(20)) for _ in range(2)]
        await asyncio.sleep(0)
        await utterance.feed(phone[16000:])
        answer = await utterance.finish(4.0)
        assert word_errors(truth, " ".join(row["text"] for row in answer["words"])).rate <= 0.2
        assert await asyncio.gather(*asked) == [[], []]
        assert hung not in pool.pids
        assert len(pool.pids) == 1
        assert [worker.utterances for worker in pool._workers if worker.alive] == [0]
    finally:
        await recognizer.close()
