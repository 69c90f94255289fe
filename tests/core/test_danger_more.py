"""Danger in several hundred ways of telling it, as typed and without marks: see danger_more.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.danger import DangerWords
from core.text import strip_marks

DANGER = DangerWords.load(Path("province/ha_tinh/danger.yml"))
SETS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "danger_more.yml").read_text(encoding="utf-8"))
NOW = [(kind, text) for one in SETS.values() for kind, texts in one["now"].items() for text in texts]
NOT_NOW = [text for one in SETS.values() for text in one["not_now"]]


def test_there_are_enough_of_both() -> None:
    assert len({text for _, text in NOW}) >= 250
    assert len(set(NOT_NOW)) >= 250
    assert {kind for kind, _ in NOW} == set(DANGER.kinds)


@pytest.mark.parametrize(("kind", "text"), NOW)
def test_danger_now_is_found(kind: str, text: str) -> None:
    assert DANGER.find(text) is not None
    assert DANGER.find(strip_marks(text)) is not None


def test_the_first_number_to_call_fits() -> None:
    """Where two dangers are told at once, the number of either will do."""
    fitting = 0
    for kind, text in NOW:
        found = DANGER.find(text)
        assert found is not None
        fitting += found.numbers[0] in DANGER.numbers(kind)
    assert fitting / len(NOW) >= 0.96


def test_danger_past_feared_or_meant_otherwise_is_none() -> None:
    alarms = [text for text in NOT_NOW if DANGER.find(text)]
    assert len(alarms) / len(NOT_NOW) <= 0.01, alarms


def test_without_marks_such_danger_is_hardly_ever_certain() -> None:
    alarms = [text for text in NOT_NOW if (found := DANGER.find(strip_marks(text))) and found.certain]
    assert len(alarms) / len(NOT_NOW) <= 0.01, alarms
    doubts = [text for text in NOT_NOW if DANGER.find(strip_marks(text))]
    assert len(doubts) / len(NOT_NOW) <= 0.12, doubts
