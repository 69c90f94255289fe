"""Files told by their first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.media.sniff import sniff

KNOWN = {
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "image/gif": b"GIF89a\x01\0\x01\0",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "audio/amr": b"#!AMR\n\x3c\x91",
    "audio/amr-wb": b"#!AMR-WB\n\x3c",
    "audio/aac": b"\xff\xf1\x50\x80\x02\x1f\xfc",
    "audio/mp4": b"\0\0\0\x1cftypM4A \0\0\0\0",
    "video/mp4": b"\0\0\0\x20ftypisom\0\0\x02\0",
    "audio/ogg": b"OggS\0\x02" + bytes(22) + b"OpusHead",
    "audio/wav": b"RIFF\x24\x08\0\0WAVEfmt ",
    "audio/mpeg": b"\xff\xfb\x90\x64\0\0",
}


@pytest.mark.parametrize("mime", KNOWN)
def test_known_kinds(mime: str) -> None:
    kind = sniff(KNOWN[mime])
    assert kind is not None
    assert kind.mime == mime
    assert kind.suffix.startswith(".")
    assert (kind.is_image, kind.is_audio) == (mime.startswith("image"), mime.startswith("audio"))


def test_variants() -> None:
    assert sniff(b"ID3\x04\0\0\0\0\0\0") == sniff(KNOWN["audio/mpeg"])
    assert sniff(b"\xff\xf9\x50\x80") == sniff(KNOWN["audio/aac"])  # ADTS of MPEG-2
    assert sniff(b"\xff\xf3\x40\xc0") == sniff(KNOWN["audio/mpeg"])  # MPEG-2 layer III
    assert sniff(b"\0\0\0\x18ftyp3gp5") == sniff(KNOWN["video/mp4"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"RIFF\0\0\0\0AVI ",
        b"\0\0\0\x18ftypavif",
        b"%PDF-1.7",
        b"\xff\xff\xff\xff",
        b"MZ",
    ],
)
def test_others_are_unknown(data: bytes) -> None:
    assert sniff(data) is None


@given(st.binary(max_size=64))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    kind = sniff(data)
    assert kind is None or len(data) >= 3
