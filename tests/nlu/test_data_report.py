"""The training utterances of `report` and the development set: form, counts, nothing said twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.text import clean, fold
from core.understanding import INTENTS, Context

NLU = Path(__file__).parents[2] / "nlu"
REPORT_FILES = sorted((NLU / "data").glob("report_*.yml"))
DEVELOPMENT = NLU / "dev" / "understanding.jsonl"

LEAVES = frozenset(
    {
        "duong_cau", "an_toan_giao_thong", "rac_thai", "o_nhiem",
        "dien", "chieu_sang", "nuoc_sach", "thoat_nuoc",
        "vien_thong", "lan_chiem", "cay_xanh_cong_cong", "dat_dai_xay_dung",
        "nong_nghiep", "thien_tai", "an_ninh", "tieng_on",
        "y_te", "giao_duc", "an_sinh", "hanh_chinh",
        "tieu_dung_attp",
    }
)  # fmt: skip
AT_LEAST = {**dict.fromkeys(LEAVES, 100), "khac": 60, "none": 60}
FIELDS = {"id", "text", "context", "intent", "category", "also_ok", "place_text"}

_PLACE = re.compile(r"\[([^\]\[]+)\]\(place\)")
_PREPOSITION = re.compile(r"^(ở|tại|trước|gần|trên|ngoài|trong|dưới|cạnh|qua)\s", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)0[\d .]{8,12}\d")


def _marked_lines() -> list[tuple[str, str]]:
    """(leaf, utterance with its place marks) of every `report_*.yml`."""
    found = []
    for path in REPORT_FILES:
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            head, leaf = block["intent"].split("/")
            assert head == "report", path.name
            for line in block["examples"].splitlines():
                assert line.startswith("- "), (path.name, line)
                found.append((leaf, line[2:]))
    return found


def _bare(marked: str) -> str:
    return _PLACE.sub(r"\1", marked)


def _development() -> list[dict[str, Any]]:
    return [json.loads(line) for line in DEVELOPMENT.read_text(encoding="utf-8").splitlines()]


def _quads(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[i : i + 4] for i in range(len(folded) - 3))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


MARKED = _marked_lines()


@pytest.mark.parametrize("path", REPORT_FILES, ids=lambda p: p.stem)
def test_a_file_is_in_rasas_form(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["version"] == "3.1"
    assert {b["intent"].split("/")[1] for b in content["nlu"]} <= AT_LEAST.keys()


def test_every_leaf_has_its_number() -> None:
    counts = Counter(leaf for leaf, _ in MARKED)
    assert {leaf: counts[leaf] for leaf, least in AT_LEAST.items() if counts[leaf] < least} == {}
    assert sum(counts.values()) >= 2_200


def test_places_are_named_in_a_good_part_of_every_leaf_and_never_in_all() -> None:
    named = Counter(leaf for leaf, text in MARKED if _PLACE.search(text))
    counts = Counter(leaf for leaf, _ in MARKED)
    assert [leaf for leaf in LEAVES if not 0.3 <= named[leaf] / counts[leaf] <= 0.7] == []


def test_a_mark_is_whole_and_starts_at_the_name() -> None:
    assert [text for _, text in MARKED if set("[]") & set(_bare(text))] == []
    spans = [span for _, text in MARKED for span in _PLACE.findall(text)]
    assert [span for span in spans if _PREPOSITION.match(span) or span != span.strip()] == []


def test_no_utterance_is_written_twice() -> None:
    counts = Counter(fold(_bare(text)) for _, text in MARKED)
    assert [text for text, times in counts.items() if times > 1] == []


def test_no_utterance_is_a_near_copy_within_its_leaf() -> None:
    near = []
    for leaf in AT_LEAST:
        lines = [(text, _quads(text)) for owner, text in MARKED if owner == leaf]
        long_enough = [(text, quads) for text, quads in lines if len(quads) >= 15]
        near += [(a, b) for (a, qa), (b, qb) in combinations(long_enough, 2) if _likeness(qa, qb) > 0.6]
    assert near == []


def test_a_good_part_is_typed_without_diacritics() -> None:
    bare = sum(1 for _, text in MARKED if _bare(text).isascii())
    assert bare >= 100


def test_no_phone_number_but_samples() -> None:
    texts = [_bare(text) for _, text in MARKED] + [line["text"] for line in _development()]
    numbers = [re.sub(r"\D", "", n) for text in texts for n in _PHONE.findall(text)]
    assert [n for n in numbers if not n.startswith("0900000")] == []


def test_text_is_as_the_program_receives_it() -> None:
    """NFC and without control characters, so that the spans of marks stay where they are."""
    assert [text for _, text in MARKED if clean(text) != text] == []


def test_a_development_line_has_its_fields() -> None:
    lines = _development()
    contexts = {str(c) for c in Context}
    for line in lines:
        assert line.keys() == FIELDS, line["id"]
        assert line["intent"] in INTENTS and line["context"] in contexts, line["id"]
        assert line["category"] is None or line["category"] in LEAVES | {"khac"}, line["id"]
        assert set(line["also_ok"]) <= LEAVES - {line["category"]}, line["id"]
        assert line["place_text"] is None or line["place_text"] in line["text"], line["id"]
        assert line["category"] is None or line["intent"] == "report", line["id"]
    assert len({line["id"] for line in lines}) == len(lines) >= 450


def test_the_development_set_holds_enough_of_everything() -> None:
    lines = _development()
    intents = Counter(line["intent"] for line in lines)
    assert [intent for intent in INTENTS if intents[intent] < 15] == []
    leaves = Counter(line["category"] for line in lines)
    assert [leaf for leaf in LEAVES | {"khac"} if leaves[leaf] < 8] == []
    assert intents["emergency"] >= 40
    assert sum(1 for line in lines if line["id"].startswith("notnow-") and line["intent"] == "report") >= 40
    assert {line["context"] for line in lines} == {str(c) for c in Context}


def test_the_development_set_repeats_neither_itself_nor_the_training() -> None:
    lines = _development()
    assert [text for text, n in Counter(fold(line["text"]) for line in lines).items() if n > 1] == []
    trained = {fold(text) for text in _all_training_texts()}
    assert [line["id"] for line in lines if fold(line["text"]) in trained] == []


def test_reports_of_the_development_set_are_worded_differently_from_training() -> None:
    trained = [quads for _, text in MARKED if len(quads := _quads(_bare(text))) >= 10]
    for line in _development():
        quads = _quads(line["text"])
        if line["intent"] == "report" and len(quads) >= 10:
            assert max(_likeness(quads, other) for other in trained) <= 0.5, line


def _all_training_texts() -> list[str]:
    """Every utterance of every training file, whoever wrote it (both of Rasa's forms of `examples`)."""
    texts = []
    for path in sorted((NLU / "data").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in block:
                continue
            examples = block["examples"]
            lines = (
                [line[2:] for line in examples.splitlines() if line.startswith("- ")]
                if isinstance(examples, str)
                else [item["text"].strip().removeprefix("- ") for item in examples]
            )
            texts += [_bare(line).strip("\"'") for line in lines]
    return texts
