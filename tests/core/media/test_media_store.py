"""The folder store: durable, idempotent, and whole after a crash between any two steps."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.media.store import FolderMediaStore, MediaMissing, MediaStore, MediaStoreError

DATA = b"a picture of a broken railing" * 1000


class Crash(BaseException):
    """The process dies here."""


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_put_is_got(tmp_path: Path) -> None:
    store: MediaStore = FolderMediaStore(tmp_path / "media")
    media_id = store.put(DATA, ".jpg")
    assert media_id == hashlib.sha256(DATA).hexdigest()
    assert store.get(media_id) == DATA
    assert store.path(media_id) == tmp_path / "media" / media_id[:2] / media_id[2:4] / f"{media_id}.jpg"


def test_putting_twice_is_putting_once(tmp_path: Path) -> None:
    store = FolderMediaStore(tmp_path)
    assert store.put(DATA, ".jpg") == store.put(DATA, ".jpg") == store.put(DATA, "")
    assert len(files(tmp_path)) == 1


def test_deleting(tmp_path: Path) -> None:
    store = FolderMediaStore(tmp_path)
    media_id = store.put(DATA, ".jpg")
    store.delete(media_id)
    store.delete(media_id)
    with pytest.raises(MediaMissing):
        store.get(media_id)
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    "media_id", ["", "..", "../../etc/passwd", "A" * 64, "g" * 64, "0" * 63, "0" * 64 + "\n", "*" * 64]
)
def test_only_hex_is_an_id(tmp_path: Path, media_id: str) -> None:
    store = FolderMediaStore(tmp_path)
    for call in (store.get, store.path, store.delete):
        with pytest.raises(MediaStoreError, match="not an id"):
            call(media_id)


@pytest.mark.parametrize("suffix", ["jpg", "./x", "/../x", ".JPG", ".jp g", ".123456789"])
def test_only_short_suffixes(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(MediaStoreError, match="suffix"):
        FolderMediaStore(tmp_path).put(DATA, suffix)


@contextmanager
def dying_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every call that touches the disk counts as a step; the process dies right before step number `step`."""
    done: list[str] = []

    def counted(name: str, real):  # type: ignore[no-untyped-def]
        def call(*args, **kwargs):  # type: ignore[no-untyped-def]
            if len(done) == step:
                raise Crash
            done.append(name)
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counted("fsync", os.fsync))
        patch.setattr(Path, "mkdir", counted("mkdir", Path.mkdir))
        patch.setattr(Path, "open", counted("open", Path.open))
        patch.setattr(Path, "replace", counted("replace", Path.replace))
        yield done


def test_a_crash_between_any_two_steps_leaves_all_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media_id = hashlib.sha256(DATA).hexdigest()
    step, crashed = 0, True
    while crashed:
        root = tmp_path / str(step)
        store = FolderMediaStore(root)
        with dying_at(step, monkeypatch) as done:
            try:
                store.put(DATA, ".jpg")
                crashed = False
            except Crash:
                assert len(done) == step
        again = FolderMediaStore(root)
        try:
            assert again.get(media_id) == DATA
        except MediaMissing:
            assert crashed
        assert again.put(DATA, ".jpg") == media_id
        assert again.get(media_id) == DATA
        step += 1
    # two folders and their parents' flush, the file and its flush, the rename, the folder's flush
    assert done == ["mkdir", "fsync", "mkdir", "fsync", "open", "fsync", "replace", "fsync"]


def test_leftovers_of_crashed_writers_go_and_young_ones_stay(tmp_path: Path) -> None:
    FolderMediaStore(tmp_path)
    old, young = tmp_path / ".tmp" / "old", tmp_path / ".tmp" / "young"
    old.write_bytes(b"x")
    young.write_bytes(b"y")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    FolderMediaStore(tmp_path)
    assert [path.name for path in files(tmp_path)] == ["young"]


def test_a_torn_file_is_written_again(tmp_path: Path) -> None:
    store = FolderMediaStore(tmp_path)
    media_id = store.put(DATA, ".jpg")
    store.path(media_id).write_bytes(DATA[:100])
    store.put(DATA, ".jpg")
    assert store.get(media_id) == DATA


def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderMediaStore(tmp_path)

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(MediaStoreError, match="No space left"):
            store.put(DATA, ".jpg")
    assert files(tmp_path) == []
    assert store.get(store.put(DATA, ".jpg")) == DATA


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "media").write_bytes(b"")
    with pytest.raises(MediaStoreError, match="cannot be used"):
        FolderMediaStore(tmp_path / "media")
