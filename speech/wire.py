"""How a worker and its pool talk: a JSON object and some bytes a message, over the worker's stdin and
stdout.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.speech import Word

HEAD = struct.Struct(">II")
"""Lengths of the JSON and of the bytes that follow it."""


def pack(message: Mapping[str, Any], payload: bytes = b"") -> bytes:
    """A message as bytes."""
    text = json.dumps(message, ensure_ascii=False).encode()
    return HEAD.pack(len(text), len(payload)) + text + payload


def unpack(text: bytes) -> dict[str, Any]:
    """The JSON object of a message."""
    message: dict[str, Any] = json.loads(text)
    return message


def words_out(words: Sequence[Word]) -> list[dict[str, Any]]:
    """Words as JSON."""
    return [asdict(word) for word in words]


def words_in(rows: Sequence[Mapping[str, Any]]) -> list[Word]:
    """Words from JSON."""
    return [Word(**row) for row in rows]
