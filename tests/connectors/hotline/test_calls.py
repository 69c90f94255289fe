"""Whole calls: a caller behind Asterisk, the bridge, the talk, and the report that comes out."""

from __future__ import annotations

from pathlib import Path

from core.storage import Store
from tests.connectors.hotline.stage import MATTER, HotlineStage, report_media


async def test_an_open_sentence_and_key_1_end_in_one_report(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path)
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        await caller.say(stage.voices.voice(MATTER))
        await stage.prompt("Đúng thì bác bấm một")
        caller.press("1")
        await stage.prompt("Mã của bác")
        assert await caller.ended() == "done"
        await stage.settled()
    (report,) = await stage.reports()
    assert (report["commune"], report["status"]) != (None, "unconfirmed")
    assert report["contact_phone"] == "0900000123"
    assert report["transcript"] == MATTER
    assert await stage.count(report_media, purpose="voice") == 1
