"""Scripts of calls: what the caller hears, says and presses, one step after the other (`stage.call`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tests.connectors.hotline.stage import HotlineStage

MATTER = "cái cống ở xã Thạch Hà sập rồi"


class Telephone(Protocol):
    """A caller, behind whatever brings the call."""

    async def say(self, pcm: bytes) -> None: ...

    def press(self, key: str) -> None: ...

    def hang_up(self) -> None: ...

    async def ended(self, within_s: float = 30.0) -> str: ...

    def is_heard_now(self) -> bool: ...


Step = Callable[["HotlineStage", Telephone], Awaitable[None]]


def hears(words: str, within_s: float = 20.0) -> Step:
    """A sentence with these words is begun."""
    return lambda stage, _caller: stage.prompt(words, within_s)


def is_being_told() -> Step:
    """Something is in the caller's ear at this moment."""

    async def step(_stage: HotlineStage, caller: Telephone) -> None:
        assert caller.is_heard_now()

    return step


def hears_to_the_end(within_s: float = 20.0) -> Step:
    """Nothing more is in the caller's ear."""
    return lambda stage, caller: stage.quiet(caller, within_s)


def says(words: str, seconds: float = 0.7) -> Step:
    return lambda stage, caller: caller.say(stage.voices.voice(words, seconds))


def presses(key: str) -> Step:
    async def step(_stage: HotlineStage, caller: Telephone) -> None:
        caller.press(key)

    return step


def waits(seconds: float) -> Step:
    return lambda _stage, _caller: asyncio.sleep(seconds)


def ends(where: str) -> Step:
    """The call is over, and the caller is there: done, or with the operator."""

    async def step(_stage: HotlineStage, caller: Telephone) -> None:
        assert await caller.ended() == where

    return step


def waits_for_report() -> Step:
    """What was said has become a report."""

    async def step(stage: HotlineStage, _caller: Telephone) -> None:
        async with asyncio.timeout(10):
            while not await stage.reports():
                await asyncio.sleep(0.05)

    return step


def hangs_up() -> Step:
    async def step(_stage: HotlineStage, caller: Telephone) -> None:
        caller.hang_up()
        assert await caller.ended() == "gone"

    return step


TELLS = (hears("Bác cứ nói"), says(MATTER))
HEARS_IT_BACK = (*TELLS, hears("Đúng thì bác bấm một"))
CONFIRMS = (*HEARS_IT_BACK, presses("1"), ends("done"))


async def play(stage: HotlineStage, caller: Telephone, *steps: Step) -> None:
    for step in steps:
        await step(stage, caller)
