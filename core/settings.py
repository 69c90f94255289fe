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


def _outside_url(raw: str) -> str:
    """A base address of somebody else's: https, and plain http on this machine only (a stand-in)."""
    address = _url("https", "http")(raw)
    parts = urlsplit(address)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("is plain http, which is for 127.0.0.1 and localhost only: use https://")
    return address


def _exact_url(raw: str) -> str:
    """An address that is compared to the letter elsewhere."""
    _outside_url(raw)
    return raw


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine: localhost, 127.x.x.x or ::1."""
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def _hosts(raw: str) -> tuple[str, ...]:
    """Host names between commas, each perhaps with `*.` before it or `:port` after it."""
    hosts = tuple(host.strip().lower() for host in raw.split(",") if host.strip())
    for host in hosts:
        if not re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", host):
            raise ValueError("is no list of hosts: write them like *.zdn.vn,127.0.0.1:8090")
    return hosts


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
_parameter = _matching(r"[A-Za-z0-9_]{1,64}", "is no name of a parameter: letters, digits and _ only")


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
    rasa_token: str = _setting(
        "What the Rasa server was started with (`--auth-token`).",
        "", _matching(r"[A-Za-z0-9._~-]{8,256}", "takes 8 to 256 letters, digits and . _ ~ -"), secret=True,
    )  # fmt: skip
    rasa_seconds: float = _setting(
        "How long a message waits for Rasa before the interpreter of this process is asked.",
        0.25,
        _seconds(5),
    )

    speech: str = _setting(
        "What hears voices: the recognizer that comes with the packages, sherpa-onnx with a model folder, or"
        " nothing (people listen).", "embedded", _one_of("embedded", "sherpa", "off"),
    )  # fmt: skip
    speech_model: Path | None = _setting(  # noqa: RUF009
        "Folder of a sherpa-onnx transducer: *encoder*.onnx, *decoder*.onnx, *joiner*.onnx, tokens.txt.",
        None,
        _path,
    )
    speech_workers: int = _setting(
        "Processes that hear voices, about 300 MB each once they are needed. 0: one a core.", 0, _whole(0, 64)
    )
    voice: Path | None = _setting(  # noqa: RUF009
        "A Piper voice (.onnx) that speaks what was not recorded. Empty: espeak-ng, when it is installed.",
        None, _path,
    )  # fmt: skip
    prompts: Path | None = _setting(  # noqa: RUF009
        "Folder of recorded prompts, <key>.wav. Empty: `prompts` of the province's data.", None, _path
    )

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
    zalo_redirect_url: str = _setting(
        "Where Zalo sends the administrator back after consenting, as in its console to the letter."
        " Empty: `/zalo/callback` of the public URL.", "", _exact_url,
    )  # fmt: skip
    zalo_code_verifier: str = _setting(
        "A fixed PKCE verifier, when its challenge is saved in Zalo's console. Empty: a fresh one each time.",
        "", _matching(r"[A-Za-z0-9._~-]{43,128}", "takes 43 to 128 letters, digits and . _ ~ -"), secret=True,
    )  # fmt: skip
    zalo_verification_code: str = _setting(
        "Code that Zalo's console gives for verifying the domain.",
        "", _matching(r"[A-Za-z0-9_-]{1,128}", "has letters, digits, _ and - only"),
    )  # fmt: skip
    zalo_access_token: str = _setting(
        "A first access token, with its refresh token; later ones are kept in the database.",
        "", _text, secret=True,
    )  # fmt: skip
    zalo_refresh_token: str = _setting(
        "The first refresh token; later ones are kept in the database.", "", _text, secret=True
    )
    zalo_oauth_base: str = _setting("Zalo's consent and tokens.", "https://oauth.zaloapp.com", _outside_url)
    zalo_openapi_base: str = _setting("The Official Account's API.", "https://openapi.zalo.me", _outside_url)
    zalo_business_base: str = _setting(
        "The API of template messages by phone.", "https://business.openapi.zalo.me", _outside_url
    )
    zalo_bot_base: str = _setting(
        "The Zalo Bot platform's API.", "https://bot-api.zaloplatforms.com", _outside_url
    )
    zalo_media_hosts: tuple[str, ...] = _setting(
        "Hosts that photos and voices may be fetched from: `*.` for those below one, `host:port` for a port,"
        " plain http with loopback hosts only.",
        ("*.zdn.vn", "*.zadn.vn"), _hosts,
    )  # fmt: skip
    zalo_rate: int = _setting("Calls a second at most to Zalo's API.", 20, _whole(1, 100_000))
    zalo_buttons: bool = _setting("Choices as buttons too, not as a numbered list alone.", False, _switch)
    zalo_quote: bool = _setting("Answers quote the message that they answer.", False, _switch)
    zalo_appsecret_proof: bool = _setting("Calls carry a proof of the app's secret.", False, _switch)
    zalo_info_image: str = _setting(
        "Public address of a picture (JPEG, PNG) for Zalo's own card that asks for the phone. Empty: asked in"
        " words.", "", _url("https", "http"),
    )  # fmt: skip
    zalo_template: str = _setting("ZBS template that is sent to a citizen after the seven days.", "", _digits)
    zalo_phone_template: str = _setting("ZBS template that is sent to a phone number.", "", _digits)
    zalo_template_words: str = _setting(
        "The templates' parameter that takes the words.", "noi_dung", _parameter
    )
    zalo_template_code: str = _setting(
        "The templates' parameter that takes the report's code.", "ma_phan_anh", _parameter
    )
    zalo_bot_token: str = _setting("Token of a bot on the Zalo Bot platform.", "", _bot_token, secret=True)
    zalo_bot_mode: str = _setting(
        "How its messages come in: the bot asks, or the platform delivers.",
        "webhook", _one_of("polling", "webhook"),
    )  # fmt: skip
    zalo_bot_secret: str = _setting(
        "Shared with the Zalo Bot platform's webhook.",
        "", _matching(r".{8,256}", "takes 8 to 256 characters"), secret=True,
    )  # fmt: skip

    hotline: bool = _setting("Calls from Asterisk (FastAGI and AudioSocket).", False, _switch)
    hotline_host: str = _setting(
        "Address on which Asterisk reaches us; never one of the open network, it has no password.",
        "127.0.0.1", _text,
    )  # fmt: skip
    hotline_agi_port: int = _setting("Port of FastAGI.", 4573, _port)
    hotline_audio_port: int = _setting("Port of AudioSocket.", 9092, _port)
    hotline_audio_address: str = _setting(
        "Where Asterisk brings the sound, host:port, when it is another machine. Empty: host and port above.",
        "", _matching(r"[A-Za-z0-9.-]+:\d{1,5}", "is no host:port"),
    )  # fmt: skip
    hotline_websocket_port: int = _setting(
        "Port for sound over chan_websocket (Asterisk 20.18, 22.8, 23.2 or newer). 0: over AudioSocket.",
        0, _whole(0, 65_535),
    )  # fmt: skip
    hotline_calls: int = _setting(
        "Calls at once; one more goes to the operator. About 6 callers can talk at once on a core.",
        20, _whole(1, 200),
    )  # fmt: skip
    hotline_longest: int = _setting(
        "Seconds after which a call goes to the operator whatever happens.", 600, _whole(30, 7200)
    )
    hotline_watchdog: float = _setting(
        "Seconds of a frozen loop after which the process ends: its callers go to the operator. 0: never.",
        10.0, _seconds(600),
    )  # fmt: skip
    hotline_dir: Path = _setting("Folder of the calls under way.", Path("var/calls"), _path)  # noqa: RUF009
    recordings_dir: Path | None = _setting(  # noqa: RUF009
        "Folder in which finished recordings appear (MixMonitor, an exchange).", None, _path
    )
    recordings_secrets: str = _setting(
        "Secrets of call-centre providers, `name=secret` between commas; names as in call_providers.yml.",
        "", _matching(r"[a-z0-9_.]+=[^,\s]+(,[a-z0-9_.]+=[^,\s]+)*", "takes name=secret,name=secret"),
        secret=True,
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
        if isinstance(default, tuple):
            default = ",".join(default)
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
    if settings.zalo_access_token and not settings.zalo_refresh_token:
        problems.append("KENHDAN_ZALO_ACCESS_TOKEN needs KENHDAN_ZALO_REFRESH_TOKEN: it ends after a day")
    if settings.zalo_bot_secret and not settings.zalo_bot_token:
        problems.append("KENHDAN_ZALO_BOT_SECRET does nothing without KENHDAN_ZALO_BOT_TOKEN")
    if settings.zalo_bot_token and settings.zalo_bot_mode == "webhook" and not settings.zalo_bot_secret:
        problems.append("KENHDAN_ZALO_BOT_SECRET is missing: the bot's webhook takes nothing without it")
    if settings.speech == "sherpa" and settings.speech_model is None:
        problems.append("KENHDAN_SPEECH_MODEL is missing: sherpa needs the folder of a model")
    if settings.rasa_token and not settings.rasa_url:
        problems.append("KENHDAN_RASA_TOKEN does nothing without KENHDAN_RASA_URL")
    if max(settings.quiet_seconds, settings.quiet_text_seconds) > settings.quiet_max_seconds:
        problems.append(
            "KENHDAN_QUIET_MAX_SECONDS is less than KENHDAN_QUIET_SECONDS or KENHDAN_QUIET_TEXT_SECONDS:"
            " raise it"
        )
    return problems
