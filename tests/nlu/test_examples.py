from collections import Counter
from pathlib import Path

import pytest
import yaml

from core.understanding import INTENTS, Context
from nlu.examples import BadExamples, Example, fingerprint, read_examples, read_lookups
from nlu.generate import made_from, to_rasa
from nlu.training_set import rows_of
from nlu.views import writings

DATA = Path("nlu/data")
EXAMPLES = read_examples(DATA)


def written(folder: Path, body: str) -> Path:
    (folder / "a.yml").write_text('version: "3.1"\nnlu:\n' + body, encoding="utf-8")
    return folder


def test_every_intent_has_many_examples() -> None:
    counts = Counter(example.intent for example in EXAMPLES)
    assert [intent for intent in INTENTS if counts[intent] < 60] == []


def test_answers_are_learnt_only_where_a_question_stands() -> None:
    for example in EXAMPLES:
        if example.intent in ("confirm", "deny_correct"):
            assert example.contexts and Context.IDLE not in example.contexts, example


def test_one_writing_has_one_intent_in_one_context() -> None:
    said: dict[tuple[str, str], str] = {}
    for example in EXAMPLES:
        for context in example.contexts:
            key = (example.text.lower(), context)
            assert said.setdefault(key, example.intent) == example.intent, key


def test_marks_metadata_and_leaves_are_read(tmp_path: Path) -> None:
    body = """
- intent: report/duong_cau
  examples: |
    - hố to ở [xã Cẩm Bình](place) sâu lắm
- intent: confirm
  metadata: {context: confirm_draft}
  examples: |
    - ừ
- intent: emergency
  examples:
  - text: cháy nhà
    metadata: {category: an_ninh, context: [idle, draft_open]}
- lookup: place_name
  examples: |
    - Cẩm Bình
"""
    examples = read_examples(written(tmp_path, body))
    assert examples == [
        Example("hố to ở xã Cẩm Bình sâu lắm", "report", "duong_cau", (), ((8, 19),)),
        Example("ừ", "confirm", None, ("confirm_draft",)),
        Example("cháy nhà", "emergency", "an_ninh", ("idle", "draft_open")),
    ]
    assert examples[0].stripped().text[8:19] == "xa Cam Binh"
    assert read_lookups(tmp_path) == {"place_name": ("Cẩm Bình",)}


@pytest.mark.parametrize(
    "body",
    [
        "- intent: nonsense\n  examples: |\n    - a\n",
        "- intent: greet\n",
        "- intent: greet\n  examples: |\n    a\n",
        "- intent: greet\n  metadata: {context: nowhere}\n  examples: |\n    - a\n",
        "[]\n",
    ],
)
def test_bad_data_are_named(tmp_path: Path, body: str) -> None:
    with pytest.raises((BadExamples, yaml.YAMLError)):
        read_examples(written(tmp_path, body))


def test_the_fingerprint_follows_the_data(tmp_path: Path) -> None:
    body = "- intent: greet\n  examples: |\n    - chào\n"
    before = fingerprint(written(tmp_path, body))
    assert before == fingerprint(tmp_path)
    assert before != fingerprint(written(tmp_path, body + "    - alo\n"))


def test_rows_hold_both_writings_and_keep_to_their_contexts() -> None:
    rows = rows_of([Example("đúng rồi", "confirm", None, ("confirm_draft", "draft_open"))])
    assert {(row.text, row.context) for row in rows} == {
        (text, context) for text in ("đúng rồi", "dung roi") for context in ("confirm_draft", "draft_open")
    }


def test_writings_of_one_word_agree() -> None:
    assert writings("hoà") == writings("hòa")
    assert writings("ko")[0].plain == ("khong",)
    assert writings("mn")[0].plain == ("moi", "nguoi")
    assert writings("răng rứa")[0].plain == ("sao",)
    assert writings("đẹpppppp")[0].bare == "dep"


def test_made_examples_are_apart_and_readable(tmp_path: Path) -> None:
    some = EXAMPLES[::40]
    made = list(made_from(some, ["Cẩm Bình", "Thạch Khê"]))
    assert made and not any(example.written for example in made)
    assert made == list(made_from(some, ["Cẩm Bình", "Thạch Khê"]))
    assert all(0 <= start < end <= len(example.text) for example in made for start, end in example.places)
    (tmp_path / "made.yml").write_text(to_rasa(made), encoding="utf-8")
    again = read_examples(tmp_path)
    assert {(e.text, e.intent, e.places) for e in again} <= {(e.text, e.intent, e.places) for e in made}
    assert len(again) > 0.9 * len(made)
