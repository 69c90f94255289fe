"""What one browser has said and seen: a bounded list of events that pages replay and then follow.

Each event is plain JSON with `seq` (rising within the session), `channel`, `at` (ISO, UTC) and `kind`:
`citizen` (what was sent), `lost` (it could not be kept), `service` (an answer), `trace` (what a turn was
made of) or `reset` (the talk begins anew).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock

MAX_SESSIONS = 300
MAX_EVENTS = 400
MAX_LISTENERS = 6
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

Event = dict[str, Any]


def new_token() -> str:
    """A secret for the browser's cookie (256 bit)."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


@dataclass(slots=True)
class Session:
    """One browser. `owner` is derived from its secret and may be shown to the rest of the program."""

    owner: str
    clock: Clock
    events: deque[Event] = field(default_factory=deque)
    talks: dict[str, str] = field(default_factory=dict)
    shown_media: set[str] = field(default_factory=set)
    closed: bool = False
    _seq: int = 0
    _listeners: set[asyncio.Event] = field(default_factory=set)
    _allowance: deque[float] = field(default_factory=deque)

    def user(self, channel: str) -> str:
        """The user id under which this browser talks on a channel now."""
        return f"{self.owner}.{self._talk(channel)}"

    def is_current(self, channel: str, user: str) -> bool:
        return user == self.user(channel)

    def restart(self, channel: str) -> None:
        """Begin a new talk as somebody new; what was said before is forgotten here."""
        self.talks[channel] = secrets.token_hex(4)
        self.events = deque(event for event in self.events if event["channel"] != channel)
        self.append(channel, "reset")

    def append(self, channel: str, kind: str, **values: Any) -> Event:
        """Keep an event and wake the pages that follow."""
        self._seq += 1
        event = {
            "seq": self._seq, "channel": channel, "kind": kind, "at": self.clock.now().isoformat(), **values,
        }  # fmt: skip
        self.events.append(event)
        while len(self.events) > MAX_EVENTS:
            self.events.popleft()
        self._wake()
        return event

    def since(self, seq: int) -> list[Event]:
        """Events after `seq`; all of them when `seq` is of an earlier life of the server."""
        if seq > self._seq:
            seq = 0
        return [event for event in self.events if event["seq"] > seq]

    def has_sent(self, channel: str, client: str) -> bool:
        return any(
            event["kind"] == "citizen" and event["channel"] == channel and event["client"] == client
            for event in self.events
        )

    def may_send(self, most: int = 40, seconds: float = 60.0) -> bool:
        """At most `most` messages in any `seconds`: a stuck key must not fill the inbox."""
        now = self.clock.now().timestamp()
        while self._allowance and self._allowance[0] <= now - seconds:
            self._allowance.popleft()
        if len(self._allowance) >= most:
            return False
        self._allowance.append(now)
        return True

    async def follow(self, after: int, quiet_seconds: float = 15.0) -> AsyncIterator[Event | None]:
        """Events after `after` as they come; None at once, and when nothing came for `quiet_seconds`."""
        woken = asyncio.Event()
        self._listeners.add(woken)
        try:
            yield None
            while not self.closed:
                woken.clear()
                waiting = self.since(after)
                for event in waiting:
                    after = event["seq"]
                    yield event
                if waiting:
                    continue
                try:
                    async with asyncio.timeout(quiet_seconds):
                        await woken.wait()
                except TimeoutError:
                    yield None
        finally:
            self._listeners.discard(woken)

    def is_crowded(self) -> bool:
        """True when more pages follow this session than we serve one browser."""
        return len(self._listeners) >= MAX_LISTENERS

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _talk(self, channel: str) -> str:
        return self.talks.setdefault(channel, secrets.token_hex(4))

    def _wake(self) -> None:
        for listener in self._listeners:
            listener.set()


class Sessions:
    """All browsers, the longest silent ones forgotten first. To be used from one event loop."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def of_token(self, token: str) -> Session:
        """The session of a browser's secret; one from before a restart of the server begins empty."""
        return self.of_owner(hashlib.sha256(token.encode("ascii")).hexdigest()[:20])

    def of_user(self, user: str) -> Session:
        """The session that a user id belongs to."""
        return self.of_owner(user.partition(".")[0])

    def of_owner(self, owner: str) -> Session:
        session = self._sessions.get(owner)
        if session is None:
            session = self._sessions[owner] = Session(owner, self._clock)
        self._sessions.move_to_end(owner)
        while len(self._sessions) > MAX_SESSIONS:
            _, oldest = self._sessions.popitem(last=False)
            oldest.close()
        return session

    def close(self) -> None:
        """End all streams: the server is going down."""
        for session in self._sessions.values():
            session.close()
