"""What Rasa is given: the export, the marker, the tokens, how it is started."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.understanding import Context
from nlu.heads import HEADS, Head
from nlu.rasa import serve
from nlu.rasa.beliefs import intents_of, ranking, untold_of
from nlu.rasa.export import export
from nlu.rasa.marker import marker_length, split_context, with_context
from nlu.rasa.python310 import find_python310
from nlu.rasa.tokens import cut

DATA = """
version: "3.1"
nlu:
- intent: report/rac_thai
  examples: |
    - rác đổ đống ở [chợ Gát](place) mấy ngày nay rồi
- intent: emergency
  metadata: {category: an_ninh}
  examples: |
    - đang cháy nhà
- intent: confirm
  metadata: {context: confirm_draft}
  examples: |
    - đúng rồi
- lookup: term_rac_thai
  examples: |
    - bãi rác
"""


def test_the_export_is_rasas_form(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.yml").write_text(DATA, encoding="utf-8")
    count = export(tmp_path / "data", tmp_path / "out")
    content = yaml.safe_load((tmp_path / "out" / "nlu.yml").read_text(encoding="utf-8"))
    blocks = [block for block in content["nlu"] if "intent" in block]
    learnt = {line: block for block in blocks for line in block["examples"].splitlines()}
    report = next(block for line, block in learnt.items() if line.endswith("mấy ngày nay rồi"))
    assert report["intent"] == "report"
    assert report["metadata"]["heads"] == {"intent": "report/rac_thai", "category": "rac_thai"}
    urgent = [learnt[line]["metadata"]["heads"] for line in learnt if line.endswith("đang cháy nhà")]
    assert {"intent": "emergency", "plight": "an_ninh"} in urgent
    assert sum("plight" in heads for heads in urgent) == 1  # the state of the talk says nothing about it
    lines = list(learnt)
    assert len(lines) == count
    assert "- ⟦confirm_draft⟧ đúng rồi" in lines
    assert "- ⟦confirm_draft⟧ dung roi" in lines
    assert any(line.endswith("rac do dong o [cho Gat](place) may ngay nay roi") for line in lines)
    assert [block["lookup"] for block in content["nlu"] if "lookup" in block] == ["term_rac_thai"]


def test_the_heads_are_set_as_in_our_process() -> None:
    pipeline = yaml.safe_load(Path("config.yml").read_text(encoding="utf-8"))["pipeline"]
    told = [
        Head(one["head"], next(head.labels for head in HEADS if head.name == one["head"]), *numbers(one))
        for one in pipeline
        if one["name"] == "nlu.rasa.heads.HeadClassifier"
    ]
    assert tuple(told) == HEADS


def numbers(component: dict[str, Any]) -> tuple[float, float]:
    return component["bayes"], component["temperature"]


def test_joint_classes_of_reports_are_summed() -> None:
    shares = {"report/dien": 0.5, "report/none": 0.125, "emergency": 0.25, "greet": 0.125}
    assert intents_of(shares) == {"report": 0.625, "emergency": 0.25, "greet": 0.125}
    assert untold_of(shares) == 0.2
    assert untold_of({"report/dien": 0.5, "greet": 0.5}) is None
    assert untold_of({"report/none": 0.0, "greet": 1.0}) is None
    assert [one["name"] for one in ranking(intents_of(shares))] == ["report", "emergency", "greet"]


def test_places_are_marked_behind_a_lead_in(tmp_path: Path) -> None:
    tellings = [f"    - rác đổ đống số {n} ở [chợ Gát](place) rồi" for n in range(40)]
    text = "\n".join(["version: '3.1'", "nlu:", "- intent: report/rac_thai", "  examples: |", *tellings,
                      "- lookup: lead_in", "  examples: |", "    - chào em,"])  # fmt: skip
    (tmp_path / "a.yml").write_text(text, encoding="utf-8")
    export(tmp_path, tmp_path / "out")
    content = yaml.safe_load((tmp_path / "out" / "nlu.yml").read_text(encoding="utf-8"))
    lines = [line for block in content["nlu"] if "intent" in block for line in block["examples"].splitlines()]
    led = [line for line in lines if "chào em, rác" in line or "chao em, rac" in line]
    assert led
    assert all("[chợ Gát](place)" in line or "[cho Gat](place)" in line for line in lines)


@given(st.sampled_from(Context), st.text(max_size=40))
def test_a_marker_is_read_back(context: Context, text: str) -> None:
    marked = with_context(text, context)
    assert split_context(marked) == (context, marker_length(context))
    assert marked[marker_length(context) :] == text


@given(st.text(max_size=60))
def test_tokens_lie_where_they_say(text: str) -> None:
    tokens = cut(with_context(text, "idle"))
    assert all(with_context(text, "idle")[one.start : one.end] == one.text for one in tokens)
    assert all(left.end <= right.start for left, right in pairwise(tokens))


def test_lemmas_are_plain_words() -> None:
    assert [one.lemma for one in cut("Nác bẩn, ko uống dc")] == ["nuoc", "ban", "khong", "uong", "duoc"]


def test_the_server_listens_here_only_and_asks_for_a_token(tmp_path: Path) -> None:
    line = serve.command(tmp_path / "m.tar.gz", 5005, "secret-of-nobody")
    assert line[line.index("-i") + 1] == "127.0.0.1"
    assert line[line.index("--auth-token") + 1] == "secret-of-nobody"
    env = serve.environment({"PATH": "/bin"})
    assert (env["RASA_TELEMETRY_ENABLED"], env["LOG_LEVEL"]) == ("false", "WARNING")


def test_the_token_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "var" / "rasa.token"
    token = serve.token_of({}, path)
    assert len(token) >= 24
    assert serve.token_of({}, path) == token
    assert path.stat().st_mode & 0o777 == 0o600
    assert serve.token_of({"KENHDAN_RASA_TOKEN": "set-by-hand"}, path) == "set-by-hand"


def test_a_python_that_is_not_310_is_not_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from nlu.rasa.python310 import main

    other = tmp_path / "python"
    other.write_text('#!/bin/sh\necho "3.12 /bin/other"\n', encoding="utf-8")
    other.chmod(0o755)
    assert find_python310({"PYTHON310": str(other)}) is None
    other.write_text('#!/bin/sh\necho "3.10 /bin/right"\n', encoding="utf-8")
    assert find_python310({"PYTHON310": str(other)}) == "/bin/right"
    assert find_python310({"PYTHON310": str(tmp_path / "none")}) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHON310", str(tmp_path / "none"))
        assert main() == 1
    assert "apt install python3.10" in capsys.readouterr().err
    assert sys.version_info >= (3, 11)
