"""Danger that no word tells is asked for before anybody is alerted, whatever engine believes in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.conversation.effects import FileReport, HandOver
from core.conversation.floor import Turn
from core.conversation.heard import Heard, Known
from core.conversation.state import Conversation
from core.conversation.turn import take_turn
from core.message import Address, Inbound, InboundKind
from core.pack import Pack
from core.phrases import Phrases
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


NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CALLER = Address("hotline", "0900000454")


@pytest.mark.parametrize("begun", [False, True])
def test_a_caller_who_rings_off_at_the_question_is_not_lost(
    pack: Pack, phrases: Phrases, begun: bool
) -> None:
    def hear(state: Conversation, heard: Heard) -> Turn:
        return take_turn(state, [heard], Known(pack, phrases), NOW)

    state, words = Conversation(), "bác nằm im re ngoài ngõ"
    if begun:
        told = Understanding("report", 0.9, categories=(("duong_cau", 0.9),), matter="đường sụt")
        state = hear(state, Heard(Inbound(CALLER, "e0", NOW), "đường sụt", understanding=told)).conversation
    feared = Understanding("emergency", 0.9, (("an_ninh", 0.9),), danger="other", danger_said=False)
    asked = hear(state, Heard(Inbound(CALLER, "e1", NOW), words, understanding=feared))
    assert asked.effects == () and asked.conversation.doubt is not None
    gone = hear(asked.conversation, Heard(Inbound(CALLER, "e2", NOW, kind=InboundKind.HUNG_UP)))
    filed = [effect for effect in gone.effects if isinstance(effect, FileReport)]
    assert [words in one.draft.description for one in filed] == [True]
    assert filed[0].unconfirmed and gone.conversation.doubt is None
    assert {effect.reason for effect in gone.effects if isinstance(effect, HandOver)} == {"call_back"}
