"""G.711: both codes are their own inverse, and no sample moves further than half a step."""

from __future__ import annotations

import numpy as np
import pytest

from speech.g711 import from_alaw, from_ulaw, to_alaw, to_ulaw

ALL = bytes(range(256))


def test_known_values() -> None:
    # ITU-T G.711: quietest and loudest codes of both laws
    assert from_alaw(b"\xd5\x55\xaa\x2a").tolist() == [8, -8, 32256, -32256]
    assert from_ulaw(b"\xff\x7f\x80\x00").tolist() == [0, 0, 32124, -32124]


def test_every_code_comes_back() -> None:
    assert to_alaw(from_alaw(ALL)) == ALL
    back = from_ulaw(to_ulaw(from_ulaw(ALL)))
    assert back.tolist() == from_ulaw(ALL).tolist()  # µ-law has two codes for nought


@pytest.mark.parametrize(("there", "back"), [(to_alaw, from_alaw), (to_ulaw, from_ulaw)])
def test_no_sample_moves_more_than_half_a_step(there, back) -> None:  # type: ignore[no-untyped-def]
    samples = np.arange(-32768, 32768, dtype=np.int16)
    moved = np.abs(back(there(samples)).astype(int) - samples)
    assert (moved <= np.maximum(8, np.abs(samples.astype(int)) / 16)).all()
