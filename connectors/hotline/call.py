"""One call: it listens, lets the talk decide, and speaks. What is said goes the way of every message.

Each utterance is an event in the inbox, its sound kept first; each answer is a row of the outbox, sent when
it was played (`channel.py`). Only what the talk knows nothing of is decided here: silence, noise, keys, who
may interrupt whom, and that the caller ends at a person when the machine does not get on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from typing import Any

import structlog

from connectors.hotline.caller import Caller
from connectors.hotline.desk import Desk, NotKept
from connectors.hotline.dictation import Dictation
from connectors.hotline.ear import Ear, Sign, Utterance
from connectors.hotline.expecting import likely_words, patience_for
from connectors.hotline.happenings import COMPLETE, GONE, HELD_LONG, Heard, Letter, Mode, Said
from connectors.hotline.media import CallMedia, Listener
from connectors.hotline.pacer import Playback
from connectors.hotline.sound import as_wav
from connectors.hotline.spoken import (
    PERSON,
    keyed_choices,
    keys_only,
    shorter,
    spoken_text,
    wants_few_words,
)
from connectors.hotline.voicemail import message_patience, message_request
from core.message import Address, InboundKind, Outbound, Then
from core.speech import SynthesisFailed

HOLD_S = 4.0
"""How long an answer waits for a caller who is just speaking."""
NO_WORDS_S = 0.8
"""Voice of so many seconds in which no words were found is kept for a person to listen to."""
FED_SLOTS = 10
"""A recognizer is fed five times a second: more often costs only messages."""
SILENCES = 3
FAILURES = 2

log = structlog.get_logger(__name__)


class Next(StrEnum):
    """Where the caller goes from here: BRIDGE_NEXT of the dialplan."""

    DONE = "done"
    OPERATOR = "operator"


_After = Callable[[], Awaitable[Next | None]] | None
"""What comes when a prompt is over."""


class Call:
    """Runs once, by `run`; `say` may be called from outside while it does."""

    def __init__(self, desk: Desk, media: CallMedia, caller: Caller, address: Address, call_id: str) -> None:
        self.address = address
        self.caller = caller
        self.call_id = call_id
        self._desk = desk
        self._media = media
        self._timing = desk.wording.timing
        self._activity = desk.activities.take()
        self._ear = Ear(self._activity)
        self._spool = desk.spool.open(call_id, address.user, caller.number, desk.clock.now())
        self._happenings: asyncio.Queue[object] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._dictation: Dictation | None = None
        self._mode = Mode.WORKING
        self._since = self._loop.time()
        self._limit = self._timing.answer_limit
        self._excused = False
        self._playback: Playback | None = None
        self._interruptible = True
        self._letter: Letter | None = None
        self._held: Letter | None = None
        self._last: Outbound | None = None
        self._last_text = ""
        self._after: _After = None
        self._last_after: _After = None
        self._greeted = False
        self._started_at = desk.clock.now()
        self._open: dict[int, tuple[Utterance, bytes]] = {}
        """Utterances that ended and are not in the inbox yet, by number."""
        self._events = 0
        self._silences = 0
        self._failures = 0
        self._taken = 0
        self._slots = 0
        self._unheard: list[bytes] = []
        self._keyed = False
        self._pushed_to_talk = False
        self._gone = ""
        self.reason = ""
        self.answer_times: list[float] = []
        """Seconds from the end of each utterance to the first sound of its answer."""
        self._ended_at: float | None = None

    # -- from outside ---------------------------------------------------------------------------------

    async def say(self, message: Outbound) -> str:
        """Say an answer of the talk; what became of it: heard, interrupted, overtaken or unheard."""
        letter = Letter(message, self._loop.create_future())
        if self._gone or self.reason:
            return "unheard"
        self._happenings.put_nowait(letter)
        return await letter.receipt

    async def run(self) -> Next:
        """The whole call, from the greeting until somebody goes. Never raises but for cancellation."""
        listener = Listener(self._on_slot, self._happenings.put_nowait, self._on_gone)
        hearing = asyncio.create_task(self._media.run(listener))
        try:
            outcome = await self._converse()
        except NotKept:
            outcome = self._leave(Next.OPERATOR, "not kept")
        except SynthesisFailed as error:
            log.exception("call_cannot_speak", error=str(error))
            outcome = self._leave(Next.OPERATOR, "cannot speak")
        finally:
            self.reason = self.reason or "cancelled"
            await self._wind_up(hearing)
        return outcome

    # -- the loop -------------------------------------------------------------------------------------

    async def _converse(self) -> Next:
        await self._keep(kind=InboundKind.START)
        while True:
            outcome = await self._step()
            if outcome is not None:
                return outcome

    async def _step(self) -> Next | None:
        try:
            async with asyncio.timeout(self._patience_left()):
                happening = await self._happenings.get()
        except TimeoutError:
            return await self._waited_out()
        match happening:
            case str(key):
                return await self._on_key(key)
            case Sign() as sign:
                return await self._on_sign(sign)
            case Letter() as letter:
                return await self._on_letter(letter)
            case Heard() as heard:
                return await self._on_heard(heard)
            case Said() as said:
                return await self._on_said(said)
            case _:
                return await self._on_other(happening)

    async def _on_other(self, happening: object) -> Next | None:
        if happening is GONE:
            return self._leave(Next.DONE, self._gone)
        if happening is COMPLETE and self._ear.speaking:
            return await self._finish_utterance()
        if happening is HELD_LONG and self._held is not None:
            return await self._release_held()
        if isinstance(happening, BaseException):
            raise happening
        return None

    def _patience_left(self) -> float | None:
        """Seconds until silence means something; None when it means nothing now."""
        passed = self._loop.time() - self._since
        timing = self._timing
        match self._mode:
            case Mode.WORKING:
                return max(0.0, (self._limit if self._excused else min(timing.working, self._limit)) - passed)
            case Mode.LISTENING:
                return None if self._ear.speaking else max(0.0, timing.no_input - passed)
            case Mode.FAREWELL:
                return None if self._ear.speaking else max(0.0, timing.farewell - passed)
            case Mode.VOICEMAIL:
                return max(0.0, timing.voicemail_longest + 5 - passed)
            case Mode.SAYING:
                return None

    def _turn_to(self, mode: Mode) -> None:
        self._mode = mode
        self._since = self._loop.time()
        if mode is Mode.WORKING:
            self._excused = False
            self._limit = self._timing.answer_limit

    async def _waited_out(self) -> Next | None:
        match self._mode:
            case Mode.WORKING if not self._excused and self._limit > self._timing.working:
                self._excused = True
                self._speak(self._desk.wording.say("working"), back_to_work=True)
                return None
            case Mode.WORKING:
                return await self._to_operator("no answer")
            case Mode.LISTENING:
                return await self._on_silence()
            case Mode.FAREWELL | Mode.VOICEMAIL:
                return self._leave(Next.DONE, "all said")
            case Mode.SAYING:
                return None

    def _leave(self, where: Next, reason: str) -> Next:
        self.reason = self.reason or reason
        return where

    # -- the caller's voice ---------------------------------------------------------------------------

    def _on_slot(self, slot: bytes) -> None:
        self._spool.write(slot)
        for sign in self._ear.hear(slot):
            if sign is Sign.BEGAN:
                self._dictation = Dictation(self._desk.words, self._likely())
            if sign is Sign.ENDED:
                self._take_utterance()
            else:
                self._happenings.put_nowait(sign)
        self._slots += 1
        if self._dictation is not None and self._slots % FED_SLOTS == 0:
            self._dictation.feed(self._ear.take_fresh())

    def _take_utterance(self) -> None:
        """The utterance that just ended, on its way to become words."""
        utterance, dictation = self._ear.last, self._dictation
        fresh = self._ear.take_fresh()
        self._dictation = None
        if utterance is None:
            return
        if dictation is None:
            dictation = Dictation(self._desk.words, self._likely())
            fresh = utterance.pcm
        dictation.feed(fresh)
        self._ended_at = self._loop.time()
        self._taken += 1
        self._open[self._taken] = (utterance, as_wav(utterance.pcm))
        self._background(self._recognise(self._taken, dictation, self._spool.position))

    async def _recognise(self, number: int, dictation: Dictation, position: int) -> None:
        utterance, wav = self._open[number]
        try:
            transcript = await dictation.finish(wav)
        except Exception:  # whatever a recognizer does wrong, the sound goes on, and a person listens
            log.exception("recognizer_failed")
            transcript = None
        self._happenings.put_nowait(Heard(number, utterance, wav, transcript, position))

    async def _on_sign(self, sign: Sign) -> Next | None:
        if sign is Sign.SUSTAINED and self._may_interrupt():
            self._media.stop()
        if sign is Sign.PAUSED and self._dictation is not None and not wants_few_words(self._last):
            self._background(self._ask_whether_complete(self._dictation))
        return None

    async def _ask_whether_complete(self, dictation: Dictation) -> None:
        """An older caller thinks between words and is given time, unless all was said already."""
        words = await dictation.partial()
        if not words or not await self._desk.is_complete(words):
            return
        await asyncio.sleep(max(0.0, self._timing.complete_end - self._timing.pause))
        if self._dictation is dictation and self._ear.pausing:
            self._happenings.put_nowait(COMPLETE)

    async def _finish_utterance(self) -> Next | None:
        if self._ear.finish() is not None:
            self._take_utterance()
        return None

    def _may_interrupt(self) -> bool:
        playing = self._playback
        return (
            playing is not None
            and self._mode in (Mode.SAYING, Mode.FAREWELL)
            and self._interruptible
            and playing.played_s >= self._timing.protected
        )

    async def _on_heard(self, heard: Heard) -> Next | None:
        self._open.pop(heard.number, None)
        if heard.utterance.voice_s < self._timing.sustained and self._mode is Mode.SAYING:
            return None  # “dạ”, a cough: the prompt goes on
        if self._mode is Mode.VOICEMAIL:
            return await self._keep_voicemail(heard)
        if heard.transcript is None and self._desk.words.recognizer is None:
            return await self._only_recorded(heard)
        if heard.transcript is not None and not heard.transcript.text:
            return await self._on_no_words(heard)
        self._silences = self._failures = 0
        self._drop_held()
        if self._mode is not Mode.SAYING:
            self._turn_to(Mode.WORKING)
        await self._keep(wav=heard.wav)
        self._spool.accepted(heard.position, self._desk.clock.now())
        return None

    async def _on_no_words(self, heard: Heard) -> Next | None:
        """A noise, or a voice nobody can make out: the audio is kept, the question comes again."""
        if self._held is not None:
            return await self._release_held()
        enough = heard.utterance.voice_s >= NO_WORDS_S or self._pushed_to_talk
        if enough:
            self._unheard.append(heard.wav)
        if self._mode in (Mode.SAYING, Mode.WORKING):
            return None
        if not enough:
            self._turn_to(self._mode)
            return None
        self._failures += 1
        if self._failures >= FAILURES:
            return await self._to_operator("not understood")
        wording = self._desk.wording
        self._speak(f"{wording.say('not_heard')}\n{shorter(self._last, wording)}", slow=True)
        return None

    async def _on_silence(self) -> Next | None:
        """Nothing was heard: slower and shorter, then keys, then a person."""
        self._silences += 1
        if self._silences >= SILENCES:
            return await self._to_operator("silence")
        ask_again = shorter if self._silences == 1 else keys_only
        self._speak(ask_again(self._last, self._desk.wording), slow=True)
        return None

    # -- keys -----------------------------------------------------------------------------------------

    async def _on_key(self, key: str) -> Next | None:
        self._keyed = True
        self._silences = 0
        if key == "#":
            return await self._finish_utterance()
        if self._mode is Mode.VOICEMAIL:
            return None
        self._media.stop()
        if key == "0":
            return await self._ask_for_person()
        if key == "*":
            self._speak(self._last_text, slow=True, after=self._last_after)
            return None
        choices = keyed_choices(self._last) if self._last is not None else ()
        if key.isdigit() and 1 <= int(key) <= len(choices) and self._last is not None:
            return await self._press(choices[int(key) - 1].value, self._last.turn)
        if key == "1" and not choices:
            return await self._push_to_talk()
        self._speak(self._desk.wording.say("no_such_key"), after=self._last_after)
        return None

    async def _press(self, value: str, turn: int) -> Next | None:
        await self._forget_voice()
        self._ended_at = self._loop.time()
        self._turn_to(Mode.WORKING)
        await self._keep(choice=value, choice_turn=turn)
        return None

    async def _ask_for_person(self) -> Next | None:
        """Key 0: the talk is told, and when it does not answer soon the caller goes all the same."""
        try:
            await self._press(PERSON, self._last.turn if self._last else 0)
        except NotKept:
            return await self._to_operator("key 0")
        self._limit = self._timing.operator_limit
        return None

    async def _push_to_talk(self) -> Next | None:
        await self._forget_voice()
        self._pushed_to_talk = True

        async def begin() -> Next | None:
            self._set_patience()
            self._ear.begin()
            self._turn_to(Mode.LISTENING)
            return None

        self._speak(self._desk.wording.say("speak_now"), after=begin)
        return None

    async def _forget_voice(self) -> None:
        """What was being said when a key was pressed does not matter any more."""
        self._ear.forget()
        dictation, self._dictation = self._dictation, None
        if dictation is not None:
            self._background(dictation.drop())

    # -- speaking -------------------------------------------------------------------------------------

    async def _on_letter(self, letter: Letter) -> Next | None:
        leaving = self._mode is Mode.SAYING and not self._interruptible and self._letter is None
        if self._mode is Mode.VOICEMAIL or leaving:
            letter.settle("overtaken")
            return None
        if self._ear.sustained and letter.message.then is None and self._greeted:
            self._drop_held()
            self._held = letter
            self._loop.call_later(HOLD_S, self._happenings.put_nowait, HELD_LONG)
            return None
        return await self._deliver(letter)

    async def _deliver(self, letter: Letter) -> Next | None:
        message = letter.message
        if message.then is Then.OPERATOR and not self._desk.operators_there():
            letter.settle("overtaken")
            return await self._to_operator("asked")
        again = self._offers_only_person(message)
        self._last = message
        self._pushed_to_talk = False
        text = spoken_text(message, self._desk.wording)
        after = self._what_follows(message.then)
        if again and after is None:
            letter.settle("overtaken")
            return await self._to_operator("not understood")
        self._last_text, self._last_after = text, after
        self._speak(text, letter=letter, after=after, interruptible=self._greeted)
        self._greeted = True
        return None

    def _what_follows(self, then: Then | None) -> _After:
        match then:
            case Then.OPERATOR:
                return lambda: self._to_operator("asked", announced=True)
            case Then.EMERGENCY:
                return lambda: self._to_operator("emergency", announced=True)
            case Then.END:
                return self._say_farewell
            case None:
                return None

    def _offers_only_person(self, message: Outbound) -> bool:
        """The talk gives up: for the second time it understood nothing."""
        return self._greeted and [choice.value for choice in message.choices] == [PERSON]

    async def _release_held(self) -> Next | None:
        letter, self._held = self._held, None
        return None if letter is None else await self._deliver(letter)

    def _drop_held(self) -> None:
        """The caller has said more meanwhile; the answer to that is the one that counts."""
        letter, self._held = self._held, None
        if letter is not None:
            letter.settle("overtaken")

    def _speak(
        self,
        text: str,
        *,
        slow: bool = False,
        interruptible: bool = True,
        back_to_work: bool = False,
        letter: Letter | None = None,
        after: _After = None,
    ) -> None:
        """Begin to say something; what was being said is cut off."""
        if self._letter is not None:
            self._letter.settle("interrupted")
        self._letter = letter
        playback = self._media.play()
        self._playback = playback
        self._interruptible = interruptible
        self._after = after
        lead = self._timing.after_key if self._keyed else 0.0
        self._keyed = False
        if not back_to_work:
            self._turn_to(Mode.SAYING)
            if self._ended_at is not None:
                self.answer_times.append(self._loop.time() - self._ended_at)
                self._ended_at = None
        self._set_patience()
        playback.done.add_done_callback(
            lambda done: self._happenings.put_nowait(Said(playback, done.result()))
        )
        self._background(self._render(text, playback, slow=slow, lead=lead))

    async def _render(self, text: str, playback: Playback, *, slow: bool, lead: float) -> None:
        try:
            await self._desk.prompts.speak(text, playback, slow=slow, lead=lead)
        except SynthesisFailed as error:
            self._happenings.put_nowait(error)

    async def _on_said(self, said: Said) -> Next | None:
        if said.playback is not self._playback:
            return None
        self._playback = None
        letter, self._letter = self._letter, None
        if letter is not None:
            letter.settle("heard" if said.whole else "interrupted")
        after, self._after = self._after, None
        if self._mode is not Mode.SAYING:
            return None
        if after is not None:
            return await after()
        self._turn_to(Mode.LISTENING)
        return None

    async def _say_farewell(self) -> Next | None:
        self._turn_to(Mode.FAREWELL)
        return None

    # -- to a person ----------------------------------------------------------------------------------

    async def _to_operator(self, reason: str, *, announced: bool = False) -> Next | None:
        """A person takes over; when none is there, the caller leaves a message."""
        if reason != "emergency" and not self._desk.operators_there():
            return self._ask_for_message(reason)
        if announced:
            return self._leave(Next.OPERATOR, reason)

        async def leave() -> Next | None:
            return self._leave(Next.OPERATOR, reason)

        self._speak(self._desk.wording.say("to_operator"), interruptible=False, after=leave)
        return None

    def _ask_for_message(self, reason: str) -> Next | None:

        async def begin() -> Next | None:
            self._ear.forget()
            self._ear.patience = message_patience(self._timing)
            self._ear.begin()
            self._turn_to(Mode.VOICEMAIL)
            return None

        log.info("call_to_voicemail", reason=reason)
        words = message_request(self._desk.wording, self.caller.number, self._desk.spell)
        self._speak(words, interruptible=False, after=begin)
        return None

    async def _keep_voicemail(self, heard: Heard) -> Next | None:
        if heard.utterance.voice_s < self._timing.sustained:
            return self._leave(Next.DONE, "no message")
        await self._keep(wav=heard.wav)
        self._spool.accepted(heard.position, self._desk.clock.now())
        return self._end_with("voicemail_kept")

    async def _only_recorded(self, heard: Heard) -> Next | None:
        """No recognizer is there: what was said is kept, an officer listens and calls back."""
        await self._keep(wav=heard.wav)
        return self._end_with("recorded")

    def _end_with(self, key: str) -> Next | None:
        async def leave() -> Next | None:
            return self._leave(Next.DONE, key)

        self._speak(self._desk.wording.say(key), interruptible=False, after=leave)
        return None

    # -- keeping --------------------------------------------------------------------------------------

    async def _keep(
        self, *, kind: InboundKind = InboundKind.MESSAGE, wav: bytes = b"", choice: str | None = None,
        choice_turn: int | None = None,
    ) -> None:  # fmt: skip
        self._events += 1
        await self._desk.keep(
            self.address, f"{self.call_id}:{self._events}", caller=self.caller, wav=wav, kind=kind,
            choice=choice, choice_turn=choice_turn, later=self._events,
        )  # fmt: skip

    async def _wind_up(self, hearing: asyncio.Task[None]) -> None:
        """The last words and the hang-up are kept; when that fails, the next start finds them on disk."""
        self._media.stop()
        rest = self._ear.finish()
        await self._media.hang_up()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        self._desk.activities.give_back(self._activity)
        self._settle_all()
        last = [wav for utterance, wav in self._open.values() if self._is_speech(utterance)]
        if rest is not None and self._is_speech(rest):
            last.append(as_wav(rest.pcm))
        try:
            for wav in (*self._unheard, *last):
                await self._keep(wav=wav)
            await self._keep(kind=InboundKind.HUNG_UP)
        except NotKept:
            log.error("call_left_on_disk", call=self.call_id)  # noqa: TRY400
            self._spool.flush()
            return
        finally:
            await self._forget_voice()
            await self._end_tasks()
        await asyncio.to_thread(self._spool.discard)
        if self._desk.send_receipt is not None:
            await self._desk.send_receipt(self.address, self.caller, self._started_at)

    def _settle_all(self) -> None:
        """Answers that nobody heard."""
        while not self._happenings.empty():
            happening = self._happenings.get_nowait()
            if isinstance(happening, Letter):
                happening.settle("unheard")
        for letter in (self._letter, self._held):
            if letter is not None:
                letter.settle("unheard")

    async def _end_tasks(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _is_speech(self, utterance: Utterance) -> bool:
        return utterance.voice_s >= self._timing.sustained

    # -- small things ---------------------------------------------------------------------------------

    def _on_gone(self, reason: str) -> None:
        self._gone = reason
        self._happenings.put_nowait(GONE)

    def _set_patience(self) -> None:
        self._ear.patience = patience_for(self._last, self._timing, pushed_to_talk=self._pushed_to_talk)

    def _likely(self) -> tuple[str, ...]:
        return likely_words(self._last, self._desk.wording)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
