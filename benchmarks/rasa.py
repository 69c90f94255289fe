"""The same talk through Rasa and through Kênh Dân: turns a second of both, and their ratio.

    python -m benchmarks.rasa                     needs Rasa's environment: `make rasa-model` builds it
    python -m benchmarks.rasa --talks 200 --turns 3000

Before it the times of single messages, and of a Rasa that does not answer (`benchmarks/rasa_answers.py`).

Rasa: `benchmarks/rasa_talk` (rules and a form, the smallest pipeline, trackers in memory, nothing on disk, no
action server) over its REST channel, in one process. Kênh Dân: the whole program as in `benchmarks/turns.py`,
with its full model, a report filed in SQLite with `synchronous=FULL`, and the answer delivered to a Bot API.
All of that is in Rasa's favour. Both are given the same three messages by as many citizens at once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import httpx

from benchmarks import rasa_answers
from benchmarks.turns import (
    BotApi,
    Figures,
    Lines,
    Talks,
    as_fast_as_it_goes,
    check,
    free_port,
    start_server,
    talk,
    until_it_listens,
)
from nlu.rasa import serve

HERE = Path(__file__).parent / "rasa_talk"
START_LIMIT = 180.0


def train(folder: Path) -> Path:
    """The model of the talk. Half a minute, most of it for loading TensorFlow."""
    subprocess.run(
        [serve.RASA_PYTHON, "-m", "rasa", "train", "--config", HERE / "config.yml", "--domain",
         HERE / "domain.yml", "--data", HERE / "data.yml", "--out", folder, "--fixed-model-name", "talk"],
        env=serve.environment(os.environ), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return folder / "talk.tar.gz"


async def until_it_serves(client: httpx.AsyncClient, server: subprocess.Popen[bytes]) -> None:
    """The REST channel answers only when the model is loaded."""
    ends = time.monotonic() + START_LIMIT
    while time.monotonic() < ends:
        if server.poll() is not None:
            raise SystemExit("Rasa did not start")
        try:
            if await turn(client, "first", "gửi đi") is not None:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.5)
    raise SystemExit(f"Rasa was not ready within {START_LIMIT:g} s")


async def turn(client: httpx.AsyncClient, sender: str, text: str) -> list[dict[str, str]] | None:
    """What Rasa answers to one message; None when it has no model yet."""
    response = await client.post("/webhooks/rest/webhook", json={"sender": sender, "message": text})
    answers = response.json() if response.status_code == 200 else None
    return answers if isinstance(answers, list) else None


def start_rasa(model: Path, port: int) -> subprocess.Popen[bytes]:
    """Rasa with its REST channel, which takes no token."""
    credentials = model.with_name("credentials.yml")
    credentials.write_text("rest:\n", encoding="utf-8")
    line = serve.command(model, port, "benchmark", ["--credentials", str(credentials)])
    return subprocess.Popen(
        line, env=serve.environment(os.environ), cwd=model.parent, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def rasa_figures(model: Path, talks: int, at_once: int) -> Figures:
    """`talks` talks of three messages, `at_once` of them under way."""
    port = free_port()
    server = start_rasa(model, port)
    latencies: list[float] = []
    numbers = count()

    async def citizens(client: httpx.AsyncClient) -> None:
        while (number := next(numbers)) < talks:
            said = ""
            for text in talk(number):
                began = time.perf_counter()
                answers = await turn(client, f"citizen-{number}", text)
                latencies.append(time.perf_counter() - began)
                said = " ".join(answer.get("text", "") for answer in answers or [])
                if not said:
                    raise SystemExit(f"Rasa said nothing to {text!r}")
            if not said.startswith("Đã gửi phản ánh"):
                raise SystemExit(f"Rasa did not file: {said!r}")

    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False
        ) as client:
            await until_it_serves(client, server)
            started = time.perf_counter()
            await asyncio.gather(*(citizens(client) for _ in range(at_once)))
            took = time.perf_counter() - started
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
    return Figures("Rasa, form and rules", len(latencies), took, latencies)


async def our_figures(folder: Path, turns: int, at_once: int) -> Figures:
    loop, talks = asyncio.get_running_loop(), Talks()
    api = await loop.create_server(lambda: BotApi(talks), "127.0.0.1", 0)
    port = free_port()
    server = start_server(folder, port, f"http://127.0.0.1:{api.sockets[0].getsockname()[1]}", None)
    try:
        await until_it_listens(port, server)
        lines = Lines(port)
        await as_fast_as_it_goes(talks, lines, 60, 8)
        figures = await as_fast_as_it_goes(talks, lines, turns, at_once)
        await asyncio.sleep(0.5)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
    check(folder / "bench.sqlite3", talks, lines.refused)
    return Figures("Kênh Dân, whole", figures.turns, figures.seconds, figures.latencies)


async def measure(options: argparse.Namespace, folder: Path) -> None:
    rasa = await rasa_figures(train(folder), options.talks, options.at_once)
    ours = await our_figures(folder, options.turns, options.at_once)
    print(f"{'':<22}{'turns':>7}{'seconds':>9}{'turns/s':>10}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}")
    for figures in (rasa, ours):
        print(figures.row())
    ratio = (ours.turns / ours.seconds) / (rasa.turns / rasa.seconds)
    print(f"Kênh Dân does {ratio:.1f} times as many turns a second")


def main() -> None:
    parser = argparse.ArgumentParser("benchmarks.rasa", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--talks", type=int, default=100, help="talks of three messages with Rasa")
    parser.add_argument("--turns", type=int, default=3000, help="messages with Kênh Dân")
    parser.add_argument("--at-once", type=int, default=32, help="citizens talking at once, to both")
    parser.add_argument("--messages", type=int, default=200, help="single messages for each line")
    options = parser.parse_args()
    if not serve.RASA_PYTHON.exists() or not serve.MODEL.is_file():
        raise SystemExit("this benchmark needs Rasa's own environment: run `make rasa-model` first")
    asyncio.run(rasa_answers.measure(options.messages, serve.MODEL))
    with tempfile.TemporaryDirectory(prefix="kenhdan-bench-") as folder:
        asyncio.run(measure(options, Path(folder)))


if __name__ == "__main__":
    main()
