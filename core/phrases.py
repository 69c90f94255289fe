"""All wording of the talk, from the pack's `phrases.yml`; none stands in code.

A phrase is found by its key in a manner ("chat", "hotline", "volunteer"); the manner's own variant wins over
the common one. `{you}` and `{me}` are the manner's forms of address.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from core.message import Choice
from core.places.spelling import fits
from core.text import fold


class PhraseError(Exception):
    """The pack's phrases are not usable: the text says which and why."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one kind of channel is spoken to. `location` says how a place is shared: button, plus or words."""

    name: str
    you: str
    me: str
    spoken: bool
    asks_photo: bool
    location: str


_PICTOGRAMS = re.compile(r"[☀-➿\U0001f000-\U0001faff\ufe0f]\s*")


class Phrases:
    """Looks phrases up and fills them in."""

    def __init__(self, data: Mapping[str, object], timezone: ZoneInfo) -> None:
        self._say: dict[str, str] = _section(data, "say")
        self._choices: dict[str, str] = _section(data, "choices")
        self._statuses: dict[str, str] = _section(data, "statuses")
        self._weekdays = [str(day) for day in _list(data, "weekdays")]
        self._numbers = _section(data, "digits")
        self._digits = {digit: word for word, digit in reversed(self._numbers.items())}
        parts, answers = _lists(data, "words"), _lists(data, "answers")
        if twice := sorted(parts.keys() & answers.keys()):
            raise PhraseError(f"phrases.yml: in 'words' and in 'answers': {', '.join(twice)}")
        self._written = {name: frozenset(map(str.lower, words)) for name, words in (parts | answers).items()}
        self._words = {name: frozenset(map(fold, words)) for name, words in self._written.items()}
        self._answers = tuple(answers)
        self._reserved = frozenset().union(*(self._words[name] for name in answers))
        self._patterns: dict[str, re.Pattern[str]] = {
            name: re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns))
            for name, patterns in _mapping(data, "patterns").items()
            if isinstance(patterns, list)
        }
        self._manners = {name: _manner(name, value) for name, value in _mapping(data, "manners").items()}
        self._channels: dict[str, str] = _section(data, "channels")
        self._tables = {name: _section(data, name) for name in ("labels", "commands", "menu") if name in data}
        self._timezone = timezone
        if "chat" not in self._manners:
            raise PhraseError("manners: 'chat' is missing; it is the manner of every channel not named")

    def manner(self, channel: str, *, volunteer: bool = False) -> Manner:
        """The manner of a channel; channels the pack does not name are chats."""
        manner = self._manners[self._channels.get(channel.removeprefix("sim_"), "chat")]
        if volunteer and not manner.spoken and "volunteer" in self._manners:
            return replace(manner, you=self._manners["volunteer"].you)
        return manner

    def say(self, key: str, manner: Manner, /, **fields: object) -> str:
        """The phrase, filled in. Raises PhraseError for a key or field the pack does not have."""
        template = self._say.get(f"{key}@{manner.name}", self._say.get(key))
        if template is None:
            raise PhraseError(f"phrases.yml has no '{key}'")
        try:
            text = template.format(
                you=manner.you, You=_upper(manner.you), me=manner.me, Me=_upper(manner.me), **fields
            )
        except KeyError as error:
            raise PhraseError(f"phrase '{key}' wants the field {error}") from error
        text = text.replace("….", "…")
        return _PICTOGRAMS.sub("", text).replace("…", "") if manner.spoken else text

    def choice(self, value: str, label: str = "") -> Choice:
        """A choice with its label from the pack, or the given one."""
        label = label or self._choices.get(value, "")
        if not label:
            raise PhraseError(f"phrases.yml has no label for the choice '{value}'")
        return Choice(value, label)

    def table(self, name: str) -> dict[str, str]:
        """The pack's words for a channel's own buttons ("labels"), commands ("commands") or menu ("menu")."""
        return dict(self._tables.get(name, {}))

    def status(self, status: str) -> str:
        return self._statuses.get(status, status)

    def is_one_of(self, name: str, text: str) -> bool:
        """Whether the whole text is one of the pack's words `name`. What was typed without marks fits any;
        marks that were typed count: “đừng” is not “đúng”. A folded text has none left to count.
        """
        if _folded(text) not in self._words.get(name, frozenset()):
            return False
        return text.isascii() or any(fits(text, word) for word in self._written[name])

    def speaks_of(self, name: str, folded: str) -> bool:
        """Whether the pack's pattern `name` occurs in the folded text."""
        pattern = self._patterns.get(name)
        return bool(pattern and pattern.search(folded))

    def says(self, name: str, text: str) -> bool:
        """Whether the text is one of the pack's words `name`, or its pattern of that name occurs in it."""
        return self.is_one_of(name, text) or self.speaks_of(name, _folded(text))

    def words(self, name: str) -> frozenset[str]:
        """The folded words of the pack's list `name`."""
        return self._words.get(name, frozenset())

    def written(self, name: str) -> frozenset[str]:
        """The words of the pack's list `name` with their diacritics, in lower case."""
        return self._written.get(name, frozenset())

    def is_reserved(self, text: str) -> bool:
        """Whether the whole message is an answer the pack knows: such words tell no matter and no place.

        Marks count as in `is_one_of`: “chợ” is not “chỗ”.
        """
        if _folded(text) not in self._reserved:
            return False
        return text.isascii() or any(self.is_one_of(name, text) for name in self._answers)

    def time(self, instant: datetime, manner: Manner) -> str:
        """“17 giờ thứ Ba 24/11”, in words where it is spoken; local time of the province."""
        local = instant.astimezone(self._timezone)
        minutes = f" {local.minute:02d}" if local.minute else ""
        clock = self.say("date_clock", manner, hour=local.hour, minutes=minutes)
        return f"{clock} {self.day(instant, manner)}"

    def day(self, instant: datetime, manner: Manner) -> str:
        """“thứ Ba 24/11”."""
        local = instant.astimezone(self._timezone)
        weekday = self._weekdays[local.weekday()]
        return self.say("date_day", manner, weekday=weekday, day=local.day, month=local.month)

    def number(self, word: str) -> int | None:
        """The digit whose word this is; marks that were typed count."""
        return next((int(digit) for said, digit in self._numbers.items() if fits(word, said)), None)

    def spell(self, code: str) -> str:
        """The digits of a code as words, grouped, for reading aloud."""
        groups = [[self._digits[c] for c in part if c.isdigit()] for part in code.split("-")]
        return "; ".join(", ".join(group) for group in groups if group)

    def has(self, key: str) -> bool:
        """Whether the pack has this phrase, for keys that are put together from data."""
        return key in self._say

    def fields_of(self, key: str) -> frozenset[str]:
        """Fields a phrase uses besides the forms of address."""
        found = {name for _, name, _, _ in string.Formatter().parse(self._say[key]) if name}
        return frozenset(found - {"you", "You", "me", "Me"})


@lru_cache(maxsize=256)
def _folded(text: str) -> str:
    """One message is asked of many lists."""
    return fold(text)


def load_phrases(folder: Path, timezone: ZoneInfo) -> Phrases:
    """The phrases of the pack in `folder`. Raises PhraseError."""
    path = folder / "phrases.yml"
    try:
        data = yaml.load(
            path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        )
    except (OSError, yaml.YAMLError) as error:
        raise PhraseError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(data, dict):
        raise PhraseError(f"{path.name} is empty")
    return Phrases(data, timezone)


def _mapping(data: Mapping[str, object], section: str) -> dict[str, object]:
    value = data.get(section)
    if not isinstance(value, dict):
        raise PhraseError(f"phrases.yml: the section '{section}' is missing")
    return value


def _section(data: Mapping[str, object], section: str) -> dict[str, str]:
    return {str(key): str(value) for key, value in _mapping(data, section).items()}


def _lists(data: Mapping[str, object], section: str) -> dict[str, list[str]]:
    """The lists of words of a section. A list within a list (a YAML alias) is spliced in."""
    return {name: _spliced(words, f"{section}: '{name}'") for name, words in _mapping(data, section).items()}


def _spliced(words: object, where: str) -> list[str]:
    """A bare `on` or `no` is no word to YAML and has to be quoted."""
    if not isinstance(words, list):
        raise PhraseError(f"phrases.yml: {where} is not a list of words")
    found: list[str] = []
    for word in words:
        if isinstance(word, list):
            found += _spliced(word, where)
        elif isinstance(word, str):
            found.append(word)
        else:
            raise PhraseError(f"phrases.yml: {where} has {word!r}, which is no word")
    return found


def _list(data: Mapping[str, object], section: str) -> list[object]:
    value = data.get(section)
    if not isinstance(value, list):
        raise PhraseError(f"phrases.yml: the list '{section}' is missing")
    return value


def _manner(name: str, value: object) -> Manner:
    if not isinstance(value, dict):
        raise PhraseError(f"phrases.yml: the manner '{name}' is not a mapping")
    try:
        return Manner(name=name, **value)
    except TypeError as error:
        raise PhraseError(f"phrases.yml: manner '{name}': {error}") from error


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
