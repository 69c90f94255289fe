"""What understanding costs: milliseconds a message, and what malformed or hostile strings can do.

    python -m benchmarks.understanding                    10,000 strings
    python -m benchmarks.understanding --strings 2000

Ordinary messages are those of nlu/dev, each as typed and without marks; the hostile strings are made from a
seed: control and combining characters, surrogate-free noise of all planes, endless words, digits, blanks and
brackets, half of a message repeated or torn. Each is understood in every state of the talk in turn; one that
raises ends the run. Times are of one thread, with all that `understand` does (danger, spans, places, model).
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import quantiles

from core.danger import DangerWords
from core.text import strip_marks
from core.understanding import Context
from nlu.evaluate import read_set
from nlu.interpreter import InProcessInterpreter, load
from nlu.train import MODEL

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 20.0
"""Milliseconds that no string may take."""

_LONGEST = 6_000
_TILES = (
    "a", "ă\u0301", "\u0301", "\u200b", "\u202e", "\0", " ", "\n", "0", "0900 000 ", "HT-2611-0004", "(",
    "[a](place)", "không phải ", "cứu ", "cháy ", "sợ ", "chay ", "xã ", "thôn 1 ", "@", "a@", "a.b@c.",
    "\U0001f525", "\u200d", "'\"<>&;", "báo hộ mệ ", "tố cáo ", "đang ~ ", "\ufffd", "\ufdfa", "\U0010fffd",
    "..", "%s{0}", "\\x", "../", "12.", "+84",
)  # fmt: skip


def hostile(count: int, messages: Sequence[str]) -> Iterator[str]:
    """`count` strings, the same each time."""
    chance = random.Random(20_261_121)
    for number in range(count):
        kind = number % 5
        if kind == 0:
            yield chance.choice(_TILES) * chance.randint(1, _LONGEST)
        elif kind == 1:
            yield "".join(chance.choice(_TILES) for _ in range(chance.randint(0, 900)))
        elif kind == 2:
            yield "".join(_letter(chance) for _ in range(chance.randint(0, 3_000)))
        elif kind == 3:
            yield chance.choice(messages) * chance.randint(2, 60)
        else:
            torn = list(chance.choice(messages))
            for _ in range(chance.randint(1, 30)):
                torn.insert(chance.randint(0, len(torn)), chance.choice(_TILES))
            yield "".join(torn)


def _letter(chance: random.Random) -> str:
    code = chance.randrange(0x20000)
    return "?" if 0xD800 <= code <= 0xDFFF else chr(code)


def times_of(interpreter: InProcessInterpreter, texts: Iterator[str]) -> list[tuple[float, str]]:
    """(milliseconds, text) of each; a string over the limit is asked again twice, its best time counts."""
    states = list(Context)
    found = []
    for number, text in enumerate(texts):
        best = float("inf")
        for _ in range(3):
            started = time.perf_counter()
            interpreter.understand(text, states[number % len(states)])
            best = min(best, 1000 * (time.perf_counter() - started))
            if best <= LIMIT:
                break
        found.append((best, text))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding")
    parser.add_argument("--model", type=Path, default=MODEL)
    parser.add_argument("--strings", type=int, default=10_000)
    options = parser.parse_args(arguments)
    danger = DangerWords.load(ROOT / "province" / "ha_tinh" / "danger.yml")
    interpreter = load(options.model, danger, "HT", data_dir=None)
    gc.collect()
    gc.freeze()  # as the program does when it serves
    texts = [m.text for m in read_set(ROOT / "nlu" / "dev" / "understanding.jsonl")]
    messages = [*texts, *map(strip_marks, texts)]
    out = sys.stdout.write
    for name, asked in (("messages", iter(messages)), ("hostile", hostile(options.strings, messages))):
        times = times_of(interpreter, asked)
        cuts = quantiles([ms for ms, _ in times], n=100)
        slowest, text = max(times)
        over = sum(ms > LIMIT for ms, _ in times)
        shown = "  ".join(f"p{at + 1} {cuts[at]:.2f} ms" for at in (49, 94, 98))
        out(f"{name:>9}  {len(times):6,}  {shown}; over {LIMIT:.0f} ms: {over}\n")
        out(f"{'':>9}  slowest {slowest:.2f} ms: {len(text):,} characters, {text[:24]!r}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
