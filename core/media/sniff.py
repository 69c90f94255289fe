"""What a file is, told by its first bytes; names and announced types are not believed."""

from __future__ import annotations

from dataclasses import dataclass

_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_MP3_BITRATES_BAD = frozenset({0b0000, 0b1111})


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file: its MIME type and the suffix (with the dot) it is stored under."""

    mime: str
    suffix: str

    @property
    def is_image(self) -> bool:
        return self.mime.startswith("image/")

    @property
    def is_audio(self) -> bool:
        return self.mime.startswith("audio/")


JPEG = FileKind("image/jpeg", ".jpg")
PNG = FileKind("image/png", ".png")
GIF = FileKind("image/gif", ".gif")
WEBP = FileKind("image/webp", ".webp")
HEIC = FileKind("image/heic", ".heic")
AMR = FileKind("audio/amr", ".amr")
AMR_WB = FileKind("audio/amr-wb", ".awb")
AAC = FileKind("audio/aac", ".aac")
M4A = FileKind("audio/mp4", ".m4a")
MP4 = FileKind("video/mp4", ".mp4")
OGG = FileKind("audio/ogg", ".ogg")
WAV = FileKind("audio/wav", ".wav")
MP3 = FileKind("audio/mpeg", ".mp3")

_PREFIXES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"#!AMR-WB\n", AMR_WB),
    (b"#!AMR\n", AMR),
    (b"OggS", OGG),  # Opus, Vorbis or Speex: all voice here
    (b"ID3", MP3),
)


def sniff(data: bytes) -> FileKind | None:
    """The kind of a file, or None when it is empty or none of ours. Looks at the first 32 bytes only."""
    head = data[:32]
    for prefix, kind in _PREFIXES:
        if head.startswith(prefix):
            return kind
    if head[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head[8:12])
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mpeg_audio(head)
    return None


def _iso_media(brand: bytes) -> FileKind | None:
    """Files of the ISO base media family (HEIC, M4A, MP4, 3GP) by their major brand."""
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in _AUDIO_BRANDS:
        return M4A
    if brand in (b"avif", b"avis", b"crx ", b"qt  "):
        return None
    return MP4


def _mpeg_audio(head: bytes) -> FileKind | None:
    """A bare frame header: layer 0 is ADTS (AAC), layer III is MP3."""
    layer = (head[1] >> 1) & 0b11
    if layer == 0b00:
        return AAC if head[1] & 0xF0 == 0xF0 and (head[2] >> 2) & 0x0F < 13 else None
    version = (head[1] >> 3) & 0b11
    well_formed = version != 0b01 and head[2] >> 4 not in _MP3_BITRATES_BAD and (head[2] >> 2) & 0b11 != 0b11
    return MP3 if layer == 0b01 and well_formed else None
