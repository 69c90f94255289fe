"""Prompts: text to sound, sentence by sentence, so that the first is heard while the next is still made.

Recordings, synthesis and their cache are the synthesizer's business (`core.speech.Synthesizer`).
"""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from connectors.hotline.pacer import Playback
from connectors.hotline.sound import silence
from connectors.hotline.spoken import pieces
from connectors.hotline.stretch import stretch
from core.speech import SynthesisFailed, Synthesizer

SLOWER = 1.25

log = structlog.get_logger(__name__)


class Prompts:
    """Speaks into a playback, with `between` seconds of silence after a sentence. `fixed` are texts that are
    said in one piece: a studio may have recorded them so."""

    def __init__(
        self, synthesizer: Synthesizer, between: float, between_slow: float, fixed: Iterable[str] = ()
    ) -> None:
        self._synthesizer = synthesizer
        self._fixed = frozenset(text.strip() for text in fixed)
        self._between = between
        self._between_slow = between_slow

    async def speak(self, text: str, playback: Playback, *, slow: bool = False, lead: float = 0.0) -> None:
        """All sentences of the text, then the end of the playback. Raises SynthesisFailed when not even one
        could be spoken."""
        try:
            if lead:
                playback.add(silence(lead))
            spoken, failure = 0, None
            for sentence in pieces(text, self._fixed):
                try:
                    pcm = await self._synthesizer.say(sentence)
                except SynthesisFailed as error:
                    failure = error
                    log.warning("sentence_not_spoken", reason=str(error))
                    continue
                pause = silence(self._between_slow if slow else self._between)
                playback.add((stretch(pcm, SLOWER) if slow else pcm) + pause)
                spoken += 1
            if failure is not None and not spoken:
                raise failure
        finally:
            playback.close()
