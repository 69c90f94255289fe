"""Real voices through the telephone and the real recognizer: their words arrive in the report."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import Settings
from core.storage import Store
from speech.audio import read_audio, to_pcm16
from speech.measures import Errors, word_errors
from speech.opening import SpeechUnusable, check_recognizer, open_recognizer
from speech.recognizer import LocalRecognizer
from speech.telephone import through_telephone
from speech.voice_activity import SileroActivity
from tests.connectors.hotline.stage import QUICK, HotlineStage
from tests.core.stage import province

VOICES = Path(sys.prefix) / "voices" / "vieneu" / "assets" / "samples"
TIMING = replace(
    QUICK, open_end=1.0, complete_end=0.8, pause=0.5, sustained=0.4, open_longest=30.0, answer_limit=30.0
)
WRITTEN_OTHERWISE = {"che dấu": "che giấu", "kỷ 19": "kỷ mười chín"}


def voices() -> list[tuple[str, bytes]]:
    """What is said, and how it sounds on the phone (A-law there and back, 8 kHz)."""
    found = []
    for path in sorted(VOICES.glob("*.wav")):
        text = path.with_suffix(".txt").read_text(encoding="utf-8")
        for written, said in WRITTEN_OTHERWISE.items():
            text = text.replace(written, said)
        clip = through_telephone(read_audio(path.read_bytes()))
        found.append((text, to_pcm16(clip.at(8000)).tobytes()))
    if not found:
        pytest.skip("the real voices are not installed: make test installs requirements-voices.txt")
    return found


@pytest.fixture
async def recognizer() -> AsyncIterator[LocalRecognizer]:
    try:
        check_recognizer(Settings())
    except SpeechUnusable as error:
        pytest.skip(f"no embedded recognizer: {error}")
    opened = open_recognizer(Settings(speech_workers=1), province()[0])
    assert opened is not None
    await opened.warm()
    yield opened
    await opened.close()


async def call_with(stage: HotlineStage, number: int, voice: bytes) -> None:
    caller = await stage.ring(number=f"0900000{number:03}")
    await stage.quiet(caller, 20)
    await caller.say(voice)
    await asyncio.sleep(2.5)
    caller.hang_up()
    assert await caller.ended() == "gone"


async def errors_in_reports(
    store: Store, folder: Path, recognizer: LocalRecognizer, chosen: list[tuple[str, bytes]]
) -> Errors:
    stage = HotlineStage(
        store, folder, timing=TIMING, recognizer=recognizer, activity=SileroActivity, operators="always"
    )
    async with stage.open():
        for number, (_, voice) in enumerate(chosen):
            await call_with(stage, number, voice)
        async with asyncio.timeout(30):
            while len(await stage.reports()) < len(chosen):
                await asyncio.sleep(0.1)
        await stage.settled()
    found = {report["user"]: report for report in await stage.reports()}
    total = Errors(0, 0)
    for number, (said, _) in enumerate(chosen):
        report = found[f"0900000{number:03}"]
        assert report["status"] == "unconfirmed"
        total += word_errors(said, report["transcript"])
    return total


@pytest.mark.long
async def test_a_real_voice_on_the_phone_becomes_words_in_the_report(
    sqlite_store: Store, tmp_path: Path, recognizer: LocalRecognizer
) -> None:
    chosen = [voice for voice in voices() if "khúc cây" in voice[0]]
    errors = await errors_in_reports(sqlite_store, tmp_path, recognizer, chosen)
    assert errors.rate <= 0.15


@pytest.mark.long
async def test_all_real_voices_through_alaw_have_at_most_15_of_100_words_wrong(
    sqlite_store: Store, tmp_path: Path, recognizer: LocalRecognizer
) -> None:
    errors = await errors_in_reports(sqlite_store, tmp_path, recognizer, voices())
    print(f"WER {errors.rate:.3f}")
    assert errors.rate <= 0.15
