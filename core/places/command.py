"""`kenhdan locate`: one JSON object in, one out; for trying the resolver and for measuring it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.message import Point

if TYPE_CHECKING:
    from core.pack import Pack


def locate_line(pack: Pack, obj: Mapping[str, Any]) -> dict[str, Any]:
    """{"id", "text"} or {"id", "lat", "lon", "accuracy_m"?} → what is known of the place.

    Out: {"id", "status", "code", "name", "candidates": [{"code", "name"}], "outside", "spans", "why"};
    `code` and `name` are null unless the status is "unit". Input of another form gives {"id", "error"} and
    no exception.
    """
    if not isinstance(obj, Mapping):
        return {"id": None, "error": "a line must be a JSON object"}
    name = obj.get("id")
    if "text" in obj:
        if not isinstance(obj["text"], str):
            return {"id": name, "error": "`text` must be a string"}
        answer = pack.places.find(obj["text"])
    elif "lat" in obj and "lon" in obj:
        lat, lon, accuracy = obj["lat"], obj["lon"], obj.get("accuracy_m")
        if not (_is_number(lat) and _is_number(lon) and (accuracy is None or _is_number(accuracy))):
            return {"id": name, "error": "`lat`, `lon` and `accuracy_m` must be numbers"}
        answer = pack.places.at(Point(float(lat), float(lon), None if accuracy is None else float(accuracy)))
    else:
        return {"id": name, "error": "give `text`, or `lat` and `lon`"}
    return {
        "id": name,
        "status": answer.status,
        "code": answer.unit.code if answer.unit else None,
        "name": answer.unit.name if answer.unit else None,
        "candidates": [{"code": unit.code, "name": unit.name} for unit in answer.candidates],
        "outside": answer.outside,
        "spans": [list(span) for span in answer.spans],
        "why": answer.why,
    }


def _is_number(value: object) -> bool:
    """A JSON number that a float can hold."""
    return isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**300
    )
