"""All wording is in the pack, all of it is used, and it can be said as the tone of the talk demands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from core.pack import load_pack
from core.phrases import PhraseError, Phrases, load_phrases
from core.reports.moves import Status

ROOT = Path(__file__).parents[2]
PROVINCE = ROOT / "province" / "ha_tinh"
DATA = yaml.safe_load((PROVINCE / "phrases.yml").read_text(encoding="utf-8"))
LISTS = DATA["words"] | DATA["answers"]
ROOMS = ("core", "bots", "connectors", "speech", "web")
WORDS_OF_A_SENTENCE = 25
MARKS = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
NOT_SPOKEN = re.compile(r"[“”\"/·•–—()+*#]|nhắn|bấm dấu|bấm nút|gửi ảnh|gửi vị trí")
NEVER_SPOKEN = re.compile(r"(?:ask_where|ask_commune|how_to_pin)_(?:plus|button)")
"""Phrases of a manner's own way to share a place."""


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return load_phrases(PROVINCE, load_pack(PROVINCE).timezone)


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))
    if "core" in folders:
        yield ROOT / "app.py", ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))


def names_in_code() -> tuple[set[str], list[re.Pattern[str]]]:
    """String constants, and patterns of strings that are put together, in all rooms."""
    constants: set[str] = set()
    patterns: set[str] = set()
    for _, tree in sources(*ROOMS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                constants.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w]+"
                    for part in node.values
                ]
                if any(re.search("[a-z]{3}", part) for part in parts):
                    patterns.add("".join(parts))
    return constants, [re.compile(pattern) for pattern in sorted(patterns)]


CONSTANTS, PATTERNS = names_in_code()


def is_used(name: str) -> bool:
    return name in CONSTANTS or any(pattern.fullmatch(name) for pattern in PATTERNS)


def base(key: str) -> str:
    return key.partition("@")[0]


@pytest.mark.parametrize("section", ["say", "choices", "words", "answers", "patterns"])
def test_nothing_in_the_pack_is_unused(section: str) -> None:
    assert [name for name in DATA[section] if not is_used(base(name))] == []


def test_every_status_has_its_words() -> None:
    assert {status.value for status in Status} <= set(DATA["statuses"])


def calls_with_a_key() -> Iterator[tuple[str, str, set[str] | None]]:
    """(where, key, fields given) of every phrase that is said by its name; None: fields are handed on."""
    position = {"say": 0, "phrase": 0, "warn": 0, "put_question": 1}
    for path, tree in sources("core/conversation"):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            at = position.get(node.func.attr)
            if at is None or len(node.args) <= at:
                continue
            open_ended = any(keyword.arg is None for keyword in node.keywords)
            given = None if open_ended else {str(keyword.arg) for keyword in node.keywords}
            for key in keys_of(node.args[at]):
                yield f"{path.name}:{node.lineno}", key, given


def keys_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from keys_of(node.body)
        yield from keys_of(node.orelse)


def test_every_phrase_said_in_code_is_in_the_pack_with_its_fields(phrases: Phrases) -> None:
    calls = list(calls_with_a_key())
    assert len(calls) > 80
    for where, key, given in calls:
        variants = [name for name in DATA["say"] if base(name) == key]
        assert variants, f"{where}: phrases.yml has no '{key}'"
        if given is not None:
            for variant in variants:
                assert phrases.fields_of(variant) <= given, f"{where}: '{variant}' wants more fields"


@pytest.mark.parametrize(
    ("method", "known"),
    [("is_one_of", LISTS), ("speaks_of", DATA["patterns"]), ("words", LISTS)],
    ids=["is_one_of", "speaks_of", "words"],
)
def test_every_list_asked_for_in_code_is_in_the_pack(method: str, known: dict[str, object]) -> None:
    asked = {
        node.args[0].value
        for _, tree in sources("core")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == method
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert asked
    assert {name for name in asked if isinstance(name, str) and " " not in name} <= set(known)


def test_every_choice_offered_in_code_has_a_label() -> None:
    offered = {
        str(node.args[0].value)
        for _, tree in sources("core/conversation")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "choice"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert offered
    assert offered <= set(DATA["choices"])


def test_no_vietnamese_stands_in_the_talk_s_code() -> None:
    found = []
    for path, tree in sources("core/conversation", "core/reports"):
        docs = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        found += [
            f"{path.name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docs
            and MARKS.search(node.value)
        ]
    assert found == []


@pytest.mark.parametrize("key", list(DATA["say"]))
def test_sentences_are_short_and_ask_once(key: str) -> None:
    text = re.sub(r"\{\w+\}", "x", DATA["say"][key])
    for sentence in re.split(r"(?<=[.?;:])\s+|\n", text):
        assert len(sentence.split()) <= WORDS_OF_A_SENTENCE, sentence
    assert text.count("?") <= 1
    assert "!" not in text


@pytest.mark.parametrize("value", list(DATA["choices"]))
def test_labels_fit_every_channel(value: str) -> None:
    assert 0 < len(DATA["choices"][value]) <= 20


@pytest.mark.parametrize("key", sorted({base(key) for key in DATA["say"]}))
def test_what_is_said_on_the_phone_can_be_spoken(key: str, phrases: Phrases) -> None:
    if NEVER_SPOKEN.fullmatch(key):
        return
    manner = phrases.manner("hotline")
    fields = phrases.fields_of(f"{key}@hotline" if f"{key}@hotline" in DATA["say"] else key)
    text = phrases.say(key, manner, **dict.fromkeys(fields, "x"))
    assert not NOT_SPOKEN.search(text), text
    assert not re.search(r"[⚠📷📍✅…]", text), text


def test_words_of_opposite_meaning_do_not_fold_together(phrases: Phrases) -> None:
    """“đúng” and “dừng” are the same without marks; a list may hold only one of them."""
    opposite = [
        ("confirm", "cancel"), ("confirm", "no"), ("confirm", "no_photo"), ("yes", "no"), ("withdraw",
        "keep"),
        ("erase:yes", "erase:no"), ("rate:satisfied", "rate:unsatisfied"), ("rate:acceptable",
        "rate:unsatisfied"),
        ("reopen", "no_reopen"), ("confirm", "dont_know"), ("edit", "confirm"), ("edit", "cancel"),
    ]  # fmt: skip
    for one, other in opposite:
        assert phrases.words(one) & phrases.words(other) == set(), (one, other)


@pytest.mark.parametrize("text", ["chợ", "ngã ba", "bệnh viện", "đừng", "cháy nhà"])
def test_a_landmark_and_a_word_with_other_marks_are_no_answers(text: str, phrases: Phrases) -> None:
    assert not phrases.is_reserved(text)


@pytest.mark.parametrize("text", ["chỗ", "cho", "Đúng rồi!", "dung", "không có"])
def test_an_answer_tells_no_matter_and_no_place(text: str, phrases: Phrases) -> None:
    assert phrases.is_reserved(text)


def test_time_is_told_in_the_manner_of_the_channel(phrases: Phrases) -> None:
    instant = datetime(2026, 11, 24, 10, 5, tzinfo=UTC)
    assert phrases.time(instant, phrases.manner("zalo")) == "17 giờ 05 thứ Ba 24/11"
    assert phrases.time(instant, phrases.manner("hotline")) == "17 giờ 05 thứ Ba ngày 24 tháng 11"


def test_a_code_is_spelled_digit_by_digit(phrases: Phrases) -> None:
    assert phrases.spell("HT-2611-00042") == "hai, sáu, một, một; không, không, không, bốn, hai"


def test_an_unknown_phrase_or_field_is_named(phrases: Phrases) -> None:
    manner = phrases.manner("zalo")
    with pytest.raises(PhraseError, match="no 'nothing_like_it'"):
        phrases.say("nothing_like_it", manner)
    with pytest.raises(PhraseError, match="wants the field 'count'"):
        phrases.say("got_photos", manner)
    with pytest.raises(PhraseError, match="no label"):
        phrases.choice("nothing_like_it")


@pytest.mark.parametrize(
    ("section", "lists", "why"),
    [
        ("answers", {"near": ["gần"]}, "in 'words' and in 'answers': near"),
        ("words", {"near": ["gần", True]}, "words: 'near' has True, which is no word"),
        ("words", {"near": "gần"}, "'near' is not a list of words"),
    ],
)
def test_a_list_of_words_is_checked(section: str, lists: dict[str, object], why: str) -> None:
    with pytest.raises(PhraseError, match=why):
        Phrases(DATA | {section: DATA[section] | lists}, load_pack(PROVINCE).timezone)


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is empty"), ("say: 1\nmanners: {}", "section|missing"), ("a: [", "cannot be read")],
)
def test_an_unusable_file_says_why(text: str, why: str, tmp_path: Path, phrases: Phrases) -> None:
    (tmp_path / "phrases.yml").write_text(text, encoding="utf-8")
    with pytest.raises(PhraseError, match=why):
        load_phrases(tmp_path, load_pack(PROVINCE).timezone)
