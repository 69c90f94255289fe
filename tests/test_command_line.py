"""The command `kenhdan`: its entry point, its JSON lines, and what it says when it cannot go on."""

from __future__ import annotations

import io
import json
import os
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import command_line
from command_line import json_lines, main
from core.settings import settings_table
from tests.core.stage import PROVINCE

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine, and nothing written outside the test's folder."""
    for name in [name for name in os.environ if name.startswith("KENHDAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KENHDAN_DATABASE_URL", f"sqlite:///{tmp_path}/kenhdan.sqlite3")
    monkeypatch.setenv("KENHDAN_MEDIA_DIR", str(tmp_path / "media"))
    monkeypatch.setenv("KENHDAN_MODEL", str(tmp_path / "none.npz"))
    monkeypatch.setenv("KENHDAN_PROVINCE", str(PROVINCE))
    monkeypatch.setenv("KENHDAN_SPEECH", "off")
    monkeypatch.setattr(command_line, "set_up_logging", lambda *_args, **_options: None)


def answers(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_entry_point_and_the_modules_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = project["project"]["scripts"]["kenhdan"].partition(":")
    assert getattr(import_module(module), name) is main
    installed = set(project["tool"]["setuptools"]["py-modules"])
    assert installed == {path.stem for path in ROOT.glob("*.py")}
    assert installed <= set(project["tool"]["mypy"]["packages"])


def test_the_table_of_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["settings"]) == 0
    assert settings_table() in capsys.readouterr().out


def test_every_line_has_an_answer_or_says_why_not() -> None:
    lines = ['{"id": 1}\n', "\n", "{no\n", "[1]\n"]
    first, second, third = json_lines(lines)
    assert first == {"id": 1}
    assert second["error"].startswith("line 3 is not JSON")
    assert third == {"error": "line 4 is not a JSON object"}


def test_a_bad_line_stops_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = '{"id": 1, "category": "rac_thai", "commune": "Cẩm Bình"}'
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{asked}\nrác\n{asked}\n"))
    assert main(["route"]) == 0
    one, bad, again = answers(capsys.readouterr().out)
    assert one["id"] == again["id"] == 1
    assert one["agency"] == again["agency"]
    assert bad["id"] is None
    assert bad["error"].startswith("line 2")


def test_settings_that_cannot_be_used_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KENHDAN_PORT", "tám nghìn")
    assert main(["migrate"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("kenhdan: ")
    assert "KENHDAN_PORT" in told


def test_a_command_without_its_model_says_how_to_get_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["understand"]) == 1
    assert "`make model`" in capsys.readouterr().err


def test_words_that_no_command_takes_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["migrate", "--fast"])
    assert ended.value.code == 2
    assert "unrecognized arguments: --fast" in capsys.readouterr().err


def test_check_names_what_is_wrong_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("KENHDAN_MEDIA_DIR", str(tmp_path / "file" / "media"))
    assert main(["check"]) == 1
    lines = capsys.readouterr().out.splitlines()
    verdicts = {line[6:].partition(":")[0]: line[:5].strip() for line in lines}
    assert {verdicts["understanding"], verdicts["media"]} == {"WRONG"}
    others = ("province pack", "database", "telegram", "zalo", "staff alerts")
    assert {verdicts[name] for name in others} == {"ok"}
    assert any("set KENHDAN_MEDIA_DIR" in line for line in lines)
