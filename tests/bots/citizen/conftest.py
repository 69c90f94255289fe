"""A fake Telegram and a channel that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bots.citizen.channel import TelegramChannel
from bots.citizen.settings import TelegramSettings
from core.clock import ScriptedClock
from core.media.store import FolderMediaStore
from tests.bots.telegram_server import TOKEN, FakeTelegram

LABELS = {"share_location": "📍 Gửi vị trí", "share_phone": "Gửi số của tôi"}
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


@pytest.fixture
def media(tmp_path: Path) -> FolderMediaStore:
    return FolderMediaStore(tmp_path / "media")


@pytest.fixture
async def channel(server: FakeTelegram, media: FolderMediaStore) -> AsyncIterator[TelegramChannel]:
    settings = TelegramSettings(TOKEN, api_base=server.base, file_base=server.file_base)
    built = TelegramChannel(settings, media, LABELS, clock=ScriptedClock(NOW), timeout_s=2.0)
    yield built
    await built.close()
