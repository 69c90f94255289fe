"""Rehearsal: scripted talks through the real path, with a temporary database and a clock of the script.

One talk in, what was said and filed out; the forms are those of `kenhdan converse` in the README.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from core.channel import MediaLost
from core.clock import ScriptedClock
from core.codec import decode
from core.conversation.draft import Draft, Said, Where
from core.conversation.effects import FileReport
from core.conversation.state import Conversation
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.message import (
    Address,
    Contact,
    Inbound,
    MediaKind,
    MediaRef,
    Outbound,
    Point,
    Receipt,
)
from core.pack import Pack
from core.phrases import Phrases
from core.reports.moves import Actor, MoveRefused, Status
from core.reports.records import Result, file_report, move_report
from core.speech import RecognitionFailed, Transcript
from core.storage import Store, open_store
from core.storage.schema import conversations, report_media, reports
from core.storage.sqlite import fresh_sqlite
from core.text import fold
from core.understanding import Interpreter
from core.worker import Worker

OPENING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The script's clock begins on a Monday at nine in the morning, local time."""
BETWEEN_TURNS = timedelta(seconds=20)
_TICKET = re.compile(r"\{T(\d+)\}")


class BadTalk(ValueError):
    """The talk is not of the form; the text says where."""


class ScriptChannel:
    """A channel that keeps what is sent and gives the media of the script."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: list[Outbound] = []

    def parse(self, raw: Any) -> list[Inbound]:
        return list(raw)

    async def send(self, address: Address, message: Outbound) -> Receipt:
        self.sent.append(message)
        return Receipt((str(len(self.sent)),))

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        kind, _, rest = ref.ref.partition(":")
        if kind == "photo":
            return _picture(int(rest))
        if kind == "voice":
            return rest.encode()
        raise MediaLost(f"no such medium in the script: {ref.ref}")


class ScriptRecognizer:
    """Hears what the script says was said."""

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        text = audio.decode(errors="replace")
        if not text:
            raise RecognitionFailed("nobody spoke")
        return Transcript(text, 1.0)


def _picture(number: int) -> bytes:
    """A small photo, another one for each number."""
    image = Image.new("RGB", (48, 48), ((number * 53) % 256, (number * 97) % 256, (number * 151) % 256))
    image.paste((255 - number * 37 % 256, number * 71 % 256, 90), (number * 7 % 32, number * 5 % 32, 44, 46))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


@dataclass(slots=True)
class Rehearsal:
    """Plays talks; the pack and the interpreter are shared by all of them."""

    pack: Pack
    phrases: Phrases
    interpreter: Interpreter
    fallback: Interpreter

    async def play(
        self, talk: Mapping[str, Any], examine: Callable[[sa.Connection], None] | None = None
    ) -> dict[str, Any]:
        """One talk from its first turn to its reports. Raises BadTalk. `examine` sees the database at its
        end.
        """
        with tempfile.TemporaryDirectory(prefix="kenhdan-") as folder:
            store = await open_store(fresh_sqlite(Path(folder) / "talk.sqlite3"), migrate=False)
            try:
                stage = _stage(self, talk, store, Path(folder))
                played = await stage.run()
                if examine is not None:
                    await store.read(examine)
                return played
            finally:
                await store.close()


@dataclass(slots=True)
class _Stage:
    talk: Mapping[str, Any]
    address: Address
    caller: str | None
    channel: ScriptChannel
    store: Store
    clock: ScriptedClock
    worker: Worker
    delivery: Delivery
    pack: Pack
    phrases: Phrases
    refs: dict[str, str] = field(default_factory=dict)
    photos: int = 0
    events: int = 0

    async def run(self) -> dict[str, Any]:
        await self._set_up()
        steps = []
        turns = self.talk.get("turns")
        if not isinstance(turns, list):
            raise BadTalk("'turns' is a list of turns")
        for number, turn in enumerate(turns):
            if not isinstance(turn, Mapping) or not isinstance(turn.get("type"), str):
                raise BadTalk(f"turn {number} is an object with a 'type'")
            steps.append(await self._step(number, turn))
        return {"id": self.talk.get("id"), "steps": steps, "reports": await self.store.read(self._reports)}

    # -- before the talk ------------------------------------------------------------------------------

    async def _set_up(self) -> None:
        setup = self.talk.get("setup") or {}
        for number, ticket in enumerate(setup.get("existing_tickets") or ()):
            filed_at = self.clock.now() - timedelta(days=3, minutes=-number)
            code = await self.store.write(partial(self._file, ticket=ticket, number=number, at=filed_at))
            self.refs[str(ticket.get("ref") or f"{{T{number + 1}}}")] = code
        await self._settle()
        self.channel.sent.clear()

    def _file(self, conn: sa.Connection, ticket: Mapping[str, Any], number: int, at: datetime) -> str:
        category = str(ticket.get("category") or "khac")
        if category not in self.pack.categories:
            raise BadTalk(f"existing ticket {number}: unknown category {category!r}")
        commune = self._commune(str(ticket.get("commune") or ""))
        words = self.pack.categories[category].name
        draft = Draft(f"setup:{number}", at, at, said=(Said("setup", words),), where=Where(commune=commune))
        route = self.pack.router.route(category, commune, now=at)
        filing = FileReport("", draft, category, True, route.agency, route.rule, route.why, route.deadline)
        code = file_report(conn, self.address, filing, at, self.pack.code_prefix, self.pack.timezone)
        self._bring_to(
            conn,
            code,
            named_status(str(ticket.get("status") or "received"), self.phrases),
            at,
            "",
            quiet=True,
        )
        return code

    def _commune(self, name: str) -> str | None:
        if name in self.pack.places.communes:
            return name
        answer = self.pack.places.find(name) if name else None
        exact = [
            u.code
            for u in self.pack.places.communes.values()
            if fold(name) in (fold(u.name), fold(u.full_name))
        ]
        return exact[0] if exact else answer.unit.code if answer and answer.unit else None

    def _bring_to(
        self,
        conn: sa.Connection,
        code: str,
        target: Status,
        at: datetime,
        agency: str,
        *,
        quiet: bool = False,
        note: str = "",
    ) -> None:
        """Move a report as the back office would, by way of a step in between where the table wants one."""
        reason = "" if target in (Status.RESOLVED, Status.IN_PROGRESS) else "–"  # the script gives no reason
        result = Result(note=note or reason, document=True, agency=agency, duplicate_of="-")
        for path in ((target,), (Status.IN_PROGRESS, target), (Status.RESOLVED, target)):
            try:
                with conn.begin_nested():
                    for status in path:
                        who = Actor.CITIZEN if status is Status.WITHDRAWN else Actor.COORDINATOR
                        move_report(conn, code, status, who, "script", at, result)
                break
            except MoveRefused:
                continue
        if quiet:
            conn.execute(sa.text("DELETE FROM inbox WHERE state = 'waiting'"))

    # -- one turn -------------------------------------------------------------------------------------

    async def _step(self, number: int, turn: Mapping[str, Any]) -> dict[str, Any]:
        self.channel.sent.clear()
        await self._perform(number, turn)
        await self._settle()
        state = await self.store.read(self._conversation)
        return {
            "turn": number,
            "replies": [
                {
                    "text": message.text,
                    "choices": [{"value": choice.value, "label": choice.label} for choice in message.choices],
                }
                for message in self.channel.sent
            ],
            "tickets": await self.store.read(lambda conn: list(conn.execute(_ALL_CODES).scalars())),
            "waiting_for": state.asked.value if state.asked is not None else None,
        }

    async def _perform(self, number: int, turn: Mapping[str, Any]) -> None:
        kind = turn["type"]
        if kind == "wait":
            self.clock.advance(timedelta(hours=float(turn.get("hours", 0))))
        elif kind == "event":
            await self._back_office(number, turn)
        elif kind in _INBOUND:
            self.clock.advance(BETWEEN_TURNS)
            await self.worker.accept(await self._inbound(kind, turn))
        else:
            raise BadTalk(f"turn {number}: unknown type {kind!r}")

    async def _inbound(self, kind: str, turn: Mapping[str, Any]) -> list[Inbound]:
        if kind == "text":
            return [self._event(text=await self._named(str(turn.get("text", ""))))]
        if kind == "location":
            try:
                return [self._event(point=Point(float(turn["lat"]), float(turn["lon"])))]
            except (KeyError, TypeError, ValueError) as error:
                raise BadTalk(f"a location has numbers 'lat' and 'lon' ({error})") from error
        if kind == "voice":
            words = await self._named(str(turn.get("transcript", "")))
            return [self._event(voice=MediaRef(MediaKind.VOICE, f"voice:{words}"))]
        if kind == "photo":
            return self._photo_events(turn)
        return [await self._pressed(turn)]

    def _photo_events(self, turn: Mapping[str, Any]) -> list[Inbound]:
        """Photos come one an event, as from a messenger; the caption is on the first."""
        count = int(turn.get("count") or 1)
        album = str(turn.get("album") or f"album-{self.events}") if count > 1 or turn.get("album") else None
        events = []
        for position in range(count):
            self.photos += 1
            photo = MediaRef(MediaKind.PHOTO, f"photo:{self.photos}")
            caption = str(turn.get("caption") or "") if position == 0 else ""
            events.append(self._event(photos=(photo,), text=caption, album=album))
        return events

    async def _pressed(self, turn: Mapping[str, Any]) -> Inbound:
        value = await self._named(str(turn.get("value", "")))
        state = await self.store.read(self._conversation)
        if any(choice.value == value for choice in state.offered):
            return self._event(choice=value, choice_turn=state.offered_turn)
        return self._event(text=await self._named(str(turn.get("text_equiv") or value)))

    def _event(self, **values: Any) -> Inbound:
        self.events += 1
        contact = None
        if self.events == 1 and self.caller:
            contact = Contact(self.caller)
        return Inbound(
            self.address,
            f"script:{self.events}",
            self.clock.now() + timedelta(milliseconds=self.events),
            contact=contact,
            **values,
        )

    async def _named(self, text: str) -> str:
        """The text with real codes in place of `{T1}` and the like."""
        for ref, code in self.refs.items():
            text = text.replace(ref, code)
        if not _TICKET.search(text):
            return text
        codes = await self.store.read(lambda conn: list(conn.execute(_ALL_CODES).scalars()))
        return _TICKET.sub(lambda m: codes[int(m[1]) - 1] if 0 < int(m[1]) <= len(codes) else m[0], text)

    async def _back_office(self, number: int, turn: Mapping[str, Any]) -> None:
        self.clock.advance(BETWEEN_TURNS)
        codes = await self.store.read(lambda conn: list(conn.execute(_ALL_CODES).scalars()))
        code = await self._named(str(turn.get("ticket") or "")) or (codes[-1] if codes else "")
        if code not in codes:
            raise BadTalk(f"turn {number}: there is no ticket {code or '(none yet)'}")
        event = turn.get("event")
        if event == "ticket_resolved":
            target = Status.RESOLVED
        elif event == "status_changed":
            target = named_status(str(turn.get("status") or ""), self.phrases)
        else:
            raise BadTalk(f"turn {number}: unknown event {event!r}")
        agency, note, now = str(turn.get("agency") or ""), str(turn.get("note") or ""), self.clock.now()
        await self.store.write(lambda conn: self._bring_to(conn, code, target, now, agency, note=note))

    async def _settle(self) -> None:
        """Let bursts end, take all turns, send all answers."""
        self.clock.advance(self.worker.quiet.media)
        while await self.worker.work_once() + await self.delivery.send_once():
            pass

    # -- reading --------------------------------------------------------------------------------------

    def _conversation(self, conn: sa.Connection) -> Conversation:
        row = conn.execute(
            sa.select(conversations.c.state).where(
                conversations.c.channel == self.address.channel, conversations.c.user == self.address.user
            )
        ).scalar_one_or_none()
        return decode(Conversation, row) if row is not None else Conversation()

    def _reports(self, conn: sa.Connection) -> list[dict[str, Any]]:
        counted = conn.execute(
            sa.select(report_media.c.report_id, sa.func.count())
            .where(report_media.c.purpose == "report")
            .group_by(report_media.c.report_id)
        )
        photos: dict[int, int] = {row[0]: row[1] for row in counted}
        rows = conn.execute(sa.select(reports).order_by(reports.c.id)).mappings()
        return [self._report(row, photos.get(row["id"], 0)) for row in rows]

    def _report(self, row: sa.RowMapping, photos: int) -> dict[str, Any]:
        unit = self.pack.places.communes.get(row["commune"] or "")
        whom = row["on_behalf_of"]
        manner = self.phrases.manner(row["channel"])
        return {
            "code": row["code"],
            "category": row["category"],
            "commune": unit.name if unit else None,
            "address": row["address"],
            "description": row["description"],
            "photos": photos,
            "on_behalf_of": None if whom is None else whom or self.phrases.say("somebody", manner),
            "contact_phone": row["contact_phone"],
            "status": row["status"],
            "agency": row["agency"],
            "deadline": row["deadline"].astimezone(self.pack.timezone).isoformat()
            if row["deadline"]
            else None,
            "urgent": row["urgent"],
        }


_INBOUND = frozenset({"text", "photo", "location", "voice", "button"})
_ALL_CODES = sa.select(reports.c.code).order_by(reports.c.id)
_STATUS_WORDS = {
    Status.RECEIVED: ("new", "open", "submitted", "pending", "moi", "tiep nhan", "da tiep nhan", "cho xu ly"),
    Status.ASSIGNED: ("forwarded", "routed", "transferred", "da chuyen", "chuyen xu ly"),
    Status.IN_PROGRESS: ("processing", "in progress", "accepted", "working", "started"),
    Status.NEEDS_INFO: ("need info", "needs more info", "waiting", "clarification"),
    Status.RESOLVED: ("done", "closed", "completed", "fixed", "finished", "da xu ly", "hoan thanh", "xong"),
    Status.REFUSED: ("rejected", "declined", "tu choi"),
    Status.REOPENED: ("reopen",),
    Status.WITHDRAWN: ("cancelled", "canceled", "da huy"),
}


def named_status(word: str, phrases: Phrases) -> Status:
    """The status a script means by its own word for it. Raises BadTalk."""
    folded = fold(word)
    for status in Status:
        if folded in (fold(status), fold(phrases.status(status)), *_STATUS_WORDS.get(status, ())):
            return status
    raise BadTalk(f"unknown status {word!r}; one of {', '.join(Status)}")


def _stage(rehearsal: Rehearsal, talk: Mapping[str, Any], store: Store, folder: Path) -> _Stage:
    name = str(talk.get("channel") or "zalo")
    setup = talk.get("setup") or {}
    caller = str(setup["caller_id"]) if setup.get("caller_id") else None
    address = Address(name, caller or "citizen")
    channel = ScriptChannel(name)
    clock = ScriptedClock(OPENING)
    hearing = Hearing(
        store, {name: channel}, rehearsal.interpreter, rehearsal.fallback, rehearsal.pack, rehearsal.phrases,
        FolderMediaStore(folder / "media"), ScriptRecognizer(),
    )  # fmt: skip
    worker = Worker(store, hearing, clock, Quiet())
    delivery = Delivery(store, {name: channel}, clock)
    return _Stage(
        talk, address, caller, channel, store, clock, worker, delivery, rehearsal.pack, rehearsal.phrases
    )
