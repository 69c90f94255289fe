"""Where media are kept: a port, and a folder on a local disk that fills it.

A medium's id is the SHA-256 of its bytes, so putting twice is putting once and a torn file is seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import time
from pathlib import Path
from typing import Protocol

_ID = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[a-z0-9]{1,8})?")
_LEFTOVER_AGE_S = 3600


class MediaStoreError(Exception):
    """The store cannot keep or give a medium: disk full, no rights, a bad id. Nothing torn is visible."""


class MediaMissing(MediaStoreError):
    """No medium of that id is kept."""


class MediaStore(Protocol):
    """Keeps media. All calls block on the disk or the network: run them in a worker thread."""

    def put(self, data: bytes, suffix: str) -> str:
        """Keep `data`; durable when it returns. `suffix` is like ".jpg" or "". Returns the id (64 hex)."""
        ...

    def get(self, media_id: str) -> bytes:
        """The bytes. Raises MediaMissing."""
        ...

    def path(self, media_id: str) -> Path:
        """Where it lies on this machine's disk. Raises MediaMissing."""
        ...

    def delete(self, media_id: str) -> None:
        """Forget it; deleting what is not there is no error."""
        ...


class FolderMediaStore:
    """A MediaStore in a folder: `ab/cd/abcd….jpg`, written to `.tmp/` first, flushed, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tmp = root / ".tmp"
        try:
            self._make_folder(self._tmp)
            self._sweep()
        except OSError as error:
            raise MediaStoreError(f"the media folder cannot be used: {error.strerror}") from error

    def put(self, data: bytes, suffix: str) -> str:
        if not _SUFFIX.fullmatch(suffix):
            raise MediaStoreError(f"not a suffix: {suffix!r}")
        media_id = hashlib.sha256(data).hexdigest()
        folder = self._folder(media_id)
        try:
            self._make_folder(folder)
            if not self._is_kept_whole(media_id, len(data)):
                self._write(data, folder / (media_id + suffix))
            # Also when it was there: an earlier put may have died between renaming and this.
            _flush_folder(folder)
        except OSError as error:
            raise MediaStoreError(f"a medium of {len(data)} bytes was not kept: {error.strerror}") from error
        return media_id

    def get(self, media_id: str) -> bytes:
        try:
            return self.path(media_id).read_bytes()
        except FileNotFoundError as error:
            raise MediaMissing(media_id) from error
        except OSError as error:
            raise MediaStoreError(f"{media_id}: {error.strerror}") from error

    def path(self, media_id: str) -> Path:
        found = self._find(media_id)
        if not found:
            raise MediaMissing(media_id)
        return found[0]

    def delete(self, media_id: str) -> None:
        found = self._find(media_id)
        try:
            for path in found:
                path.unlink(missing_ok=True)
            if found:
                _flush_folder(self._folder(media_id))
        except OSError as error:
            raise MediaStoreError(f"{media_id} was not deleted: {error.strerror}") from error

    def _folder(self, media_id: str) -> Path:
        if not _ID.fullmatch(media_id):
            raise MediaStoreError("not an id of a medium")
        return self._root / media_id[:2] / media_id[2:4]

    def _find(self, media_id: str) -> list[Path]:
        """The files of an id: one, or more when it was put under two suffixes at the same instant."""
        folder = self._folder(media_id)
        try:
            return sorted(path for path in folder.iterdir() if path.name.startswith(media_id))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise MediaStoreError(f"{media_id}: {error.strerror}") from error

    def _is_kept_whole(self, media_id: str, size: int) -> bool:
        """A file of another size was torn by a disk that lied about flushing: it is written again."""
        found = self._find(media_id)
        whole = [path for path in found if path.stat().st_size == size]
        for path in found:
            if path not in whole:
                path.unlink(missing_ok=True)
        return bool(whole)

    def _write(self, data: bytes, target: Path) -> None:
        tmp = self._tmp / secrets.token_hex(16)
        try:
            with tmp.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            tmp.replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                tmp.unlink(missing_ok=True)
            raise

    def _make_folder(self, folder: Path) -> None:
        """Make a folder and those above it, each flushed into its parent."""
        missing = [path for path in (folder, *folder.parents) if not path.is_dir()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            _flush_folder(path.parent)

    def _sweep(self) -> None:
        """Drop what crashed writers left behind; young files may belong to another process."""
        oldest = time.time() - _LEFTOVER_AGE_S
        for path in self._tmp.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
