"""Real voices (six speakers and what they say) from a wheel that `make test` installs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.pack import Pack, load_pack
from speech.audio import Clip, read_audio
from speech.embedded import EmbeddedEngine
from speech.engine import EngineMissing
from speech.written import likely_phrases, read_book

VOICES = Path(sys.prefix) / "voices" / "vieneu" / "assets" / "samples"
MISSPELT = {"che dấu": "che giấu", "kỷ 19": "kỷ mười chín"}
"""Where what is written beside a voice is not what a dictionary or a listener writes."""


@pytest.fixture(scope="session")
def voices() -> list[tuple[Clip, str]]:
    """Each voice with its words."""
    found = []
    for path in sorted(VOICES.glob("*.wav")):
        text = path.with_suffix(".txt").read_text(encoding="utf-8")
        for wrong, right in MISSPELT.items():
            text = text.replace(wrong, right)
        found.append((read_audio(path.read_bytes()), text))
    if not found:
        pytest.skip("the real voices are not installed: make test installs requirements-voices.txt")
    return found


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load_pack(Path("province/ha_tinh"))


@pytest.fixture(scope="session")
def engine(pack: Pack) -> EmbeddedEngine:
    """The embedded recognizer as it runs, with the province's names."""
    try:
        return EmbeddedEngine.load(likely_phrases(read_book(pack)))
    except EngineMissing as error:
        pytest.skip(f"no embedded recognizer: {error}")
