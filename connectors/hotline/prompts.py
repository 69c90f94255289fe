"""Prompts: text to sound, sentence by sentence, so that the first is heard while the next is still made.

Recordings, synthesis and their cache are the synthesizer's business (`core.speech.Synthesizer`).
"""

from __future__ import annotations

import structlog

from connectors.hotline.pacer import Playback
from connectors.hotline.sound import silence
from connectors.hotline.spoken import sentences
from connectors.hotline.stretch import stretch
from core.speech import SynthesisFailed, Synthesizer

PAUSE_S = 0.25
SLOW_PAUSE_S = 0.6
SLOWER = 1.25

log = structlog.get_logger(__name__)


class Prompts:
    """Speaks into a playback."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer

    async def speak(self, text: str, playback: Playback, *, slow: bool = False, lead: float = 0.0) -> None:
        """All sentences of the text, then the end of the playback. Raises SynthesisFailed when not even one
        could be spoken."""
        try:
            if lead:
                playback.add(silence(lead))
            spoken, failure = 0, None
            for sentence in sentences(text):
                try:
                    pcm = await self._synthesizer.say(sentence)
                except SynthesisFailed as error:
                    failure = error
                    log.warning("sentence_not_spoken", reason=str(error))
                    continue
                pause = silence(SLOW_PAUSE_S if slow else PAUSE_S)
                playback.add((stretch(pcm, SLOWER) if slow else pcm) + pause)
                spoken += 1
            if failure is not None and not spoken:
                raise failure
        finally:
            playback.close()
