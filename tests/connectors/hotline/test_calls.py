"""Whole calls: a caller behind Asterisk, the bridge, the talk, and the report that comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.message import Receipt
from core.speech import RecognitionFailed, Transcript
from core.storage import Store, StoreError
from core.storage.schema import handoffs, inbox, outbox, report_media
from tests.connectors.hotline.script import (
    CONFIRMS,
    HEARS_IT_BACK,
    MATTER,
    TELLS,
    ends,
    hangs_up,
    hears,
    hears_to_the_end,
    is_being_told,
    play,
    presses,
    says,
    waits,
    waits_for_report,
)
from tests.connectors.hotline.stage import QUICK, HotlineStage

GREETED = hears("Bác cứ nói")
NOISE = says("", 1.2)


@pytest.fixture
def staged(sqlite_store: Store, tmp_path: Path) -> Callable[..., HotlineStage]:
    """A stage that differs from the usual one in what is named; `prompts_s` is how long a sentence takes."""

    def make(prompts_s: float = 0.08, **values: Any) -> HotlineStage:
        stage = HotlineStage(sqlite_store, tmp_path, **values)
        stage.speaker.seconds = prompts_s
        return stage

    return make


@pytest.fixture
def stage(staged: Callable[..., HotlineStage]) -> HotlineStage:
    return staged()


Staged = Callable[..., HotlineStage]


# -- the good way ---------------------------------------------------------------------------------------


async def test_an_open_sentence_and_key_1_end_in_one_report(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, presses("1"), hears("Mã của bác"), ends("done"))
    (report,) = await stage.reports()
    assert report["commune"] is not None
    assert report["status"] == "received"
    assert report["contact_phone"] == "0900000123"
    assert report["transcript"] == MATTER
    assert await stage.count(report_media, purpose="voice") == 1
    assert await stage.count(outbox, state="sent") == 3
    assert list((stage.folder / "calls").iterdir()) == []


async def test_confirmed_by_voice(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, says("dạ đúng", 0.4), hears("Mã của bác"), ends("done"))
    assert len(await stage.reports()) == 1
    assert any("đúng rồi" in bias for bias in stage.voices.biases)


async def test_the_code_is_said_twice_digit_by_digit(stage: HotlineStage) -> None:
    await stage.call(*CONFIRMS)
    (report,) = await stage.reports()
    digits = stage.hearing.phrases.spell(report["code"])
    said = "; ".join(sentence.rstrip(".;") for sentence in stage.speaker.said)
    assert said.count(digits.rsplit("; ", maxsplit=1)[-1]) == 2


async def test_every_utterance_is_in_the_inbox_with_its_sound_kept_first(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, hangs_up())
    payloads = [row["payload"] for row in await stage.rows(inbox)]
    (voice,) = [payload["voice"]["ref"] for payload in payloads if "voice" in payload]
    assert stage.media.get(voice).startswith(b"RIFF")
    assert [payload.get("kind") for payload in payloads] == ["start", None, "hung_up"]


async def test_more_said_while_the_answer_was_on_its_way(stage: HotlineStage) -> None:
    await stage.call(
        GREETED, hears_to_the_end(), says("đống rác to bốc mùi hôi quá"), waits(0.5), says("ở xã Cẩm Bình"),
        hears("Đúng thì bác bấm một"), presses("1"), ends("done"),
    )  # fmt: skip
    (report,) = await stage.reports()
    assert "rác" in report["description"]
    assert "Cẩm Bình" in report["address"]


async def test_star_says_it_again(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, presses("*"), hears("Đúng thì bác bấm một"), presses("1"), ends("done"))


async def test_a_key_that_means_nothing_is_told_so(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, presses("9"), hears("chưa dùng đến"), presses("1"), ends("done"))


async def test_a_code_is_keyed_and_its_report_is_told(stage: HotlineStage) -> None:
    async with stage.open():
        await play(stage, await stage.ring(), *CONFIRMS)
        (report,) = await stage.reports()
        code = [presses(digit) for digit in report["code"] if digit.isdigit()]
        await play(stage, await stage.ring(), GREETED, *code, hears("mới tiếp nhận"), hangs_up())


async def test_too_few_digits_of_a_code_are_told_so(stage: HotlineStage) -> None:
    few = [presses(digit) for digit in "2611#"]
    await stage.call(GREETED, *few, hears("Mã có chín số"), hangs_up())


async def test_a_missed_code_is_said_again(stage: HotlineStage) -> None:
    await stage.call(
        *HEARS_IT_BACK, presses("1"), hears("Mã của bác"), says("bác chưa ghi kịp"), hears("Mã của bác"),
        ends("done"),
    )  # fmt: skip
    assert len(await stage.reports()) == 1


async def test_wrong_is_key_2_and_only_the_wrong_is_asked(stage: HotlineStage) -> None:
    await stage.call(
        *HEARS_IT_BACK, presses("2"), hears("Sai chỗ nào"), hears_to_the_end(), says("xã Cẩm Bình"),
        hears("Cẩm Bình"), hears_to_the_end(), presses("1"), ends("done"),
    )  # fmt: skip
    (report,) = await stage.reports()
    assert "Cẩm Bình" in report["address"]


# -- hanging up -----------------------------------------------------------------------------------------


async def test_hung_up_after_telling_is_filed_as_unconfirmed(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, hangs_up())
    (report,) = await stage.reports()
    assert (report["status"], report["transcript"]) == ("unconfirmed", MATTER)
    assert "hung_up" in report["needs_person"].split(",")
    assert await stage.count(report_media, purpose="voice") == 1
    assert await stage.count(handoffs, reason="call_back", report_code=report["code"]) == 1


async def test_hung_up_in_the_middle_of_the_sentence_keeps_the_words(stage: HotlineStage) -> None:
    await stage.call(GREETED, says(MATTER, 1.0), hangs_up(), waits_for_report())
    (report,) = await stage.reports()
    assert (report["status"], report["description"]) == ("unconfirmed", MATTER)


async def test_hung_up_without_a_word_leaves_nothing(stage: HotlineStage) -> None:
    await stage.call(GREETED, hangs_up())
    assert await stage.reports() == []
    assert await stage.count(handoffs) == 0


# -- to a person ----------------------------------------------------------------------------------------


async def test_key_0_goes_to_the_operator(stage: HotlineStage) -> None:
    await stage.call(hears("Tổng đài"), presses("0"), ends("operator"))
    assert await stage.count(handoffs, reason="asked") == 1


async def test_danger_names_the_number_and_goes_to_the_operator_at_any_hour(staged: Staged) -> None:
    stage = staged(operators="never")
    await stage.call(GREETED, says("cháy nhà rồi cứu với"), hears("114"), ends("operator"))
    (report,) = await stage.reports()
    assert report["urgent"]
    assert report["danger"] == "fire"


async def test_silence_is_met_slower_then_by_keys_then_by_a_person(stage: HotlineStage) -> None:
    await stage.call(
        GREETED, hears("có nghe máy"), hears("bấm phím một rồi nói"), hears("nối máy cho người trực"),
        ends("operator"),
    )  # fmt: skip


async def test_keys_only_press_1_speak_and_press_hash(stage: HotlineStage) -> None:
    await stage.call(
        hears("bấm phím một rồi nói"), presses("1"), hears("Bác nói đi ạ"), hears_to_the_end(), says(MATTER),
        presses("#"), hears("Đúng thì bác bấm một"), presses("1"), ends("done"),
    )  # fmt: skip
    assert len(await stage.reports()) == 1


async def test_noise_twice_goes_to_a_person_with_the_sound_kept(stage: HotlineStage) -> None:
    await stage.call(
        GREETED, hears_to_the_end(), NOISE, hears("chưa nghe rõ"), hears_to_the_end(), NOISE, ends("operator")
    )
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") >= 1


async def test_out_of_hours_a_message_with_the_number_read_back(staged: Staged) -> None:
    stage = staged(operators="never")
    await stage.call(
        GREETED, presses("0"), hears("Cán bộ sẽ gọi lại số không, chín, không, không"), hears_to_the_end(),
        says(MATTER), presses("#"), hears("Em đã ghi lại lời bác"), ends("done"),
    )  # fmt: skip
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert report["transcript"] == MATTER


async def test_when_no_answer_comes_the_caller_goes_to_a_person(staged: Staged) -> None:
    stage = staged(timing=replace(QUICK, working=0.3, answer_limit=0.8))
    stage.worker.hearing.channels = {}
    stage.hotline.desk.accept = _lost
    await stage.call(hears("chờ em một chút"), ends("operator"))


async def _lost(events: object) -> None:
    """An inbox whose worker never answers."""


# -- who may interrupt whom -----------------------------------------------------------------------------


async def test_a_prompt_is_interrupted_by_a_voice_but_not_by_a_cough(staged: Staged) -> None:
    stage = staged(prompts_s=1.0)
    await stage.call(
        GREETED, hears_to_the_end(15), says(MATTER), hears("Em đọc lại"), waits(0.3), says("dạ", 0.12),
        waits(0.4), is_being_told(), says("đúng rồi", 0.6), hears("Mã của bác", 4), hangs_up(),
    )  # fmt: skip
    assert len(await stage.reports()) == 1
    assert stage.voices.heard.count("đúng rồi") >= 1


async def test_the_greeting_with_the_legal_notice_is_heard_through(
    staged: Staged,
) -> None:
    stage = staged(prompts_s=0.6)
    await stage.call(
        hears("Tổng đài"), says(MATTER, 0.8), waits(0.1), is_being_told(),
        hears("Đúng thì bác bấm một", 12), presses("1"), ends("done"),
    )  # fmt: skip
    assert len(await stage.reports()) == 1


# -- who calls ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "presentation"), [("0900000123", "67"), ("anonymous", "0")])
async def test_a_call_without_a_number_is_a_talk_of_its_own(
    stage: HotlineStage, number: str, presentation: str
) -> None:
    await stage.call(*CONFIRMS, number=number, presentation=presentation)
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


class Texts:
    """A way to write to a number, which keeps what was written."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []

    async def send(self, phone: str, words: str, code: str) -> Receipt:
        self.sent.append((phone, words, code))
        return Receipt(("1",))


@pytest.mark.parametrize("end", [(presses("1"), ends("done")), (hangs_up(),)], ids=["confirmed", "hung_up"])
async def test_the_receipt_goes_to_a_mobile_number_in_writing(staged: Staged, end: tuple[Any, ...]) -> None:
    """Also when the caller rings off: what was told is filed a moment later."""
    texts = Texts()
    stage = staged(texting=texts)

    async def gets_it_in_writing(_stage: HotlineStage, _caller: object) -> None:
        async with asyncio.timeout(3):
            while not texts.sent:
                await asyncio.sleep(0.02)

    await stage.call(*HEARS_IT_BACK, *end, gets_it_in_writing, number="84900000124")
    (report,) = await stage.reports()
    ((phone, words, code),) = texts.sent
    assert (phone, code) == ("0900000124", report["code"])
    assert report["code"] in words
    confirmed = report["status"] == "received"
    assert (report["agency"] if confirmed else "sẽ gọi lại") in words


# -- what fails -----------------------------------------------------------------------------------------


class Deaf:
    """A recognizer that fails."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        raise RecognitionFailed("the engine is broken")


class Broken(Deaf):
    """A recognizer with a bug."""

    async def listen(self, rate: int = 8000, bias: object = ()) -> object:
        raise KeyError("engine")


async def test_without_a_recognizer_what_was_said_is_recorded_for_an_officer(staged: Staged) -> None:
    stage = staged(recognizer=None)
    await stage.call(*TELLS, hears("Cán bộ nghe và gọi lại"), ends("done"))
    await one_unconfirmed_with_its_sound(stage)


@pytest.mark.parametrize("recognizer", [Deaf(), Broken()], ids=["fails", "has_a_bug"])
async def test_a_failing_recognizer_does_not_lose_the_sound(staged: Staged, recognizer: Deaf) -> None:
    stage = staged(recognizer=recognizer)
    await stage.call(*TELLS, waits(1.0), hangs_up())
    await one_unconfirmed_with_its_sound(stage)


async def one_unconfirmed_with_its_sound(stage: HotlineStage) -> None:
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"
    assert await stage.count(report_media, purpose="voice") == 1


async def test_what_could_not_be_kept_at_once_is_kept_when_the_call_ends(stage: HotlineStage) -> None:
    """The database is away for the few seconds that a caller can wait: the caller is with the operator, and
    what was said is in the inbox all the same, once."""
    accept, refused = stage.hotline.desk.accept, []

    async def away_for_a_while(events: Any) -> object:
        if any(event.voice for event in events) and len(refused) < 3:
            refused.append(events)
            raise StoreError("the database is away")
        return await accept(events)

    stage.hotline.desk.accept = away_for_a_while
    await stage.call(*TELLS, ends("operator"), waits_for_report())
    (report,) = await stage.reports()
    assert (report["status"], report["transcript"]) == ("unconfirmed", MATTER)
    assert await stage.count(report_media, purpose="voice") == 1
    assert list((stage.folder / "calls").iterdir()) == []
