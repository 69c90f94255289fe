"""Random talks through the real path: whatever is said in whatever order, nothing is lost or doubled."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from core.danger import DangerWords
from core.pack import load_pack
from core.phrases import load_phrases
from core.plain import PlainInterpreter
from core.rehearsal import BadTalk, Rehearsal
from core.storage.schema import inbox, outbox, report_media, reports

PROVINCE = Path(__file__).parents[2] / "province" / "ha_tinh"
CHANNELS = ("zalo", "telegram", "hotline")
MATTERS = (
    "đèn đường hỏng ở xã Cẩm Bình", "đường ổ gà ở nghi xuân", "rác đổ đầy bờ kênh", "mất nước 3 ngày nay",
    "em nhắn thay mệ Xuân, ngõ sụt một hố to ở thôn Đông", "cháy nhà, còn người trên gác",
    "cống tắc ở TP Vinh",
    "còn nữa, loa hát ồn cả đêm ở xã Thạch Khê", "tôi muốn tố cáo cán bộ xã", "à nhầm, ở xã Kỳ Anh",
)  # fmt: skip
ANSWERS = (
    "1", "2", "3", "không có", "không", "gửi đi", "ok", "sửa", "nơi", "xã Thạch Khê", "thôn Đông", "thôi",
    "hủy",
    "của tôi", "gặp cán bộ", "chào em", "cảm ơn", "bỏ qua", "hài lòng", "không hài lòng", "vẫn còn nguyên",
    "xóa dữ liệu của tôi", "xóa hết", "hủy phản ánh vừa gửi", "rút lại", "0900 000 111", "", "😀",
    "HT-2611-00001",
    "bổ sung HT-2611-00001: gần cổng chợ", "không biết", "mở lại", "đợi em chụp",
)  # fmt: skip
BUTTONS = (
    ("confirm", "gửi đi"), ("confirm", "gửi đi"), ("edit", "sửa"), ("cancel", "hủy"), ("skip_photo",
    "không có ảnh"),
    ("new_report", "báo việc khác"), ("rate:unsatisfied", "không hài lòng"), ("follow", "đúng việc đó"),
    ("place:18676", "xã Cẩm Bình"), ("erase:no", "không xóa"), ("category:rac_thai", "rác thải"),
)  # fmt: skip
PINS = ((18.39, 105.95), (18.343, 105.9), (18.68, 105.68), (0.0, 0.0), (18.29, 105.94))
STATUSES = ("in_progress", "needs_info", "refused", "transferred", "reopened")


@pytest.fixture(scope="module")
def plain_rehearsal() -> Rehearsal:
    """Talks of this province, understood by rules alone: what is tested is what happens to them."""
    pack = load_pack(PROVINCE)
    phrases = load_phrases(PROVINCE, pack.timezone)
    plain = PlainInterpreter(DangerWords.load(PROVINCE / "danger.yml"), phrases, pack.code_prefix)
    return Rehearsal(pack, phrases, plain, plain)


def random_talk(seed: int) -> dict[str, Any]:
    """A talk of 6–14 turns, the same for the same seed."""
    dice = random.Random(seed)
    channel = dice.choice(CHANNELS)
    setup: dict[str, Any] = {"caller_id": "0900000111"} if channel == "hotline" else {}
    if dice.random() < 0.4:
        setup["existing_tickets"] = [{"category": "rac_thai", "commune": "Cẩm Bình", "status": "received"}]
    turns = [
        _matter(dice),
        *(_turn(dice, bool(setup.get("existing_tickets"))) for _ in range(dice.randint(5, 13))),
    ]
    return {"id": f"random-{seed}", "channel": channel, "setup": setup, "turns": turns}


def _matter(dice: random.Random) -> dict[str, Any]:
    return {"type": "text", "text": dice.choice(MATTERS)}


def _turn(dice: random.Random, has_tickets: bool) -> dict[str, Any]:
    kind = dice.choice(
        ("matter", "answer", "answer", "answer", "button", "button", "photo", "pin", "voice", "wait", "event")
    )
    if kind == "matter":
        return _matter(dice)
    if kind == "button":
        value, words = dice.choice(BUTTONS)
        return {"type": "button", "value": value, "text_equiv": words}
    if kind == "photo":
        return {"type": "photo", "count": dice.randint(1, 4), "caption": dice.choice(("", "", "ổ gà to"))}
    if kind == "pin":
        lat, lon = dice.choice(PINS)
        return {"type": "location", "lat": lat, "lon": lon}
    if kind == "voice":
        return {"type": "voice", "transcript": dice.choice(("", *MATTERS, "đúng rồi"))}
    if kind == "wait":
        return {"type": "wait", "hours": dice.choice((1, 8, 30, 100))}
    if kind == "event" and has_tickets:
        status = dice.choice(("resolved", *STATUSES))
        if status == "resolved":
            return {"type": "event", "event": "ticket_resolved"}
        return {"type": "event", "event": "status_changed", "status": status, "note": "vì một lý do"}
    return {"type": "text", "text": dice.choice(ANSWERS)}


def examine(conn: sa.Connection) -> None:
    """What must hold in the database after any talk."""
    assert set(conn.execute(sa.select(inbox.c.state)).scalars()) <= {"done"}
    assert set(conn.execute(sa.select(outbox.c.state)).scalars()) <= {"sent"}
    codes = list(conn.execute(sa.select(reports.c.code)).scalars())
    assert len(codes) == len(set(codes))
    keys = list(conn.execute(sa.select(reports.c.filing_key)).scalars())
    assert len(keys) == len(set(keys))
    held = conn.execute(sa.select(report_media.c.report_id, report_media.c.media_id)).all()
    assert len(held) == len(set(held))


async def _play(seed: int, rehearsal: Rehearsal) -> None:
    talk = random_talk(seed)
    played = await rehearsal.play(talk, examine)
    before = 0
    for turn, step in zip(talk["turns"], played["steps"], strict=True):
        if turn["type"] in ("text", "button", "photo", "location", "voice"):
            assert len(step["replies"]) == 1, f"seed {seed}, turn {step['turn']}: answered once"
        assert len(step["tickets"]) - before <= (2 if before == 0 else 1), (
            f"seed {seed}: one turn, one report"
        )
        before = len(step["tickets"])
    sent = sum(turn.get("count", 0) for turn in talk["turns"])
    assert sum(report["photos"] for report in played["reports"]) <= sent, f"seed {seed}: photos counted once"
    assert [report["code"] for report in played["reports"]] == played["steps"][-1]["tickets"]


@pytest.mark.parametrize("start", range(0, 60, 10))
async def test_random_talks(start: int, plain_rehearsal: Rehearsal) -> None:
    for seed in range(start, start + 10):
        await _play(seed, plain_rehearsal)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", range(0, 1_000, 50))
async def test_a_thousand_random_talks(start: int, plain_rehearsal: Rehearsal) -> None:
    for seed in range(1_000 + start, 1_050 + start):
        await _play(seed, plain_rehearsal)


@pytest.mark.parametrize(
    "turn",
    [
        {"type": "dance"},
        {"type": "location", "lat": "north"},
        {"type": "event", "event": "ticket_resolved"},
        {"type": "event", "event": "status_changed", "ticket": "HT-2611-09999", "status": "resolved"},
        {"text": "no type"},
        "a word",
    ],
)
async def test_a_bad_talk_says_where(turn: Any, plain_rehearsal: Rehearsal) -> None:
    with pytest.raises(BadTalk, match=r"turn 0|location|ticket"):
        await plain_rehearsal.play({"id": "bad", "channel": "zalo", "turns": [turn]})


async def test_a_code_of_the_script_stands_for_the_real_one(plain_rehearsal: Rehearsal) -> None:
    talk = {
        "id": "codes",
        "channel": "zalo",
        "setup": {"existing_tickets": [{"ref": "{T1}", "category": "dien", "commune": "Cẩm Bình"}]},
        "turns": [{"type": "text", "text": "{T1}"}],
    }
    played = await plain_rehearsal.play(talk)
    assert played["reports"][0]["code"] in played["steps"][0]["replies"][0]["text"]
