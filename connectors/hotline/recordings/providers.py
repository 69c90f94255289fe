"""Call-centre providers, each a field map in the pack's `call_providers.yml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import yaml

from connectors.hotline.caller import normalise_number

Side = Literal["left", "right", "both"]


class ProviderError(Exception):
    """call_providers.yml cannot be used; the text says what to mend."""


class NotARecording(Exception):
    """The event is genuine, but not of a finished, recorded call. The text says why."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How an event shows whom it is from. `kind` is hmac, bearer or path."""

    kind: str
    header: str = "authorization"
    digest: str = "sha256"
    encoding: str = "hex"
    over: str = "body"


@dataclass(frozen=True, slots=True)
class Provider:
    """`download` describes a signed token (JWT HS256) that the provider wants when a recording is fetched."""

    name: str
    fields: Mapping[str, str]
    proof: Proof
    hosts: tuple[str, ...]
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    started: str = "iso"
    caller_side: Side = "both"
    download: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One finished call. `caller` is 0xxxxxxxxx or empty."""

    provider: str
    call_id: str
    caller: str
    url: str
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Providers:
    """`names` are patterns of file names in the watched folder, with groups `id` and perhaps `caller`."""

    by_name: Mapping[str, Provider]
    names: tuple[re.Pattern[str], ...]
    folder_side: Side


def read_call(provider: Provider, event: Mapping[str, Any], timezone: ZoneInfo) -> RecordedCall:
    """The call in an event. Raises NotARecording."""
    for name, allowed in provider.when.items():
        if str(_at(event, name)) not in allowed:
            raise NotARecording(f"{name} is {_at(event, name)!r}")
    values = {key: _at(event, path) for key, path in provider.fields.items()}
    call_id, url = str(values.get("id") or ""), str(values.get("url") or "")
    if not call_id or len(call_id) > 200:
        raise NotARecording("no call id")
    if not url.startswith(("https://", "http://")) or len(url) > 4_000:
        raise NotARecording("no link to a recording")
    started = _moment(values.get("started"), provider.started, timezone)
    return RecordedCall(
        provider.name, call_id, normalise_number(str(values.get("caller") or "")), url, started
    )


def _at(event: Any, path: str) -> Any:
    for part in path.split("."):
        if isinstance(event, Mapping):
            event = event.get(part)
        elif isinstance(event, list) and part.isdigit() and int(part) < len(event):
            event = event[int(part)]
        else:
            return None
    return event


def _moment(value: Any, form: str, timezone: ZoneInfo) -> datetime | None:
    try:
        if form in ("epoch", "epoch_ms"):
            return datetime.fromtimestamp(float(value) / (1000 if form == "epoch_ms" else 1), UTC)
        if form == "iso":
            moment = datetime.fromisoformat(str(value))
        else:
            moment = datetime.strptime(str(value), form)  # noqa: DTZ007  (local time, given its zone below)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone)).astimezone(UTC)


def load_providers(folder: Path) -> Providers:
    """Read call_providers.yml of the pack in `folder`. Raises ProviderError with all that is wrong."""
    try:
        data = yaml.safe_load((folder / "call_providers.yml").read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise ProviderError(f"call_providers.yml cannot be read: {error}") from error
    problems: list[str] = []
    given = data.get("providers") or {}
    found = {str(name): _provider(str(name), entry or {}, problems) for name, entry in given.items()}
    watched = data.get("folder") or {}
    names = []
    for pattern in watched.get("names") or []:
        try:
            names.append(re.compile(str(pattern)))
        except re.error as error:
            problems.append(f"folder: {pattern!r} is no pattern: {error}")
    side = _side("folder", watched, problems)
    if problems:
        raise ProviderError("call_providers.yml: " + "; ".join(problems))
    return Providers(found, tuple(names), side)


def _provider(name: str, entry: Mapping[str, Any], problems: list[str]) -> Provider:
    fields = {str(key): str(value) for key, value in (entry.get("fields") or {}).items()}
    problems += [f"{name}: fields wants {key!r}" for key in ("id", "url") if key not in fields]
    proof = entry.get("proof") or {}
    if proof.get("kind") not in ("hmac", "bearer", "path"):
        problems.append(f"{name}: proof.kind is one of hmac, bearer, path")
    if proof.get("digest", "sha256") not in ("sha1", "sha256", "sha512"):
        problems.append(f"{name}: proof.digest is one of sha1, sha256, sha512")
    when = {
        str(key): tuple(str(one) for one in (value if isinstance(value, list) else [value]))
        for key, value in (entry.get("when") or {}).items()
    }
    return Provider(
        name=name,
        fields=fields,
        proof=Proof(**{key: str(value) for key, value in proof.items() if key in Proof.__slots__})
        if proof.get("kind")
        else Proof("path"),
        hosts=tuple(str(host).lower() for host in entry.get("hosts") or ()),
        when=when,
        started=str(entry.get("started", "iso")),
        caller_side=_side(name, entry, problems),
        download=entry.get("download") or {},
    )


def _side(name: str, entry: Mapping[str, Any], problems: list[str]) -> Side:
    side = entry.get("caller_side", "both")
    if side not in ("left", "right", "both"):
        problems.append(f"{name}: caller_side is one of left, right, both")
        return "both"
    return cast(Side, side)
