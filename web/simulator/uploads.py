"""Photos and voices that browsers handed in, until the core fetches them: a bounded folder.

A file is called `<owner>.<id>`; only its owner may look at it, and the oldest go first.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from core.message import MediaKind

MAX_PHOTO = 12_000_000
MAX_VOICE = 10_000_000
MAX_TOTAL = 300_000_000
_ID = re.compile(r"[0-9a-f]{32}")

LIMITS = {MediaKind.PHOTO: MAX_PHOTO, MediaKind.VOICE: MAX_VOICE}

_PHOTO_MARKS = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
)
_VOICE_MARKS = (
    (0, b"\x1a\x45\xdf\xa3", "audio/webm"),
    (0, b"OggS", "audio/ogg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (4, b"ftyp", "audio/mp4"),
)


class Refused(ValueError):
    """The upload is not what it should be. The text is one word for the page: empty, kind, too_large."""


def sniff(data: bytes, kind: MediaKind | None = None) -> str | None:
    """The MIME type by the first bytes; None when it is neither a photo nor a voice (or not of that kind)."""
    marks = {MediaKind.PHOTO: _PHOTO_MARKS, MediaKind.VOICE: _VOICE_MARKS}.get(
        kind or MediaKind.FILE, _PHOTO_MARKS + _VOICE_MARKS
    )
    return next((mime for at, mark, mime in marks if data[at : at + len(mark)] == mark), None)


class Uploads:
    """The folder. Sizes in bytes."""

    def __init__(self, folder: Path, max_total: int = MAX_TOTAL) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._max_total = max_total

    def put(self, owner: str, kind: MediaKind, data: bytes) -> tuple[str, str]:
        """Keep an upload; gives its id and MIME type. Raises Refused."""
        if not data:
            raise Refused("empty")
        if len(data) > LIMITS[kind]:
            raise Refused("too_large")
        mime = sniff(data, kind)
        if mime is None:
            raise Refused("kind")
        self._make_room(len(data))
        name = secrets.token_hex(16)
        (self._folder / f"{owner}.{name}").write_bytes(data)
        return name, mime

    def get(self, owner: str, name: str) -> bytes:
        """The bytes. Raises KeyError when there are none, or they are somebody else's."""
        try:
            return self._path(owner, name).read_bytes()
        except FileNotFoundError:
            raise KeyError(name) from None

    def size(self, owner: str, name: str) -> int:
        """How long it is. Raises KeyError like `get`."""
        try:
            return self._path(owner, name).stat().st_size
        except FileNotFoundError:
            raise KeyError(name) from None

    def _path(self, owner: str, name: str) -> Path:
        if _ID.fullmatch(name) is None:
            raise KeyError(name)
        return self._folder / f"{owner}.{name}"

    def _make_room(self, needed: int) -> None:
        kept = [(path.stat(), path) for path in self._folder.iterdir()]
        kept.sort(key=lambda item: item[0].st_mtime)
        total = sum(stat.st_size for stat, _ in kept) + needed
        for stat, path in kept:
            if total <= self._max_total:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size
