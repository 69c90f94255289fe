"""AudioSocket frames, in whatever pieces they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hotline.frames import DTMF, HANG_UP, SLIN, UUID, Frame, FrameReader, encode_frame

frames = st.builds(
    lambda kind, payload: Frame(kind, payload * 2),
    st.sampled_from([SLIN, 0x12, DTMF, UUID, HANG_UP, 0x77]),
    st.binary(min_size=1, max_size=400),
)


@given(st.lists(frames, max_size=8), st.lists(st.integers(1, 700), max_size=20))
def test_frames_come_out_as_they_went_in(sent: list[Frame], cuts: list[int]) -> None:
    stream = b"".join(encode_frame(frame.kind, frame.payload) for frame in sent)
    reader, found, at = FrameReader(), [], 0
    for cut in [*cuts, len(stream)]:
        found += reader.feed(stream[at : at + cut])
        at += cut
    found += reader.feed(stream[at:])
    assert found == sent
    assert reader.unfinished == 0


def test_header_is_kind_and_big_endian_length() -> None:
    assert encode_frame(SLIN, bytes(320))[:3] == b"\x10\x01\x40"


@pytest.mark.parametrize("payload", [b"", b"\x01", bytes(65_536)])
def test_what_would_end_the_call_is_never_sent(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"audio|header"):
        encode_frame(SLIN, payload)
