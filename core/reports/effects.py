"""Doing what a turn wants done, inside the transaction that remembers the turn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from core.codec import decode, encode
from core.conversation import effects as fx
from core.conversation.floor import Turn
from core.message import Address
from core.pack import Pack
from core.phrases import Phrases
from core.reports.erasing import erase_citizen
from core.reports.moves import Actor, MoveRefused, Status
from core.reports.records import (
    Result,
    file_report,
    follow,
    join_report,
    move_report,
    note_event,
    rate_report,
    report_row,
    take_photos_back,
)
from core.storage.schema import consents, corrections, handoffs, reports

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Doing:
    """Where effects are done: the connection, who the citizen is, when, and the pack they belong to."""

    conn: sa.Connection
    address: Address
    now: datetime
    pack: Pack
    phrases: Phrases


def do_effects(doing: Doing, turn: Turn) -> tuple[Turn, list[str]]:
    """Do the effects in order; the turn with real codes in place of their marks, and the codes it touched."""
    codes: dict[str, str] = {}
    touched: list[str] = []
    for effect in turn.effects:
        real = _with_codes(effect, codes, doing.phrases)
        code = _do(doing, real)
        if isinstance(effect, fx.FileReport):
            codes[effect.mark] = code or ""
        if code:
            touched.append(code)
    if not codes:
        return turn, touched
    replies = tuple(_with_codes(reply, codes, doing.phrases) for reply in turn.replies)
    conversation = _with_codes(turn.conversation, codes, doing.phrases)
    return Turn(conversation, replies, turn.effects), touched


def _with_codes(value: T, codes: dict[str, str], phrases: Phrases) -> T:
    """The value with every mark replaced by its report's code, written or spelled out."""
    if not codes:
        return value
    marks = {**codes, **{f"{mark[:-1]}:spelled⟧": phrases.spell(code) for mark, code in codes.items()}}
    data = encode(value)
    return decode(type(value), _replaced(data, marks))


def _replaced(data: Any, marks: dict[str, str]) -> Any:
    if isinstance(data, str):
        for mark, code in marks.items():
            data = data.replace(mark, code)
        return data
    if isinstance(data, dict):
        return {key: _replaced(item, marks) for key, item in data.items()}
    if isinstance(data, list | tuple):
        return [_replaced(item, marks) for item in data]
    return data


def _do(doing: Doing, effect: fx.Effect) -> str | None:
    conn, address, now = doing.conn, doing.address, doing.now
    match effect:
        case fx.FileReport():
            return file_report(conn, address, effect, now, doing.pack.code_prefix, doing.pack.timezone)
        case fx.JoinReport():
            before = report_row(conn, effect.code)
            join_report(conn, effect, address, now)
            if before is not None and before["danger"]:
                _route_again(doing, effect.code, (before["commune"], before["category"]))
        case fx.TakePhotosBack():
            take_photos_back(conn, effect.code, effect.photos, now)
        case fx.Follow():
            row = report_row(conn, effect.code)
            if row is not None:
                follow(conn, row["id"], address, now)
                note_event(conn, row["id"], now, Actor.CITIZEN, "followed")
        case fx.Rate():
            rate_report(conn, effect.code, effect.rating, now)
        case fx.Reopen():
            _reopen(doing, effect)
        case fx.Withdraw():
            _by_citizen(doing, effect.code, Status.WITHDRAWN, "")
        case fx.HandOver():
            conn.execute(
                handoffs.insert().values(
                    channel=address.channel, user=address.user, reason=effect.reason,
                    report_code=effect.code, words=effect.words, at=now,
                )
            )  # fmt: skip
        case fx.GiveConsent():
            conn.execute(
                consents.insert().values(
                    channel=address.channel, user=address.user, text_version=effect.text_version, given_at=now
                )
            )
        case fx.Correct():
            conn.execute(
                corrections.insert().values(
                    at=now, by="citizen", text=effect.text, context=effect.context, field=effect.field,
                    guessed=effect.guessed, corrected=effect.corrected, report_code=effect.code,
                )
            )  # fmt: skip
        case fx.Erase():
            erase_citizen(conn, address, now, effect.voices)
    return getattr(effect, "code", None)


def _route_again(doing: Doing, code: str, before: tuple[str | None, str]) -> None:
    """An urgent report whose commune or danger was told, or told otherwise, goes to who deals with that
    there; not once it was taken on. `before` are its commune and category as they were."""
    row = report_row(doing.conn, code)
    if row is None or (row["commune"], row["category"]) == before or row["status"] != Status.RECEIVED:
        return
    route = doing.pack.router.route(
        row["category"], row["commune"], urgent=row["urgent"], now=doing.now, text=row["description"]
    )
    values = {"agency": route.agency, "rule": route.rule, "why": route.why, "deadline": route.deadline}
    doing.conn.execute(reports.update().where(reports.c.id == row["id"]).values(values))
    if before[0] is not None and row["agency"] != route.agency:
        # those on duty are told what joins a danger: who had it, and who has it now
        note = f"{row['agency']} → {route.agency}"
        note_event(doing.conn, row["id"], doing.now, Actor.SYSTEM, "joined", note=note)


def _reopen(doing: Doing, effect: fx.Reopen) -> None:
    if _by_citizen(doing, effect.code, Status.REOPENED, effect.words):
        join_report(
            doing.conn,
            fx.JoinReport(effect.code, words=effect.words, photos=effect.photos),
            doing.address,
            doing.now,
        )


def _by_citizen(doing: Doing, code: str, target: Status, words: str) -> bool:
    """A move by the citizen; when the report was moved meanwhile, a person sees the wish instead."""
    try:
        move_report(doing.conn, code, target, Actor.CITIZEN, "", doing.now, Result(note=words))
    except MoveRefused as refusal:
        row = report_row(doing.conn, code)
        if row is not None:
            note_event(
                doing.conn,
                row["id"],
                doing.now,
                Actor.CITIZEN,
                "wished",
                to=target,
                note=f"{words} ({refusal})",
            )
        return False
    return True
