"""One call: it listens, lets the talk decide, and speaks. What is said goes the way of every message.

Each utterance is an event in the inbox, its sound kept first (`record.py`); each answer is a row of the
outbox, sent when it was played (`channel.py`). Only what the talk knows nothing of is decided here: silence,
noise, keys, who may interrupt whom, and that the caller ends at a person when the machine does not get on.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog

from connectors.hotline.afterwards import After, Go, Leave, Line, Next, ToPerson, what_follows
from connectors.hotline.answers import HeldLetter, Letter
from connectors.hotline.caller import Caller
from connectors.hotline.callers_voice import CallersVoice
from connectors.hotline.desk import Desk, NotKept
from connectors.hotline.ear import Sign
from connectors.hotline.errands import Errands
from connectors.hotline.happenings import Event, Happenings, Heard, Said
from connectors.hotline.keys import CODE_LENGTH, FEWEST_DIGITS, FINISHED, Chosen, Key, begins_code, read_key
from connectors.hotline.ladder import Ladder
from connectors.hotline.media import CallMedia, Listener
from connectors.hotline.moment import AnswerTimes, Mode, Moment
from connectors.hotline.mouth import Mouth
from connectors.hotline.persons import last_line, message_patience, way_to_person
from connectors.hotline.record import CallRecord
from connectors.hotline.spoken import PERSON, offers_only_person, spoken_text, wants_few_words
from core.message import Address, Outbound, Then
from core.speech import SynthesisFailed

NO_WORDS_S = 0.8
"""Voice of so many seconds in which no words were found is kept for a person to listen to."""

log = structlog.get_logger(__name__)


class Call:
    """Runs once, by `run`; `say` may be called from outside while it does."""

    def __init__(self, desk: Desk, media: CallMedia, caller: Caller, address: Address, call_id: str) -> None:
        self.address = address
        self.caller = caller
        self.call_id = call_id
        self.reason = ""
        self.answer_times = AnswerTimes()
        self._desk = desk
        self._media = media
        self._timing = desk.wording.timing
        self._errands = Errands()
        self._happenings = Happenings()
        tell = self._happenings.tell
        self._record = CallRecord(desk, address, caller, call_id)
        self._voice = CallersVoice(desk, self._record.spool, self._errands, tell, self.answer_times.asked)
        self._mouth = Mouth(media, desk.prompts, self._errands, tell, self._timing.after_key)
        self._moment = Moment(self._timing)
        self._ladder = Ladder(desk.wording)
        self._held = HeldLetter(lambda: tell(Event.HELD_LONG))
        self._asked: Outbound | None = None
        """The last message of the talk, and how it was said."""
        self._line = Line(text="")
        self._pushed_to_talk = False
        self._code = ""
        """The digits of a report's code that were keyed so far."""
        self._gone = ""

    # -- from outside ---------------------------------------------------------------------------------

    async def say(self, message: Outbound) -> str:
        """Say an answer of the talk; what became of it: heard, interrupted, overtaken or unheard."""
        if self._gone or self.reason:
            return "unheard"
        letter = Letter(message, asyncio.get_running_loop().create_future())
        self._happenings.tell(letter)
        return await letter.receipt

    async def run(self) -> Next:
        """The whole call, from the greeting until somebody goes. Never raises but for cancellation."""
        listener = Listener(self._voice.take_slot, self._happenings.tell, self._on_gone)
        hearing = asyncio.create_task(self._media.run(listener))
        try:
            outcome = await self._converse()
        except NotKept:
            outcome = self._leave(Leave(Next.OPERATOR, "not kept"))
        except SynthesisFailed as error:
            log.exception("call_cannot_speak", error=str(error))
            outcome = self._leave(Leave(Next.OPERATOR, "cannot speak"))
        finally:
            self.reason = self.reason or "cancelled"
            await self._wind_up(hearing)
        return outcome

    def _on_gone(self, reason: str) -> None:
        self._gone = reason
        self._happenings.tell(Event.GONE)

    # -- the loop -------------------------------------------------------------------------------------

    async def _converse(self) -> Next:
        await self._record.begin()
        while True:
            outcome = await self._step()
            if outcome is not None:
                return outcome

    async def _step(self) -> Next | None:
        happening = await self._happenings.next(self._moment.time_left(speaking=self._voice.speaking))
        match happening:
            case None:
                return await self._on_nothing()
            case str(key):
                return await self._on_key(key)
            case Sign() as sign:
                return self._on_sign(sign)
            case Letter() as letter:
                return self._on_letter(letter)
            case Heard() as heard:
                return await self._on_heard(heard)
            case Said() as said:
                return self._on_said(said)
            case Event() as event:
                return self._on_event(event)
            case error:
                raise error

    def _on_event(self, event: Event) -> Next | None:
        match event:
            case Event.GONE:
                return self._leave(Leave(Next.DONE, self._gone))
            case Event.COMPLETE:
                self._voice.finish()
                return None
            case Event.HELD_LONG:
                return self._release_held()

    async def _on_nothing(self) -> Next | None:
        """Nothing has happened for as long as it may."""
        match self._moment.mode:
            case Mode.WORKING if self._moment.excuse():
                return self._say(Line(text=self._desk.wording.say("working"), waiting=True))
            case Mode.WORKING:
                return self._to_person("no answer")
            case Mode.LISTENING if self._code:
                return await self._end_code()
            case Mode.LISTENING:
                return self._say_or(self._ladder.on_silence(self._asked), "silence")
            case Mode.FAREWELL | Mode.VOICEMAIL:
                return self._leave(Leave(Next.DONE, "all said"))
            case Mode.SAYING:
                return None

    # -- the caller speaks ----------------------------------------------------------------------------

    def _on_sign(self, sign: Sign) -> Next | None:
        if sign is Sign.SUSTAINED and self._moment.mode in (Mode.SAYING, Mode.FAREWELL):
            self._mouth.interrupt(self._timing.protected)
        if sign is Sign.PAUSED and not wants_few_words(self._asked):
            self._voice.ask_whether_complete()
        return None

    async def _on_heard(self, heard: Heard) -> Next | None:
        self._voice.taken_up(heard)
        if self._moment.mode is Mode.SAYING and not self._voice.is_speech(heard.utterance):
            return None  # “dạ”, a cough: the prompt goes on
        if self._moment.mode is Mode.VOICEMAIL:
            return await self._keep_message(heard)
        if heard.transcript is None and self._desk.words.recognizer is None:
            # no recognizer is there: what was said is kept, an officer listens and calls back
            await self._record.keep_voice(heard.wav, heard.position)
            return self._say(last_line(self._desk.wording, "recorded"))
        if heard.transcript is not None and not heard.transcript.text:
            return self._on_no_words(heard)
        self._ladder.on_words()
        self._held.drop()
        self._code = ""
        if self._moment.mode is not Mode.SAYING:
            self._moment.turn_to(Mode.WORKING)
        await self._record.keep_voice(heard.wav, heard.position)
        return None

    def _on_no_words(self, heard: Heard) -> Next | None:
        """A noise, or a voice nobody can make out: the audio is kept, the question comes again."""
        if self._held.waits:
            return self._release_held()
        enough = self._pushed_to_talk or heard.utterance.voice_s >= NO_WORDS_S
        if enough:
            self._record.set_aside(heard.wav)
        if self._moment.mode in (Mode.SAYING, Mode.WORKING):
            return None
        if not enough:
            self._moment.turn_to(self._moment.mode)
            return None
        return self._say_or(self._ladder.on_noise(self._asked), "not understood")

    async def _keep_message(self, heard: Heard) -> Next | None:
        if not self._voice.is_speech(heard.utterance):
            return self._leave(Leave(Next.DONE, "no message"))
        await self._record.keep_voice(heard.wav, heard.position)
        return self._say(last_line(self._desk.wording, "voicemail_kept"))

    # -- keys -----------------------------------------------------------------------------------------

    async def _on_key(self, pressed: str) -> Next | None:
        self._mouth.on_key()
        self._ladder.on_key()
        if self._code or (begins_code(pressed, self._asked) and self._moment.mode is not Mode.VOICEMAIL):
            return await self._on_digit(pressed)
        if pressed == FINISHED:
            self._voice.finish()
            return None
        if self._moment.mode is Mode.VOICEMAIL:
            return None
        self._mouth.stop()
        match read_key(pressed, self._asked):
            case Key.PERSON:
                return await self._ask_for_person()
            case Key.AGAIN:
                return self._say(replace(self._line, slow=True, interruptible=True))
            case Key.TALK:
                self._voice.forget()
                self._pushed_to_talk = True
                return self._say(Line(text=self._desk.wording.say("speak_now"), then=Go.TALK))
            case Chosen(value, turn):
                return await self._choose(value, turn)
            case Key.UNUSED:
                return self._say(Line(text=self._desk.wording.say("no_such_key"), then=self._line.then))

    async def _on_digit(self, pressed: str) -> Next | None:
        """One more digit of a code; # ends it."""
        if pressed.isdigit():
            self._code += pressed
        if len(self._code) >= CODE_LENGTH or not pressed.isdigit():
            return await self._end_code()
        self._mouth.stop()
        self._moment.turn_to(Mode.LISTENING)  # a call that was about to end waits for the rest
        return None

    async def _end_code(self) -> Next | None:
        """The code that was keyed goes to the talk; a digit or two were keys pressed by mistake."""
        code, self._code = self._code, ""
        if len(code) < CODE_LENGTH:
            key = "no_such_key" if len(code) < FEWEST_DIGITS else "code_short"
            return self._say(Line(text=self._desk.wording.say(key), then=self._line.then))
        self._voice.forget()
        self.answer_times.asked()
        self._moment.turn_to(Mode.WORKING)
        await self._record.keep_code(code)
        return None

    async def _choose(self, value: str, turn: int) -> Next | None:
        self._voice.forget()
        self.answer_times.asked()
        self._moment.turn_to(Mode.WORKING)
        await self._record.keep_choice(value, turn)
        return None

    async def _ask_for_person(self) -> Next | None:
        """Key 0: the talk is told, and when it does not answer soon the caller goes all the same."""
        try:
            await self._choose(PERSON, self._asked.turn if self._asked else 0)
        except NotKept:
            return self._to_person("key 0")
        self._moment.expect_answer_within(self._timing.operator_limit)
        return None

    # -- answers of the talk --------------------------------------------------------------------------

    def _on_letter(self, letter: Letter) -> Next | None:
        leaving = self._moment.mode is Mode.SAYING and self._mouth.leads_away
        if self._moment.mode is Mode.VOICEMAIL or leaving:
            letter.settle("overtaken")
            return None
        greeted = self._asked is not None
        if self._voice.sustained and letter.message.then is None and greeted:
            self._held.hold(letter)
            return None
        return self._deliver(letter)

    def _deliver(self, letter: Letter) -> Next | None:
        message, greeted = letter.message, self._asked is not None
        if message.then is Then.OPERATOR and not self._desk.operators_there():
            letter.settle("overtaken")
            return self._to_person("asked")
        self._asked = message
        self._pushed_to_talk = False
        if greeted and message.then is None and offers_only_person(message):
            letter.settle("overtaken")  # for the second time the talk has understood nothing
            return self._to_person("not understood")
        self._line = Line(
            text=spoken_text(message, self._desk.wording),
            then=what_follows(message.then),
            slow=message.slowly,
            interruptible=greeted,  # the greeting names the machine and the recording: it is heard out
        )
        return self._say(self._line, letter)

    def _release_held(self) -> Next | None:
        letter = self._held.take()
        return None if letter is None else self._deliver(letter)

    # -- speaking -------------------------------------------------------------------------------------

    def _say(self, line: Line, letter: Letter | None = None) -> Next | None:
        """Begin to say something; what was being said is cut off. The call goes on."""
        if not line.waiting:
            self._moment.turn_to(Mode.SAYING)
            self.answer_times.answered()
        self._voice.expect(self._asked, pushed_to_talk=self._pushed_to_talk)
        self._mouth.say(line, letter)
        return None

    def _say_or(self, line: Line | None, reason: str) -> Next | None:
        """Say it; a person takes over when there is nothing left to say."""
        return self._to_person(reason) if line is None else self._say(line)

    def _on_said(self, said: Said) -> Next | None:
        after = self._mouth.over(said)
        if after is None or self._moment.mode is not Mode.SAYING:
            return None
        return self._go_on(after)

    def _go_on(self, after: After) -> Next | None:
        match after:
            case Leave():
                return self._leave(after)
            case ToPerson(reason):
                return self._to_person(reason, announced=True)
            case Go.LISTEN:
                self._moment.turn_to(Mode.LISTENING)
            case Go.TALK:
                self._voice.begin()
                self._moment.turn_to(Mode.LISTENING)
            case Go.TAKE_MESSAGE:
                self._voice.take_message(message_patience(self._timing))
                self._moment.turn_to(Mode.VOICEMAIL)
            case Go.FAREWELL:
                self._moment.turn_to(Mode.FAREWELL)
        return None

    # -- the end --------------------------------------------------------------------------------------

    def _to_person(self, reason: str, *, announced: bool = False) -> Next | None:
        way = way_to_person(self._desk, self.caller.number, reason, announced=announced)
        return self._leave(way) if isinstance(way, Leave) else self._say(way)

    def _leave(self, leave: Leave) -> Next:
        self.reason = self.reason or leave.reason
        return leave.where

    async def _wind_up(self, hearing: asyncio.Task[None]) -> None:
        self._mouth.stop()
        await self._media.hang_up()
        hearing.cancel()
        await asyncio.gather(hearing, return_exceptions=True)
        last_words = self._voice.close()
        self._happenings.close()
        self._mouth.settle("unheard")
        self._held.drop("unheard")
        try:
            await self._record.close(last_words)
        finally:
            await self._errands.end()
