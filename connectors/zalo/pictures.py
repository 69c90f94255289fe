"""Pictures small enough for Zalo: at most 1 MB, as JPEG."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from core.channel import Rejected

MOST_BYTES = 1_000_000
_SIDES = (1_920, 1_600, 1_280, 960, 640)
_QUALITY = 80


def fit_picture(data: bytes, most: int = MOST_BYTES) -> tuple[bytes, str]:
    """The picture and its MIME type, scaled down as far as it must be. Takes CPU: run it in a thread.

    Raises Rejected for what is no picture (media of our own store always are).
    """
    if len(data) <= most and data.startswith(b"\xff\xd8\xff"):
        return data, "image/jpeg"
    try:
        with Image.open(io.BytesIO(data)) as opened:
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Rejected("a photo that cannot be read") from None
    small = b""
    for side in _SIDES:
        picture.thumbnail((side, side))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
        small = out.getvalue()
        if len(small) <= most:
            return small, "image/jpeg"
    raise Rejected(f"a photo that stays at {len(small)} bytes")
