"""All statuses of a report, and the one table of who may move it from where to where.

The province's regulation is not public; the statuses follow those published for its model systems and are
`unconfirmed` like the limits in the pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    UNCONFIRMED = "unconfirmed"  # a caller hung up before confirming: somebody calls back
    RECEIVED = "received"  # filed, routed, waits for the agency to take it
    ASSIGNED = "assigned"  # the coordinators passed it on by hand
    IN_PROGRESS = "in_progress"
    NEEDS_INFO = "needs_info"  # the citizen was asked
    RESOLVED = "resolved"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Actor(StrEnum):
    CITIZEN = "citizen"
    HANDLER = "handler"
    LEADER = "leader"
    COORDINATOR = "coordinator"
    SYSTEM = "system"


CLOSED = frozenset({Status.RESOLVED, Status.REFUSED, Status.DUPLICATE, Status.WITHDRAWN})


class MoveRefused(Exception):
    """The table does not allow the move, or it lacks what the table demands. The text says which."""


@dataclass(frozen=True, slots=True)
class Move:
    """`needs` is what has to come with it: a reason, a proof (photo, document), or another report's code."""

    source: Status
    target: Status
    by: frozenset[Actor]
    needs: str = ""


_C, _H, _L, _K = Actor.COORDINATOR, Actor.HANDLER, Actor.LEADER, Actor.CITIZEN
_S = Status


def _move(source: Status, target: Status, *by: Actor, needs: str = "") -> Move:
    return Move(source, target, frozenset(by), needs)


MOVES: tuple[Move, ...] = (
    # a call that was not confirmed
    _move(_S.UNCONFIRMED, _S.RECEIVED, _K, _C),
    _move(_S.UNCONFIRMED, _S.REFUSED, _C, needs="reason"),
    _move(_S.UNCONFIRMED, _S.WITHDRAWN, _K),
    # on its way to the agency
    _move(_S.RECEIVED, _S.IN_PROGRESS, _H, _L, _C),
    _move(_S.RECEIVED, _S.ASSIGNED, _C, _H, _L, needs="reason"),
    _move(_S.RECEIVED, _S.REFUSED, _C, _L, needs="reason"),
    _move(_S.RECEIVED, _S.DUPLICATE, _C, _H, needs="code"),
    _move(_S.RECEIVED, _S.NEEDS_INFO, _C, _H, needs="reason"),
    _move(_S.RECEIVED, _S.WITHDRAWN, _K),
    _move(_S.RECEIVED, _S.RESOLVED, _H, _L, _C, needs="proof"),
    _move(_S.ASSIGNED, _S.IN_PROGRESS, _H, _L, _C),
    _move(_S.ASSIGNED, _S.ASSIGNED, _C, _H, _L, needs="reason"),
    _move(_S.ASSIGNED, _S.REFUSED, _C, _L, needs="reason"),
    _move(_S.ASSIGNED, _S.DUPLICATE, _C, _H, needs="code"),
    _move(_S.ASSIGNED, _S.NEEDS_INFO, _C, _H, needs="reason"),
    _move(_S.ASSIGNED, _S.WITHDRAWN, _K),
    _move(_S.ASSIGNED, _S.RESOLVED, _H, _L, _C, needs="proof"),
    # at work
    _move(_S.IN_PROGRESS, _S.RESOLVED, _H, _L, _C, needs="proof"),
    _move(_S.IN_PROGRESS, _S.ASSIGNED, _C, _H, _L, needs="reason"),
    _move(_S.IN_PROGRESS, _S.NEEDS_INFO, _C, _H, needs="reason"),
    _move(_S.IN_PROGRESS, _S.REFUSED, _C, _L, needs="reason"),
    _move(_S.IN_PROGRESS, _S.DUPLICATE, _C, _H, needs="code"),
    _move(_S.IN_PROGRESS, _S.WITHDRAWN, _K),
    _move(_S.NEEDS_INFO, _S.IN_PROGRESS, _K, _H, _L, _C),
    _move(_S.NEEDS_INFO, _S.REFUSED, _C, _L, needs="reason"),
    _move(_S.NEEDS_INFO, _S.RESOLVED, _H, _L, _C, needs="proof"),
    _move(_S.NEEDS_INFO, _S.ASSIGNED, _C, _H, _L, needs="reason"),
    _move(_S.NEEDS_INFO, _S.WITHDRAWN, _K),
    # after the answer: once by the citizen, then by a coordinator (the counter is kept with the report)
    _move(_S.RESOLVED, _S.REOPENED, _K, _C),
    _move(_S.REFUSED, _S.REOPENED, _C, needs="reason"),
    _move(_S.DUPLICATE, _S.REOPENED, _C, needs="reason"),
    _move(_S.WITHDRAWN, _S.REOPENED, _C, needs="reason"),
    _move(_S.REOPENED, _S.IN_PROGRESS, _H, _L, _C),
    _move(_S.REOPENED, _S.RESOLVED, _H, _L, _C, needs="proof"),
    _move(_S.REOPENED, _S.ASSIGNED, _C, _H, _L, needs="reason"),
    _move(_S.REOPENED, _S.REFUSED, _C, _L, needs="reason"),
    _move(_S.REOPENED, _S.NEEDS_INFO, _C, _H, needs="reason"),
    _move(_S.REOPENED, _S.WITHDRAWN, _K),
)

_TABLE = {(move.source, move.target): move for move in MOVES}


def check_move(
    source: Status,
    target: Status,
    by: Actor,
    *,
    reason: str = "",
    proof: bool = False,
    code: str = "",
    reopened: int = 0,
) -> Move:
    """The move, if the table allows it to this actor with what came along. Raises MoveRefused."""
    move = _TABLE.get((source, target))
    if move is None:
        raise MoveRefused(f"a report that is {source} cannot become {target}")
    if by not in move.by:
        raise MoveRefused(f"{source} → {target} is not for a {by}")
    lacking = {"reason": not reason.strip(), "proof": not proof, "code": not code}.get(move.needs, False)
    if lacking:
        raise MoveRefused(f"{source} → {target} needs a {move.needs}")
    if target is Status.REOPENED and by is Actor.CITIZEN and reopened:
        raise MoveRefused("a citizen reopens a report once; after that a coordinator decides")
    return move
