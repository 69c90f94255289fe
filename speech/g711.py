"""G.711: the two codes of the telephone, A-law (Europe, Vietnam) and µ-law, as tables (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]


def _alaw_values() -> Samples:
    """The 256 values of A-law, each scaled to 16 bits."""
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 0x07, code & 0x0F
    size = np.where(
        exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _ulaw_values() -> Samples:
    """The 256 values of µ-law, each scaled to 16 bits."""
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = (code >> 4) & 0x07, code & 0x0F
    size = (((mantissa << 3) + 0x84) << exponent) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _codes_of(values: Samples) -> npt.NDArray[np.uint8]:
    """For each of the 65,536 samples the code whose value is nearest."""
    order = np.argsort(values, kind="stable")
    ranked = values[order].astype(np.int32)
    edges = (ranked[1:] + ranked[:-1]) / 2
    nearest = np.searchsorted(edges, np.arange(-32768, 32768))
    return order[nearest].astype(np.uint8)


_ALAW, _ULAW = _alaw_values(), _ulaw_values()
_TO_ALAW, _TO_ULAW = _codes_of(_ALAW), _codes_of(_ULAW)


def from_alaw(data: bytes) -> Samples:
    """A-law bytes → 16-bit samples."""
    return _ALAW[np.frombuffer(data, np.uint8)]


def to_alaw(samples: Samples) -> bytes:
    """16-bit samples → A-law bytes."""
    return _TO_ALAW[samples.astype(np.int32) + 32768].tobytes()


def from_ulaw(data: bytes) -> Samples:
    """µ-law bytes → 16-bit samples."""
    return _ULAW[np.frombuffer(data, np.uint8)]


def to_ulaw(samples: Samples) -> bytes:
    """16-bit samples → µ-law bytes."""
    return _TO_ULAW[samples.astype(np.int32) + 32768].tobytes()
