"""The bridge: FastAGI and AudioSocket servers, which bring caller, sound and call together.

Asterisk asks over FastAGI what to do with a call; the bridge names an id and has Asterisk bring the sound to
AudioSocket under it. Only ids announced a moment ago are taken. When all lines are busy, or anything fails,
the answer is the operator: that is what the dialplan does with a caller in any case but "done".
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from connectors.hotline.afterwards import Next
from connectors.hotline.agi import Agi, AgiError
from connectors.hotline.call import Call
from connectors.hotline.caller import Caller, read_caller
from connectors.hotline.frames import UUID, FrameReader
from connectors.hotline.media import AudioSocketMedia, CallMedia

ANNOUNCED_S = 10.0
"""How long an announced id may wait for its sound."""
HELLO_S = 5.0
AGI_LINE = 8_192

log = structlog.get_logger(__name__)

OpenCall = Callable[[CallMedia, Caller, str], Call]
_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """Where the two servers listen, what Asterisk is told to connect to, how many calls at once, and after
    how many seconds Asterisk takes the caller to the operator whatever happens."""

    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    audio_host: str = "127.0.0.1"
    audio_port: int = 9092
    audio_public: str = ""
    most_calls: int = 20
    longest_call_s: int = 600


@dataclass(eq=False, slots=True)
class _Announced:
    caller: Caller
    outcome: asyncio.Future[Next]
    taken: bool = False


@dataclass(eq=False)
class Bridge:
    """`enter` and `leave` are told of every call; `calls` is how many are under way, `refused` how many were
    passed on to the operator because all lines were busy."""

    settings: BridgeSettings
    open_call: OpenCall
    enter: Callable[[Call], None]
    leave: Callable[[Call], None]
    prepare: Callable[[], Awaitable[None]]
    """Done before a call is opened, while Asterisk connects its sound."""
    refused: int = 0
    _announced: dict[str, _Announced] = field(default_factory=dict)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def calls(self) -> int:
        return len(self._announced)

    @property
    def agi_port(self) -> int:
        return int(self._servers[0].sockets[0].getsockname()[1])

    @property
    def audio_port(self) -> int:
        return int(self._servers[1].sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError when a port is taken."""
        settings = self.settings
        for handler, host, port, limit in (
            (self._control, settings.agi_host, settings.agi_port, AGI_LINE),
            (self._sound, settings.audio_host, settings.audio_port, 2**17),
        ):
            self._servers.append(await asyncio.start_server(self._tracked(handler), host, port, limit=limit))

    async def close(self) -> None:
        """Take no more calls; those under way go to the operator."""
        for server in self._servers:
            server.close()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    def _tracked(self, handler: _Handler) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]:
        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.create_task(handler(reader, writer))
            self._sessions.add(task)
            task.add_done_callback(self._sessions.discard)

        return connected

    # -- FastAGI --------------------------------------------------------------------------------------

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agi = Agi(reader, writer)
        try:
            async with asyncio.timeout(HELLO_S):
                variables = await agi.read_variables()
            await self._conduct(agi, read_caller(variables))
        except (AgiError, TimeoutError) as error:
            log.warning("agi_session_failed", error=f"{type(error).__name__}: {error}")
        finally:
            writer.close()

    async def _conduct(self, agi: Agi, caller: Caller) -> None:
        if self.calls >= self.settings.most_calls:
            self.refused += 1
            log.warning("all_lines_busy", calls=self.calls)
            await agi.set_variable("BRIDGE_NEXT", Next.OPERATOR)
            return
        call_id = str(uuid.uuid4())
        announced = _Announced(caller, asyncio.get_running_loop().create_future())
        self._announced[call_id] = announced
        try:
            await agi.set_variable("TIMEOUT(absolute)", str(self.settings.longest_call_s))
            await self.prepare()
            asyncio.get_running_loop().call_later(ANNOUNCED_S, self._expire, call_id)
            where = self.settings.audio_public or f"{self.settings.audio_host}:{self.audio_port}"
            await agi.execute("AudioSocket", f"{call_id},{where}")
            await agi.set_variable("BRIDGE_NEXT", await self._outcome(announced))
        finally:
            self._announced.pop(call_id, None)

    async def _outcome(self, announced: _Announced) -> Next:
        """Where the caller goes, once the sound has ended; a person when no sound ever came."""
        if not announced.taken:
            return Next.OPERATOR
        async with asyncio.timeout(HELLO_S):
            return await asyncio.shield(announced.outcome)

    def _expire(self, call_id: str) -> None:
        announced = self._announced.get(call_id)
        if announced is not None and not announced.taken:
            del self._announced[call_id]
            log.warning("no_sound_came", call=call_id)

    # -- AudioSocket ----------------------------------------------------------------------------------

    async def _sound(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = FrameReader()
        try:
            async with asyncio.timeout(HELLO_S):
                call_id = await _read_id(reader, frames)
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            log.warning("audiosocket_without_id", error=type(error).__name__)
            writer.close()
            return
        announced = self._announced.get(call_id)
        if announced is None or announced.taken:
            log.warning("audiosocket_id_unknown")
            writer.close()
            return
        announced.taken = True
        await self._hold_call(announced, AudioSocketMedia(reader, writer, frames), call_id)

    async def _hold_call(self, announced: _Announced, media: AudioSocketMedia, call_id: str) -> None:
        outcome = Next.OPERATOR
        call: Call | None = None
        try:
            call = self.open_call(media, announced.caller, call_id)
            self.enter(call)
            outcome = await call.run()
        except Exception:  # whatever it was, the caller goes on to a person
            log.exception("call_failed", call=call_id)
            await media.hang_up()
        finally:
            if call is not None:
                self.leave(call)
                log.info("call_ended", call=call_id, reason=call.reason, next=outcome,
                         stalls=media.stalls, filled=media.filled, dropped=media.dropped)  # fmt: skip
            if not announced.outcome.done():
                announced.outcome.set_result(outcome)


async def _read_id(reader: asyncio.StreamReader, frames: FrameReader) -> str:
    """The id in the first frame. Raises ValueError when the first frame is something else."""
    header = await reader.readexactly(3)
    if header[0] != UUID or header[1:] != b"\x00\x10":
        raise ValueError("the first frame is no id")
    return str(uuid.UUID(bytes=await reader.readexactly(16)))
