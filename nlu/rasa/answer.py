"""Reading the answer of Rasa's `/model/parse`: a belief and spans of places, whatever pipeline gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.understanding import INTENTS, Context
from nlu.judgement import NEEDS_QUESTION, Belief
from nlu.linear import NO_CATEGORY
from nlu.rasa.marker import marker_length

_PLACE = "place"


class BadAnswer(ValueError):
    """Rasa's answer cannot be used; the text says what is wrong with it, without the citizen's words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Rasa said of one message. `places` are spans of the message as the citizen wrote it."""

    belief: Belief
    places: list[tuple[int, int]]


def read_answer(content: Any, text: str, context: Context) -> Answer:
    """The answer to a `text` that was sent with its context before it. Raises BadAnswer.

    `nlu_fallback` is no intent: what Rasa believed before it gave up counts. Where no question stands,
    intents that need one are left out. A pipeline without the heads of `nlu.rasa.heads` gives no categories,
    and the probability of the intent `emergency` for danger.
    """
    if not isinstance(content, Mapping):
        raise BadAnswer("not a JSON object")
    intents, answers = _intents(content, context)
    categories = _ranking(content.get("category_ranking") or [], "category_ranking")
    plights = _ranking(content.get("plight_ranking") or [], "plight_ranking")
    untold = _share(content.get("untold"), "untold")
    belief = Belief(
        intents,
        categories or {NO_CATEGORY: 1.0},
        max(intents.get("emergency", 0.0), _share(content.get("danger"), "danger") or 0.0),
        plights,
        None if untold is None else max(untold, answers),
    )
    return Answer(belief, _places(content.get("entities") or [], text, marker_length(context)))


def _intents(content: Mapping[str, Any], context: Context) -> tuple[dict[str, float], float]:
    """The intents that are possible, and the share of answers where no question stands: they tell nothing."""
    ranking = content.get("intent_ranking") or []
    if not ranking and content.get("intent"):
        ranking = [content["intent"]]
    believed = _ranking(ranking, "intent_ranking")
    excluded = NEEDS_QUESTION if context is Context.IDLE else frozenset()
    kept = {name: share for name, share in believed.items() if name in INTENTS and name not in excluded}
    total = sum(kept.values())
    if not kept or total <= 0:
        raise BadAnswer(f"none of our intents among {sorted(believed)[:5]}")
    # a ranking cut short adds up to less than 1, which is as it should be; one in which an impossible intent
    # was left out is brought back to what it was
    missing = max(0.0, 1.0 - sum(believed.values()))
    possible = {name: share / (total + missing) for name, share in kept.items()}
    return possible, sum(believed.get(name, 0.0) for name in excluded)


def _ranking(items: Any, where: str) -> dict[str, float]:
    """Name → share of a list of {"name", "confidence"}; `report/rac_thai` counts for `report`."""
    if not isinstance(items, list):
        raise BadAnswer(f"{where} is not a list")
    shares: dict[str, float] = {}
    for item in items:
        if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
            raise BadAnswer(f"{where} has an entry without a name")
        share = _share(item.get("confidence"), where)
        if share is None:
            raise BadAnswer(f"{where} has an entry without a confidence")
        name = item["name"].partition("/")[0]
        shares[name] = shares.get(name, 0.0) + share
    return shares


def _share(value: Any, where: str) -> float | None:
    """A probability; None when nothing is said."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1.000_1:
        raise BadAnswer(f"{where} has a confidence that is none")
    return float(value)


def _places(items: Any, text: str, shift: int) -> list[tuple[int, int]]:
    """Spans of all extractors, those that overlap as one."""
    if not isinstance(items, list):
        raise BadAnswer("entities is not a list")
    spans: list[tuple[int, int]] = []
    for item in items:
        if not isinstance(item, Mapping) or item.get("entity") != _PLACE:
            continue
        start, end = _offset(item.get("start")), _offset(item.get("end"))
        start, end = max(0, start - shift), min(len(text), end - shift)
        if start < end:
            spans.append((start, end))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _offset(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadAnswer("an entity without a place in the text")
    return value
