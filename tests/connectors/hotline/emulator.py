"""A caller behind an Asterisk 22, for tests and benchmarks: what a bridge can rely on and what it cannot.

Written after measurements of a real one (PJSIP, A-law): frames go straight to the caller's ear, the payload
of a frame must follow its header within 5 ms, two seconds without a frame in either direction end the call,
a key makes a hole of 140 ms, DTX makes silence cost no frames, and a hang-up is nothing but the stream's end.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from connectors.hotline.sound import SLOT_BYTES, SLOT_S, loudness
from speech.g711 import to_alaw

SLIN, DTMF, HANG_UP, UUID = 0x10, 0x03, 0x00, 0x01
PAYLOAD_S = 0.005
IDLE_S = 2.0
KEY_HOLE = 7
JITTER_S, JITTER_MOST_S = 0.06, 0.2
LOUD = 300.0
COMFORT = struct.pack("<160h", *([6, -6] * 80))
"""The soft noise of an open line."""


@dataclass
class Line:
    """How this caller's line behaves. `dtx`: no frames while silent; `alaw`: Dial without c(slin); `pieces`:
    sizes of frames in bytes, in turn."""

    dtx: bool = False
    alaw: bool = False
    pieces: tuple[int, ...] = (SLOT_BYTES,)
    kind: int = SLIN


@dataclass
class HeardSound:
    """What reached the caller: the sound slot by slot, and how many slots had none in time."""

    pcm: bytes
    slots: int
    gaps: int

    @property
    def filled(self) -> float:
        return 1.0 - self.gaps / self.slots if self.slots else 0.0


class AudioSocketApp:
    """The application AudioSocket() on one channel. `run` gives what the application returns."""

    def __init__(self, call_id: bytes, host: str, port: int, line: Line) -> None:
        self.call_id, self.host, self.port, self.line = call_id, host, port, line
        self.arrived: list[tuple[float, bytes]] = []
        self.error = ""
        self.noise = False
        self.up = asyncio.Event()
        self._to_say: deque[bytes] = deque()
        self._quiet_slots = 0
        self._keys: deque[str] = deque()
        self._last_frame = 0.0
        self._silent = False
        self._writer: asyncio.StreamWriter | None = None
        self._hung_up = False
        self._bytes_due = 0.0
        self._turn = 0

    async def run(self) -> int:
        """0: the bridge ended it, the dialplan goes on. -1: refused, reset, timed out, or the caller gone."""
        try:
            async with asyncio.timeout(IDLE_S):
                reader, self._writer = await asyncio.open_connection(self.host, self.port)
        except (OSError, TimeoutError) as error:
            self.error = f"refused: {type(error).__name__}"
            return -1
        self._writer.write(struct.pack(">BH", UUID, 16) + self.call_id)
        self._last_frame = asyncio.get_running_loop().time()
        sending = asyncio.create_task(self._send())
        self.up.set()
        try:
            return await self._receive(reader)
        finally:
            sending.cancel()
            self._writer.close()

    # -- the caller's side ------------------------------------------------------------------------------

    def say(self, pcm: bytes) -> None:
        self._to_say.extend(pcm[at : at + SLOT_BYTES] for at in range(0, len(pcm), SLOT_BYTES))

    @property
    def talking(self) -> bool:
        return bool(self._to_say)

    def press(self, key: str) -> None:
        self._keys.append(key)

    def hang_up(self) -> None:
        """A plain end of the stream; Asterisk never sends 0x00."""
        self._hung_up = True
        if self._writer is not None:
            self._writer.close()

    def reset(self) -> None:
        """The connection is torn (RST)."""
        if self._writer is not None:
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._writer.transport.abort()

    def vanish(self) -> None:
        """Half open: nothing more comes, and nobody says so."""
        self._silent = True

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time()
        while True:
            deadline += SLOT_S
            await asyncio.sleep(max(0.0, deadline - loop.time()))
            if not self._silent:
                self._slot()

    def _slot(self) -> None:
        if self._quiet_slots:
            self._quiet_slots -= 1
            if not self._quiet_slots:
                self._frame(DTMF, self._keys.popleft().encode())
            return
        if self._keys:
            self._quiet_slots = KEY_HOLE
            return
        if self._to_say:
            self._audio(self._to_say.popleft())
        elif not self.line.dtx:
            self._audio(COMFORT)

    def _audio(self, pcm: bytes) -> None:
        if self.line.alaw:
            self._frame(SLIN, to_alaw(np.frombuffer(pcm, "<i2")))
            return
        while pcm:
            size = self.line.pieces[self._turn % len(self.line.pieces)]
            self._turn += 1
            self._frame(self.line.kind, pcm[:size])
            pcm = pcm[size:]

    def _frame(self, kind: int, payload: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._last_frame = asyncio.get_running_loop().time()
            self._writer.write(struct.pack(">BH", kind, len(payload)) + payload)

    # -- the bridge's side ------------------------------------------------------------------------------

    async def _receive(self, reader: asyncio.StreamReader) -> int:
        loop = asyncio.get_running_loop()
        while True:
            left = self._last_frame + IDLE_S - loop.time()
            if left <= 0:
                return self._fail("Reached timeout after 2000 ms")
            try:
                async with asyncio.timeout(left):
                    header = await reader.readexactly(3)
            except TimeoutError:
                continue
            except asyncio.IncompleteReadError:
                return -1 if self._hung_up else 0
            except OSError as error:
                return -1 if self._hung_up else self._fail(type(error).__name__)
            kind, length = struct.unpack(">BH", header)
            try:
                async with asyncio.timeout(PAYLOAD_S):
                    payload = await reader.readexactly(length)
            except TimeoutError:
                return self._fail("Poll timed out while waiting for data")
            except (asyncio.IncompleteReadError, OSError):
                return self._fail("frame cut off")
            self._last_frame = loop.time()
            if kind == HANG_UP:
                return 0
            problem = self._judge(kind, payload)
            if problem:
                return self._fail(problem)

    def _judge(self, kind: int, payload: bytes) -> str:
        if kind != SLIN:
            return f"frame of kind {kind:#x}"
        if not payload:
            return "audio without samples"
        if len(payload) > 32_000:
            return "Out of buffer space"
        self.noise = self.noise or len(payload) % 160 != 0
        self.arrived.append((self._last_frame, payload))
        return ""

    def _fail(self, why: str) -> int:
        self.error = why
        return -1

    def heard(self) -> HeardSound:
        """The caller's ear: frames through a jitter buffer that holds 200 ms at most."""
        if not self.arrived:
            return HeardSound(b"", 0, 0)
        first, last = self.arrived[0][0], self.arrived[-1][0]
        frames = deque(self.arrived)
        buffer, sound, gaps, slots = bytearray(), bytearray(), 0, 0
        now = first + JITTER_S
        while now <= last:
            while frames and frames[0][0] <= now:
                buffer += frames.popleft()[1]
            over = len(buffer) - round(JITTER_MOST_S / SLOT_S) * SLOT_BYTES
            if over > 0:
                del buffer[:over]
            if len(buffer) >= SLOT_BYTES:
                sound += buffer[:SLOT_BYTES]
                del buffer[:SLOT_BYTES]
            else:
                sound += bytes(SLOT_BYTES)
                gaps += 1
            slots += 1
            now += SLOT_S
        return HeardSound(bytes(sound), slots, gaps)

    def first_sound_after(self, moment: float) -> float | None:
        """When the first frame with something in it came after `moment` (loop time)."""
        return next((at for at, pcm in self.arrived if at > moment and loudness(pcm) > LOUD), None)

    def is_heard_now(self) -> bool:
        """Whether the last 100 ms had something in them."""
        return any(loudness(pcm) > LOUD for _, pcm in self.arrived[-5:])


@dataclass
class Caller:
    """One call through the dialplan of `connectors/hotline/asterisk/`. `where` is where it ended:
    "done", "operator" or "gone" (the caller hung up)."""

    agi_port: int
    number: str = "0900000123"
    presentation: str = "0"
    line: Line = field(default_factory=Line)
    variables: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    where: str = ""
    app: AudioSocketApp | None = None
    dials: Callable[[str], Any] | None = None
    """Makes the channel of Dial(WebSocket/…) for a query, where Asterisk has chan_websocket."""
    absolute_s: float = 5.0
    on_app: Callable[[AudioSocketApp], Awaitable[None]] | None = None
    _dialplan: asyncio.Task[None] | None = None
    _gone: bool = False
    _absolute: asyncio.TimerHandle | None = None
    _started: asyncio.Event = field(default_factory=asyncio.Event)

    async def ring(self) -> None:
        """Begin; returns when the sound is connected, or when the call is elsewhere already."""
        self._dialplan = asyncio.create_task(self._run())
        await self._started.wait()

    async def ended(self, within_s: float = 30.0) -> str:
        assert self._dialplan is not None
        async with asyncio.timeout(within_s):
            await asyncio.wait([self._dialplan])
        return self.where

    async def say(self, pcm: bytes) -> None:
        """Speak, and wait until it is said."""
        assert self.app is not None
        self.app.say(pcm)
        while self.app.talking:
            await asyncio.sleep(SLOT_S)

    def press(self, key: str) -> None:
        assert self.app is not None
        self.app.press(key)

    def is_heard_now(self) -> bool:
        return self.app is not None and self.app.is_heard_now()

    def hang_up(self) -> None:
        self._gone = True
        assert self.app is not None
        self.app.hang_up()

    # -- the dialplan -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        try:
            await self._agi()
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.variables["AGISTATUS"] = "FAILURE"
        finally:
            self.where = self._next()
            self._started.set()

    def _next(self) -> str:
        if self._gone:
            return "gone"
        return "done" if self.variables.get("BRIDGE_NEXT") == "done" else "operator"

    async def _agi(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.agi_port)
        told = {
            "network": "yes", "request": "agi://127.0.0.1", "channel": "PJSIP/trunk-00000001",
            "type": "PJSIP", "uniqueid": "1795000000.1", "callerid": self.number,
            "callingpres": self.presentation, "dnid": "19009038", "context": "hotline", "extension": "s",
        }  # fmt: skip
        writer.write("".join(f"agi_{name}: {value}\n" for name, value in told.items()).encode() + b"\n")
        session = asyncio.create_task(self._obey(reader, writer))
        frozen: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._arm(self.absolute_s, frozen)
        try:
            # AGIEXITONHANGUP=yes: TIMEOUT(absolute) ends even a frozen AGI, and leads to extension T
            await asyncio.wait([session, frozen], return_when=asyncio.FIRST_COMPLETED)
            if not session.done():
                self.variables["BRIDGE_NEXT"] = "T"
        finally:
            session.cancel()
            await asyncio.gather(session, return_exceptions=True)
            if self._absolute is not None:
                self._absolute.cancel()
            writer.close()

    def _arm(self, seconds: float, frozen: asyncio.Future[None]) -> None:
        if self._absolute is not None:
            self._absolute.cancel()
        self._frozen = frozen
        self._absolute = asyncio.get_running_loop().call_later(
            seconds, lambda: None if frozen.done() else frozen.set_result(None)
        )

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            self.commands.append(line)
            writer.write(f"{await self._do(line, writer)}\n".encode())
            await writer.drain()

    async def _do(self, line: str, writer: asyncio.StreamWriter) -> str:
        if self._gone:
            return "511 Command Not Permitted on a dead channel or intercept routine"
        if match := re.fullmatch(r'SET VARIABLE (\S+) "?([^"]*)"?', line):
            self.variables[match[1]] = match[2]
            if match[1] == "TIMEOUT(absolute)":
                self._arm(float(match[2]), self._frozen)
            return "200 result=1"
        if match := re.fullmatch(r'EXEC AudioSocket "?([0-9a-f-]{36}),([^:]+):(\d+)"?', line):
            call_id = bytes.fromhex(match[1].replace("-", ""))
            return await self._connect(AudioSocketApp(call_id, match[2], int(match[3]), self.line), writer)
        dial = re.fullmatch(r'EXEC Dial "WebSocket/kenhdan/c\(slin\)f\(json\)v\((.*)\),5,g"', line)
        if dial is not None and self.dials is not None:
            return await self._connect(self.dials(dial[1]), writer)
        return "510 Invalid or unknown command"

    async def _connect(self, app: Any, writer: asyncio.StreamWriter) -> str:
        """Run what brings the sound, to its end."""
        self.app = app
        running = asyncio.create_task(app.run())
        up = asyncio.create_task(app.up.wait())
        await asyncio.wait([running, up], return_when=asyncio.FIRST_COMPLETED)
        up.cancel()
        self._started.set()
        result = await running
        if self._gone:
            writer.write(b"HANGUP\n")
        return f"200 result={result}"
