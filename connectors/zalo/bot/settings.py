"""What the bot of the Bot platform needs to know to run."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from core.settings import Settings

CHANNEL = "zalo_bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class BotSettings:
    """One bot. `mode` is polling or webhook. Without `public_url` photos of results are not sent: the
    platform takes no uploads, it fetches a public address."""

    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    mode: str = "webhook"
    base: str = "https://bot-api.zaloplatforms.com"
    public_url: str = ""
    media_hosts: tuple[str, ...] = ("*.zdn.vn", "*.zadn.vn")

    @property
    def name(self) -> str:
        """The bot's number, which is no secret: events do not name the bot, so each has a URL of its own."""
        return self.token.partition(":")[0]

    @property
    def webhook_path(self) -> str:
        return f"/webhooks/zalo/bot/{self.name}"

    @property
    def photo_key(self) -> bytes:
        """Signs the addresses under which the platform may fetch photos."""
        return hmac.new(self.token.encode(), b"photo addresses", "sha256").digest()


def bot_settings(settings: Settings) -> BotSettings | None:
    """The bot's part of the program's settings; None when there is no bot."""
    if not settings.zalo_bot_token:
        return None
    return BotSettings(
        token=settings.zalo_bot_token,
        secret=settings.zalo_bot_secret,
        mode=settings.zalo_bot_mode,
        base=settings.zalo_bot_base,
        public_url=settings.public_url,
        media_hosts=settings.zalo_media_hosts,
    )
