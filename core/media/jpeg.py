"""The scans of a JPEG, counted without decoding.

A progressive JPEG may hold thousands of nearly empty scans, and each costs a pass over all its pixels:
20 MB can keep a decoder busy for hours. Cameras and messengers write one scan, or about ten.
"""

from __future__ import annotations

import re

MAX_SCANS = 32

_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
"""A marker; FF 00 and the restart markers belong to the scan they stand in."""
_START_OF_IMAGE, _END_OF_IMAGE, _START_OF_SCAN, _STANDALONE = 0xD8, 0xD9, 0xDA, 0x01


def count_scans(data: bytes, enough: int = MAX_SCANS + 1) -> int:
    """Scans of the first image in `data`; stops counting at `enough`. Thumbnails inside segments and whatever
    follows the end of the image (the film of a motion photo) do not count."""
    scans, position = 0, 0
    while scans < enough and (found := _MARKER.search(data, position)):
        marker, position = found[1][0], found.end()
        if marker == _END_OF_IMAGE:
            break
        if marker in (_START_OF_IMAGE, _STANDALONE):
            continue
        scans += marker == _START_OF_SCAN
        position += int.from_bytes(data[position : position + 2], "big")
    return scans
