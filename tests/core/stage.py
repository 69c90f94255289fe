"""A stage for the path of a message: a real store, the province's pack, the rules-only interpreter, a clock
that stands still, and a channel that keeps what is sent and fails when told to."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from core.channel import MediaLost
from core.clock import ScriptedClock
from core.danger import DangerWords
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.message import Address, Inbound, MediaKind, MediaRef, Outbound, Receipt
from core.pack import Pack, load_pack
from core.phrases import Phrases, load_phrases
from core.plain import PlainInterpreter
from core.storage import Store
from core.storage.schema import inbox, outbox, reports
from core.worker import Worker, nothing

PROVINCE = Path(__file__).resolve().parents[2] / "province" / "ha_tinh"
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CITIZEN = Address("telegram", "700001")
MATTER = "đống rác to bốc mùi ở xã Thạch Hà"


@cache
def province() -> tuple[Pack, Phrases, PlainInterpreter]:
    """The pack, its wording and the rules-only interpreter; loaded once a session."""
    pack = load_pack(PROVINCE)
    phrases = load_phrases(PROVINCE, pack.timezone)
    plain = PlainInterpreter(DangerWords.load(PROVINCE / "danger.yml"), phrases, pack.code_prefix)
    return pack, phrases, plain


class Crash(BaseException):
    """The process dies here: nothing between two steps may catch it."""


def crash_at(step: str, times: int = 1) -> Callable[[str], None]:
    """A checkpoint that crashes the first `times` times it comes by `step`."""
    left = [times]

    def checkpoint(name: str) -> None:
        if name == step and left[0]:
            left[0] -= 1
            raise Crash(step)

    return checkpoint


class Post:
    """A channel: `sent` is what arrived, `failures` are raised one a call before anything arrives."""

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.sent: list[tuple[Address, Outbound]] = []
        self.failures: deque[BaseException | None] = deque()
        self.media: dict[str, bytes] = {}
        self.tries = 0

    def parse(self, raw: Any) -> list[Inbound]:
        return list(raw)

    async def send(self, address: Address, message: Outbound) -> Receipt:
        self.tries += 1
        failure = self.failures.popleft() if self.failures else None
        if failure is not None:
            raise failure
        self.sent.append((address, message))
        return Receipt((str(len(self.sent)),))

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        if ref.ref.startswith("photo:"):
            return picture(int(ref.ref.removeprefix("photo:")))
        data = self.media.get(ref.ref)
        if data is None:
            raise MediaLost("gone")
        if len(data) > limit:
            raise MediaLost("too large")
        return data

    def texts(self, address: Address = CITIZEN) -> list[str]:
        return [message.text for to, message in self.sent if to == address]


def picture(number: int) -> bytes:
    """A small photo, another one for each number."""
    image = Image.new("RGB", (48, 48), ((number * 53) % 256, (number * 97) % 256, (number * 151) % 256))
    image.paste(((number * 37) % 256, (number * 71) % 256, 90), (number * 7 % 32, number * 5 % 32, 44, 46))
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


@dataclass
class Stage:
    """One process at work on a store: its worker, its delivery, and the events a citizen sends."""

    store: Store
    folder: Path
    clock: ScriptedClock = field(default_factory=lambda: ScriptedClock(MONDAY))
    post: Post = field(default_factory=Post)
    checkpoint: Callable[[str], None] = nothing
    interpreter: Any = None
    number: int = 0

    def __post_init__(self) -> None:
        pack, phrases, plain = province()
        channels = {self.post.name: self.post}
        hearing = Hearing(
            self.store, channels, self.interpreter or plain, plain, pack, phrases,
            FolderMediaStore(self.folder / "media"),
        )  # fmt: skip
        self.worker = Worker(self.store, hearing, self.clock, Quiet(), checkpoint=self.checkpoint)
        self.delivery = Delivery(self.store, channels, self.clock, checkpoint=self.checkpoint)

    def again(self, **changes: Any) -> Stage:
        """Another process on the same database, with the same channel and clock."""
        return Stage(self.store, self.folder, self.clock, self.post, number=self.number, **changes)

    def event(self, address: Address = CITIZEN, **values: Any) -> Inbound:
        """The next thing a citizen sends, now."""
        self.number += 1
        at = self.clock.now() + timedelta(milliseconds=self.number)
        return Inbound(address, f"msg:{address.user}:{self.number}", at, **values)

    def photo(self, number: int, address: Address = CITIZEN, **values: Any) -> Inbound:
        ref = MediaRef(MediaKind.PHOTO, f"photo:{number}")
        return self.event(address, photos=(ref,), **values)

    async def say(self, *events: Inbound) -> list[str]:
        """Deliver events, let everything that is due happen, and give the answers."""
        before = len(self.post.sent)
        await self.worker.accept(events)
        await self.settle()
        return [message.text for _, message in self.post.sent[before:]]

    async def settle(self) -> None:
        """Let bursts end, take all turns, send all answers."""
        self.clock.advance(timedelta(seconds=20))
        while await self.worker.work_once() + await self.delivery.send_once():
            pass

    async def file(self, address: Address = CITIZEN, matter: str = MATTER) -> str:
        """A whole talk; the code of the report it ends in."""
        await self.say(self.event(address, text=matter))
        await self.say(self.event(address, choice="skip_photo"))
        await self.say(self.event(address, choice="confirm"))
        code = await self.value(
            sa.select(reports.c.code)
            .where(reports.c.channel == address.channel, reports.c.user == address.user)
            .order_by(reports.c.id.desc())
            .limit(1)
        )
        return str(code)

    # -- looking ----------------------------------------------------------------------------------------

    async def rows(self, statement: Any) -> list[Any]:
        return await self.store.read(lambda conn: list(conn.execute(statement).all()))

    async def value(self, statement: Any) -> Any:
        return await self.store.read(lambda conn: conn.execute(statement).scalar_one_or_none())

    async def count(self, table: sa.Table, **equal: Any) -> int:
        where = [table.c[name] == value for name, value in equal.items()]
        return int(await self.value(sa.select(sa.func.count()).select_from(table).where(*where)))

    async def states(self) -> dict[str, int]:
        """How many inbox rows are in which state."""
        statement = sa.select(inbox.c.state, sa.func.count()).group_by(inbox.c.state)
        return {row[0]: row[1] for row in await self.rows(statement)}

    async def letters(self) -> dict[str, int]:
        statement = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        return {row[0]: row[1] for row in await self.rows(statement)}
