"""What a turn was made of, for those who watch: the simulator, `kenhdan converse`, the metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.message import Address, Outbound


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """Plain data only, ready for JSON.

    `heard`: one dict an event: {"text", "photos": n, "lost_photos": n, "point": {lat,lon}|None, "transcript",
    "choice", "understanding": {intent, confidence, categories: [[leaf, p], …], place_text, danger, …}|None,
    "place": {"status", "code", "name", "candidates": [{"code","name"}]}|None}.
    `draft`: {"description", "category", "category_sure", "commune", "commune_name", "address", "point",
    "photos": n, "on_behalf_of", "contact_phone", "urgent", "missing": [...]}|None.
    `route`: {"agency", "deadline" ISO, "rule", "why", "unconfirmed"}|None, for the draft as it stands.
    `reports`: codes of this citizen's reports touched by the turn.
    """

    address: Address
    turn: int
    at: datetime
    phase: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    draft: dict[str, Any] | None = None
    route: dict[str, Any] | None = None
    reports: list[str] = field(default_factory=list)
    replies: tuple[Outbound, ...] = ()
