"""The worker: claims conversations, hears, takes turns, and commits each in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from core import intake
from core.clock import Clock
from core.conversation.asking import is_placed, settled_category, what_is_missing
from core.conversation.draft import Draft
from core.conversation.filing import route_of
from core.conversation.floor import Floor, Turn
from core.conversation.heard import Heard, Known
from core.conversation.turn import take_turn
from core.crew import new_lease, work_through
from core.hearing import Hearing, trace_of
from core.intake import Claim, LeaseLost, Quiet
from core.message import Inbound
from core.reports.effects import Doing
from core.storage import Store, StoreError
from core.trace import TurnTrace
from core.wake import LocalWake, Wake

POLL = 1.0
"""Seconds after which the inbox is looked at even when nobody woke us."""
SOON = 0.05

log = structlog.get_logger(__name__)


def nothing(step: str) -> None:
    """Called between any two steps; tests put a crash in its place."""


@dataclass(slots=True)
class Worker:
    """Intake of one process. `checkpoint` is called with the name of the step that just ended."""

    store: Store
    hearing: Hearing
    clock: Clock
    quiet: Quiet = field(default_factory=Quiet)
    inbox_wake: Wake = field(default_factory=LocalWake)
    outbox_wake: Wake = field(default_factory=LocalWake)
    concurrent: int = 32
    observe: Callable[[TurnTrace], None] | None = None
    checkpoint: Callable[[str], None] = nothing

    async def accept(self, events: Sequence[Inbound]) -> int:
        """Commit events to the inbox; how many were new. When this returns, the channel may be told OK."""
        if not events:
            return 0
        now = self.clock.now()
        new = await self.store.write(lambda conn: intake.accept(conn, events, now, self.quiet))
        self.checkpoint("accepted")
        self.inbox_wake.notify()
        return new

    async def run(self) -> None:
        """Work until cancelled; what is under way then is finished by whoever starts next."""
        await work_through(
            self._claim,
            self._work,
            most=lambda: self.concurrent,
            wake=self.inbox_wake,
            patience=self._patience,
        )

    async def work_once(self) -> int:
        """Take every turn that is ready now, and wait for them; how many there were."""
        claims = await self._claim(self.concurrent)
        await asyncio.gather(*(self._work(claim) for claim in claims))
        return len(claims)

    async def _claim(self, most: int) -> list[Claim]:
        lease, now = new_lease(), self.clock.now()
        try:
            return await self.store.write(lambda conn: intake.claim(conn, lease, now, self.quiet, most))
        except Exception:  # whatever it is, the worker lives on: a dead one would answer nobody, in silence
            log.exception("inbox_not_readable")
            await asyncio.sleep(POLL)
            return []

    async def _patience(self) -> float:
        """Seconds until the next burst is over, at most the polling interval."""
        try:
            due = await self.store.read(intake.next_ready)
        except StoreError:
            return POLL
        if due is None:
            return POLL
        return max(SOON, min(POLL, (due - self.clock.now()) / timedelta(seconds=1)))

    async def _work(self, claim: Claim) -> None:
        try:
            await self._turn(claim)
        except LeaseLost as lost:
            log.warning("lease_lost", detail=str(lost))
        except StoreError as error:
            log.exception("turn_not_kept")
            await self._postpone(claim, error, counts=False)
        # whatever else went wrong: the events are tried again, and at last shown to a person
        except Exception as error:
            log.exception("turn_failed")
            await self._postpone(claim, error)

    async def _postpone(self, claim: Claim, error: Exception, *, counts: bool = True) -> None:
        now, words = self.clock.now(), f"{type(error).__name__}: {error}"
        try:
            await self.store.write(lambda conn: intake.postpone(conn, claim, words, now, counts=counts))
        except LeaseLost as lost:  # or the turn was kept, and what failed came after it
            log.warning("lease_lost", detail=str(lost))
        except StoreError:
            log.exception("postpone_failed")  # the lease ends by itself

    async def _turn(self, claim: Claim) -> None:
        self.checkpoint("claimed")
        heard, known = await self.hearing.hear(claim, self.clock.now())
        self.checkpoint("heard")
        now = self.clock.now()
        turn = take_turn(claim.conversation, heard, known, now)
        self.checkpoint("taken")
        pack, phrases = self.hearing.pack, self.hearing.phrases
        turn, touched = await self.store.write(
            lambda conn: intake.finish(conn, claim, turn, Doing(conn, claim.address, now, pack, phrases))
        )
        self.checkpoint("finished")
        self.outbox_wake.notify()
        if self.observe is not None:
            self.observe(self._trace(claim, heard, known, turn, touched))

    def _trace(
        self, claim: Claim, heard: Sequence[Heard], known: Known, turn: Turn, touched: list[str]
    ) -> TurnTrace:
        now = self.clock.now()
        manner = known.phrases.manner(claim.address.channel)
        floor = Floor(claim.address, turn.conversation, known, now, manner)
        draft = turn.conversation.draft
        asked = turn.conversation.asked
        return TurnTrace(
            address=claim.address,
            turn=turn.conversation.turn,
            at=now,
            phase=asked.value if asked is not None else "idle",
            heard=[trace_of(one) for one in heard],
            draft=None if draft is None else draft_view(floor),
            route=None if draft is None or not is_placed(draft) else _route_view(floor, draft),
            reports=touched,
            replies=turn.replies,
        )


def draft_view(floor: Floor) -> dict[str, object]:
    """The draft as those who watch see it (see `core/trace.py`)."""
    draft = floor.draft
    if draft is None:
        return {}
    where = draft.where
    unit = floor.known.pack.places.communes.get(where.commune or "")
    missing = what_is_missing(floor, draft)
    return {
        "description": draft.description,
        "category": settled_category(draft),
        "category_sure": draft.category_by_citizen or bool(draft.ranked),
        "commune": where.commune,
        "commune_name": unit.full_name if unit else None,
        "address": where.words,
        "point": {"lat": where.point.lat, "lon": where.point.lon} if where.point else None,
        "photos": len(draft.photos),
        "on_behalf_of": draft.on_behalf_of,
        "contact_phone": draft.contact_phone,
        "urgent": draft.urgent,
        "missing": [] if missing.value == "confirm" else [missing.value],
    }


def _route_view(floor: Floor, draft: Draft) -> dict[str, object]:
    route = route_of(floor, draft, settled_category(draft))
    return {
        "agency": route.agency,
        "deadline": route.deadline.isoformat(),
        "rule": route.rule,
        "why": route.why,
        "unconfirmed": route.unconfirmed,
    }
