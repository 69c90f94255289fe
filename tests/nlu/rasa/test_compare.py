"""Both engines on one set: what is measured, and that nothing stands in for Rasa while it is measured."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from core.danger import DangerWords
from core.storage import Store
from core.understanding import Context, Interpreter, Understanding
from nlu.evaluate import read_set
from nlu.rasa.client import RasaError, RasaInterpreter
from nlu.rasa.command import run_command
from nlu.rasa.compare import compare, table
from tests.nlu.rasa.answers import recorded

TEXT = "đống rác to ở xã Cẩm Bình"


class OneIdea:
    """Takes everything for a report of refuse."""

    async def interpret(self, text: str, context: Context) -> Understanding:
        return Understanding("report", 0.9, (("rac_thai", 1.0),), engine="one-idea")


def small_set(folder: Path) -> Path:
    lines = [
        {"id": 1, "text": TEXT, "context": "idle", "intent": "report", "category": "rac_thai",
         "place_text": "xã Cẩm Bình"},
        {"id": 2, "text": "👍", "context": "confirm_draft", "intent": "confirm", "category": None},
    ]  # fmt: skip
    path = folder / "set.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def rasa(status: int = 200) -> RasaInterpreter:
    def handler(request: httpx.Request) -> httpx.Response:
        content = recorded(TEXT)
        content["intent_ranking"].sort(key=lambda one: one["confidence"])
        return httpx.Response(status, json=content)

    danger = DangerWords.load(Path("province/ha_tinh/danger.yml"))
    return RasaInterpreter(
        "http://rasa.test", "", danger, "HT", OneIdea(), transport=httpx.MockTransport(handler)
    )


async def test_a_column_an_engine(tmp_path: Path) -> None:
    messages = read_set(small_set(tmp_path))
    columns = [await compare(OneIdea(), messages), await compare(rasa(), messages)]
    assert [column.engine for column in columns] == ["one-idea", "rasa"]
    assert [column.typed.intent for column in columns] == [0.5, 1.0]
    assert columns[1].typed.place_f1 == 1.0
    shown = table(columns)
    assert "emergency_recall" in shown
    assert "p95 ms" in shown


async def test_nothing_stands_in_while_rasa_is_measured(tmp_path: Path) -> None:
    with pytest.raises(RasaError, match="500"):
        await compare(rasa(500), read_set(small_set(tmp_path)))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def no_store() -> Store:
        raise AssertionError("comparing needs no database")

    def both() -> list[Interpreter]:
        return [OneIdea(), rasa()]

    path = str(small_set(tmp_path))
    assert run_command(["compare", path], both, no_store, "HT") == 0
    assert "one-idea" in capsys.readouterr().out
    assert run_command(["compare", path], lambda: [OneIdea()], no_store, "HT") == 0
    assert "KENHDAN_RASA_URL" in capsys.readouterr().out
    assert run_command(["compare", path], lambda: [OneIdea(), rasa(401)], no_store, "HT") == 1
    assert "KENHDAN_RASA_TOKEN" in capsys.readouterr().err
