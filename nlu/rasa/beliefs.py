"""From the probabilities of a head's classes to what Rasa's answer says of a message.

Runs on Python 3.10 too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nlu.linear import NO_CATEGORY

_UNTOLD = f"report/{NO_CATEGORY}"
_REPORT = "report/"
_HARDLY = 1e-4


def ranking(shares: Mapping[str, float]) -> list[dict[str, Any]]:
    """Rasa's form of a table of probabilities: {"name", "confidence"}, best first."""
    ordered = sorted(shares.items(), key=lambda pair: -pair[1])
    return [{"name": name, "confidence": float(share)} for name, share in ordered]


def intents_of(shares: Mapping[str, float]) -> dict[str, float]:
    """Of the joint classes (`report/<leaf>` beside the other intents) the intents: reports summed."""
    found: dict[str, float] = {}
    for name, share in shares.items():
        intent = name.partition("/")[0]
        found[intent] = found.get(intent, 0.0) + float(share)
    return found


def untold_of(shares: Mapping[str, float]) -> float | None:
    """The share of reports that tell nothing yet among reports; None where that is no class."""
    reports = sum(share for name, share in shares.items() if name.startswith(_REPORT))
    return None if _UNTOLD not in shares or not reports else float(shares[_UNTOLD] / reports)


def both(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Two tables as one, in which a class needs both."""
    found = {name: (share + _HARDLY) * (other.get(name, 0.0) + _HARDLY) for name, share in one.items()}
    total = sum(found.values())
    return {name: share / total for name, share in found.items()}
