"""The parts of a call by themselves: keys, the ladder to a person, how long silence may last."""

from __future__ import annotations

import asyncio

import pytest

from connectors.hotline.answers import HeldLetter, Letter
from connectors.hotline.keys import Chosen, Key, begins_code, read_key
from connectors.hotline.ladder import Ladder
from connectors.hotline.moment import AnswerTimes, Mode, Moment
from connectors.hotline.wording import load_wording
from core.message import Ask, Choice, Outbound
from tests.connectors.hotline.stage import QUICK
from tests.core.stage import PROVINCE

WORDING = load_wording(PROVINCE)
OPEN = Outbound("Chuyện gì ạ?", ask=Ask.DESCRIPTION, turn=3)
PLACES = (Choice("place:1", "Xã A"), Choice("human", "Cán bộ"), Choice("place:2", "Xã B"))
WHERE = Outbound("Xã nào ạ?", PLACES, Ask.LOCATION, turn=4)


@pytest.mark.parametrize(
    ("key", "asked", "meaning"),
    [
        ("0", WHERE, Key.PERSON),
        ("0", None, Key.PERSON),
        ("*", OPEN, Key.AGAIN),
        ("1", WHERE, Chosen("place:1", 4)),
        ("2", WHERE, Chosen("place:2", 4)),
        ("3", WHERE, Key.UNUSED),
        ("1", OPEN, Key.TALK),
        ("1", None, Key.TALK),
        ("2", OPEN, Key.UNUSED),
        ("A", WHERE, Key.UNUSED),
    ],
)
def test_what_a_key_means(key: str, asked: Outbound | None, meaning: object) -> None:
    assert read_key(key, asked) == meaning


def test_a_code_begins_only_where_nothing_is_offered() -> None:
    assert begins_code("2", OPEN)
    assert begins_code("2", None)
    assert not begins_code("2", WHERE)
    assert not any(begins_code(key, OPEN) for key in "01*#A")


def test_silence_leads_slower_then_to_keys_then_to_a_person() -> None:
    ladder = Ladder(WORDING)
    first, second = ladder.on_silence(OPEN), ladder.on_silence(OPEN)
    assert first is not None
    assert first.slow
    assert WORDING.say("again_open") in first.text
    assert second is not None
    assert second.text == WORDING.say("keys_open")
    assert ladder.on_silence(OPEN) is None


def test_words_or_a_key_begin_the_ladder_anew() -> None:
    ladder = Ladder(WORDING)
    for answered in (ladder.on_words, ladder.on_key):
        ladder.on_silence(OPEN)
        ladder.on_silence(OPEN)
        answered()
        assert ladder.on_silence(OPEN) is not None
        answered()
    assert ladder.on_noise(OPEN) is not None
    ladder.on_key()
    assert ladder.on_noise(OPEN) is None, "a key is no sign that the voice comes through"


async def test_how_long_silence_may_last() -> None:
    moment = Moment(QUICK)
    assert moment.time_left(speaking=True) == pytest.approx(QUICK.working, abs=0.1)
    assert moment.excuse()
    assert moment.time_left(speaking=False) == pytest.approx(QUICK.answer_limit, abs=0.1)
    assert not moment.excuse(), "once is enough"
    moment.turn_to(Mode.WORKING)
    moment.expect_answer_within(1.0)
    assert not moment.excuse(), "a person comes before there is anything to excuse"
    for mode, longest in ((Mode.LISTENING, QUICK.no_input), (Mode.FAREWELL, QUICK.farewell)):
        moment.turn_to(mode)
        assert moment.time_left(speaking=True) is None
        assert moment.time_left(speaking=False) == pytest.approx(longest, abs=0.1)
    moment.turn_to(Mode.SAYING)
    assert moment.time_left(speaking=False) is None


async def test_a_held_answer_is_overtaken_by_the_next() -> None:
    loop = asyncio.get_running_loop()
    first, second = (Letter(OPEN, loop.create_future()) for _ in range(2))
    held = HeldLetter(lambda: None)
    held.hold(first)
    held.hold(second)
    assert first.receipt.result() == "overtaken"
    assert held.take() is second
    assert not held.waits
    held.drop()
    assert not second.receipt.done()


async def test_an_answer_is_timed_from_the_end_of_what_was_said() -> None:
    times = AnswerTimes()
    times.answered()
    times.asked()
    times.answered()
    times.answered()
    assert len(times) == 1
