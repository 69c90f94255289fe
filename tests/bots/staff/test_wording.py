"""Every phrase that the code asks for is in the pack, and posts are short enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import bots.staff
from bots.staff.cards import shown
from bots.staff.wording import SECTIONS, StaffWords, load_staff_words
from core.phrases import PhraseError
from core.spans import find_phones
from core.text import utf16_length
from tests.core.stage import PROVINCE

CODE = "\n".join(path.read_text() for path in Path(bots.staff.__file__).parent.glob("*.py"))
DATA = yaml.safe_load((PROVINCE / "staff.yml").read_text(encoding="utf-8"))


def test_every_phrase_asked_for_is_there() -> None:
    asked = {("say", key) for key in re.findall(r'\bsay\(\s*"(\w+)"', CODE)}
    asked |= set(re.findall(r'\.get\("(\w+)", "(\w+)"', CODE))
    asked |= {("alerts", key) for key in re.findall(r'_alert\(query, "(\w+)"', CODE)}
    assert len(asked) > 25
    assert not {f"{section}.{key}" for section, key in asked if key not in DATA[section]}


def test_every_phrase_is_asked_for() -> None:
    sections = ("say", "alerts", "answers", "citizen", "buttons")
    assert not [key for name in sections for key in DATA[name] if f'"{key}"' not in CODE]


def test_every_danger_of_the_pack_has_a_name() -> None:
    kinds = yaml.safe_load((PROVINCE / "danger.yml").read_text(encoding="utf-8"))["kinds"]
    assert not set(kinds) - set(DATA["dangers"])


def test_no_alert_is_longer_than_telegram_shows() -> None:
    assert not [text for text in DATA["alerts"].values() if len(text) > 160]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(PhraseError, match="cannot be read"):
        load_staff_words(tmp_path)
    (tmp_path / "staff.yml").write_text("say: {a: b}")
    with pytest.raises(PhraseError, match="alerts, answers"):
        load_staff_words(tmp_path)
    words = StaffWords({name: {} for name in SECTIONS} | {"say": {"one": "{x}"}})
    with pytest.raises(PhraseError, match=r"no 'say.two'"):
        words.say("two")
    with pytest.raises(PhraseError, match="wants the field 'x'"):
        words.say("one")
    assert words.say("one", x="{braces} stay") == "{braces} stay"


@given(st.text(max_size=3_000), st.integers(2, 1_200))
def test_shown_text_fits(text: str, longest: int) -> None:
    assert utf16_length(shown(text, longest)) <= longest


@given(
    st.lists(st.sampled_from(["gọi 0900 000 123", "+84 900 000 456", "cứu với", "0900000789,"]), max_size=6)
)
def test_no_phone_is_shown(parts: list[str]) -> None:
    assert not find_phones(shown(" ".join(parts)))
