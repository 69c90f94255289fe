"""The program's settings: environment variables KENHDAN_*, read once at the start.

A setting is a field of `Settings`; its variable's name, the README's table and the messages about errors
all come from the field.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

PREFIX = "KENHDAN_"


class SettingsError(Exception):
    """All that is wrong with the settings, a line each: the variable, what is wrong, how to mend it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(["the settings cannot be used:", *(f"  {line}" for line in problems)]))
        self.problems = problems


def _setting(doc: str, default: T, read: Callable[[str], T], *, secret: bool = False) -> T:
    """A field: what it is for, its default, and how its text is read (a ValueError says how to mend it)."""
    made: T = field(default=default, metadata={"doc": doc, "read": read, "secret": secret})
    return made


def _text(raw: str) -> str:
    return raw


def _path(raw: str) -> Path:
    return Path(raw)


def _switch(raw: str) -> bool:
    if raw.lower() in {"1", "true", "yes", "on"}:
        return True
    if raw.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("is neither on nor off: set it to 1 or 0")


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(raw: str) -> int:
        if not re.fullmatch(r"-?\d{1,18}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"is not a whole number from {low} to {high}")
        return int(raw)

    return read


def _seconds(high: float) -> Callable[[str], float]:
    def read(raw: str) -> float:
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", raw) or float(raw) > high:
            raise ValueError(f"is not a number of seconds from 0 to {high:g}, like 1.5")
        return float(raw)

    return read


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        for word in allowed:
            if raw.lower() == word.lower():
                return word
        near = get_close_matches(raw.lower(), [word.lower() for word in allowed], 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise ValueError(f"is none of {', '.join(allowed)}{hint}")

    return read


def _url(*schemes: str) -> Callable[[str], str]:
    """A base address, without the slash at its end."""

    def read(raw: str) -> str:
        try:
            parts = urlsplit(raw)
            fits = parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fits = False
        if not fits or re.search(r"\s", raw):
            raise ValueError(f"is not an address that starts with {' or '.join(f'{s}://' for s in schemes)}")
        return raw.rstrip("/")

    return read


def _database(raw: str) -> str:
    if not re.match(r"(sqlite:///.|postgres(ql)?://)", raw):
        raise ValueError("is no database: set sqlite:///path/to/file or postgresql://user@host/database")
    return raw


def _matching(pattern: str, mend: str) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if not re.fullmatch(pattern, raw):
            raise ValueError(mend)
        return raw

    return read


_bot_token = _matching(
    r"\d{1,20}:[A-Za-z0-9_-]{3,128}", "is not a bot token (digits, a colon, letters): copy it again"
)
_digits = _matching(r"\d{1,30}", "is not an id: it has digits only")
_port = _whole(1, 65_535)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Settings:
    """Everything that may differ between two installations. Empty text means: not used."""

    database_url: str = _setting(
        "The database: `sqlite:///path` or `postgresql://user@host/db`.",
        "sqlite:///var/kenhdan.sqlite3", _database, secret=True,
    )  # fmt: skip
    redis_url: str = _setting(
        "Redis or Valkey, to wake the workers of other processes sooner. Nothing is lost without it.",
        "", _url("redis", "rediss"), secret=True,
    )  # fmt: skip
    # a Path is as immutable as a str, which ruff does not know
    media_dir: Path = _setting("Folder of photos and recordings.", Path("var/media"), _path)  # noqa: RUF009
    province: Path = _setting("Folder of the province's data.", Path("province/ha_tinh"), _path)  # noqa: RUF009
    model: Path = _setting("The trained model.", Path("nlu/model/interpreter.npz"), _path)  # noqa: RUF009
    rasa_url: str = _setting(
        "A Rasa server to understand messages with; the interpreter of this process stands in when it fails.",
        "", _url("http", "https"),
    )  # fmt: skip

    host: str = _setting("Address the web server listens on.", "127.0.0.1", _text)
    port: int = _setting("Port of the web server.", 8000, _port)
    public_url: str = _setting(
        "Where citizens and messengers reach the server from outside.", "", _url("https", "http")
    )
    simulator: bool = _setting("The page on which a talk is tried out; not for the public.", False, _switch)

    workers: int = _setting("Conversations handled at the same time.", 16, _whole(1, 512))
    quiet_seconds: float = _setting(
        "How long to wait for more after a photo, voice or pin, so that a burst is answered once.",
        1.5,
        _seconds(60),
    )
    quiet_text_seconds: float = _setting("The same after a text.", 0.0, _seconds(60))
    quiet_max_seconds: float = _setting(
        "A burst is answered after this time at the latest.", 8.0, _seconds(300)
    )

    telegram_token: str = _setting("BotFather's token of the citizens' bot.", "", _bot_token, secret=True)
    telegram_mode: str = _setting(
        "How messages come in: the bot asks, or Telegram delivers.", "polling", _one_of("polling", "webhook")
    )
    telegram_webhook_secret: str = _setting(
        "Shared with Telegram in webhook mode. Empty: derived from the token.",
        "", _matching(r"[A-Za-z0-9_-]{16,256}", "takes 16 to 256 letters, digits, _ and -"), secret=True,
    )  # fmt: skip
    telegram_api_base: str = _setting(
        "The Bot API server.", "https://api.telegram.org", _url("https", "http")
    )
    telegram_file_base: str = _setting(
        "Where the Bot API's files are fetched.", "https://api.telegram.org/file", _url("https", "http")
    )
    telegram_local_files: Path | None = _setting(  # noqa: RUF009
        "Folder that a Bot API server of one's own, started with --local, writes to.", None, _path
    )
    telegram_staff_token: str = _setting(
        "Token of the duty officers' bot; another bot than the citizens'.", "", _bot_token, secret=True
    )
    telegram_staff_chat: int | None = _setting(
        "Id of the duty officers' group (negative for a group).", None, _whole(-(10**15), 10**15)
    )

    zalo_app_id: str = _setting("Id of the Zalo app.", "", _digits)
    zalo_app_secret: str = _setting("The app's secret key.", "", _text, secret=True)
    zalo_oa_id: str = _setting("Id of the Official Account.", "", _digits)
    zalo_oa_webhook_secret: str = _setting(
        "The OA Secret Key on the app's Webhook page; not the app's secret.", "", _text, secret=True
    )
    zalo_refresh_token: str = _setting(
        "The first refresh token; later ones are kept in the database.", "", _text, secret=True
    )
    zalo_bot_token: str = _setting("Token of a bot on the Zalo Bot platform.", "", _bot_token, secret=True)
    zalo_bot_secret: str = _setting(
        "Shared with the Zalo Bot platform's webhook.",
        "", _matching(r".{8,256}", "takes 8 to 256 characters"), secret=True,
    )  # fmt: skip

    log_level: str = _setting(
        "How much is logged.", "INFO", _one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
    )
    log_json: bool = _setting("One JSON object a line instead of readable lines.", False, _switch)

    @property
    def webhook_secret(self) -> str:
        """What Telegram must send along: the one that was set, or one that all processes derive alike."""
        if self.telegram_webhook_secret or not self.telegram_token:
            return self.telegram_webhook_secret
        return hmac.new(self.telegram_token.encode(), b"telegram webhook", "sha256").hexdigest()

    def __repr__(self) -> str:
        """Only what was changed; secrets as [set]."""
        changed = (setting for setting in fields(self) if getattr(self, setting.name) != setting.default)
        return f"Settings({', '.join(_shown(setting, getattr(self, setting.name)) for setting in changed)})"


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings in `env` (usually os.environ). An empty variable is an unset one.

    Raises SettingsError with all problems at once: unreadable values, unknown names, settings that do not go
    together.
    """
    known = {variable(setting): setting for setting in fields(Settings)}
    values: dict[str, Any] = {}
    problems: list[str] = []
    unreadable: set[str] = set()
    for name in sorted(env):
        raw = env[name].strip()
        if not name.startswith(PREFIX) or not raw:
            continue
        if name not in known:
            problems.append(_unknown(name, list(known)))
            continue
        try:
            values[known[name].name] = known[name].metadata["read"](raw)
        except ValueError as error:
            unreadable.add(name)
            shown = "" if known[name].metadata["secret"] else f" ({raw[:60]})"
            problems.append(f"{name}{shown} {error}")
    settings = Settings(**values)
    problems += [line for line in _disagreements(settings) if not any(name in line for name in unreadable)]
    if problems:
        raise SettingsError(problems)
    return settings


def variable(setting: Field[Any]) -> str:
    """The environment variable of a field of Settings."""
    return PREFIX + setting.name.upper()


def settings_table() -> str:
    """All settings as a Markdown table, for the README."""
    lines = ["| variable | default | what for |", "| --- | --- | --- |"]
    for setting in fields(Settings):
        default: Any = setting.default
        if isinstance(default, bool):
            default = int(default)
        shown = "" if default in ("", None) else f"`{default}`"
        secret = " *(secret)*" if setting.metadata["secret"] else ""
        lines.append(f"| `{variable(setting)}` | {shown} | {setting.metadata['doc']}{secret} |")
    return "\n".join(lines) + "\n"


def _shown(setting: Field[Any], value: Any) -> str:
    return f"{setting.name}={'[set]' if setting.metadata['secret'] else repr(value)}"


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1, cutoff=0.7)
    return f"{name} is not known: " + (f"did you mean {near[0]}?" if near else "remove it")


def _disagreements(settings: Settings) -> list[str]:
    """What fits by itself but not together."""
    problems = []
    if settings.telegram_mode == "webhook":
        if not settings.telegram_token:
            problems.append("KENHDAN_TELEGRAM_TOKEN is missing: the webhook mode needs it")
        if not settings.public_url.startswith("https://"):
            problems.append("KENHDAN_PUBLIC_URL is missing: Telegram delivers to an https:// address only")
    if settings.telegram_token and settings.telegram_token == settings.telegram_staff_token:
        problems.append(
            "KENHDAN_TELEGRAM_STAFF_TOKEN is the citizens' bot's: make a second bot for the officers"
        )
    if bool(settings.telegram_staff_token) != (settings.telegram_staff_chat is not None):
        problems.append(
            "KENHDAN_TELEGRAM_STAFF_TOKEN and KENHDAN_TELEGRAM_STAFF_CHAT go together: set both or none"
        )
    app = (
        settings.zalo_app_id,
        settings.zalo_app_secret,
        settings.zalo_oa_id,
        settings.zalo_oa_webhook_secret,
    )
    if any(app) and not all(app):
        problems.append(
            "KENHDAN_ZALO_APP_ID, _APP_SECRET, _OA_ID and _OA_WEBHOOK_SECRET go together: set all or none"
        )
    if bool(settings.zalo_bot_token) != bool(settings.zalo_bot_secret):
        problems.append("KENHDAN_ZALO_BOT_TOKEN and KENHDAN_ZALO_BOT_SECRET go together: set both or none")
    if max(settings.quiet_seconds, settings.quiet_text_seconds) > settings.quiet_max_seconds:
        problems.append(
            "KENHDAN_QUIET_MAX_SECONDS is less than KENHDAN_QUIET_SECONDS or _QUIET_TEXT_SECONDS: raise it"
        )
    return problems
