"""One message through either engine, and what a Rasa that does not answer costs: milliseconds.

    python -m benchmarks.rasa_answers                    needs the model of `make rasa-model`
    python -m benchmarks.rasa_answers --messages 50      shorter; part of `python -m benchmarks.rasa` too

Messages are those of nlu/dev/understanding.jsonl, asked one after another; `16 at once` is what each waits
when so many come together. The servers that fail are real ones on loopback: `down` refuses connections,
`hanging` takes them and says nothing, `slow` sends a byte of its answer every 50 ms. The circuit breaker is
kept from helping: its clock leaps, so that every message is tried with the server first. `left alone` is what
is usual after three failures.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles

import structlog

from benchmarks.turns import free_port
from core.danger import DangerWords
from core.understanding import Context, Interpreter
from nlu.evaluate import read_set
from nlu.interpreter import load
from nlu.rasa import serve
from nlu.rasa.client import TIME_LIMIT, RasaError, RasaInterpreter
from nlu.train import MODEL

ROOT = Path(__file__).resolve().parents[1]
SET = ROOT / "nlu" / "dev" / "understanding.jsonl"
TOKEN = "token-of-nobody"
START_LIMIT = 180.0
AIM = 300.0
"""Milliseconds within which a message is understood whatever Rasa does."""

TOGETHER = 16
FAILURES = 6
"""Messages after which a server that fails is left alone: the breaker needs three."""

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n"

Message = tuple[str, Context]


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes what is sent and says nothing."""
    while await reader.read(4096):
        pass
    writer.close()


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Begins to answer at once and comes to no end in time."""
    await reader.read(4096)
    try:
        writer.write(_HEAD)
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)
    except ConnectionError:
        pass
    writer.close()


async def times_of(engine: Interpreter, messages: Sequence[Message], together: int = 1) -> list[float]:
    """Milliseconds of each message, `together` asked at once."""

    async def one(message: Message) -> float:
        began = time.perf_counter()
        await engine.interpret(*message)
        return 1000 * (time.perf_counter() - began)

    found: list[float] = []
    waiting = iter(messages)
    while group := list(islice(waiting, together)):
        found += await asyncio.gather(*(one(message) for message in group))
    return found


def row(name: str, times: Sequence[float]) -> str:
    cuts = quantiles(times, n=100)
    shown = (cuts[49], cuts[94], cuts[98], max(times))
    return f"{name:<28}{len(times):>9}" + "".join(f"{ms:>9.1f}" for ms in shown)


class Benchmark:
    """The in-process interpreter, clients for whatever server, and the messages."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages = messages
        self.danger = DangerWords.load(ROOT / "province" / "ha_tinh" / "danger.yml")
        self.ours = load(MODEL, self.danger, "HT")

    def client(self, port: int, *, leaping: bool = False, time_limit: float = TIME_LIMIT) -> RasaInterpreter:
        """A client as in the program; with `leaping` its breaker never leaves a server alone."""
        leaps = count(step=60)
        return RasaInterpreter(
            f"http://127.0.0.1:{port}", TOKEN, self.danger, "HT", self.ours, time_limit=time_limit,
            monotonic=(lambda: float(next(leaps))) if leaping else time.monotonic,
        )  # fmt: skip

    async def failing(self, name: str, port: int) -> list[float]:
        """Prints what messages cost with one server that fails; the times of those that tried it."""
        alone = await self._fallen_back(name, self.client(port, leaping=True), 1)
        together = await self._fallen_back(
            f"{name}, {TOGETHER} at once", self.client(port, leaping=True), TOGETHER
        )
        left = self.client(port)
        await times_of(left, self.messages[:FAILURES])  # opens the breaker
        await self._fallen_back(f"{name}, left alone", left, 1)
        return [*alone, *together]

    async def _fallen_back(self, label: str, client: RasaInterpreter, together: int) -> list[float]:
        before = client.tally.stood_in
        times = await times_of(client, self.messages, together)
        if client.tally.stood_in - before != len(self.messages):
            raise SystemExit(f"{label}: not every message fell back")
        await client.close()
        print(row(label, times))
        return times

    async def working(self, model: Path) -> None:
        """Prints what a message costs with either engine, and how often the slower one is slower."""
        ours = await times_of(self.ours, self.messages)
        async with rasa_server(model, self) as port:
            client = self.client(port, time_limit=30.0)
            await times_of(client, self.messages[:20])
            rasa = await times_of(client, self.messages)
            await client.close()
        if client.tally.stood_in:
            raise SystemExit(f"Rasa did not answer {client.tally.stood_in} messages")
        print(row("in-process", ours))
        print(row("Rasa", rasa))
        print(f"the median of Rasa is {median(rasa) / median(ours):.1f} times the in-process one")


def start_rasa(model: Path, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        serve.command(model, port, TOKEN), cwd=serve.ROOT, env=serve.environment(os.environ),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@asynccontextmanager
async def rasa_server(model: Path, benchmark: Benchmark) -> AsyncIterator[int]:
    """The trained model served on a free port."""
    port = free_port()
    process = start_rasa(model, port)
    client = benchmark.client(port)
    try:
        ends = time.monotonic() + START_LIMIT
        while not await _has_model(client):
            if process.poll() is not None or time.monotonic() > ends:
                raise SystemExit("Rasa did not start")
            await asyncio.sleep(0.5)
        yield port
    finally:
        await client.close()
        process.terminate()
        process.wait(30)


async def _has_model(client: RasaInterpreter) -> bool:
    try:
        await client.model_file()
    except RasaError:
        return False
    return True


async def measure(messages: int, model: Path) -> None:
    """Prints the table."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    chosen = [(one.text, one.context) for one in read_set(SET)]
    worded = [message for message in chosen if any(ch.isalnum() for ch in message[0])][:messages]
    benchmark = Benchmark(worded)
    print(f"{'':<28}{'messages':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'slowest':>9}")
    await benchmark.working(model)
    await times_of(benchmark.ours, worded)
    tried = await benchmark.failing("down", free_port())
    for name, behaviour in (("hanging", hanging), ("slow", slow)):
        server = await asyncio.start_server(behaviour, "127.0.0.1", 0)
        tried += await benchmark.failing(name, server.sockets[0].getsockname()[1])
        server.close()
    worst = quantiles(tried, n=100)[98]
    print(f"p99 of all that tried a server that fails: {worst:.0f} ms (aim {AIM:.0f})")


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.rasa_answers", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--messages", type=int, default=200, help="messages for each line")
    parser.add_argument("--model", type=Path, default=serve.MODEL, help="what Rasa serves")
    options = parser.parse_args()
    if not serve.RASA_PYTHON.exists() or not options.model.is_file():
        raise SystemExit("this benchmark needs Rasa's environment and model: run `make rasa-model` first")
    asyncio.run(measure(options.messages, options.model.absolute()))


if __name__ == "__main__":
    main()
