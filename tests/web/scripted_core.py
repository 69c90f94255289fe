"""A stand-in for the core: a talk of four steps, so that the pages can be driven without it.

It understands nothing. It remembers how far a conversation is, answers a burst once, and files into the
real tables, so that the pages' own reading of reports is tested on rows of the true form.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from core.clock import Clock
from core.message import Address, Ask, Choice, Inbound, InboundKind, Outbound
from core.storage.schema import report_events, reports
from core.storage.store import Store
from core.trace import TurnTrace
from web.simulator.simulator import Simulator

QUIET_SECONDS = 0.15
CONFIRM = (Choice("confirm", "Gửi đi"), Choice("edit", "Sửa"), Choice("cancel", "Hủy"))
UNDERSTOOD: dict[str, Any] = {
    "intent": "report",
    "confidence": 0.94,
    "categories": [["duong_cau", 0.91], ["an_toan_giao_thong", 0.05], ["lan_chiem", 0.01]],
    "place_text": "cầu Rào, xã Cẩm Bình",
    "danger": None,
    "engine": "scripted",
}
UNIT = {"status": "unit", "code": "18685", "name": "Cẩm Bình", "candidates": []}


@dataclass(slots=True)
class Talk:
    turn: int = 0
    words: str = ""
    photos: int = 0
    point: dict[str, float] | None = None
    waiting: list[Inbound] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


class ScriptedCore:
    """`accept` is what Services wants; `seen` are all events that came, each once."""

    def __init__(self, store: Store, simulator: Simulator, clock: Clock) -> None:
        self._store = store
        self._simulator = simulator
        self._clock = clock
        self._talks: dict[Address, Talk] = defaultdict(Talk)
        self._tasks: set[asyncio.Task[None]] = set()
        self.seen: dict[str, Inbound] = {}

    async def accept(self, events: list[Inbound]) -> int:
        fresh = [event for event in events if event.event_id not in self.seen]
        for event in fresh:
            self.seen[event.event_id] = event
            talk = self._talks[event.address]
            talk.waiting.append(event)
            if len(talk.waiting) == 1:
                task = asyncio.create_task(self._answer(event.address))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return len(fresh)

    async def _answer(self, address: Address) -> None:
        await asyncio.sleep(QUIET_SECONDS)
        talk = self._talks[address]
        events, talk.waiting = talk.waiting, []
        talk.turn += 1
        filed = any(event.choice == "confirm" or event.text == "1" for event in events)
        for event in events:
            self._take(talk, event)
        if all(event.kind is InboundKind.HUNG_UP for event in events):
            return
        reply = await self._file(address, talk) if filed and talk.words else self._next(talk, events)
        self._simulator.observe(self._trace(address, talk, events))
        await self._simulator.channels[address.channel].send(address, reply)

    def _take(self, talk: Talk, event: Inbound) -> None:
        if len(event.text) > 3:
            talk.words = event.text
        talk.photos += len(event.photos)
        if event.point:
            talk.point = {"lat": event.point.lat, "lon": event.point.lon}

    def _next(self, talk: Talk, events: list[Inbound]) -> Outbound:
        if not talk.words:
            return Outbound("Chào anh/chị. Có chuyện gì, ở đâu ạ?", ask=Ask.DESCRIPTION, turn=talk.turn)
        if not talk.photos:
            text = f"Dạ, em ghi: {talk.words}.\n📷 Anh/chị có ảnh không?"
            return Outbound(text, (Choice("no_photo", "Không có ảnh"),), Ask.PHOTO, turn=talk.turn)
        if talk.point is None:
            return Outbound("📍 Anh/chị gửi vị trí giúp em.", ask=Ask.LOCATION, turn=talk.turn)
        text = f"Anh/chị xem lại:\nViệc: {talk.words}\nNơi: xã Cẩm Bình\nẢnh: {talk.photos}"
        return Outbound(text, CONFIRM, Ask.CONFIRM, turn=talk.turn)

    async def _file(self, address: Address, talk: Talk) -> Outbound:
        number = len(self.seen)
        code = f"HT-2611-{number:05d}"
        now = self._clock.now()
        route = self._route()
        row = {
            "code": code, "filing_key": code, "channel": address.channel, "user": address.user,
            "category": "duong_cau", "commune": "18685", "description": talk.words, "status": "new",
            "lat": 18.29, "lon": 105.95, "urgent": True,
            "agency": route["agency"], "rule": "duong_cau", "why": route["why"],
            "deadline": now + timedelta(days=3), "created_at": now, "updated_at": now,
        }  # fmt: skip

        def work(connection: sa.Connection) -> None:
            filed = sa.insert(reports).values(row).returning(reports.c.id)
            report_id = connection.execute(filed).scalar_one()
            event = {
                "report_id": report_id, "at": now, "actor": "citizen", "kind": "filed", "to_status": "new",
            }  # fmt: skip
            connection.execute(sa.insert(report_events).values(event))

        await self._store.write(work)
        talk.codes.append(code)
        talk.words, talk.photos, talk.point = "", 0, None
        return Outbound(f"✅ Đã gửi. Mã {code}.", turn=talk.turn)

    def _route(self) -> dict[str, Any]:
        return {
            "agency": "Phòng Kinh tế xã Cẩm Bình",
            "deadline": (self._clock.now() + timedelta(days=3)).isoformat(),
            "rule": "duong_cau",
            "why": "Đường, cầu trong xã do Phòng Kinh tế xã lo.",
            "unconfirmed": True,
        }

    def _trace(self, address: Address, talk: Talk, events: list[Inbound]) -> TurnTrace:
        heard = [
            {
                "text": event.text,
                "photos": len(event.photos),
                "point": talk.point if event.point else None,
                "choice": event.choice,
                "understanding": UNDERSTOOD if len(event.text) > 3 else None,
                "place": UNIT if len(event.text) > 3 else None,
            }
            for event in events
        ]
        draft = {
            "description": talk.words, "category": "duong_cau", "category_sure": True, "commune": "18685",
            "commune_name": "xã Cẩm Bình", "address": "cầu Rào", "point": talk.point, "photos": talk.photos,
            "on_behalf_of": None, "contact_phone": None, "urgent": True, "missing": [],
        }  # fmt: skip
        return TurnTrace(
            address, talk.turn, self._clock.now(), "confirm" if talk.words else "idle",
            heard=heard, draft=draft if talk.words else None, route=self._route() if talk.words else None,
            reports=talk.codes,
        )  # fmt: skip
