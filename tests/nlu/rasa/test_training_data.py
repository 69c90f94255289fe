"""What Rasa is given: the export, the marker, the tokens, how it is started."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.understanding import Context
from nlu.rasa import serve
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
    blocks = {block["intent"]: block for block in content["nlu"] if "intent" in block}
    assert blocks["report"]["metadata"] == {"category": "rac_thai"}
    assert blocks["emergency"]["metadata"] == {"category": "an_ninh"}
    lines = [line for block in blocks.values() for line in block["examples"].splitlines()]
    assert len(lines) == count
    assert "- ⟦confirm_draft⟧ đúng rồi" in lines
    assert "- ⟦confirm_draft⟧ dung roi" in lines
    assert any(line.endswith("rac do dong o [cho Gat](place) may ngay nay roi") for line in lines)
    assert [block["lookup"] for block in content["nlu"] if "lookup" in block] == ["term_rac_thai"]


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
