"""AudioSocket frames: one byte kind, two bytes length (big endian), payload.

After res_audiosocket.c of Asterisk 22. Frames come in any pieces; what is sent leaves whole, in one write.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

HANG_UP = 0x00
"""Bridge → Asterisk only; a caller's hang-up is the end of the stream."""
UUID = 0x01
DTMF = 0x03
SLIN = 0x10
ERROR = 0xFF
RATES = {
    SLIN: 8_000, 0x11: 12_000, 0x12: 16_000, 0x13: 24_000, 0x14: 32_000, 0x15: 44_100, 0x16: 48_000,
    0x17: 96_000, 0x18: 192_000,
}  # fmt: skip
"""Kinds of audio frames and their samples a second."""

_HEADER = struct.Struct(">BH")


@dataclass(frozen=True, slots=True)
class Frame:
    kind: int
    payload: bytes


def encode_frame(kind: int, payload: bytes = b"") -> bytes:
    """Header and payload in one piece. Raises ValueError for what would end the call: audio without samples
    or with half a sample, or more than 65,535 bytes."""
    if kind in RATES and (not payload or len(payload) % 2):
        raise ValueError(f"audio of {len(payload)} bytes ends the call")
    if len(payload) > 0xFFFF:
        raise ValueError(f"a frame of {len(payload)} bytes has no header")
    return _HEADER.pack(kind, len(payload)) + payload


class FrameReader:
    """Puts frames together from whatever pieces arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now, in order."""
        self._buffer += data
        frames = []
        at = 0
        while len(self._buffer) - at >= _HEADER.size:
            kind, length = _HEADER.unpack_from(self._buffer, at)
            end = at + _HEADER.size + length
            if len(self._buffer) < end:
                break
            frames.append(Frame(kind, bytes(self._buffer[at + _HEADER.size : end])))
            at = end
        del self._buffer[:at]
        return frames

    @property
    def unfinished(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._buffer)
