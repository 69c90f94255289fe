"""The bridge: FastAGI and the servers of sound, which bring caller, sound and call together.

Asterisk asks over FastAGI what to do with a call; the bridge names an id and has Asterisk bring the sound
under it, to AudioSocket or, when that is set, over chan_websocket. Only ids announced a moment ago are taken.
When all lines are busy, or anything fails, the answer is the operator: that is what the dialplan does with a
caller in any case but "done".
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

from connectors.hotline.afterwards import Next
from connectors.hotline.agi import Agi, AgiError
from connectors.hotline.call import Call
from connectors.hotline.caller import Caller, read_caller
from connectors.hotline.frames import UUID, FrameReader
from connectors.hotline.media import AudioSocketMedia, CallMedia
from connectors.hotline.websocket_media import LARGEST, PROTOCOL, NoMedia, WebSocketMedia, read_start

ANNOUNCED_S = 10.0
"""How long an announced id may wait for its sound."""
HELLO_S = 5.0
AGI_LINE = 8_192

log = structlog.get_logger(__name__)

OpenCall = Callable[[CallMedia, Caller, str], Call]
_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class BridgeSettings:
    """Where the servers listen, what Asterisk is told to connect to, how many calls at once, and after how
    many seconds Asterisk takes the caller to the operator whatever happens. With a `websocket_port` (0 in
    tests: any) the sound comes over chan_websocket, by the client `websocket_client` of Asterisk's
    websocket_client.conf; without, over AudioSocket."""

    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    audio_host: str = "127.0.0.1"
    audio_port: int = 9092
    audio_public: str = ""
    websocket_port: int | None = None
    websocket_client: str = "kenhdan"
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
    _websockets: Server | None = None
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

    @property
    def websocket_port(self) -> int:
        assert self._websockets is not None
        return int(next(iter(self._websockets.sockets)).getsockname()[1])

    async def start(self) -> None:
        """Listen. Raises OSError when a port is taken."""
        settings = self.settings
        for handler, host, port, limit in (
            (self._control, settings.agi_host, settings.agi_port, AGI_LINE),
            (self._sound, settings.audio_host, settings.audio_port, 2**17),
        ):
            self._servers.append(await asyncio.start_server(self._tracked(handler), host, port, limit=limit))
        if settings.websocket_port is not None:
            self._websockets = await serve(
                self._websocket, settings.audio_host, settings.websocket_port,
                subprotocols=[Subprotocol(PROTOCOL)], max_size=LARGEST, compression=None,
            )  # fmt: skip

    async def close(self) -> None:
        """Take no more calls; those under way go to the operator."""
        for server in self._servers:
            server.close()
        for session in list(self._sessions):
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        if self._websockets is not None:
            self._websockets.close()
            await self._websockets.wait_closed()

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
            await agi.execute(*self._way_of_sound(call_id))
            await agi.set_variable("BRIDGE_NEXT", await self._outcome(announced))
        finally:
            self._announced.pop(call_id, None)

    def _way_of_sound(self, call_id: str) -> tuple[str, str]:
        """The application that brings the sound here, and its options."""
        settings = self.settings
        if settings.websocket_port is not None:
            return "Dial", f"WebSocket/{settings.websocket_client}/c(slin)f(json)v(uuid={call_id}),5,g"
        return (
            "AudioSocket",
            f"{call_id},{settings.audio_public or f'{settings.audio_host}:{self.audio_port}'}",
        )

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
        announced = self._take(call_id)
        if announced is None:
            log.warning("audiosocket_id_unknown")
            writer.close()
            return
        await self._hold_call(announced, AudioSocketMedia(reader, writer, frames), call_id)

    def _take(self, call_id: str) -> _Announced | None:
        """The call announced under this id; once."""
        announced = self._announced.get(call_id)
        if announced is None or announced.taken:
            return None
        announced.taken = True
        return announced

    # -- chan_websocket -------------------------------------------------------------------------------

    async def _websocket(self, socket: ServerConnection) -> None:
        target = socket.request.path if socket.request is not None else ""
        (call_id,) = parse_qs(urlsplit(target).query).get("uuid", [""])[:1]
        try:
            async with asyncio.timeout(HELLO_S):
                await read_start(socket)
        except (NoMedia, TimeoutError) as error:
            log.error("websocket_without_media", error=str(error))  # noqa: TRY400
            return
        announced = self._take(call_id)
        if announced is None:
            log.warning("websocket_id_unknown")
            return
        call = asyncio.create_task(self._hold_call(announced, WebSocketMedia(socket), call_id))
        self._sessions.add(call)
        call.add_done_callback(self._sessions.discard)
        await asyncio.wait([call])

    # -- the call -------------------------------------------------------------------------------------

    async def _hold_call(
        self, announced: _Announced, media: AudioSocketMedia | WebSocketMedia, call_id: str
    ) -> None:
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
