"""The call's own words and times, from the pack's `hotline.yml`; what the talk says is in `phrases.yml`."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

WANTED = (
    "notice", "working", "not_heard", "again", "again_open", "again_location", "again_short", "again_choice",
    "keys_open", "keys_short", "keys_choice", "choice_key", "replay_hint", "speak_now", "no_such_key",
    "code_short", "to_operator", "voicemail", "voicemail_number", "voicemail_no_number", "voicemail_kept",
    "recorded", "goodbye", "receipt", "receipt_unconfirmed",
)  # fmt: skip
"""Keys of the section `say` that calls use."""


class WordingError(Exception):
    """hotline.yml cannot be used; the text says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All in seconds; what each is for stands beside it in hotline.yml."""

    open_end: float = 1.7
    complete_end: float = 1.0
    short_end: float = 0.9
    pause: float = 0.7
    open_longest: float = 100.0
    short_longest: float = 20.0
    no_input: float = 7.0
    farewell: float = 4.0
    working: float = 4.0
    answer_limit: float = 20.0
    operator_limit: float = 3.0
    sustained: float = 0.45
    protected: float = 0.3
    after_key: float = 0.5
    voicemail_end: float = 4.0
    voicemail_longest: float = 120.0
    between: float = 0.25
    between_slow: float = 0.6


@dataclass(frozen=True)
class Wording:
    """`operators` is office, always or never; `likely` are words that a recognizer may lean to."""

    timing: Timing
    operators: str
    keep_audio_days: int
    texts: Mapping[str, str]
    likely: Mapping[str, tuple[str, ...]]

    def say(self, key: str, /, **values: object) -> str:
        return self.texts[key].format(**values)

    def fixed(self) -> dict[str, str]:
        """The texts without slots: those a studio can record."""
        return {key: text for key, text in self.texts.items() if not _slots(text)}


def load_wording(folder: Path) -> Wording:
    """Read hotline.yml of the pack in `folder`. Raises WordingError with all that is wrong."""
    path = folder / "hotline.yml"
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise WordingError(f"hotline.yml cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise WordingError("hotline.yml: must have the sections timing, operators and say")
    problems: list[str] = []
    timing = _timing(data.get("timing") or {}, problems)
    operators = str(data.get("operators", "office"))
    if operators not in ("office", "always", "never"):
        problems.append(f"operators: {operators!r} is none of office, always, never")
    keep = data.get("keep_audio_days")
    days = keep.get("value") if isinstance(keep, dict) else keep
    if not isinstance(days, int) or isinstance(days, bool) or days < 1:
        problems.append("keep_audio_days: wants a whole number of days, 1 or more")
        days = 1
    texts = {str(key): str(text) for key, text in (data.get("say") or {}).items()}
    problems += [f"say: {key!r} is missing" for key in WANTED if not texts.get(key)]
    likely = {
        str(name): tuple(str(word) for word in words) for name, words in (data.get("likely") or {}).items()
    }
    if problems:
        raise WordingError("hotline.yml: " + "; ".join(problems))
    return Wording(timing, operators, days, texts, likely)


def _timing(given: Any, problems: list[str]) -> Timing:
    known = {field.name for field in fields(Timing)}
    values: dict[str, float] = {}
    for name, value in given.items() if isinstance(given, dict) else ():
        if name not in known:
            problems.append(f"timing: no such time {name!r}; there are {', '.join(sorted(known))}")
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 600:
            problems.append(f"timing: {name} must be seconds from 0 to 600")
        else:
            values[name] = float(value)
    return Timing(**values)


def _slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
