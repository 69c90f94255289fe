"""How alike two pictures look, by their perceptual hashes.

Measured with `imagehash.phash`: recompressed and halved 0, cropped by 6 % 12, rotated 24, another photo 36.
"""

from __future__ import annotations

from enum import StrEnum

SAME_WITHIN = 8
ASK_WITHIN = 12
_BITS = 64
_FEATURELESS = 12
"""A phash splits its 64 bits at the median: a real photo sets about half, a black or white one hardly any."""


class Likeness(StrEnum):
    SAME = "same"  # taken for the same photo
    ASK = "ask"  # perhaps; a person or the citizen says
    OTHER = "other"


def hash_distance(one: str, other: str) -> int:
    """Bits (0…64) in which two hashes of 16 hex digits differ. Raises ValueError for anything else."""
    if len(one) != _BITS // 4 or len(other) != _BITS // 4:
        raise ValueError("a perceptual hash has 16 hex digits")
    return (int(one, 16) ^ int(other, 16)).bit_count()


def likeness(one: str, other: str) -> Likeness:
    """What the distance means. Two featureless pictures (a dark night, a covered lens) are never the same."""
    distance = hash_distance(one, other)
    if min(int(one, 16).bit_count(), int(other, 16).bit_count()) < _FEATURELESS:
        return Likeness.OTHER
    if distance <= SAME_WITHIN:
        return Likeness.SAME
    return Likeness.ASK if distance <= ASK_WITHIN else Likeness.OTHER
