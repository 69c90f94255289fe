"""The simulator as the rest of the program sees it: three channels and one observer of turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.clock import Clock, WallClock
from core.trace import TurnTrace
from web.simulator.channel import NAMES, SimulatorChannel
from web.simulator.sessions import Sessions
from web.simulator.uploads import Uploads


@dataclass(frozen=True, slots=True)
class Simulator:
    """`channels` by name, delivered to like any other; `sessions` and `uploads` are the pages' business."""

    channels: Mapping[str, SimulatorChannel]
    sessions: Sessions
    uploads: Uploads

    def observe(self, trace: TurnTrace) -> None:
        """Hand a turn to the channel it happened on; turns of real channels are passed over."""
        channel = self.channels.get(trace.address.channel)
        if channel is not None:
            channel.observe(trace)

    def close(self) -> None:
        """End all streams, so that the server can go down."""
        self.sessions.close()


def open_simulator(folder: Path, clock: Clock | None = None) -> Simulator:
    """A simulator that keeps uploads in `folder`."""
    sessions = Sessions(clock or WallClock())
    uploads = Uploads(folder)
    channels = {name: SimulatorChannel(name, sessions, uploads) for name in NAMES}
    return Simulator(channels, sessions, uploads)
