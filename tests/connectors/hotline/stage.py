"""A stage for calls: the whole program around the hotline on a real store, with a scripted voice.

A voice is a tone; the recognizer tells the words from its pitch, so what it hears really came over the line.
It takes about as long as the real one: a tenth of the utterance.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from connectors.hotline.bridge import BridgeSettings
from connectors.hotline.hotline import Hotline, House, open_hotline
from connectors.hotline.sound import loudness
from connectors.hotline.wording import Timing, Wording, load_wording
from core.clock import WallClock
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.speech import Transcript
from core.storage import Store
from core.storage.schema import inbox, reports
from core.worker import Worker
from tests.connectors.hotline.emulator import Caller
from tests.connectors.hotline.script import MATTER, Step, Telephone, play
from tests.core.stage import PROVINCE, province

__all__ = ["MATTER", "HotlineStage", "pitch_of", "tone"]
FIRST_HZ, STEP_HZ = 400.0, 60.0
QUICK = Timing(
    open_end=0.4, complete_end=0.3, short_end=0.3, pause=0.2, open_longest=6.0, short_longest=3.0,
    no_input=0.8, farewell=0.3, working=3.0, answer_limit=15.0, operator_limit=1.5, sustained=0.25,
    protected=0.05, after_key=0.06, voicemail_end=0.5, voicemail_longest=4.0, between=0.04,
    between_slow=0.06,
)  # fmt: skip


def tone(hertz: float, seconds: float, loud: float = 8000.0) -> bytes:
    times = np.arange(round(8000 * seconds)) / 8000
    return bytes((loud * np.sin(2 * np.pi * hertz * times)).astype("<i2").tobytes())


def pitch_of(pcm: bytes) -> float:
    samples = np.frombuffer(pcm, "<i2").astype(float)
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(power)) * 8000 / len(samples)


class Voices:
    """Words with a pitch each; also the recognizer that knows them (fills core.speech.LiveRecognizer)."""

    def __init__(self, pace: float = 0.1) -> None:
        self.words: list[str] = []
        self.pace = pace
        self.biases: list[tuple[str, ...]] = []
        self.heard: list[str] = []

    def voice(self, words: str, seconds: float = 0.7) -> bytes:
        if words not in self.words:
            self.words.append(words)
        return tone(FIRST_HZ + STEP_HZ * self.words.index(words), seconds)

    def read(self, pcm: bytes) -> Transcript:
        number = round((pitch_of(pcm) - FIRST_HZ) / STEP_HZ)
        words = self.words[number] if 0 <= number < len(self.words) else ""
        self.heard.append(words)
        return Transcript(words, 0.97, engine="scripted", seconds=len(pcm) / 16_000)

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        pcm = audio[44:]
        await asyncio.sleep(self.pace * len(pcm) / 16_000)
        return self.read(pcm)

    async def listen(self, rate: int = 8000, bias: Sequence[str] = ()) -> Utterance:
        self.biases.append(tuple(bias))
        return Utterance(self)


class Utterance:
    def __init__(self, voices: Voices) -> None:
        self.voices, self.pcm = voices, bytearray()

    async def feed(self, pcm: bytes) -> None:
        self.pcm += pcm

    async def partial(self) -> str:
        return self.voices.read(bytes(self.pcm)).text

    async def finish(self) -> Transcript:
        await asyncio.sleep(0.04)
        return self.voices.read(bytes(self.pcm))

    async def drop(self) -> None:
        self.pcm.clear()


class LoudActivity:
    """Voice is what is loud; fills core.speech.VoiceActivity."""

    rate, window = 8000, 256

    def chance(self, pcm: bytes) -> float:
        return 0.95 if loudness(pcm) > 500 else 0.02

    def reset(self) -> None:
        return


class Speaker:
    """Says a tone for each sentence, and keeps what it said (fills core.speech.Synthesizer)."""

    def __init__(self, seconds: float = 0.08) -> None:
        self.said: list[str] = []
        self.sentences = 0
        self.seconds = seconds

    async def say(self, text: str) -> bytes:
        self.said.append(text)
        self.sentences += 1
        return tone(250.0, self.seconds, 6000.0)


class HotlineStage:
    """One process of the program with a hotline; callers ring it over real sockets."""

    def __init__(
        self, store: Store, folder: Path, *, timing: Timing = QUICK, operators: str = "always",
        recognizer: Any = True, most_calls: int = 20, texting: Any = None, watchdog_s: float = 0.0,
        clock: Any = None, activity: Any = LoudActivity, websocket: bool = False,
    ) -> None:  # fmt: skip
        pack, phrases, plain = province()
        self.store, self.folder = store, folder
        self.voices, self.speaker = Voices(), Speaker()
        self.clock = clock or WallClock()
        self.media = FolderMediaStore(folder / "media")
        self.wording: Wording = replace(load_wording(PROVINCE), timing=timing, operators=operators)
        channels: dict[str, Any] = {}
        hearing = Hearing(store, channels, plain, plain, pack, phrases, self.media)
        self.worker = Worker(store, hearing, self.clock, Quiet(live=frozenset({"hotline"})), concurrent=40)
        self.delivery = Delivery(store, channels, self.clock, self.worker.outbox_wake, concurrent=40)
        self.hotline: Hotline = open_hotline(
            House(store, self.worker.accept, self.media, pack, phrases, plain, self.clock),
            recognizer=self.voices if recognizer is True else recognizer,
            synthesizer=self.speaker, activity=activity, wording=self.wording, folder=folder / "calls",
            bridge=BridgeSettings(
                agi_port=0, audio_port=0, most_calls=most_calls, websocket_port=0 if websocket else None
            ),
            texting=texting,
            watchdog_s=watchdog_s,
        )  # fmt: skip
        channels["hotline"] = self.hotline.channel
        hearing.recognizer = self.hotline.words
        self.hearing = hearing

    @asynccontextmanager
    async def open(self) -> AsyncIterator[HotlineStage]:
        tasks = [asyncio.create_task(self.worker.run()), asyncio.create_task(self.delivery.run())]
        await self.hotline.start()
        try:
            yield self
        finally:
            await self.hotline.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def ring(self, **values: Any) -> Caller:
        caller = Caller(self.hotline.bridge.agi_port, **values)
        await caller.ring()
        return caller

    async def call(self, *steps: Step, **line: Any) -> Caller:
        """One whole call by itself, and all that comes of it."""
        async with self.open():
            caller = await self.ring(**line)
            await play(self, caller, *steps)
            await self.settled()
        return caller

    async def prompt(self, words: str, within_s: float = 20.0) -> None:
        """Wait until a sentence with these words was begun, and the prompt is over."""
        async with asyncio.timeout(within_s):
            while not any(words in said for said in self.speaker.said):
                await asyncio.sleep(0.02)
        self.speaker.said.clear()

    async def quiet(self, caller: Telephone, within_s: float = 20.0) -> None:
        """Wait until nothing is heard any more."""
        async with asyncio.timeout(within_s):
            await asyncio.sleep(0.1)
            silent = 0
            while silent < 15:
                silent = 0 if caller.is_heard_now() else silent + 1
                await asyncio.sleep(0.02)

    async def settled(self) -> None:
        """Wait until nothing waits in the inbox."""
        async with asyncio.timeout(10):
            while await self.count(inbox, state="waiting"):
                await asyncio.sleep(0.05)

    async def count(self, table: sa.Table, **equal: Any) -> int:
        where = [table.c[name] == value for name, value in equal.items()]
        statement = sa.select(sa.func.count()).select_from(table).where(*where)
        return int(await self.store.read(lambda conn: conn.execute(statement).scalar_one()))

    async def reports(self) -> list[Any]:
        statement = sa.select(reports).order_by(reports.c.id)
        return await self.store.read(lambda conn: list(conn.execute(statement).mappings().all()))

    async def rows(self, table: sa.Table) -> list[Any]:
        return await self.store.read(lambda conn: list(conn.execute(sa.select(table)).mappings().all()))
