"""Whole calls: a caller behind Asterisk, the bridge, the talk, and the report that comes out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from core.message import Receipt
from core.speech import RecognitionFailed, Transcript
from core.storage import Store
from core.storage.schema import handoffs, inbox, outbox, report_media
from tests.connectors.hotline.stage import MATTER, QUICK, HotlineStage


@pytest.fixture
def stage(sqlite_store: Store, tmp_path: Path) -> HotlineStage:
    return HotlineStage(sqlite_store, tmp_path)


async def test_an_open_sentence_and_key_1_end_in_one_report(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        await stage.prompt("Mã của bác")
        assert await caller.ended() == "done"
        await stage.settled()
    (report,) = await stage.reports()
    assert report["commune"] is not None
    assert report["status"] == "received"
    assert report["contact_phone"] == "0900000123"
    assert report["transcript"] == MATTER
    assert await stage.count(report_media, purpose="voice") == 1
    assert await stage.count(outbox, state="sent") == 3
    assert list((stage.folder / "calls").iterdir()) == []


async def test_confirmed_by_voice(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        await caller.say(stage.voices.voice("dạ đúng", 0.4))
        await stage.prompt("Mã của bác")
        assert await caller.ended() == "done"
    assert len(await stage.reports()) == 1
    assert any("đúng rồi" in bias for bias in stage.voices.biases)


async def test_the_code_is_said_twice_digit_by_digit(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"
    (report,) = await stage.reports()
    digits = stage.hearing.phrases.spell(report["code"])
    said = "; ".join(sentence.rstrip(".;") for sentence in stage.speaker.said)
    assert said.count(digits.rsplit("; ", maxsplit=1)[-1]) == 2


async def test_hung_up_after_telling_is_filed_as_unconfirmed(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.hang_up()
        assert await caller.ended() == "gone"
        await stage.settled()
    (report,) = await stage.reports()
    assert (report["status"], report["transcript"]) == ("unconfirmed", MATTER)
    assert "hung_up" in report["needs_person"].split(",")
    assert await stage.count(report_media, purpose="voice") == 1
    assert await stage.count(handoffs, reason="call_back", report_code=report["code"]) == 1


async def test_hung_up_in_the_middle_of_the_sentence_keeps_the_words(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER, 1.0))
        caller.hang_up()
        assert await caller.ended() == "gone"
        async with asyncio.timeout(5):
            while not await stage.reports():
                await asyncio.sleep(0.05)
    (report,) = await stage.reports()
    assert (report["status"], report["description"]) == ("unconfirmed", MATTER)


async def test_hung_up_without_a_word_leaves_nothing(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        caller.hang_up()
        assert await caller.ended() == "gone"
        await stage.settled()
    assert await stage.reports() == []
    assert await stage.count(handoffs) == 0


async def test_key_0_goes_to_the_operator(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Tổng đài")
        caller.press("0")
        assert await caller.ended() == "operator"
        await stage.settled()
    assert await stage.count(handoffs, reason="asked") == 1


async def test_danger_names_the_number_and_goes_to_the_operator_at_any_hour(
    sqlite_store: Store, tmp_path: Path
) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, operators="never")
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice("cháy nhà rồi cứu với"))
        await stage.prompt("114")
        assert await caller.ended() == "operator"
        await stage.settled()
    (report,) = await stage.reports()
    assert report["urgent"]
    assert report["danger"] == "fire"


async def test_silence_is_met_slower_then_by_keys_then_by_a_person(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await stage.prompt("có nghe máy")
        await stage.prompt("bấm phím một rồi nói")
        await stage.prompt("nối máy cho người trực")
        assert await caller.ended() == "operator"


async def test_keys_only_press_1_speak_and_press_hash(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("bấm phím một rồi nói")
        caller.press("1")
        await stage.prompt("Bác nói đi ạ")
        await stage.quiet(caller)
        await caller.say(stage.voices.voice(MATTER))
        caller.press("#")
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"
    assert len(await stage.reports()) == 1


async def test_noise_twice_goes_to_a_person_with_the_sound_kept(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await stage.quiet(caller)
        noise = stage.voices.voice("", 1.2)
        await caller.say(noise)
        await stage.prompt("chưa nghe rõ")
        await stage.quiet(caller)
        await caller.say(noise)
        assert await caller.ended() == "operator"
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") >= 1


async def test_out_of_hours_a_message_with_the_number_read_back(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, operators="never")
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        caller.press("0")
        await stage.prompt("Cán bộ sẽ gọi lại số không, chín, không, không")
        await stage.quiet(caller)
        await caller.say(stage.voices.voice(MATTER))
        caller.press("#")
        await stage.prompt("Em đã ghi lại lời bác")
        assert await caller.ended() == "done"
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert report["transcript"] == MATTER


async def test_star_says_it_again(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("*")
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"


async def test_wrong_is_key_2_and_only_the_wrong_is_asked(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("2")
        await stage.prompt("Sai chỗ nào")
        await stage.quiet(caller)
        await caller.say(stage.voices.voice("xã Cẩm Bình"))
        await stage.prompt("Cẩm Bình")
        await stage.quiet(caller)
        caller.press("1")
        assert await caller.ended() == "done"
    (report,) = await stage.reports()
    assert "Cẩm Bình" in report["address"]


async def test_a_prompt_is_interrupted_by_a_voice_but_not_by_a_cough(
    sqlite_store: Store, tmp_path: Path
) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    stage.speaker.seconds = 1.0
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await stage.quiet(caller, 15)
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Em đọc lại")
        await asyncio.sleep(0.3)
        await caller.say(stage.voices.voice("dạ", 0.12))
        await asyncio.sleep(0.4)
        assert caller.app is not None
        assert caller.app.is_heard_now(), "a cough stopped the prompt"
        await caller.say(stage.voices.voice("đúng rồi", 0.6))
        await stage.prompt("Mã của bác", 4)
        caller.hang_up()
        await caller.ended()
    assert len(await stage.reports()) == 1
    assert stage.voices.heard.count("đúng rồi") >= 1


async def test_the_greeting_with_the_legal_notice_is_not_interrupted_but_heard_through(
    sqlite_store: Store, tmp_path: Path
) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    stage.speaker.seconds = 0.6
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Tổng đài")
        await caller.say(stage.voices.voice(MATTER, 0.8))
        assert caller.app is not None
        await asyncio.sleep(0.1)
        assert caller.app.is_heard_now()
        await stage.prompt("Đúng thì bác bấm một", 12)
        caller.press("1")
        assert await caller.ended() == "done"
    assert len(await stage.reports()) == 1


async def test_more_said_while_the_answer_was_on_its_way(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await stage.quiet(caller)
        await caller.say(stage.voices.voice("đống rác to bốc mùi hôi quá"))
        await asyncio.sleep(0.5)
        await caller.say(stage.voices.voice("ở xã Cẩm Bình"))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"
    (report,) = await stage.reports()
    assert "rác" in report["description"]
    assert "Cẩm Bình" in report["address"]


@pytest.mark.parametrize("presentation", ["67", "0"])
async def test_a_call_without_a_number_is_a_talk_of_its_own(stage: HotlineStage, presentation: str) -> None:
    number = "0900000123" if presentation == "67" else "anonymous"
    async with stage.open():
        caller = await stage.ring(number=number, presentation=presentation)
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"
    (report,) = await stage.reports()
    assert report["user"].startswith("anonymous:")
    assert report["contact_phone"] is None


async def test_two_callers_from_one_number_do_not_mix(stage: HotlineStage) -> None:
    async with stage.open():
        first, second = await stage.ring(), await stage.ring()
        await stage.quiet(first)
        await asyncio.gather(
            first.say(stage.voices.voice(MATTER)), second.say(stage.voices.voice("mất điện ở xã Cẩm Bình"))
        )
        await stage.quiet(first)
        await stage.quiet(second)
        first.press("1")
        second.press("1")
        assert [await first.ended(), await second.ended()] == ["done", "done"]
    found = await stage.reports()
    assert len({report["user"] for report in found}) == 2
    assert {report["contact_phone"] for report in found} == {"0900000123"}


class Deaf:
    """A recognizer that fails."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        raise RecognitionFailed("the engine is broken")


async def test_without_a_recognizer_what_was_said_is_recorded_for_an_officer(
    sqlite_store: Store, tmp_path: Path
) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, recognizer=None)
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Cán bộ nghe và gọi lại")
        assert await caller.ended() == "done"
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") == 1


async def test_a_failing_recognizer_does_not_lose_the_sound(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, recognizer=Deaf())
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await asyncio.sleep(1.0)
        caller.hang_up()
        await caller.ended()
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") == 1


async def test_when_no_answer_comes_the_caller_goes_to_a_person(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, timing=replace(QUICK, working=0.3, answer_limit=0.8))
    stage.worker.hearing.channels = {}
    stage.hotline.desk.accept = _lost
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("chờ em một chút")
        assert await caller.ended() == "operator"


async def _lost(events: object) -> None:
    """An inbox whose worker never answers."""


class Texts:
    """A way to write to a number, which keeps what was written."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    async def send(self, phone: str, words: str, code: str) -> Receipt:
        self.sent.append((phone, words, code))
        return Receipt(("1",))


async def test_the_receipt_goes_to_a_mobile_number_in_writing(sqlite_store: Store, tmp_path: Path) -> None:
    texts = Texts()
    stage = HotlineStage(sqlite_store, tmp_path, texting=texts)
    async with stage.open():
        caller = await stage.ring(number="84900000124")
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        assert await caller.ended() == "done"
        async with asyncio.timeout(3):
            while not texts.sent:
                await asyncio.sleep(0.02)
    (report,) = await stage.reports()
    ((phone, words, code),) = texts.sent
    assert (phone, code) == ("0900000124", report["code"])
    assert report["code"] in words
    assert report["agency"] in words


async def test_every_utterance_is_in_the_inbox_with_its_sound_kept_first(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.hang_up()
        await caller.ended()
        await stage.settled()
    payloads = [row["payload"] for row in await stage.rows(inbox)]
    (voice,) = [payload["voice"]["ref"] for payload in payloads if "voice" in payload]
    assert stage.media.get(voice).startswith(b"RIFF")
    assert [payload.get("kind") for payload in payloads] == ["start", None, "hung_up"]


class Broken:
    """A recognizer with a bug."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        raise RecognitionFailed("not this way")

    async def listen(self, rate: int = 8000, bias: object = ()) -> object:
        raise KeyError("engine")


async def test_a_bug_in_the_recognizer_does_not_lose_the_sound(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, recognizer=Broken())
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await asyncio.sleep(1.0)
        caller.hang_up()
        await caller.ended()
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") == 1
