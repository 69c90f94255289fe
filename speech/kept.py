"""What was spoken, so that nothing is spoken twice: fixed texts on disk, all else in memory for a while.

The rest are codes, names, and what a citizen said, read back: that never lies on a disk, where no erasure
would find it.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import structlog

REMEMBERED_BYTES = 16_000 * 600
"""Ten minutes of speech."""

log = structlog.get_logger(__name__)


class Kept:
    """`voice` names voice and settings: what is kept belongs to it. `fixed` are the texts (as they are said)
    whose sound lies in `folder`; without a folder all is only remembered."""

    def __init__(self, folder: Path | None, voice: str, fixed: Iterable[str] = ()) -> None:
        self._paths: dict[str, Path] = {}
        self._folder = folder
        if folder is not None:
            self._paths = {said: folder / f"{_digest(voice, said)}.pcm" for said in fixed}
        self._remembered: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    def has(self, said: str) -> bool:
        """Whether it is on disk."""
        path = self._paths.get(said)
        return path is not None and path.is_file()

    async def find(self, said: str) -> bytes | None:
        path = self._paths.get(said)
        if path is None:
            return self._remembered.get(said)
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError:
            return None

    async def keep(self, said: str, pcm: bytes) -> None:
        path = self._paths.get(said)
        if path is not None:
            await asyncio.to_thread(_write, path, pcm)
            return
        if said in self._remembered:
            return
        self._remembered[said] = pcm
        self._bytes += len(pcm)
        while self._bytes > REMEMBERED_BYTES:
            _, oldest = self._remembered.popitem(last=False)
            self._bytes -= len(oldest)

    def remove_stale(self) -> int:
        """Delete what is of another text or voice; how many files. Blocks on the disk."""
        if self._folder is None or not self._folder.is_dir():
            return 0
        stale = set(self._folder.glob("*.pcm")) - set(self._paths.values())
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


def _digest(voice: str, said: str) -> str:
    return hashlib.sha256(f"{voice}\n{said}".encode()).hexdigest()[:40]


def _write(path: Path, pcm: bytes) -> None:
    """Losing what is kept costs time only: no flush."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        made.write_bytes(pcm)
        made.replace(path)
    except OSError as error:
        log.warning("speech_not_kept", reason=error.strerror)
