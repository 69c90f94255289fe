"""What the duty officers' bot needs to know to run."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """`chat` is the id of the officers' group, negative for a group. `api_base` stands before
    `/bot<token>/<method>`, `file_base` before `/bot<token>/<file path>`. Times are in seconds.
    """

    token: str = field(repr=False)
    chat: int
    api_base: str = "https://api.telegram.org"
    file_base: str = "https://api.telegram.org/file"
    tick_s: float = 1.0
    """How often the database is asked whether somebody waits."""
    poll_s: int = 50
    """How long Telegram holds a poll open."""
    timeout_s: float = 20.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 15.0
    """Pauses after failures. The longest is short: an emergency may be waiting."""
    calm_per_minute: int = 10
    """How many posts a minute may be other than dangers; Telegram takes twenty a minute in a group."""
