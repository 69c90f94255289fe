"""Danger that no word tells is asked for before anybody is alerted, whatever engine believes in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.rehearsal import Rehearsal
from core.text import fold
from core.understanding import Context, Interpreter, Understanding
from tests.core.conversation.script import check_talk, read_talks

TALKS = read_talks(Path(__file__).parent / "believed.yml")
SIGN = fold("dạ bữa ni")


@dataclass(frozen=True, slots=True)
class Fearful:
    """An engine that takes every message with the sign for danger, without a word of it."""

    inner: Interpreter

    async def interpret(self, text: str, context: Context) -> Understanding:
        found = await self.inner.interpret(text, context)
        if not fold(text).startswith(SIGN):
            return found
        ranked = found.categories or (("an_ninh", 0.9), ("khac", 0.1))
        return replace(found, intent="emergency", danger="other", danger_said=False, categories=ranked)


@pytest.mark.parametrize("talk", TALKS, ids=[talk["id"] for talk in TALKS])
async def test_believed_danger_is_asked_for(talk: dict[str, Any], rehearsal: Rehearsal) -> None:
    fearful = replace(rehearsal, interpreter=Fearful(rehearsal.interpreter))
    assert check_talk(talk, await fearful.play(talk)) == []
