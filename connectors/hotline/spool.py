"""The spool: what a caller says is on disk while the call lasts, so that a dead bridge loses none of it.

For each call a file of raw samples and a file of lines (JSON): who calls, and up to where the samples were
accepted as utterances. Both go when the call has ended in order; what is found at the next start is taken up.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from connectors.hotline.sound import SLOT_BYTES

_WRITTEN_AT_ONCE = 10 * SLOT_BYTES

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Leftover:
    """A call that was under way when the process died. `rest` is what was said since the last utterance that
    had been accepted (PCM16, 8 kHz)."""

    call: str
    user: str
    number: str
    last_at: datetime
    rest: bytes


class CallSpool:
    """One call's files. Writing never raises: a full disk must not end a call."""

    def __init__(self, folder: Path, call: str, user: str, number: str, at: datetime) -> None:
        self._sound = folder / f"{call}.pcm"
        self._lines = folder / f"{call}.jsonl"
        self._buffer = bytearray()
        self._written = 0
        self._broken = False
        self._note({"user": user, "number": number, "at": at.isoformat()})

    def write(self, slot: bytes) -> None:
        self._buffer += slot
        if len(self._buffer) >= _WRITTEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        if not self._buffer:
            return
        self._append(self._sound, bytes(self._buffer))
        self._written += len(self._buffer)
        self._buffer.clear()

    @property
    def position(self) -> int:
        """Bytes of sound so far."""
        return self._written + len(self._buffer)

    def accepted(self, position: int, at: datetime) -> None:
        """Everything said up to `position` is in the inbox."""
        self.flush()
        self._note({"accepted": position, "at": at.isoformat()})

    def discard(self) -> None:
        """The call has ended in order."""
        self._sound.unlink(missing_ok=True)
        self._lines.unlink(missing_ok=True)

    def _note(self, line: dict[str, Any]) -> None:
        self._append(self._lines, (json.dumps(line) + "\n").encode())

    def _append(self, path: Path, data: bytes) -> None:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, data)
            finally:
                os.close(handle)
        except OSError as error:
            if not self._broken:
                self._broken = True
                log.error("call_not_spooled", error=error.strerror)  # noqa: TRY400  (a path may name a caller)


class Spool:
    """The folder of all calls under way."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def open(self, call: str, user: str, number: str, at: datetime) -> CallSpool:
        return CallSpool(self._folder, call, user, number, at)

    def leftovers(self) -> Iterator[Leftover]:
        """Calls that did not end in order. Blocks on the disk."""
        for lines in sorted(self._folder.glob("*.jsonl")):
            found = self._read(lines)
            if found is not None:
                yield found

    def discard(self, call: str) -> None:
        (self._folder / f"{call}.pcm").unlink(missing_ok=True)
        (self._folder / f"{call}.jsonl").unlink(missing_ok=True)

    def _read(self, lines: Path) -> Leftover | None:
        sound = lines.with_suffix(".pcm")
        head: dict[str, Any] = {}
        for line in lines.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                head |= json.loads(line)
            except ValueError:  # the last line, cut off by the crash
                continue
        try:
            at = datetime.fromisoformat(head["at"])
            user, number = str(head["user"]), str(head["number"])
        except (KeyError, ValueError):
            log.error("spool_unreadable", call=lines.stem)  # noqa: TRY400
            return None
        data = sound.read_bytes() if sound.exists() else b""
        rest = data[int(head.get("accepted", 0)) :]
        return Leftover(lines.stem, user, number, at, rest[: len(rest) // 2 * 2])
