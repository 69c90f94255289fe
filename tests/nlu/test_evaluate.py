import json
from pathlib import Path

import pytest

from core.understanding import Context, Understanding
from nlu.command import understand_line
from nlu.evaluate import BadSet, errors, measure, read_set
from nlu.interpreter import InProcessInterpreter


def answer(text: str, context: Context) -> Understanding:
    """Knows two messages by heart and takes everything else for a greeting."""
    if text == "cháy":
        return Understanding("emergency", 1.0)
    if text.startswith("rác"):
        return Understanding("report", 0.8, (("o_nhiem", 0.6), ("rac_thai", 0.4)), place_text="xã Cẩm Bình")
    return Understanding("greet", 0.5)


def lines(folder: Path, *items: object) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(json.dumps(item) for item in items), encoding="utf-8")
    return path


def test_figures_are_counted(tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        {"id": 1, "text": "cháy", "context": "idle", "intent": "emergency", "category": None},
        {"id": 2, "text": "đuối nước", "intent": "emergency"},
        {
            "id": 3,
            "text": "rác ở xã Cẩm Bình",
            "intent": "report",
            "category": "rac_thai",
            "place_text": "xã Cẩm Bình",
        },
        {
            "id": 4,
            "text": "rác hôi",
            "intent": "report",
            "category": "rac_thai",
            "also_ok": ["o_nhiem"],
            "place_text": None,
        },
    )
    figures = measure(read_set(path), answer)
    assert figures.messages == 4
    assert figures.intent == 0.75
    assert (figures.category, figures.category_top3) == (0.5, 1.0)
    assert (figures.emergency_recall, figures.false_alarms) == (0.5, 0.0)
    assert figures.place_f1 == pytest.approx(2 / 3)
    assert figures.calibration_error == pytest.approx((0 + 0.4 + 0.5) / 4)
    assert len(errors(read_set(path), answer)) == 3


def test_an_intent_that_is_also_right_is_no_error_and_no_false_alarm(tmp_path: Path) -> None:
    item = {
        "id": 1,
        "text": "cháy",
        "intent": "report",
        "category": "dien",
        "also_ok": ["emergency", "an_ninh"],
    }
    messages = read_set(lines(tmp_path, item, {"id": 2, "text": "xin chào", "intent": "greet"}))
    assert messages[0].intents == ("report", "emergency")
    assert messages[0].categories == ("dien", "an_ninh")
    figures = measure(messages, answer)
    assert (figures.intent, figures.false_alarms) == (1.0, 0.0)
    strict = read_set(lines(tmp_path, {**item, "also_ok": ["an_ninh"]}))
    assert (measure(strict, answer).intent, measure(strict, answer).false_alarms) == (0.0, 1.0)


@pytest.mark.parametrize("item", [{"id": 1}, {"id": 1, "text": "a", "intent": "x"}, [1]])
def test_a_bad_line_is_named(tmp_path: Path, item: object) -> None:
    with pytest.raises(BadSet, match=r"set\.jsonl:1"):
        read_set(lines(tmp_path, item))


def test_a_line_in_a_line_out(interpreter: InProcessInterpreter) -> None:
    out = understand_line(
        interpreter, {"id": "a", "text": "HT-2611-00042 gọi 0900 000 123", "context": "idle"}
    )
    assert out["id"] == "a" and out["intent"] == "check_status"
    assert out["ticket_codes"] == ["HT-2611-00042"] and out["phones"] == ["0900000123"]
    assert json.loads(json.dumps(out)) == out
    report = understand_line(interpreter, {"id": 2, "text": "đèn đường tắt ở thôn Đông, xã Cẩm Bình"})
    assert report["category"] == report["categories"][0][0] == "chieu_sang"


@pytest.mark.parametrize(
    "item", [None, 3, [], {"id": 1}, {"id": 1, "text": 5}, {"id": 1, "text": "a", "context": "x"}]
)
def test_a_bad_line_gives_an_error(interpreter: InProcessInterpreter, item: object) -> None:
    out = understand_line(interpreter, item)
    assert set(out) == {"id", "error"} and out["error"]
