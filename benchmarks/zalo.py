"""How many signed events of Zalo's the program takes in, and how fast it says 200.

Real HTTP, the real program in a process of its own (`kenhdan run`, SQLite with FULL durability, workers
answering meanwhile), a stand-in Zalo in a third, this one as the caller. Two measurements: `--rate` events
a second on a schedule that waits for nobody, and as many as go through `--connections` at once.
Every event must be in the inbox exactly once in the end.

    python -m benchmarks.zalo [--seconds 10] [--rate 100] [--connections 32] [--citizens 2000]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.zalo_server import APP_ID, APP_SECRET, OA_ID, WEBHOOK_SECRET, sign

ROOT = Path(__file__).parent.parent
PATH = "/webhooks/zalo/oa"
WORDS = ("đường trước chợ hỏng", "rác đổ trộm ở bờ kênh", "đèn đường tắt mấy hôm nay", "chào em", "mất nước")


@dataclass
class Outcome:
    """What the calls of one measurement came to; `waits` are seconds until the status line."""

    waits: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    def line(self, name: str) -> str:
        waits = sorted(self.waits)

        def at(share: float) -> float:
            return 1000 * waits[min(len(waits) - 1, int(share * len(waits)))] if waits else 0.0

        return (
            f"{name:<34} {len(waits):>6} events {len(waits) / self.seconds:6.0f}/s   "
            f"200 after p50 {at(0.5):5.1f}  p95 {at(0.95):5.1f}  p99 {at(0.99):6.1f}  max {at(1):6.1f} ms   "
            f"not 200: {self.failed}"
        )


class Caller:
    """Keep-alive connections that write prepared requests: cheap, so that the program has the cores."""

    def __init__(self, port: int, citizens: int) -> None:
        self._port = port
        self._citizens = citizens
        self._number = 0

    def request(self) -> bytes:
        """The next signed event, as bytes on the wire."""
        self._number += 1
        stamp = str(int(time.time() * 1000))
        user = str(2_500_000_000_000_000 + self._number % self._citizens)
        event = {
            "app_id": APP_ID, "event_name": "user_send_text", "timestamp": stamp, "sender": {"id": user},
            "recipient": {"id": OA_ID}, "user_id_by_app": user,
            "message": {"msg_id": f"b{self._number}", "text": WORDS[self._number % len(WORDS)]},
        }  # fmt: skip
        body = json.dumps(event, ensure_ascii=False).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"X-ZEvent-Signature: {sign(body, stamp)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    @property
    def sent(self) -> int:
        return self._number

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def call(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        outcome: Outcome,
        due: float | None = None,
    ) -> None:  # fmt: skip
        """One event; its wait counts from when it was due, so that a stall is not hidden."""
        request = self.request()
        started = due if due is not None else time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        outcome.waits.append(time.perf_counter() - started)
        outcome.failed += not head.startswith(b"HTTP/1.1 200")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if length:
            await reader.readexactly(length)


async def as_many_as_go(caller: Caller, connections: int, seconds: float) -> Outcome:
    """Every connection sends its next event as soon as the last is taken."""
    outcome = Outcome()
    end = time.perf_counter() + seconds

    async def go() -> None:
        async with caller.connection() as (reader, writer):
            while time.perf_counter() < end:
                await caller.call(reader, writer, outcome)

    began = time.perf_counter()
    await asyncio.gather(*(go() for _ in range(connections)))
    outcome.seconds = time.perf_counter() - began
    return outcome


async def on_schedule(caller: Caller, rate: int, seconds: float, connections: int) -> Outcome:
    """`rate` events a second, each at its time whether or not the ones before it are through."""
    outcome = Outcome()
    idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(connections):
            idle.put_nowait(await stack.enter_async_context(caller.connection()))
        began = time.perf_counter()

        async def one(due: float) -> None:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            pair = await idle.get()
            await caller.call(*pair, outcome, due)
            idle.put_nowait(pair)

        await asyncio.gather(*(one(began + number / rate) for number in range(int(rate * seconds))))
        outcome.seconds = time.perf_counter() - began
    return outcome


@contextlib.contextmanager
def process(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(15)
        except subprocess.TimeoutExpired:
            started.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int, zalo: dict[str, str]) -> dict[str, str]:
    """The program pointed at the stand-in by settings alone."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KENHDAN_")}
    return inherited | {
        "KENHDAN_DATABASE_URL": f"sqlite:///{folder}/kenhdan.sqlite3",
        "KENHDAN_MEDIA_DIR": str(folder / "media"), "KENHDAN_ZALO_RATE": "10000",
        "KENHDAN_PORT": str(port), "KENHDAN_LOG_LEVEL": "ERROR",
        "KENHDAN_ZALO_APP_ID": APP_ID, "KENHDAN_ZALO_APP_SECRET": APP_SECRET, "KENHDAN_ZALO_OA_ID": OA_ID,
        "KENHDAN_ZALO_OA_WEBHOOK_SECRET": WEBHOOK_SECRET, "KENHDAN_ZALO_ACCESS_TOKEN": zalo["access"],
        "KENHDAN_ZALO_REFRESH_TOKEN": zalo["refresh"], "KENHDAN_ZALO_OAUTH_BASE": zalo["base"],
        "KENHDAN_ZALO_OPENAPI_BASE": zalo["base"], "KENHDAN_ZALO_BUSINESS_BASE": zalo["base"],
    }  # fmt: skip


async def until_listening(port: int, server: subprocess.Popen[str]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the program ended at its start")
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.05)
    raise SystemExit("the program does not listen")


def kept(folder: Path) -> tuple[int, int]:
    """Rows of the inbox, and how many of them are different events."""
    with contextlib.closing(sqlite3.connect(folder / "kenhdan.sqlite3")) as database:
        row = database.execute("SELECT count(*), count(DISTINCT event_id) FROM inbox").fetchone()
        return int(row[0]), int(row[1])


async def measure(arguments: argparse.Namespace) -> int:
    port = free_port()
    with (
        tempfile.TemporaryDirectory(prefix="kenhdan-zalo-") as name,
        process(sys.executable, "-m", "tests.zalo_server", "--open-house") as stand_in,
    ):
        folder = Path(name)
        assert stand_in.stdout is not None
        zalo = json.loads(stand_in.stdout.readline())
        with process(
            sys.executable, "-m", "command_line", "run", env=environment(folder, port, zalo)
        ) as server:
            await until_listening(port, server)
            caller = Caller(port, arguments.citizens)
            await as_many_as_go(caller, 4, 1.0)  # warm
            await asyncio.sleep(3.0)
            steady = await on_schedule(caller, arguments.rate, arguments.seconds, arguments.connections)
            print(steady.line(f"{arguments.rate} events a second"), flush=True)
            await asyncio.sleep(3.0)
            most = await as_many_as_go(caller, arguments.connections, arguments.seconds)
            print(most.line(f"{arguments.connections} connections, as many as go"), flush=True)
        rows, different = kept(folder)
        print(f"sent {caller.sent}, in the inbox {rows}, different {different}; {os.cpu_count()} cores")
        return 0 if rows == different == caller.sent and not steady.failed and not most.failed else 1


def main() -> int:
    parser = argparse.ArgumentParser("benchmarks.zalo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--citizens", type=int, default=2_000)
    return asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
