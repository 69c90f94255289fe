"""Turns a second: a signed Telegram webhook in, the answer at the Bot API out, over real HTTP on both sides.

    python -m benchmarks.turns                  both modes: as fast as it goes, then 50 turns a second
    python -m benchmarks.turns --turns 3000 --rate 50 --seconds 30
    python -m benchmarks.turns --profile out.prof    the server under cProfile (slower: no figures to quote)

The server is the real program (`command_line.py run`) in its own process: webhook, inbox, understanding, the
talk, one transaction a turn, outbox, delivery through aiogram; SQLite with `synchronous=FULL` on a real disk.
The parent plays Telegram: it delivers updates and is the Bot API. Latency is from the first byte of the
update to the arrival of its answer. Every talk ends in a filed report, and the count of reports is checked at
the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
TOKEN = "1000002:benchmark-token-of-nobody"
SECRET = "benchmark-secret-of-nobody"
PLACES = ("xã Cẩm Bình", "xã Thạch Hà", "xã Can Lộc", "phường Thành Sen", "xã Đức Thọ", "xã Hương Khê")
MATTERS = (
    "đèn đường hỏng mấy hôm nay",
    "đống rác to bốc mùi",
    "ổ gà to giữa đường",
    "cống tắc nước tràn ra đường",
)
PATIENCE = 30
_CHAT = re.compile(rb'chat_id(?:=|"\r\n\r\n)(\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def talk(number: int) -> tuple[str, ...]:
    """The three messages of one citizen: the matter with its place, no photo, send."""
    matter, place = MATTERS[number % len(MATTERS)], PLACES[number % len(PLACES)]
    return (f"{matter} ở thôn {number % 97 + 1}, {place}", "không có", "gửi đi")


def update(update_id: int, chat: int, text: str) -> bytes:
    """One update as Telegram delivers it, as a whole HTTP request."""
    person = {"id": chat, "is_bot": False, "first_name": "Thử", "language_code": "vi"}
    message = {
        "message_id": update_id, "date": int(time.time()), "text": text,
        "from": person, "chat": {"id": chat, "type": "private", "first_name": "Thử"},
    }  # fmt: skip
    body = json.dumps({"update_id": update_id, "message": message}).encode()
    return (
        b"POST /channels/telegram HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
        b"x-telegram-bot-api-secret-token: %b\r\ncontent-length: %d\r\n\r\n%b"
    ) % (SECRET.encode(), len(body), body)


@dataclass
class Talks:
    """The talks under way: which message each citizen has sent, when, and how long answers took."""

    latencies: list[float] = field(default_factory=list)
    turns: int = 0
    sent_at: dict[int, float] = field(default_factory=dict)
    step: dict[int, int] = field(default_factory=dict)
    ready: deque[int] = field(default_factory=deque)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0
    finished: int = 0
    replies: int = 0

    def next_update(self, *, begin: bool) -> bytes | None:
        """The next message of a citizen who has their answer, or of a new one."""
        if self.ready:
            chat = self.ready.popleft()
        elif begin:
            self.begun += 1
            chat = 500_000_000 + self.begun
            self.step[chat] = 0
        else:
            return None
        self.turns += 1
        self.sent_at[chat] = time.perf_counter()
        return update(self.turns, chat, talk(chat)[self.step[chat]])

    async def wait(self) -> None:
        """Until the next answer arrives."""
        self.answered.clear()
        try:
            async with asyncio.timeout(PATIENCE):
                await self.answered.wait()
        except TimeoutError:
            raise SystemExit(f"{len(self.sent_at)} messages got no answer in {PATIENCE} s") from None

    def answer(self, chat: int) -> None:
        """The answer to a citizen's last message has arrived."""
        self.replies += 1
        sent_at = self.sent_at.pop(chat, None)
        if sent_at is None:
            return
        self.latencies.append(time.perf_counter() - sent_at)
        self.step[chat] += 1
        if self.step[chat] < 3:
            self.ready.append(chat)
        else:
            self.finished += 1
        self.answered.set()


class BotApi(asyncio.Protocol):
    """The Bot API, as frugal as it can be: it reads who is written to and says that it went well."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._data, 0, end)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._data) < size:
                return
            request, self._data = self._data[:size], self._data[size:]
            self._perform(request)

    def _perform(self, request: bytes) -> None:
        path = request.split(b" ", 2)[1]
        result = b'{"message_id":1}' if path.endswith(b"/sendMessage") else b"true"
        if path.endswith(b"/getMe"):
            result = b'{"id":1000002,"is_bot":true,"first_name":"B","username":"BenchBot"}'
        body = b'{"ok":true,"result":%b}' % result
        self._transport.write(  # type: ignore[attr-defined]
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        if path.endswith(b"/sendMessage") and (chat := _CHAT.search(request)):
            self._talks.answer(int(chat[1]))


class Line(asyncio.Protocol):
    """One kept-alive connection to the webhook; it goes back to `lines` with each answer."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def deliver(self, request: bytes) -> None:
        self._transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._data += data
        if b"\r\n\r\n" in self._data:
            self._lines.refused += not self._data.startswith(b"HTTP/1.1 200")
            self._data = b""
            self._lines.free.put_nowait(self)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()


class Lines:
    """Up to 40 connections, as many as Telegram opens. The server closes those that were idle for a while."""

    def __init__(self, port: int, most: int = 40) -> None:
        self.free: asyncio.Queue[Line | None] = asyncio.Queue()
        for _ in range(most):
            self.free.put_nowait(None)
        self.refused = 0
        self._port = port

    async def deliver(self, request: bytes) -> None:
        line = await self.free.get()
        if line is None or not line.is_open:
            loop = asyncio.get_running_loop()
            _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self._port)
        line.deliver(request)


@dataclass(frozen=True)
class Figures:
    mode: str
    turns: int
    seconds: float
    latencies: list[float]

    def row(self) -> str:
        cuts = quantiles(self.latencies, n=100)
        return (
            f"{self.mode:<22}{self.turns:>7}{self.seconds:>9.1f}{self.turns / self.seconds:>10.0f}"
            f"{cuts[49] * 1000:>9.1f}{cuts[94] * 1000:>9.1f}{cuts[98] * 1000:>9.1f}"
        )


async def as_fast_as_it_goes(talks: Talks, lines: Lines, turns: int, at_once: int) -> Figures:
    """`at_once` citizens talk all the time, each sending on as soon as the answer is there."""
    started, before = time.perf_counter(), talks.turns
    first = len(talks.latencies)
    while talks.turns - before < turns or talks.sent_at or talks.ready:
        more = talks.turns - before < turns and len(talks.sent_at) < at_once
        request = talks.next_update(begin=more)
        if request is None:
            await talks.wait()
            continue
        await lines.deliver(request)
    done = talks.turns - before
    return Figures(
        f"{at_once} citizens at once", done, time.perf_counter() - started, talks.latencies[first:]
    )


async def at_a_rate(talks: Talks, lines: Lines, rate: float, seconds: float) -> Figures:
    """An open loop: a message every 1/rate seconds, whether the earlier ones are answered or not."""
    started, before = time.perf_counter(), talks.turns
    first = len(talks.latencies)
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        request = talks.next_update(begin=True)
        assert request is not None
        await lines.deliver(request)
    took = time.perf_counter() - started
    while talks.sent_at:
        await talks.wait()
    figures = Figures(f"{rate:g} a second", talks.turns - before, took, talks.latencies[first:])
    await as_fast_as_it_goes(talks, lines, 0, 1)  # let the talks under way come to their end
    return figures


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(folder: Path, port: int, api: str, profile: str | None) -> subprocess.Popen[bytes]:
    settings = {
        "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
        "MEDIA_DIR": str(folder / "media"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_MODE": "webhook",
        "PUBLIC_URL": "https://bench.example",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "TELEGRAM_API_BASE": api,
        "TELEGRAM_FILE_BASE": api + "/file",
    }
    under = ["-m", "cProfile", "-o", profile] if profile else []
    return subprocess.Popen(
        [sys.executable, *under, str(ROOT / "command_line.py"), "run"],
        cwd=ROOT,
        env=os.environ | {f"KENHDAN_{name}": value for name, value in settings.items()},
        stdout=subprocess.DEVNULL,
    )


async def until_it_listens(port: int, server: subprocess.Popen[bytes]) -> float:
    started = time.perf_counter()
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server did not start") from None
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return time.perf_counter() - started


def cpu_seconds(pid: int) -> float:
    """What the server has used of the processors so far; steadier than the clock on a busy machine."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


async def measure(options: argparse.Namespace, folder: Path) -> None:
    loop, talks = asyncio.get_running_loop(), Talks()
    api = await loop.create_server(lambda: BotApi(talks), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}"
    port = free_port()
    server = start_server(folder, port, base, options.profile)
    try:
        up = await until_it_listens(port, server)
        lines = Lines(port)
        await as_fast_as_it_goes(talks, lines, options.warm_up, 8)
        idle = peak_megabytes(server.pid)
        rows = []
        for wanted, run in (
            (options.turns, lambda: as_fast_as_it_goes(talks, lines, options.turns, options.at_once)),
            (options.seconds, lambda: at_a_rate(talks, lines, options.rate, options.seconds)),
        ):
            if wanted:
                before, first = cpu_seconds(server.pid), talks.replies
                figures = await run()
                used = (cpu_seconds(server.pid) - before) / (talks.replies - first)
                rows.append(f"{figures.row()}{used * 1000:>9.2f}")
        await asyncio.sleep(0.5)
        peak = peak_megabytes(server.pid)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    print(
        f"{'mode':<22}{'turns':>7}{'seconds':>9}{'turns/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}"
        f"{'CPU ms':>9}"
    )
    for row in rows:
        print(row)
    print(f"listening after {up:.1f} s; memory {idle:.0f} MB after warm-up, {peak:.0f} MB at most")
    check(folder / "bench.sqlite3", talks, lines.refused)


def check(database: Path, talks: Talks, refused: int) -> None:
    """Nothing lost, nothing doubled: a report a talk, an answer a message."""
    with sqlite3.connect(database) as conn:
        reports = conn.execute("SELECT count(*) FROM reports").fetchone()[0]
        letters = conn.execute("SELECT count(*) FROM outbox WHERE state = 'sent'").fetchone()[0]
        waiting = conn.execute("SELECT count(*) FROM inbox WHERE state <> 'done'").fetchone()[0]
    print(
        f"{talks.finished} talks, {reports} reports; "
        f"{talks.turns} messages, {talks.replies} answers, {refused} refused"
    )
    if not (
        reports == talks.finished and letters == talks.turns == talks.replies and not waiting and not refused
    ):
        raise SystemExit(f"LOST OR DOUBLED: {letters} sent, {waiting} not done")


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.turns", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument(
        "--turns", type=int, default=6000, help="messages of the first mode (0: leave it out)"
    )
    parser.add_argument("--at-once", type=int, default=64, help="citizens talking at once in the first mode")
    parser.add_argument("--rate", type=float, default=50, help="messages a second in the second mode")
    parser.add_argument(
        "--seconds", type=float, default=30, help="how long the second mode runs (0: leave it out)"
    )
    parser.add_argument("--warm-up", type=int, default=60, help="messages before measuring")
    parser.add_argument(
        "--folder", type=Path, help="where the database lies (its disk is measured); default: a new one"
    )
    parser.add_argument("--profile", help="write a cProfile of the server's main thread to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kenhdan-bench-", dir=options.folder) as folder:
        asyncio.run(measure(options, Path(folder)))


if __name__ == "__main__":
    main()
