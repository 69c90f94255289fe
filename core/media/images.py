"""A citizen's picture made safe: checked, read, turned, shrunk, stripped and re-encoded.

Bytes from outside are hostile: formats come from an allow-list, size and pixels are checked before decoding,
and what is stored is always a JPEG of our own making. A pure function of bytes, up to a second of CPU
for a large HEIC: call it in a worker thread or process, never in the event loop.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import struct
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from PIL import Image, ImageCms, ImageOps

from core.media.exif import read_point, read_taken_at
from core.media.jpeg import MAX_SCANS, count_scans
from core.media.sniff import GIF, HEIC, JPEG, PNG, WEBP, FileKind, sniff
from core.message import Point

_PILLOW_FORMATS: dict[FileKind, str] = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP", HEIC: "HEIF"}
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    RuntimeError,
)
"""What Pillow's and libheif's decoders raise on damaged files; UnidentifiedImageError is an OSError."""


class RefusalReason(StrEnum):
    EMPTY = "empty"
    TOO_BIG = "too_big"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PICTURE = "not_a_picture"
    BROKEN = "broken"


class PictureRefused(Exception):
    """The bytes are no picture that can be kept. `reason` is for the talk, `text` for the operator."""

    def __init__(self, reason: RefusalReason, text: str) -> None:
        super().__init__(reason, text)  # both as args, so that it survives the way back from a worker process
        self.reason = reason
        self.text = text

    def __str__(self) -> str:
        return f"{self.reason}: {self.text}"


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """`max_bytes` and `max_pixels` bound what comes in, `longest_side` and JPEG `quality` what is kept."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 40_000_000
    longest_side: int = 2560
    quality: int = 82


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture ready to be stored. `data` is a JPEG without metadata and `sha256` the hex digest of it.

    `phash` is 16 hex digits (see `likeness`). `point` and `taken_at` (ISO, the camera's local time) are what
    the original said of itself.
    """

    data: bytes
    sha256: str
    mime: str
    width: int
    height: int
    phash: str
    point: Point | None
    taken_at: str | None


def prepare_photo(data: bytes, *, limits: PhotoLimits | None = None) -> Photo:
    """Turn a received file (JPEG, PNG, WebP, HEIC, first frame of a GIF) into a Photo.

    Raises PictureRefused. A truncated file is refused as a whole: half a photo is weak evidence, and the
    citizen can send it again.
    """
    limits = limits or PhotoLimits()
    try:
        image = _open(data, limits)
        with image:
            point, taken_at = _read_exif(image)
            picture = _flatten(_shrink(image, limits.longest_side))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(RefusalReason.TOO_MANY_PIXELS, str(error)) from error
    except MemoryError as error:
        raise PictureRefused(RefusalReason.TOO_MANY_PIXELS, "no memory to decode it") from error
    except _BROKEN as error:
        raise PictureRefused(RefusalReason.BROKEN, f"{type(error).__name__}: {error}") from error
    stored = _encode(picture, limits.quality)
    return Photo(
        data=stored,
        sha256=hashlib.sha256(stored).hexdigest(),
        mime=JPEG.mime,
        width=picture.width,
        height=picture.height,
        phash=_perceptual_hash(picture),
        point=point,
        taken_at=taken_at,
    )


def _open(data: bytes, limits: PhotoLimits) -> Image.Image:
    """The image with its header read and nothing decoded yet."""
    if not data:
        raise PictureRefused(RefusalReason.EMPTY, "no bytes")
    if len(data) > limits.max_bytes:
        raise PictureRefused(RefusalReason.TOO_BIG, f"{len(data)} bytes, at most {limits.max_bytes}")
    kind = sniff(data)
    if kind not in _PILLOW_FORMATS:
        raise PictureRefused(RefusalReason.NOT_A_PICTURE, kind.mime if kind else "an unknown kind of file")
    if kind is HEIC:
        _teach_pillow_heic()
    if kind is JPEG and count_scans(data) > MAX_SCANS:
        raise PictureRefused(RefusalReason.BROKEN, f"more than {MAX_SCANS} scans")
    image = Image.open(io.BytesIO(data), formats=(_PILLOW_FORMATS[kind],))
    pixels = image.width * image.height
    if pixels > limits.max_pixels:
        image.close()
        raise PictureRefused(RefusalReason.TOO_MANY_PIXELS, f"{pixels} pixels, at most {limits.max_pixels}")
    return image


def _read_exif(image: Image.Image) -> tuple[Point | None, str | None]:
    """Where and when; a damaged EXIF block says nothing, the picture may be sound all the same."""
    try:
        exif = image.getexif()
        return read_point(exif), read_taken_at(exif)
    except _BROKEN:
        return None, None


@cache
def _teach_pillow_heic() -> None:
    import pillow_heif  # 0.2 s of import that only HEIC needs

    # Embedded thumbnails are skipped: a forged one would be stored instead of the picture.
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def _shrink(image: Image.Image, longest_side: int) -> Image.Image:
    """Decoded, upright, at most `longest_side` on its longer side. Never enlarged."""
    image.draft("RGB", (longest_side, longest_side))  # a JPEG may decode at 1/2, 1/4, 1/8 straight away
    image.load()
    if image.mode in ("P", "1"):  # these cannot be scaled smoothly
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    with contextlib.suppress(*_BROKEN):  # a damaged EXIF block: shown as it lies
        image = ImageOps.exif_transpose(image)
    image.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _flatten(image: Image.Image) -> Image.Image:
    """A fresh sRGB image on white that shares nothing with the one it came from."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits a channel: keep the upper eight
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        fresh = Image.new("RGB", image.size, "white")
        fresh.paste(image, mask=image.getchannel("A"))
    else:
        fresh = Image.new("RGB", image.size)
        fresh.paste(_to_srgb(image, profile) if profile else image.convert("RGB"))
    return fresh


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the camera meant them (phones store Display P3); a damaged profile is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _srgb(), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return converted or image.convert("RGB")


@cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _encode(picture: Image.Image, quality: int) -> bytes:
    stored = io.BytesIO()
    picture.save(stored, "JPEG", quality=quality, optimize=True)
    return stored.getvalue()


def _perceptual_hash(picture: Image.Image) -> str:
    import imagehash  # pulls in SciPy: half a second of import

    return str(imagehash.phash(picture))
