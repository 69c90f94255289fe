"""iHanoi's half year: 32,208 reports of six messages each, by the real path in one process, without HTTP.

    python -m benchmarks.replay              2,000 reports
    python -m benchmarks.replay --all        all 32,208: 193,248 messages
    python -m benchmarks.replay --rules      without the trained model

Six messages: the matter, the place, a photo, more words, the confirmation, and a question after the report.
The clock is the script's: a report every eight minutes of half a year, `--at-once` citizens at a time. Inbox,
understanding, talk, reports, outbox and delivery are the program's own; SQLite with `synchronous=FULL`; the
channel only counts. One message in ten is delivered twice. At the end the books must balance: every message
answered once, one report a citizen, every code once.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from PIL import Image

from app import load_interpreter, load_province
from core.clock import ScriptedClock
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.message import Address, Inbound, MediaKind, MediaRef, Outbound, Receipt
from core.settings import read_settings
from core.storage import Store, open_store
from core.storage.schema import inbox, outbox, report_events, report_media, reports
from core.worker import Worker

HALF_YEAR = 32_208
"""Reports that iHanoi took in half a year."""
MESSAGES = 6
OPENING = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
EVERY = timedelta(days=184) / HALF_YEAR
PLACES = ("xã Cẩm Bình", "xã Thạch Hà", "xã Can Lộc", "phường Thành Sen", "xã Đức Thọ", "xã Hương Khê")
MATTERS = ("đèn đường hỏng mấy hôm nay", "đống rác to bốc mùi", "ổ gà to giữa đường", "cống tắc nước tràn ra")


class Counting:
    """A channel that counts what it is given to send, and has one small photo for everybody."""

    name = "telegram"

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        file = io.BytesIO()
        Image.new("RGB", (640, 480), (90, 120, 60)).save(file, "JPEG")
        self._photo = file.getvalue()

    def parse(self, raw: Any) -> list[Inbound]:
        return list(raw)

    async def send(self, address: Address, message: Outbound) -> Receipt:
        self.sent[address.user] += 1
        return Receipt(("1",))

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return self._photo


def talk(number: int) -> tuple[dict[str, Any], ...]:
    """The six messages of one citizen."""
    matter, place = MATTERS[number % len(MATTERS)], PLACES[number % len(PLACES)]
    return (
        {"text": f"{matter}, trước nhà số {number % 300 + 1}"},
        {"text": f"ở thôn {number % 97 + 1}, {place}"},
        {"photos": (MediaRef(MediaKind.PHOTO, "one"),)},
        {"text": f"{matter} hai tuần rồi mà chưa ai đến"},
        {"choice": "confirm"},
        {"text": "của tôi"},
    )


def batches(count: int, at_once: int) -> Iterator[range]:
    for first in range(0, count, at_once):
        yield range(first, min(first + at_once, count))


def settings_of(folder: Path) -> Any:
    return read_settings({"KENHDAN_DATABASE_URL": f"sqlite:///{folder}/replay.sqlite3"})


async def replay(count: int, at_once: int, folder: Path, *, rules: bool) -> None:
    settings = settings_of(folder)
    province = load_province(settings.province)
    interpreter = province.plain if rules else load_interpreter(settings, province)
    store = await open_store(settings.database_url)
    clock, channel = ScriptedClock(OPENING), Counting()
    channels = {channel.name: channel}
    hearing = Hearing(
        store, channels, interpreter, province.plain, province.pack, province.phrases,
        FolderMediaStore(folder / "media"),
    )  # fmt: skip
    worker = Worker(store, hearing, clock, Quiet(), concurrent=at_once)
    delivery = Delivery(store, channels, clock, concurrent=at_once)
    started, doubled = time.perf_counter(), 0
    for batch in batches(count, at_once):
        clock.advance(EVERY * len(batch))
        for step in range(MESSAGES):
            events = [event_of(number, step, clock.now()) for number in batch]
            doubled += await take(worker, delivery, clock, events, twice=events[::10])
    took = time.perf_counter() - started
    await report(store, channel, count, doubled, took)
    await store.close()


def event_of(number: int, step: int, now: datetime) -> Inbound:
    address = Address("telegram", str(400_000_000 + number))
    return Inbound(address, f"msg:{address.user}:{step}", now, **talk(number)[step])


async def take(
    worker: Worker,
    delivery: Delivery,
    clock: ScriptedClock,
    events: Sequence[Inbound],
    twice: Sequence[Inbound],
) -> int:
    """Deliver the events, some of them twice, and let everything happen; how many came again."""
    again = (*events, *twice)
    new = await asyncio.gather(*(worker.accept([event]) for event in again))
    clock.advance(timedelta(seconds=10))
    while await worker.work_once() + await delivery.send_once():
        pass
    return len(new) - sum(new)


async def report(store: Store, channel: Counting, count: int, doubled: int, took: float) -> None:
    """Print the figures; end with an error when the books do not balance."""

    def read(conn: sa.Connection) -> dict[str, int]:
        def number(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
            return int(conn.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one())

        return {
            "messages done": number(inbox, inbox.c.state == "done"),
            "messages kept": number(inbox),
            "answers sent": number(outbox, outbox.c.state == "sent"),
            "reports": number(reports),
            "reports filed": number(report_events, report_events.c.kind == "filed"),
            "reports with a photo": number(report_media),
        }

    found = await store.read(read)
    messages = count * MESSAGES
    print(f"{count} reports, {messages} messages, {doubled} of them delivered again: {took:.1f} s")
    print(f"{messages / took:.0f} messages a second, {count / took:.1f} reports a second")
    print(", ".join(f"{number} {what}" for what, number in found.items()))
    wanted = {
        "messages done": messages, "messages kept": messages, "answers sent": messages,
        "reports": count, "reports filed": count, "reports with a photo": count,
    }  # fmt: skip
    if found != wanted or set(channel.sent.values()) != {MESSAGES}:
        raise SystemExit(f"LOST OR DOUBLED: {found} instead of {wanted}")


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.replay")
    parser.add_argument("--reports", type=int, default=2_000)
    parser.add_argument("--all", action="store_true", help=f"all {HALF_YEAR} reports")
    parser.add_argument("--at-once", type=int, default=64, help="citizens who talk at the same time")
    parser.add_argument(
        "--rules", action="store_true", help="understanding by rules, without the trained model"
    )
    parser.add_argument("--folder", type=Path, help="where the database lies; default: a new one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kenhdan-replay-", dir=options.folder) as folder:
        count = HALF_YEAR if options.all else options.reports
        asyncio.run(replay(count, options.at_once, Path(folder), rules=options.rules))


if __name__ == "__main__":
    main()
