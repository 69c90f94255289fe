"""The sound of a call over Asterisk's chan_websocket: `Dial(WebSocket/…/c(slin)f(json)…)`, protocol "media".

Sound is binary, PCM16 at 8 kHz both ways; events and commands are texts in JSON (Asterisk 20.18, 22.8, 23.2
or newer). Asterisk keeps the time: it takes a prompt faster than it is heard, cuts it into frames itself,
tells at a mark that it was heard, and makes silence when there is nothing. The channel driver is young;
AudioSocket (`media.py`) is the first choice.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from contextlib import suppress
from typing import Any

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from connectors.hotline.media import Listener
from connectors.hotline.pacer import Playback
from connectors.hotline.sound import SLOT_S, seconds_of
from connectors.hotline.timeline import Timeline

PROTOCOL = "media"
FORMAT = "slin"
LARGEST = 65_500
"""Bytes of a message; a larger one ends the call."""
AT_ONCE = 200
"""Slots a message: 64,000 bytes."""
AHEAD_S = 10.0
"""What Asterisk may have before its time. Its queue holds 20 s, and is said to be full at 18."""
SPARE_S = 3.0
"""A prompt whose end is not told so long after it must be over counts as heard."""
GRACE_S = 0.5
_KEYS = frozenset("0123456789*#ABCD")

log = structlog.get_logger(__name__)


class NoMedia(Exception):
    """The peer does not begin as chan_websocket does, or not with our kind of sound; the text says why."""


async def read_start(socket: ServerConnection) -> None:
    """Asterisk's first message. Raises NoMedia."""
    try:
        event = _read(await socket.recv())
    except ConnectionClosed as error:
        raise NoMedia("closed at once") from error
    if event.get("event") != "MEDIA_START":
        raise NoMedia("no MEDIA_START; write f(json) into Dial(WebSocket/…)")
    if event.get("format") != FORMAT:
        raise NoMedia(f"sound is {event.get('format')}; write c(slin) into Dial(WebSocket/…)")


class _Playing:
    """A prompt on its way. `over_at` is when all that was sent must have been heard (loop's seconds)."""

    def __init__(self, mark: str) -> None:
        self.playback = Playback()
        self.mark = mark
        self.begun = False
        self.marked = False
        self.sent_s = 0.0
        self.over_at = 0.0

    def sent(self, sound: bytes, now: float) -> None:
        seconds = seconds_of(sound)
        self.sent_s += seconds
        self.over_at = max(self.over_at, now) + seconds

    def note_progress(self, now: float) -> None:
        self.playback.played_s = self.sent_s - max(0.0, self.over_at - now)


class WebSocketMedia:
    """Fills CallMedia with one connection whose MEDIA_START was read already."""

    stalls = 0
    """Asterisk keeps the time."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._timeline = Timeline(asyncio.get_running_loop().time())
        self._unsent: deque[str | bytes] = deque()
        self._more = asyncio.Event()
        self._playing: _Playing | None = None
        self._full = False
        self._marks = itertools.count(1)
        self.dropped = 0
        """Messages of the caller's that were no sound."""

    @property
    def filled(self) -> int:
        """Slots of the caller's audio that never came."""
        return self._timeline.filled

    def play(self) -> Playback:
        """Begin to play; audio is added to what is returned. What was playing is cut off."""
        self.stop()
        self._playing = _Playing(f"prompt-{next(self._marks)}")
        return self._playing.playback

    def stop(self) -> None:
        playing, self._playing = self._playing, None
        if playing is None:
            return
        if playing.begun:
            self._unsent.clear()
            self._command("FLUSH_MEDIA")
            self._full = False
        playing.playback.finish(heard=False)

    async def run(self, listener: Listener) -> None:
        """Listen and play until the caller is gone; then returns, having told so."""
        helpers = [asyncio.create_task(self._keep_time(listener)), asyncio.create_task(self._send())]
        try:
            with suppress(ConnectionClosed):
                async for message in self._socket:
                    self._take(message, listener)
        finally:
            for helper in helpers:
                helper.cancel()
            self.stop()
        self._tick(listener)
        listener.on_gone("hung up")

    async def hang_up(self) -> None:
        """End our side: Asterisk goes on in its dialplan."""
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await self._socket.send(json.dumps({"command": "HANGUP"}))
                await self._socket.close()

    # -- the caller's side ----------------------------------------------------------------------------

    def _take(self, message: str | bytes, listener: Listener) -> None:
        if isinstance(message, bytes):
            self._timeline.put(message)
            return
        try:
            event = _read(message)
        except NoMedia:
            self.dropped += 1
            return
        match event.get("event"):
            case "DTMF_END":
                key = str(event.get("digit", ""))
                if key in _KEYS:
                    listener.on_key(key)
            case "MEDIA_XOFF":
                self._full = True
            case "MEDIA_XON":
                self._full = False
            case "MEDIA_MARK_PROCESSED":
                self._heard(str(event.get("correlation_id", "")))
            case "ERROR":
                log.warning("chan_websocket_error", error=str(event.get("error_text", ""))[:200])

    async def _keep_time(self, listener: Listener) -> None:
        while True:
            self._tick(listener)
            self._feed()
            await asyncio.sleep(SLOT_S)

    def _tick(self, listener: Listener) -> None:
        for slot in self._timeline.slots(asyncio.get_running_loop().time()):
            listener.on_slot(slot)

    # -- our side -------------------------------------------------------------------------------------

    def _feed(self) -> None:
        """Send on what there is of the prompt, as far as it may be ahead of its time."""
        playing, now = self._playing, asyncio.get_running_loop().time()
        if playing is None:
            return
        playing.note_progress(now)
        if playing.marked:
            if now > playing.over_at + SPARE_S:
                log.warning("chan_websocket_mark_lost")
                self._heard(playing.mark)
            return
        if self._full or playing.over_at - now > AHEAD_S:
            return
        sound = playing.playback.take(AT_ONCE)
        if sound:
            self._begin(playing)
            self._put(sound)
            playing.sent(sound, now)
        elif playing.playback.closed:
            self._finish(playing)

    def _begin(self, playing: _Playing) -> None:
        if not playing.begun:
            playing.begun = True
            self._command("START_MEDIA_BUFFERING")

    def _finish(self, playing: _Playing) -> None:
        if not playing.begun:
            self._heard(playing.mark)
            return
        playing.marked = True
        self._command("STOP_MEDIA_BUFFERING")  # without an id: some versions crash on it
        self._command("MARK_MEDIA", correlation_id=playing.mark)

    def _heard(self, mark: str) -> None:
        playing = self._playing
        if playing is not None and playing.mark == mark:
            self._playing = None
            playing.playback.played_s = playing.sent_s
            playing.playback.finish(heard=True)

    def _command(self, command: str, **values: str) -> None:
        self._put(json.dumps({"command": command, **values}))

    def _put(self, message: str | bytes) -> None:
        self._unsent.append(message)
        self._more.set()

    async def _send(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._more.wait()
                self._more.clear()
                while self._unsent:
                    await self._socket.send(self._unsent.popleft())


def _read(message: str | bytes) -> dict[str, Any]:
    """An event. Raises NoMedia."""
    try:
        event = json.loads(message) if isinstance(message, str) else None
    except ValueError as error:
        raise NoMedia("a text that is no JSON; write f(json) into Dial(WebSocket/…)") from error
    if not isinstance(event, dict):
        raise NoMedia("no event")
    return event
