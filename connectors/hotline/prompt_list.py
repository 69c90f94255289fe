"""The list of prompts: every text that is always said alike, by its key; a studio can record them.

A recording `<key>.wav` in the pack's folder of prompts is played instead of the synthesised text. Keys of the
call's own words (hotline.yml) begin with `call.`, the others are those of phrases.yml.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from connectors.hotline.desk import CHANNEL
from connectors.hotline.spoken import pieces
from connectors.hotline.wording import Wording
from core.pack import Pack
from core.phrases import Phrases
from core.settings import Settings
from speech.opening import open_voice
from speech.synthesis import Voice


def fixed_prompts(phrases: Phrases, wording: Wording, folder: Path) -> dict[str, str]:
    """Key → text, of all prompts without slots. `folder` is the pack's."""
    manner = phrases.manner(CHANNEL)
    found = {f"call.{key}": text for key, text in wording.fixed().items()}
    known = set(yaml.safe_load((folder / "phrases.yml").read_text(encoding="utf-8"))["say"])
    for key in sorted(known):
        base, _, variant = key.partition("@")
        if variant not in ("", manner.name) or (not variant and f"{key}@{manner.name}" in known):
            continue
        if not phrases.fields_of(key):
            text = phrases.say(base, manner)
            if text.strip():
                found[key] = text
    return found


def open_prompts(settings: Settings, pack: Pack, prompts: Mapping[str, str]) -> Voice:
    """The voice of the hotline, which keeps these prompts spoken in the pieces in which calls say them."""
    whole = {text.strip() for text in prompts.values()}
    fixed = [piece for text in prompts.values() for piece in pieces(text, whole)]
    return open_voice(settings, pack, prompts, fixed)
