"""`kenhdan route`: the dry run of the routing rules, one JSON object in, one out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.places.commune import Commune
from core.text import fold

if TYPE_CHECKING:
    from core.pack import Pack


def route_line(pack: Pack, obj: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """{"id", "category", "commune"? (code or name), "urgent"?, "text"?} → where it goes.

    Out: {"id", "agency", "agency_id", "deadline" (ISO, local offset), "rule", "why", "level",
    "unconfirmed"}. A category or commune that does not exist, or a name that fits several, gives {"id",
    "error"}.
    """
    if not isinstance(obj, Mapping):
        return {"id": None, "error": "a line must be a JSON object"}
    name = obj.get("id")
    category, commune, urgent, text = (obj.get(key) for key in ("category", "commune", "urgent", "text"))
    if not isinstance(category, str) or category not in pack.categories:
        return {"id": name, "error": f"no category {category!r}; use one of {', '.join(pack.categories)}"}
    if not isinstance(urgent, bool | None) or not isinstance(text, str | None):
        return {"id": name, "error": "`urgent` must be true or false, `text` a string"}
    code: str | None = None
    if commune not in (None, ""):
        units = _units(pack, str(commune))
        if len(units) != 1:
            found = ", ".join(f"{unit.code} {unit.full_name}" for unit in units) or "none"
            return {"id": name, "error": f"commune {commune!r}: {found} found; give a code or a full name"}
        code = units[0].code
    route = pack.router.route(category, code, urgent=bool(urgent), now=now, text=text or "")
    return {
        "id": name,
        "agency": route.agency,
        "agency_id": route.agency_id,
        "deadline": route.deadline.astimezone(pack.timezone).isoformat(),
        "rule": route.rule,
        "why": route.why,
        "level": route.level,
        "unconfirmed": route.unconfirmed,
    }


def _units(pack: Pack, given: str) -> list[Commune]:
    """Units of a code, a name or a full name of today; exact spelling wins over one without marks."""
    if given in pack.places.communes:
        return [pack.places.communes[given]]
    units = pack.places.communes.values()
    spoken = given.strip().lower()
    exact = [unit for unit in units if spoken in (unit.name.lower(), unit.full_name.lower())]
    return exact or [unit for unit in units if fold(given) in (fold(unit.name), fold(unit.full_name))]
