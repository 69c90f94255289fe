"""Corrections as Rasa YAML: grouped, once each, with nobody's data in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.storage import Store
from core.storage.schema import corrections
from nlu.examples import read_examples
from nlu.rasa.command import run_command
from nlu.rasa.corrections import Correction, corrections_yaml, read_corrections, without_persons

DAY = datetime(2026, 11, 2, 3, tzinfo=UTC)


def correction(text: str, corrected: str = "o_nhiem", field: str = "category", **more: Any) -> Correction:
    values = {"at": DAY, "by": "citizen", "context": "confirm_draft", "guessed": "rac_thai", **more}
    return Correction(text=text, field=field, corrected=corrected, **values)


def blocks(found: list[Correction]) -> dict[str, list[dict[str, Any]]]:
    content = yaml.safe_load(corrections_yaml(found, "HT"))
    return {block["intent"]: block["examples"] for block in content["nlu"]}


def test_grouped_by_what_was_right_and_each_writing_once() -> None:
    found = blocks(
        [
            correction("Nước thải đen ngòm"),
            correction("nuoc thai den ngom", by="officer", context="idle"),
            correction("nước thải đen ngòm!"),
            correction("mất điện", "dien", guessed=None),
            correction("xem giúp cái mã", "check_status", "intent", guessed="report"),
        ]
    )
    assert set(found) == {"report/o_nhiem", "report/dien", "check_status"}
    (example,) = found["report/o_nhiem"]
    assert example["metadata"]["corrected_by"] == {"citizen": 2, "officer": 1}
    assert example["metadata"]["guessed"] == "rac_thai"
    assert example["metadata"]["context"] == ["confirm_draft", "idle"]
    assert found["report/dien"][0]["metadata"]["guessed"] == "nothing"


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("rác ở chợ, gọi 0900 000 123", ["0900 000 123", "0900"]),
        ("mã HT-2611-00042 sao chưa xong", ["00042"]),
        ("tên tôi là Trần Thử Nghiệm, rác bốc mùi", ["Trần", "Thử", "Nghiệm"]),
        ("nhà ông Nguyễn Văn Thử xả nước thải", ["Nguyễn", "Văn Thử"]),
        ("em báo hộ mệ Xuân Thử: nước thải tràn ra", ["Xuân"]),
        ("toi ten la Tran Thu Nghiem o day", ["Tran", "Nghiem"]),
        ("cccd 042099000123 của tôi", ["042099000123"]),
    ],
)
def test_nobodys_data_is_exported(text: str, secrets: list[str]) -> None:
    shown = corrections_yaml([correction(text)], "HT")
    assert "•••" in shown
    for secret in secrets:
        assert secret not in shown


def test_the_matter_stays() -> None:
    assert without_persons("nhà ông Nguyễn Văn Thử xả nước thải ra mương", "HT") == (
        "nhà ông ••• xả nước thải ra mương"
    )
    assert without_persons("bà con kêu đường Bắc Nam hỏng", "HT") == "bà con kêu đường Bắc Nam hỏng"


def test_communes_are_told_beside_the_examples() -> None:
    text = corrections_yaml([correction("hỏng đường ở Cẩm Bình", "18229", "commune", guessed="18100")], "HT")
    assert "# 18229 (18100): hỏng đường ở Cẩm Bình" in text
    assert yaml.safe_load(text)["nlu"] == []


def test_what_is_exported_can_be_trained_on(tmp_path: Path) -> None:
    text = corrections_yaml([correction("[nước](place) thải: đen - ngòm #1"), correction("cống tắc")], "HT")
    (tmp_path / "reviewed.yml").write_text(text, encoding="utf-8")
    assert {(one.intent, one.category) for one in read_examples(tmp_path)} == {("report", "o_nhiem")}


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_text_gives_yaml(texts: list[str]) -> None:
    content = yaml.safe_load(corrections_yaml([correction(text) for text in texts], "HT"))
    assert isinstance(content["nlu"], list)


async def _fill(store: Store) -> None:
    rows = [
        {"at": DAY + timedelta(days=number), "by": "citizen", "text": f"cống tắc số {number}",
         "context": "idle", "field": "category", "guessed": "duong_cau", "corrected": "thoat_nuoc"}
        for number in range(3)
    ]  # fmt: skip
    await store.write(lambda conn: conn.execute(corrections.insert(), rows) and None)


async def test_read_since_a_day(store: Store) -> None:
    await _fill(store)
    found = await store.read(lambda conn: read_corrections(conn, DAY + timedelta(days=1)))
    assert [one.text for one in found] == ["cống tắc số 1", "cống tắc số 2"]
    assert len(await store.read(read_corrections)) == 3


def test_the_command_writes_a_file(sqlite_url: str, tmp_path: Path) -> None:
    import asyncio

    from core.storage import open_store

    async def opened() -> Store:
        return await open_store(sqlite_url)

    async def fill() -> None:
        store = await opened()
        await _fill(store)
        await store.close()

    asyncio.run(fill())
    out = tmp_path / "corrections.yml"
    assert run_command(["corrections", "--since", "2026-11-03", "--out", str(out)], list, opened, "HT") == 0
    (block,) = yaml.safe_load(out.read_text(encoding="utf-8"))["nlu"]
    assert (block["intent"], len(block["examples"])) == ("report/thoat_nuoc", 2)
