"""Logs for operators, without citizens in them.

Every line of the program and of its libraries goes through `hide`: values under telling keys are dropped,
people become pseudonyms that hold for one run, and whatever looks like a phone, an id, a token or a password
is masked wherever it stands, tracebacks included.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from core.message import Address

HIDDEN = "[hidden]"

_HIDDEN_KEYS = frozenset(
    {
        "accuracy_m", "address", "authorization", "body", "caller", "contact", "contact_name",
        "contact_phone", "cookie", "data", "description", "headers", "lat", "lon", "matter", "message",
        "name", "note", "on_behalf_of", "password", "payload", "phone", "place_text", "point", "raw",
        "sender_name", "text", "transcript", "words",
    }
)  # fmt: skip
_HIDDEN_ENDINGS = ("token", "secret", "password", "phone", "api_key", "secret_key", "cookie")
_PERSON_KEYS = frozenset({"user", "user_id", "chat", "chat_id", "follower", "sender", "recipient"})

_PATTERNS = (
    # a password in a URL
    (re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@"), r"\1:[hidden]@"),
    # bot tokens, alone and in a path: <digits>:<letters>
    (re.compile(r"\d{5,20}:[A-Za-z0-9_-]{8,}"), HIDDEN),
    # name=value and name: value of a secret, in a query, a header or JSON
    (
        re.compile(
            r"""(?ix) \b ((?:access_|refresh_|id_|bot_)?token | secret(?:_key|_token)? | password | passwd
            | api_?key | authorization | appsecret_proof | code_verifier) (["']?\s*[=:]\s*["']?)
            (?:bearer\s+|basic\s+)? [^\s"'&,;)}\]]+"""
        ),
        r"\1\2[hidden]",
    ),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 [hidden]"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"), HIDDEN),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), HIDDEN),
    # phones as people write them, and every other long number: citizens' ids, messengers' ids
    (re.compile(r"(?<![\w.])(?:\+?84|0)(?:[\s.-]?\d){8,10}(?![\w])"), HIDDEN),
    (re.compile(r"(?<![\d.])\d{9,}(?![\d.])"), HIDDEN),
)
_SALT = secrets.token_bytes(16)

_QUIET = {
    "httpx": logging.WARNING,  # logs whole URLs, and a bot's token is part of them
    "httpcore": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "aiogram": logging.WARNING,
    "telegram": logging.WARNING,
    "apscheduler": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "asyncio": logging.WARNING,
    "PIL": logging.WARNING,
    "multipart": logging.WARNING,
    "alembic": logging.WARNING,
}


def set_up_logging(level: str = "INFO", *, json: bool = False) -> None:
    """Route structlog and the standard library's loggers to standard error: readable lines, or JSON a line.
    `level` is a standard name. Calling again replaces the set-up."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                hide,
                _renderer(json),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
    for name, at_least in _QUIET.items():
        logging.getLogger(name).setLevel(max(at_least, logging.getLevelNamesMapping()[level]))


def hide(logger: Any, method: str, event: EventDict) -> EventDict:
    """The structlog processor: the same event without what is nobody's business."""
    return {key: _hide_value(key, value) for key, value in event.items()}


def pseudonym(address: Address) -> str:
    """A short name for a person on a channel ("telegram:3fa1b2c4"): the same all through one run, and it
    leads nowhere after it."""
    digest = blake2b(f"{address.channel}:{address.user}".encode(), key=_SALT, digest_size=4)
    return f"{address.channel}:{digest.hexdigest()}"


def _hide_value(key: str, value: Any) -> Any:
    if isinstance(value, Address):
        return pseudonym(value)
    if key in _PERSON_KEYS and value is not None:
        return pseudonym(Address("user", str(value))).removeprefix("user:")
    if (key in _HIDDEN_KEYS or key.endswith(_HIDDEN_ENDINGS)) and value not in (None, ""):
        return HIDDEN
    if isinstance(value, Mapping):
        return {inner: _hide_value(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hide_value("", item) for item in value]
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 100_000_000 else HIDDEN  # a messenger's or a citizen's id
    return mask(str(value))


def mask(text: str) -> str:
    """The text with phones, long numbers, tokens, mail addresses and passwords replaced."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _renderer(json: bool) -> Processor:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)
