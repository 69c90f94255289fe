"""The table of moves: every line works, everything else is refused, on the table and in the database."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.reports.moves import CLOSED, MOVES, Actor, Move, MoveRefused, Status, check_move
from core.reports.records import Result, move_report
from core.storage import Store
from core.storage.schema import report_events, reports
from tests.core.stage import Stage

EVERYTHING = {"reason": "có lý do", "proof": True, "code": "HT-2611-00001"}
PAIRS = {(move.source, move.target): move for move in MOVES}
LINES = [
    pytest.param(move, actor, id=f"{move.source}-{move.target}-{actor}") for move in MOVES for actor in Actor
]


def test_each_move_stands_once() -> None:
    assert len(PAIRS) == len(MOVES)


@pytest.mark.parametrize(("move", "actor"), LINES)
def test_a_line_is_for_those_it_names(move: Move, actor: Actor) -> None:
    if actor in move.by:
        assert check_move(move.source, move.target, actor, **EVERYTHING) == move  # type: ignore[arg-type]
    else:
        with pytest.raises(MoveRefused, match="not for"):
            check_move(move.source, move.target, actor, **EVERYTHING)  # type: ignore[arg-type]


@pytest.mark.parametrize("move", [m for m in MOVES if m.needs], ids=lambda m: f"{m.source}-{m.target}")
def test_what_a_line_needs_must_come_along(move: Move) -> None:
    without = {
        **EVERYTHING,
        move.needs: False if move.needs == "proof" else "  " if move.needs == "reason" else "",
    }
    for actor in move.by:
        with pytest.raises(MoveRefused, match="needs"):
            check_move(move.source, move.target, actor, **without)  # type: ignore[arg-type]


def test_every_pair_that_is_not_in_the_table_is_refused_to_everybody() -> None:
    refused = 0
    for source, target, actor in itertools.product(Status, Status, Actor):
        if (source, target) not in PAIRS:
            with pytest.raises(MoveRefused):
                check_move(source, target, actor, **EVERYTHING)  # type: ignore[arg-type]
            refused += 1
    assert refused == (len(Status) ** 2 - len(MOVES)) * len(Actor)


def test_a_citizen_reopens_once_and_a_coordinator_again() -> None:
    check_move(Status.RESOLVED, Status.REOPENED, Actor.CITIZEN)
    with pytest.raises(MoveRefused, match="once"):
        check_move(Status.RESOLVED, Status.REOPENED, Actor.CITIZEN, reopened=1)
    check_move(Status.RESOLVED, Status.REOPENED, Actor.COORDINATOR, reopened=1)


def test_every_open_status_can_be_left_and_every_closed_one_reopened() -> None:
    for status in Status:
        targets = {move.target for move in MOVES if move.source is status}
        assert targets == {Status.REOPENED} if status in CLOSED else targets & CLOSED, status


async def test_every_line_is_kept_in_the_database(store: Store, tmp_path: Path) -> None:
    """Each allowed move, made on a real report: status, closing time and one line of history."""
    stage = Stage(store, tmp_path)
    code = await stage.file()
    now = stage.clock.now()
    full = Result(note="có lý do", document=True, duplicate_of=code)

    def make(conn: sa.Connection) -> None:
        for move, actor in ((line, one) for line in MOVES for one in sorted(line.by)):
            conn.execute(reports.update().values(status=move.source, reopened=0))
            lines = conn.execute(sa.select(sa.func.count()).select_from(report_events)).scalar_one()
            move_report(conn, code, move.target, actor, "", now, full)
            row = conn.execute(sa.select(reports)).mappings().one()
            assert row["status"] == move.target
            assert (row["closed_at"] is not None) == (move.target in CLOSED)
            last = (
                conn.execute(sa.select(report_events).order_by(report_events.c.id.desc())).mappings().first()
            )
            assert last is not None
            assert (last["from_status"], last["to_status"], last["actor"]) == (
                move.source,
                move.target,
                actor,
            )
            assert (
                conn.execute(sa.select(sa.func.count()).select_from(report_events)).scalar_one() == lines + 1
            )

    await store.write(make)


async def test_a_refused_move_changes_nothing(store: Store, tmp_path: Path) -> None:
    stage = Stage(store, tmp_path)
    code = await stage.file()
    before = await stage.rows(sa.select(reports)), await stage.rows(sa.select(report_events))
    for by, target in ((Actor.CITIZEN, Status.RESOLVED), (Actor.HANDLER, Status.RESOLVED)):
        with pytest.raises(MoveRefused):
            await store.write(
                lambda conn, by=by, target=target: move_report(conn, code, target, by, "", stage.clock.now())
            )
    with pytest.raises(MoveRefused, match="no report"):
        await store.write(
            lambda conn: move_report(
                conn, "HT-0000-00000", Status.IN_PROGRESS, Actor.HANDLER, "", stage.clock.now()
            )
        )
    assert (await stage.rows(sa.select(reports)), await stage.rows(sa.select(report_events))) == before
