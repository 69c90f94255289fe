"""What the citizens' bot needs to know to run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{3,128}")


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`api_base` is what stands before `/bot<token>/<method>`, `file_base` before `/bot<token>/<file path>`.

    They are two settings because a Bot API server of one's own often serves files from elsewhere. When it
    runs with `--local`, it answers absolute paths: `local_files` is the folder below which they may be read.
    `public_url` is the https address under which `webhook_path` is reached from outside.
    Raises ValueError when something does not fit.
    """

    token: str = field(repr=False)
    api_base: str = "https://api.telegram.org"
    file_base: str = "https://api.telegram.org/file"
    mode: Literal["polling", "webhook"] = "polling"
    public_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_path: str = "/channels/telegram"
    local_files: Path | None = None

    def __post_init__(self) -> None:
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("the Telegram token does not look like BotFather's: <number>:<letters>")
        if self.mode not in ("polling", "webhook"):
            raise ValueError(f"the Telegram mode is polling or webhook, not {self.mode!r}")
        if self.mode == "webhook" and not _SECRET.fullmatch(self.webhook_secret):
            raise ValueError("a Telegram webhook needs a secret of 1 to 256 letters, digits, _ and -")
        if self.public_url and not self.public_url.startswith(("https://", "http://")):
            raise ValueError("the public address starts with https://")

    @property
    def bot_id(self) -> int:
        """Telegram's id of the bot, the number in front of the token."""
        return int(self.token.partition(":")[0])

    @property
    def webhook_url(self) -> str:
        """Where Telegram delivers; "" when there is no public address."""
        return self.public_url.rstrip("/") + self.webhook_path if self.public_url else ""
