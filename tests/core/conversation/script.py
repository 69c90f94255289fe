"""Scripted talks as data: reading them, and holding what was said and filed against what they expect.

A talk is a line of `kenhdan converse` in YAML. A turn may carry `expect`: `ask` (what the answer waits for;
null:
nothing; a list: one of them), `says` and `not` (words in the answer, case aside), `once` (words that stand
there
exactly once), `first` (in the first line), `choices` (values on offer), `tickets` (their number), `quiet` (no
answer), `shorter` (characters). `{code}` is the code filed last. `reports` holds expected fields of the
reports in
order; `description_has`, `address_has` and `address_not` are words in a field. `repeat` multiplies a turn's
text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

TALKS = Path(__file__).parent / "talks"
_CITIZEN = frozenset({"text", "photo", "location", "voice", "button"})
_NOT_SPOKEN = re.compile(r"[“”\"/·•–—…()+*#📷📍✅⚠]|nhắn|bấm nút|gửi ảnh|gửi vị trí", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\{T(\d+)\}|\{code\}")


def read_talks(path: Path) -> list[dict[str, Any]]:
    """The talks of a file, ready to be played."""
    talks: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for talk in talks:
        for turn in talk["turns"]:
            if "repeat" in turn:
                turn["text"] = " ".join([turn["text"]] * turn["repeat"])
    return talks


def all_talks() -> list[dict[str, Any]]:
    return [talk for path in sorted(TALKS.glob("*.yml")) for talk in read_talks(path)]


def check_talk(talk: Mapping[str, Any], played: Mapping[str, Any]) -> list[str]:
    """Every way in which the played talk is not as expected, or breaks a rule that holds for all talks."""
    problems = []
    for turn, step in zip(talk["turns"], played["steps"], strict=True):
        found = [*_rules(talk, turn, step), *_expected(turn.get("expect") or {}, step)]
        problems += [f"turn {step['turn']}: {problem}" for problem in found]
    if "reports" in talk:
        problems += _filed(talk["reports"], played["reports"])
    return problems


def _rules(talk: Mapping[str, Any], turn: Mapping[str, Any], step: Mapping[str, Any]) -> list[str]:
    """What holds for every answer: there is one, it asks one thing, and it can be said on its channel."""
    problems = []
    if turn["type"] in _CITIZEN and len(step["replies"]) != 1:
        problems.append(f"{len(step['replies'])} answers to what the citizen sent")
    for reply in step["replies"]:
        text, labels = reply["text"], [choice["label"] for choice in reply["choices"]]
        if text.count("?") > 1 + _asks_in_quotes(talk, text):
            problems.append("more than one question")
        if any(len(label) > 20 for label in labels) or len(set(labels)) < len(labels):
            problems.append(f"labels {labels}")
        if "{" in text or "⟦" in text:
            problems.append("a field was not filled in")
        lines = text.split("\n")
        if len(set(lines)) < len(lines):
            problems.append("the same line twice")
        if talk["channel"] == "hotline" and _NOT_SPOKEN.search(text):
            problems.append(f"cannot be spoken: {_NOT_SPOKEN.findall(text)}")
    return problems


def _asks_in_quotes(talk: Mapping[str, Any], text: str) -> int:
    """Question marks of the citizen's own words, which are repeated."""
    said = " ".join(str(turn.get("text", "")) + str(turn.get("caption", "")) for turn in talk["turns"])
    return said.count("?")


def _expected(expect: Mapping[str, Any], step: Mapping[str, Any]) -> list[str]:
    problems = []
    said = "\n".join(reply["text"] for reply in step["replies"])
    low = said.lower()
    if "ask" in expect:
        asks = expect["ask"] if isinstance(expect["ask"], list) else [expect["ask"]]
        doubted = step["waiting_for"] == "category" and {"photo", "location"} & set(
            asks
        )  # as the model is sure or not
        if step["waiting_for"] not in asks and not doubted:
            problems.append(f"waits for {step['waiting_for']}, not {expect['ask']}")
    for words in expect.get("says", ()):
        if _filled(words, step).lower() not in low:
            problems.append(f"does not say “{words}”")
    for words in expect.get("not", ()):
        if _filled(words, step).lower() in low:
            problems.append(f"says “{words}”")
    for words in expect.get("once", ()):
        if low.count(words.lower()) != 1:
            problems.append(f"says “{words}” {low.count(words.lower())} times")
    if "first" in expect and expect["first"] not in said.split("\n")[0]:
        problems.append(f"the first line lacks {expect['first']}")
    if "tickets" in expect and len(step["tickets"]) != expect["tickets"]:
        problems.append(f"{len(step['tickets'])} tickets, not {expect['tickets']}")
    offered = [choice["value"] for reply in step["replies"] for choice in reply["choices"]]
    problems += [f"does not offer {value}" for value in expect.get("choices", ()) if value not in offered]
    if expect.get("quiet") and step["replies"]:
        problems.append("answers, where nothing was said")
    if "shorter" in expect and len(said) >= expect["shorter"]:
        problems.append(f"{len(said)} characters")
    return problems


def _filled(words: str, step: Mapping[str, Any]) -> str:
    codes = step["tickets"]
    return _PLACEHOLDER.sub(lambda m: codes[int(m[1]) - 1 if m[1] else -1] if codes else m[0], words)


def _filed(expected: list[Mapping[str, Any]], reports: list[Mapping[str, Any]]) -> list[str]:
    if len(expected) != len(reports):
        return [f"{len(reports)} reports, not {len(expected)}"]
    problems = []
    for number, (wanted, report) in enumerate(zip(expected, reports, strict=True)):
        for name, value in wanted.items():
            field = name.removesuffix("_has").removesuffix("_not")
            if name.endswith(("_has", "_not")):
                there = [word.lower() in report[field].lower() for word in value]
                if not all(there) if name.endswith("_has") else any(there):
                    problems.append(f"report {number}: {field} is {report[field]!r}")
            elif report[name] != value:
                problems.append(f"report {number}: {name} is {report[name]!r}, not {value!r}")
    return problems
