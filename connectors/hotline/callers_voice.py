"""The caller's voice: where utterances begin and end in it, on their way to become words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from connectors.hotline.desk import Desk
from connectors.hotline.dictation import Dictation
from connectors.hotline.ear import Ear, Patience, Sign, Utterance
from connectors.hotline.errands import Errands
from connectors.hotline.expecting import likely_words, patience_for
from connectors.hotline.happenings import Event, Happening, Heard
from connectors.hotline.sound import as_wav
from connectors.hotline.spool import CallSpool
from core.message import Outbound

FED_SLOTS = 10
"""A recognizer is fed five times a second: more often costs only messages."""

log = structlog.get_logger(__name__)


class CallersVoice:
    """Takes the caller's audio slot by slot. `tell` gets the ear's signs, COMPLETE, and a Heard for each
    utterance; `on_end` is called at the end of each."""

    def __init__(
        self, desk: Desk, spool: CallSpool, errands: Errands, tell: Callable[[Happening], None],
        on_end: Callable[[], None],
    ) -> None:  # fmt: skip
        self._desk = desk
        self._spool = spool
        self._errands = errands
        self._tell = tell
        self._on_end = on_end
        self._activity = desk.activities.take()
        self._ear = Ear(self._activity)
        self._dictation: Dictation | None = None
        self._open: dict[int, tuple[Utterance, bytes]] = {}
        """Utterances that ended and were not heard of since, by number."""
        self._taken = 0
        self._slots = 0
        self.expect(None)

    @property
    def speaking(self) -> bool:
        return self._ear.speaking

    @property
    def sustained(self) -> bool:
        """Whether somebody is speaking, and it is more than a cough."""
        return self._ear.sustained

    def expect(self, asked: Outbound | None, *, pushed_to_talk: bool = False) -> None:
        """How long to listen, and which words are likely, after this message."""
        self._ear.patience = patience_for(asked, self._desk.wording.timing, pushed_to_talk=pushed_to_talk)
        self._likely = likely_words(asked, self._desk.wording)

    def take_message(self, patience: Patience) -> None:
        """What was under way does not matter; a message begins now."""
        self._ear.forget()
        self._ear.patience = patience
        self._ear.begin()

    def begin(self) -> None:
        """An utterance begins now, whether or not there is a voice."""
        self._ear.begin()

    def is_speech(self, utterance: Utterance) -> bool:
        """Whether it is more than “dạ” or a cough."""
        return utterance.voice_s >= self._desk.wording.timing.sustained

    # -- listening ------------------------------------------------------------------------------------

    def take_slot(self, slot: bytes) -> None:
        """20 ms of the caller's audio."""
        self._spool.write(slot)
        for sign in self._ear.hear(slot):
            if sign is Sign.BEGAN:
                self._dictation = Dictation(self._desk.words, self._likely)
            if sign is Sign.ENDED:
                self._take_utterance()
            else:
                self._tell(sign)
        self._slots += 1
        if self._dictation is not None and self._slots % FED_SLOTS == 0:
            self._dictation.feed(self._ear.take_fresh())

    def finish(self) -> None:
        """The utterance under way, if there is one, is over."""
        if self._ear.finish() is not None:
            self._take_utterance()

    def forget(self) -> None:
        """What was being said when a key was pressed does not matter any more."""
        self._ear.forget()
        dictation, self._dictation = self._dictation, None
        if dictation is not None:
            self._errands.start(dictation.drop())

    def _take_utterance(self) -> None:
        """The utterance that just ended, on its way to become words."""
        utterance, dictation = self._ear.last, self._dictation
        fresh = self._ear.take_fresh()
        self._dictation = None
        if utterance is None:
            return
        if dictation is None:
            dictation = Dictation(self._desk.words, self._likely)
            fresh = utterance.pcm
        dictation.feed(fresh)
        self._on_end()
        self._taken += 1
        self._open[self._taken] = (utterance, as_wav(utterance.pcm))
        self._errands.start(self._recognise(self._taken, dictation, self._spool.position))

    async def _recognise(self, number: int, dictation: Dictation, position: int) -> None:
        utterance, wav = self._open[number]
        try:
            transcript = await dictation.finish(wav)
        except Exception:  # whatever a recognizer does wrong, the sound goes on, and a person listens
            log.exception("recognizer_failed")
            transcript = None
        self._tell(Heard(number, utterance, wav, transcript, position))

    # -- thinking along -------------------------------------------------------------------------------

    def ask_whether_complete(self) -> None:
        """The caller pauses: COMPLETE is told when the words so far tell all and the pause goes on."""
        if self._dictation is not None:
            self._errands.start(self._ask_whether_complete(self._dictation))

    async def _ask_whether_complete(self, dictation: Dictation) -> None:
        """An older caller thinks between words and is given time, unless all was said already."""
        words = await dictation.partial()
        if not words or not await self._desk.is_complete(words):
            return
        timing = self._desk.wording.timing
        await asyncio.sleep(max(0.0, timing.complete_end - timing.pause))
        if self._dictation is dictation and self._ear.pausing:
            self._tell(Event.COMPLETE)

    # -- the end --------------------------------------------------------------------------------------

    def taken_up(self, heard: Heard) -> None:
        """Whoever was told of it answers for it from now on."""
        self._open.pop(heard.number, None)

    def close(self) -> list[bytes]:
        """The line is closed: what was said and nobody has taken up, as WAV files, the last words too."""
        last = self._ear.finish()
        self._desk.activities.give_back(self._activity)
        self.forget()
        left = [wav for utterance, wav in self._open.values() if self.is_speech(utterance)]
        if last is not None and self.is_speech(last):
            left.append(as_wav(last.pcm))
        return left
