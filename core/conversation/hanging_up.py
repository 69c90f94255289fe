"""How a call ends: what was told is filed even when the caller rings off, and what the call does next."""

from __future__ import annotations

from dataclasses import replace

from core.conversation.doubt import as_a_matter
from core.conversation.draft import Draft
from core.conversation.effects import FileReport, HandOver
from core.conversation.filing import file_report, is_category_sure
from core.conversation.floor import Floor, Turn
from core.conversation.heard import Heard
from core.conversation.state import LastFiled
from core.conversation.summary import settled_category
from core.message import Then
from core.phrases import Manner


def hang_up(floor: Floor, heard: Heard) -> None:
    """The caller is gone: what was told is filed as unconfirmed, and somebody calls back.

    `heard.files` are recordings of the call; one in which the talk found no matter is filed all the same.
    """
    doubt = floor.conversation.doubt
    if doubt is not None:
        floor.change(draft=as_a_matter(doubt, floor.draft), doubt=None)
    for draft in (floor.draft, *floor.conversation.later):
        if draft is not None and (draft.said or draft.voices or draft.photos):
            _file_unconfirmed(floor, draft)
    filed = {
        voice for effect in floor.effects if isinstance(effect, FileReport) for voice in effect.draft.voices
    }
    for recording in heard.files:
        if recording not in filed:
            draft = floor.new_draft(f"{heard.event.event_id}:{recording}")
            _file_unconfirmed(floor, replace(draft, voices=(recording,)).marked("voice"))
    floor.change(
        draft=None, later=(), asked=None, offered=(), about=None, photo_last=False, unheard=0,
        emergency=None,
    )  # fmt: skip
    floor.silent = True


def _file_unconfirmed(floor: Floor, draft: Draft) -> None:
    category = settled_category(draft)
    sure = is_category_sure(draft)
    draft = draft.marked("hung_up")
    if not sure:
        draft = draft.marked("category_unsure")
    mark, _ = file_report(floor, draft, category, sure=sure, unconfirmed=True)
    floor.do(HandOver("call_back", draft.description, mark))
    floor.change(last_filed=LastFiled(mark, floor.now))


def say_what_follows(turn: Turn, manner: Manner) -> Turn:
    """The turn with what a call does after its message; only where it is spoken."""
    follows = _what_follows(turn) if manner.spoken and turn.replies else None
    if follows is None:
        return turn
    return replace(turn, replies=(*turn.replies[:-1], replace(turn.replies[-1], then=follows)))


def _what_follows(turn: Turn) -> Then | None:
    reasons = {effect.reason for effect in turn.effects if isinstance(effect, HandOver)}
    if "danger" in reasons:
        return Then.EMERGENCY
    if "asked" in reasons:
        return Then.OPERATOR
    filed = any(isinstance(effect, FileReport) for effect in turn.effects)
    return Then.END if (filed or turn.ends) and turn.replies[-1].ask is None else None
