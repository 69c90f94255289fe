"""The engines that the settings name, ready to be used; nothing is loaded before it is needed."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.pack import Pack
from core.settings import Settings
from speech.pool import EngineOptions
from speech.recognizer import LocalRecognizer
from speech.speakers import Espeak, Piper, Speaker
from speech.synthesis import Recordings, Voice
from speech.written import SpeechWriting, likely_phrases, place_names, read_book

KEPT = "spoken"
"""The folder beside the media in which the fixed prompts are kept as they were spoken."""


class SpeechUnusable(Exception):
    """The engine that the settings name cannot work; the text says how to mend it."""


def open_recognizer(settings: Settings, pack: Pack) -> LocalRecognizer | None:
    """The recognizer, or None when it is off. Workers start with the first voice, or with `warm`."""
    if settings.speech == "off":
        return None
    book = read_book(pack)
    options = EngineOptions(settings.speech, settings.speech_model, likely_phrases(book))
    return LocalRecognizer(options, SpeechWriting(place_names(book)), settings.speech_workers or None)


def open_voice(
    settings: Settings, pack: Pack, texts: Mapping[str, str] | None = None, fixed: Iterable[str] = ()
) -> Voice:
    """The voice. `texts` are the pack's prompts by key: a recording `<key>.wav` says the text of its key;
    `fixed` are the pieces in which they are said."""
    speaker: Speaker = Piper(settings.voice) if settings.voice is not None else Espeak()
    folder = settings.prompts or pack.folder / "prompts"
    return Voice(speaker, Recordings(folder, texts or {}), settings.media_dir / KEPT, fixed)


def check_recognizer(settings: Settings) -> str:
    """What would hear voices, without loading it all. Raises SpeechUnusable."""
    if settings.speech == "off":
        return "off: people listen to voices (KENHDAN_SPEECH=embedded turns it on)"
    from speech.engine import EngineMissing
    from speech.sherpa import ModelFolder
    from speech.weights import NoWeights, read_weights

    if settings.speech == "sherpa":
        try:
            ModelFolder.find(settings.speech_model or Path())
        except EngineMissing as error:
            raise SpeechUnusable(str(error)) from error
        if importlib.util.find_spec("sherpa_onnx") is None:
            raise SpeechUnusable("sherpa-onnx is not installed: pip install 'kenhdan[sherpa]'")
        return f"sherpa-onnx with {settings.speech_model}"
    try:
        read_weights()
    except NoWeights as error:
        if importlib.util.find_spec("vietasr") is None:
            raise SpeechUnusable(f"{error}; or set KENHDAN_SPEECH=off") from error
        return f"the package viet-asr decodes by itself, worse and slower: {error}"
    return "embedded: viet-asr 0.1.0.dev11 (alpha; where its weights were trained is not documented)"


def check_voice(settings: Settings) -> str:
    """What would speak on the phone. Raises SpeechUnusable."""
    if settings.voice is not None:
        if not settings.voice.is_file():
            raise SpeechUnusable(f"there is no Piper voice {settings.voice} (KENHDAN_VOICE)")
        return f"Piper with {settings.voice}"
    if not Espeak().installed:
        return "recorded prompts only: espeak-ng is not installed (apt-get install espeak-ng)"
    return "recorded prompts, and espeak-ng for the rest"
