"""A process under load that is killed with SIGKILL again and again, and the account of what became of it.

    python -m tests.core.killing <folder> <kills> [seed]

It loads the province once and forks the victim, so that a start takes moments. The
victim is the real worker and delivery on SQLite; the parent plays the citizens over a socket, and gives every
event again that it was not told OK for, and some that it was. Prints one JSON object; nothing may be lost or
doubled in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import socket
import sqlite3
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.clock import WallClock
from core.codec import decode, encode
from core.intake import end_leases
from core.message import Address, Inbound, Outbound, Receipt
from core.storage import open_store
from core.storage.sqlite import fresh_sqlite
from tests.core.stage import MATTER, Post, Stage, province

AT_ONCE = 24
MESSAGES: tuple[dict[str, Any], ...] = ({"text": MATTER}, {"choice": "skip_photo"}, {"choice": "confirm"})
PATIENCE = 60.0


# -- the victim ----------------------------------------------------------------------------------------------


class Chronicle(Post):
    """A channel whose sent messages outlive the process: a line in a file, and a word to the parent."""

    def __init__(self, file: int, parent: asyncio.StreamWriter) -> None:
        super().__init__()
        self._file, self._parent = file, parent

    async def send(self, address: Address, message: Outbound) -> Receipt:
        await asyncio.sleep(random.uniform(0, 0.005))
        os.write(self._file, f"{address.user} {message.turn}\n".encode())
        self._parent.write(f"sent {address.user} {message.turn}\n".encode())
        return Receipt(("1",))


async def live(folder: Path, end: socket.socket) -> None:
    """The victim: accept what the parent says, answer, until killed."""
    reader, writer = await asyncio.open_connection(sock=end)
    store = await open_store(f"sqlite:///{folder}/killed.sqlite3", migrate=False)
    await store.write(end_leases)
    file = os.open(folder / "sent", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    stage = Stage(store, folder, clock=WallClock(), post=Chronicle(file, writer))  # type: ignore[arg-type]
    stage.worker.outbox_wake = stage.delivery.wake
    running = {asyncio.create_task(stage.worker.run()), asyncio.create_task(stage.delivery.run())}

    async def accept(event: Inbound) -> None:
        await stage.worker.accept([event])
        writer.write(f"ok {event.event_id}\n".encode())

    while line := await reader.readline():
        task = asyncio.create_task(accept(decode(Inbound, json.loads(line))))
        running.add(task)
        task.add_done_callback(running.discard)


def be_born(folder: Path) -> tuple[int, socket.socket]:
    """Fork a victim: its process id and the socket to it."""
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        here.close()
        try:
            asyncio.run(live(folder, there))
        finally:
            os._exit(1)
    there.close()
    return pid, here


# -- the citizens --------------------------------------------------------------------------------------------


@dataclass
class Citizens:
    """Who said what, what was accepted, and what was answered."""

    folder: Path
    chance: random.Random
    told: dict[str, bytes] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    answered: dict[str, int] = field(default_factory=dict)

    def begin(self) -> bytes:
        user = str(600_000 + len(self.answered))
        self.answered[user] = 0
        return self.message(user)

    def message(self, user: str) -> bytes:
        """The next message of a citizen, after what was answered so far."""
        step = self.answered[user]
        event_id = f"{user}:{step}"
        if event_id not in self.told:
            event = Inbound(Address("telegram", user), event_id, datetime.now(UTC), **MESSAGES[step])
            self.told[event_id] = json.dumps(encode(event)).encode() + b"\n"
        return self.told[event_id]

    def hear(self, line: str) -> list[bytes]:
        """A word of the victim; what is said next."""
        match line.split():
            case ["ok", event_id]:
                self.accepted.add(event_id)
                return [self.told[event_id]] if self.chance.random() < 0.1 else []
            case ["sent", user, turn] if int(turn) > self.answered[user]:
                self.answered[user] = int(turn)
                return [self.message(user)] if int(turn) < len(MESSAGES) else []
        return []

    def after_a_death(self) -> list[bytes]:
        """What the file says was sent is known; what was not accepted is told again, and talks go on."""
        for line in (
            (self.folder / "sent").read_text().splitlines() if (self.folder / "sent").exists() else ()
        ):
            user, turn = line.split()
            self.answered[user] = max(self.answered[user], int(turn))
        lost = [event for event_id, event in self.told.items() if event_id not in self.accepted]
        return lost + [self.message(user) for user in self.under_way()]

    def under_way(self) -> list[str]:
        return [user for user, turns in self.answered.items() if turns < len(MESSAGES)]


def talk(citizens: Citizens, end: socket.socket, seconds: float, *, more: bool) -> bool:
    """Feed the victim for a while; True when every talk has come to its end."""
    rest, until = b"", time.monotonic() + seconds
    end.setblocking(False)
    queue = citizens.after_a_death()
    while time.monotonic() < until:
        if more:
            queue += [citizens.begin() for _ in range(AT_ONCE - len(citizens.under_way()))]
        elif not citizens.under_way():
            return True
        readable, writable, _ = select.select([end], [end] if queue else [], [], 0.02)
        if writable:
            data = b"".join(queue)
            sent = end.send(data)
            queue = [data[sent:]] if sent < len(data) else []
        if readable:
            data = end.recv(65536)
            if not data:
                raise SystemExit("the victim died by itself")
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                queue += citizens.hear(line.decode())
    return False


def kill(pid: int, end: socket.socket) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    end.close()


def at_rest(database: Path) -> bool:
    with sqlite3.connect(database) as conn:
        waiting = "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting')"
        waiting += " + (SELECT count(*) FROM outbox WHERE state = 'waiting')"
        return bool(conn.execute(waiting).fetchone()[0] == 0)


def account(citizens: Citizens, database: Path) -> dict[str, int]:
    """The numbers of what was told, accepted, kept and sent."""

    def one(query: str) -> int:
        return int(conn.execute(query).fetchone()[0])

    sent = (citizens.folder / "sent").read_text().splitlines()
    with sqlite3.connect(database) as conn:
        return {
            "citizens": len(citizens.answered),
            "events": len(citizens.told),
            "events_done": one("SELECT count(*) FROM inbox WHERE state = 'done'"),
            "events_kept": one("SELECT count(*) FROM inbox"),
            "reports": one("SELECT count(*) FROM reports"),
            "reporters": one("SELECT count(DISTINCT user) FROM reports"),
            "filed": one("SELECT count(*) FROM report_events WHERE kind = 'filed'"),
            "codes": one("SELECT count(DISTINCT code) FROM reports"),
            "turns": one("SELECT sum(turn) FROM conversations"),
            "answers": one("SELECT count(*) FROM outbox"),
            "answers_sent": one("SELECT count(*) FROM outbox WHERE state = 'sent'"),
            "answers_arrived": len(set(sent)),
            "said_again": len(sent) - len(set(sent)),
            "handoffs": one("SELECT count(*) FROM handoffs"),
        }


def main() -> None:
    folder, kills = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else None)
    province()
    database = folder / "killed.sqlite3"
    fresh_sqlite(database)
    citizens = Citizens(folder, chance)
    for _ in range(kills):
        pid, end = be_born(folder)
        talk(citizens, end, chance.uniform(0.2, 1.5), more=True)
        kill(pid, end)
    pid, end = be_born(folder)
    ended = talk(citizens, end, PATIENCE, more=False)
    until = time.monotonic() + PATIENCE
    while not at_rest(database) and time.monotonic() < until:
        time.sleep(0.1)
    kill(pid, end)
    print(json.dumps({"kills": kills, "ended": ended} | account(citizens, database)))


if __name__ == "__main__":
    main()
