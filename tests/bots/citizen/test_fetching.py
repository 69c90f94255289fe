"""Fetching media: what Telegram gives, what it does not, and what is too much."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bots.citizen.channel import TelegramChannel
from bots.citizen.settings import TelegramSettings
from core.channel import CredentialsRefused, MediaLost, RateLimited, RetryLater
from core.media.store import FolderMediaStore
from core.message import MediaKind, MediaRef
from tests.bots.citizen.conftest import LABELS, NOW
from tests.bots.telegram_server import TOKEN, Failure, FakeTelegram

PHOTO = MediaRef(MediaKind.PHOTO, "AgACone", 8)


async def test_the_bytes_come_from_the_file_base(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.files["AgACone"] = b"12345678"
    assert await channel.fetch(PHOTO, 8) == b"12345678"


@pytest.mark.parametrize(
    ("content", "limit", "announced"), [(b"x" * 9, 8, 9), (b"x" * 300_000, 200_000, 10), (b"", 8, 0)]
)
async def test_too_much_or_nothing(
    channel: TelegramChannel, server: FakeTelegram, content: bytes, limit: int, announced: int
) -> None:
    """The size that is announced is checked first, the bytes that come are counted all the same."""
    server.files["AgACone"] = content
    server.file_sizes["AgACone"] = announced
    with pytest.raises(MediaLost, match=r"too large|empty"):
        await channel.fetch(MediaRef(MediaKind.PHOTO, "AgACone"), limit)


async def test_an_announced_size_above_the_limit_is_not_even_asked_for(
    channel: TelegramChannel, server: FakeTelegram
) -> None:
    with pytest.raises(MediaLost, match="too large"):
        await channel.fetch(MediaRef(MediaKind.VIDEO, "BAAC", 21 * 1024 * 1024), 100 * 1024 * 1024)
    assert server.calls == []


async def test_what_telegram_does_not_give(channel: TelegramChannel, server: FakeTelegram) -> None:
    with pytest.raises(MediaLost, match="wrong file_id"):
        await channel.fetch(PHOTO, 1000)
    server.files["AgACone"] = b"1"
    server.file_sizes["AgACone"] = 30 * 1024 * 1024
    with pytest.raises(MediaLost, match="too big"):
        await channel.fetch(MediaRef(MediaKind.PHOTO, "AgACone"), 100 * 1024 * 1024)
    server.file_sizes.clear()
    server.fail("download", Failure(404, "Not Found"))
    with pytest.raises(MediaLost, match="gone"):
        await channel.fetch(PHOTO, 1000)


async def test_a_smaller_size_stands_in(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.files["small"] = b"thumbnail"
    assert await channel.fetch(MediaRef(MediaKind.PHOTO, "gone", 8, fallback="small"), 1000) == b"thumbnail"
    large = MediaRef(MediaKind.PHOTO, "large", 5000, fallback="small")
    assert await channel.fetch(large, 1000) == b"thumbnail"


CUT = Failure(cut=True)


@pytest.mark.parametrize(
    ("step", "failures"),
    [
        ("getFile", [Failure(500)]),
        ("getFile", [CUT]),
        ("download", [Failure(500)]),
        ("download", [Failure(429)]),
        ("download", [CUT, CUT]),  # aiohttp asks once more by itself on a kept connection
    ],
)
async def test_what_may_work_later(
    channel: TelegramChannel, server: FakeTelegram, step: str, failures: list[Failure]
) -> None:
    server.files["AgACone"] = b"12345678"
    server.fail(step, *failures)
    with pytest.raises(RetryLater):
        await channel.fetch(PHOTO, 1000)
    assert await channel.fetch(PHOTO, 1000) == b"12345678"


async def test_too_many_requests_say_until_when(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.fail("getFile", Failure(429, "Too Many Requests", {"retry_after": 3}))
    with pytest.raises(RateLimited) as caught:
        await channel.fetch(PHOTO, 1000)
    assert caught.value.until == NOW + timedelta(seconds=3)


async def test_a_time_out_is_tried_again(
    server: FakeTelegram, media: FolderMediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bots.citizen import api

    monkeypatch.setattr(api, "_DOWNLOAD_S", 0.2)
    channel = TelegramChannel(TelegramSettings(TOKEN, server.base, server.file_base), media, LABELS)
    server.files["AgACone"] = b"12345678"
    server.fail("download", Failure(hang_s=0.5))
    with pytest.raises(RetryLater, match="timed out"):
        await channel.fetch(PHOTO, 1000)
    await channel.close()


async def test_a_refused_token(server: FakeTelegram, media: FolderMediaStore) -> None:
    channel = TelegramChannel(
        TelegramSettings("1000001:another", server.base, server.file_base), media, LABELS
    )
    with pytest.raises(CredentialsRefused):
        await channel.fetch(PHOTO, 1000)
    await channel.close()


@pytest.mark.parametrize(
    "path", ["../../bot/getMe", "photos/../../x", "http://elsewhere.invalid/x", "a?b", "a#b"]
)
async def test_odd_paths_are_not_followed(channel: TelegramChannel, server: FakeTelegram, path: str) -> None:
    server.local_paths["AgACone"] = path
    with pytest.raises(MediaLost, match="odd path"):
        await channel.fetch(PHOTO, 1000)


async def test_files_of_a_local_server(server: FakeTelegram, media: FolderMediaStore, tmp_path: Path) -> None:
    folder, outside = tmp_path / "local", tmp_path / "outside"
    folder.mkdir()
    outside.write_bytes(b"a secret")
    (folder / "photo.jpg").write_bytes(b"a photo")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "link.jpg").symlink_to(outside)
    settings = TelegramSettings(TOKEN, server.base, server.file_base, local_files=folder)
    channel = TelegramChannel(settings, media, LABELS)

    async def fetch(path: object, limit: int = 1000) -> bytes:
        server.local_paths["AgACone"] = str(path)
        return await channel.fetch(PHOTO, limit)

    assert await fetch(folder / "photo.jpg", 7 + 1) == b"a photo"
    for path, reason in (
        (outside, "not allowed"),
        (folder / "link.jpg", "not allowed"),
        (folder / ".." / "outside", "not allowed"),
        (folder / "none.jpg", "gone"),
        (folder / "empty.jpg", "empty"),
    ):
        with pytest.raises(MediaLost, match=reason):
            await fetch(path)
    await channel.close()


async def test_a_local_path_without_a_folder(channel: TelegramChannel, server: FakeTelegram) -> None:
    server.local_paths["AgACone"] = "/etc/hostname"
    with pytest.raises(MediaLost, match="no folder"):
        await channel.fetch(PHOTO, 1000)
