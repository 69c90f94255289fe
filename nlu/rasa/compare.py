"""Both engines measured on one labelled set, as typed and without diacritics."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import quantiles

from core.text import clean, strip_marks
from core.understanding import Context, Interpreter, Understanding
from nlu.evaluate import Figures, Labelled, measure
from nlu.rasa.client import RasaError, RasaInterpreter


@dataclass(frozen=True, slots=True)
class Column:
    """One engine. Milliseconds are of a message asked alone, as typed."""

    engine: str
    typed: Figures
    bare: Figures
    p50: float
    p95: float


async def compare(engine: Interpreter, messages: Sequence[Labelled]) -> Column:
    """Figures of one engine. Raises RasaError when Rasa is asked and does not answer: nothing stands in."""
    answers: dict[tuple[str, Context], Understanding] = {}
    times: list[float] = []
    for bare in (False, True):
        for message in messages:
            text = strip_marks(message.text) if bare else message.text
            started = time.perf_counter()
            answers[text, message.context] = await _understand(engine, text, message.context)
            if not bare:
                times.append(1000 * (time.perf_counter() - started))
    name = next(iter(answers.values())).engine
    cuts = quantiles(times, n=100)
    typed, bare_ones = (
        measure(messages, lambda text, context: answers[text, context], bare=flag) for flag in (False, True)
    )
    return Column(name, typed, bare_ones, cuts[49], cuts[94])


async def _understand(engine: Interpreter, text: str, context: Context) -> Understanding:
    if not isinstance(engine, RasaInterpreter):
        return await engine.interpret(text, context)
    text = clean(text)
    if not any(ch.isalnum() for ch in text):
        return await engine.interpret(text, context)
    try:
        return await engine.ask(text, context)
    except RasaError:  # a single slow answer is no measurement of understanding
        return await engine.ask(text, context)


def table(columns: Sequence[Column]) -> str:
    """A row a figure; for each engine as typed, and without diacritics."""
    lines = [" " * 28 + "".join(f"{column.engine:>12}{'no marks':>10}" for column in columns)]
    names = [name for name in asdict(columns[0].typed) if name != "milliseconds"]
    for name in names:
        cells = (f"{getattr(c.typed, name):12.3f}{getattr(c.bare, name):10.3f}" for c in columns)
        lines.append(f"{name:>28}" + "".join(cells))
    for name in ("p50", "p95"):
        lines.append(f"{name + ' ms':>28}" + "".join(f"{getattr(c, name):12.1f}{'':10}" for c in columns))
    return "\n".join(lines) + "\n"
