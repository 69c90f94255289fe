"""The duty officers' words cover everything that the program can hand over."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
NOT_TOLD = {"officer"}
"""Rows that keep an officer's own words; nobody is told of those."""


def reasons_in(path: Path) -> set[str]:
    """Reasons of `HandOver(...)` and of rows of `handoffs`, as they are written in the code."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given: list[ast.expr] = []
        if name == "HandOver":
            given += node.args[:1]
        if name in ("HandOver", "values"):
            given += [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        if name == "values" and not {"channel", "user", "words"} <= {word.arg for word in node.keywords}:
            continue
        found |= {value.value for value in given if isinstance(value, ast.Constant)}
    return found


def all_reasons() -> set[str]:
    files = [path for room in ("core", "connectors") for path in (ROOT / room).rglob("*.py")]
    return set().union(*(reasons_in(path) for path in files)) - NOT_TOLD


def test_the_reasons_are_found() -> None:
    assert {"asked", "danger", "call_back", "late", "reopen", "voice", "undelivered"} <= all_reasons()


@pytest.mark.parametrize("reason", sorted(all_reasons()))
def test_each_reason_has_its_words(reason: str) -> None:
    words = yaml.safe_load((ROOT / "province/ha_tinh/staff.yml").read_text(encoding="utf-8"))["reasons"]
    assert words.get(reason), f"staff.yml: reasons: {reason} is missing"
    assert words[reason] != words["other"]
