"""`kenhdan nlu compare SET` and `kenhdan nlu corrections [--since DAY] [--out FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.storage import Store
from core.understanding import Interpreter
from nlu.evaluate import BadSet, read_set
from nlu.rasa.client import RasaError, RasaInterpreter
from nlu.rasa.compare import compare, table
from nlu.rasa.corrections import corrections_yaml, read_corrections

OpenStore = Callable[[], Awaitable[Store]]


def run_command(
    arguments: Sequence[str], engines: Callable[[], list[Interpreter]], store: OpenStore, code_prefix: str
) -> int:
    """Run one of the subcommands. `engines` gives the in-process interpreter and Rasa's client, where set."""
    options = _parser().parse_args(arguments)
    if options.command == "corrections":
        return asyncio.run(_corrections(options.since, options.out, store, code_prefix))
    try:
        return asyncio.run(_compare(options.set, engines()))
    except (BadSet, RasaError, OSError) as error:
        print(f"kenhdan nlu compare: {error}", file=sys.stderr)  # noqa: T201
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kenhdan nlu", description="measure and improve understanding")
    commands = parser.add_subparsers(dest="command", required=True)
    comparing = commands.add_parser("compare", help="both engines on one labelled set")
    comparing.add_argument("set", type=Path, help="JSON lines, like nlu/dev/understanding.jsonl")
    exporting = commands.add_parser("corrections", help="what was corrected, masked, as Rasa YAML for review")
    exporting.add_argument("--since", type=_day, help="a day, like 2026-11-01 (UTC)")
    exporting.add_argument("--out", type=Path, help="a file; default: standard output")
    return parser


def _day(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it like 2026-11-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _corrections(since: datetime | None, out: Path | None, opened: OpenStore, prefix: str) -> int:
    store = await opened()
    try:
        found = await store.read(lambda conn: read_corrections(conn, since))
    finally:
        await store.close()
    text = corrections_yaml(found, prefix)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")  # noqa: ASYNC240 - a command, nothing else runs
        sys.stdout.write(f"{len(found)} corrections in {out}\n")
    return 0


async def _compare(path: Path, engines: list[Interpreter]) -> int:
    messages = read_set(path)
    try:
        columns = [await compare(engine, messages) for engine in engines]
    finally:
        for engine in engines:
            if isinstance(engine, RasaInterpreter):
                await engine.close()
    sys.stdout.write(table(columns))
    if not any(isinstance(engine, RasaInterpreter) for engine in engines):
        sys.stdout.write("Rasa is off: `make rasa` serves it, KENHDAN_RASA_URL and _TOKEN set it\n")
    return 0
