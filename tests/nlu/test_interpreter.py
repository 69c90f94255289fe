import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.danger import DangerWords
from core.text import strip_marks
from core.understanding import INTENTS, Context, Understanding
from nlu.evaluate import measure, read_set
from nlu.interpreter import InProcessInterpreter, ModelMissing, load
from nlu.judgement import best_place
from nlu.train import MODEL

DEVELOPMENT = Path("nlu/dev/understanding.jsonl")

TALK = [
    ("1", "confirm_draft", "confirm"),
    ("được rồi", "confirm_draft", "confirm"),
    ("được rồi", "rate_result", "feedback_positive"),
    ("được rồi", "idle", "thanks"),
    ("ok", "confirm_draft", "confirm"),
    ("ok", "rate_result", "feedback_positive"),
    ("chưa", "confirm_draft", "deny_correct"),
    ("chưa", "rate_result", "feedback_negative"),
    ("ko", "confirm_draft", "deny_correct"),
    ("1 sao", "rate_result", "feedback_negative"),
    ("5 sao", "rate_result", "feedback_positive"),
    ("HT-2611-00042", "idle", "check_status"),
    ("ht 2611 42", "confirm_draft", "check_status"),
    ("gặp cán bộ", "draft_open", "human"),
    ("hủy đi", "draft_open", "cancel"),
    ("chào em", "idle", "greet"),
    ("cảm ơn nhé", "idle", "thanks"),
    ("👍", "confirm_draft", "confirm"),
    ("👎", "confirm_draft", "deny_correct"),
    ("🙏", "idle", "thanks"),
    ("⭐⭐⭐⭐⭐", "rate_result", "feedback_positive"),
    ("⭐", "rate_result", "feedback_negative"),
    ("sai địa chỉ rồi", "confirm_draft", "change_location"),
    ("có mất tiền không", "idle", "help"),
    ("nhà tôi đang cháy, cứu với", "confirm_draft", "emergency"),
    ("chay nha roi", "rate_result", "emergency"),
    ("đường hỏng quá", "idle", "report"),
    ("tôi muốn nộp đơn tố cáo chủ tịch xã", "idle", "report"),
]


@pytest.mark.parametrize(("text", "context", "intent"), TALK)
def test_words_in_their_context(
    interpreter: InProcessInterpreter, text: str, context: str, intent: str
) -> None:
    assert interpreter.understand(text, Context(context)).intent == intent


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "vâng",
        "đúng rồi",
        "1",
        "sai rồi",
        "không phải",
        "👍",
        "ừ",
        "gửi đi",
        "chưa đúng",
        "2",
        "được",
        "no",
    ],
)
def test_nothing_is_confirmed_or_denied_where_no_question_stands(
    interpreter: InProcessInterpreter, text: str
) -> None:
    assert interpreter.understand(text, Context.IDLE).intent not in ("confirm", "deny_correct")


@pytest.mark.parametrize("text", ["", " ", "\n", ".", "...", "😶", "\u200b", "?!"])
@pytest.mark.parametrize("context", list(Context))
def test_nothing_said_is_not_an_answer(
    interpreter: InProcessInterpreter, text: str, context: Context
) -> None:
    heard = interpreter.understand(text, context)
    assert heard.intent not in ("confirm", "emergency", "cancel") and heard.confidence <= 0.5
    assert heard.categories == ()


async def test_it_fills_the_port(interpreter: InProcessInterpreter) -> None:
    heard = await interpreter.interpret("đèn đường không sáng ở xã Cẩm Bình, sđt 0900 000 123", Context.IDLE)
    assert isinstance(heard, Understanding)
    assert (heard.intent, heard.category, heard.phones) == ("report", "chieu_sang", ("0900000123",))
    assert heard.place_text == "xã Cẩm Bình"
    assert "0900" not in heard.matter and "đèn đường" in heard.matter
    assert heard.engine


def test_denied_matter_gives_way_to_what_follows(interpreter: InProcessInterpreter) -> None:
    first = interpreter.understand("không phải rác, là mất điện cả xóm", Context.CONFIRM_DRAFT)
    assert (first.intent, first.category) == ("deny_correct", "dien")
    second = interpreter.understand("mất điện chứ không phải rác", Context.CONFIRM_DRAFT)
    assert second.category == "dien"


def test_a_neighbour_a_complaint_and_a_danger_are_told(interpreter: InProcessInterpreter) -> None:
    neighbour = interpreter.understand("em nhắn thay mệ Xuân ở thôn Đông, ngõ nhà mệ sụt một hố to")
    assert neighbour.on_behalf == "mệ Xuân" and neighbour.danger is None
    assert interpreter.understand("tôi muốn nộp đơn tố cáo chủ tịch xã").complaint
    danger = interpreter.understand("chay to lam o day nha ban hang cho ky anh, con nguoi tren gac")
    assert (danger.intent, danger.danger) == ("emergency", "fire")


def test_probabilities_are_probabilities(interpreter: InProcessInterpreter) -> None:
    heard = interpreter.understand("nước cống tràn vào nhà mỗi khi mưa")
    assert 0 < heard.confidence <= 1
    ranked = [p for _, p in heard.categories]
    assert ranked == sorted(ranked, reverse=True) and sum(ranked) <= 1.001


@pytest.mark.parametrize("text", ["chào em", "cảm ơn", "gặp cán bộ", "em muốn phản ánh"])
def test_no_category_where_there_is_no_matter(interpreter: InProcessInterpreter, text: str) -> None:
    assert interpreter.understand(text).categories == ()


@pytest.mark.parametrize(
    ("text", "leaf"),
    [
        ("em muốn phản ánh vụ rác ở xã Kỳ Hoa", "rac_thai"),
        ("em muốn phản ánh rác ở xã Kỳ Hoa", "rac_thai"),
        ("tui phản ánh vụ cống ở xã Kỳ Hoa", "thoat_nuoc"),
        ("em muốn phản ánh ở xã Kỳ Hoa", ""),
        ("em muốn báo một việc ở xã Kỳ Hoa", ""),
        ("em muốn phản ánh lên ủy ban xã", ""),
    ],
)
def test_what_a_lead_in_announces_is_the_matter(
    interpreter: InProcessInterpreter, text: str, leaf: str
) -> None:
    categories = interpreter.understand(text).categories
    assert (categories[0][0] if categories else "") == leaf


@pytest.mark.parametrize(
    "text",
    [
        "cống tắc ở thôn 3 xã Kỳ Hoa, gọi em số 0900 000 123",
        "gọi em số 0900 000 123, cống tắc ở thôn 3 xã Kỳ Hoa",
        "cong tac, sdt 0900000123",
    ],
)
def test_whom_to_call_says_nothing_of_the_matter(interpreter: InProcessInterpreter, text: str) -> None:
    found = interpreter.understand(text)
    assert (found.intent, found.category, found.phones) == ("report", "thoat_nuoc", ("0900000123",))


def test_an_offer_with_a_number_is_an_advertisement(interpreter: InProcessInterpreter) -> None:
    assert interpreter.understand("bán gấp lô đất đẹp giá rẻ, liên hệ 0900 000 123").intent == "abuse_spam"


def test_the_place_that_is_denied_is_left_out() -> None:
    text = "không phải xã Cẩm Xuyên mà là xã Cẩm Bình"
    spans = [(text.index("xã Cẩm X"), text.index(" mà")), (text.index("xã Cẩm B"), len(text))]
    assert best_place(text, spans) == "xã Cẩm Bình"
    joined = "cầu Rào, thôn Đông, xã Cẩm Bình bị gãy"
    assert best_place(joined, [(0, 7), (9, 18), (20, 31)]) == "cầu Rào, thôn Đông, xã Cẩm Bình"
    assert best_place("gần chợ", []) is None


def test_the_development_set_stays_understood(interpreter: InProcessInterpreter) -> None:
    """What the README promises of it, so that a careless change of the data is seen."""
    messages = read_set(DEVELOPMENT)
    typed = measure(messages, interpreter.understand)
    bare = measure(messages, interpreter.understand, bare=True)
    assert typed.intent >= 0.90 and typed.intent - bare.intent <= 0.03
    assert typed.category >= 0.85 and typed.category - bare.category <= 0.03
    assert typed.category_top3 >= 0.95 and bare.category_top3 >= 0.95
    assert typed.emergency_recall == bare.emergency_recall == 1.0
    assert typed.false_alarms <= 0.02 and bare.false_alarms <= 0.03
    assert typed.place_f1 >= 0.85


def test_ten_thousand_malformed_strings(interpreter: InProcessInterpreter) -> None:
    """Neither an exception nor an answer out of form, whatever is typed."""
    chance = random.Random(5)
    pieces = [
        "cháy",
        "nhà ",
        "0900000123",
        "HT-2611-00042",
        "\ud800",
        "\u0301" * 9,
        "ạ" * 30,
        "{}",
        "'; DROP",
        "😀",
        "\x00",
        "a",
        "không phải ",
        ", là ",
        "[xã](place)",
        "\n",
        " ",
        "١٢٣",
        "🇻🇳",
        "thôn ",
        "\u202e",
        "%s",
        "<b>",
        "1.000.000",
        "((((",
    ]
    for number in range(10_000):
        text = "".join(chance.choices(pieces, k=chance.randint(0, 12)))
        heard = interpreter.understand(text, chance.choice(list(Context)))
        assert heard.intent in INTENTS and 0 <= heard.confidence <= 1, (number, text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "1" * 4_000,
        "[" * 4_000,
        *(
            part * 400
            for part in (
                "không phải ",
                "cháy nhà ",
                "ở xã ",
                "0 ",
                ", ",
                "đâm ~ xe ",
                "báo giúp ",
                "HT-",
                "alo dạ ",
                "cảm ơn ",
                "khiếu nại ",
                "không phải, là ",
                "người bị ",
                "đang ",
                "+84 ",
                "12-34 ",
            )
        ),
    ],
)
def test_long_strings_end(interpreter: InProcessInterpreter, text: str) -> None:
    assert interpreter.understand(text, Context.DRAFT_OPEN).intent in INTENTS


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=1_500), context=st.sampled_from(list(Context)))
def test_any_text_is_understood(interpreter: InProcessInterpreter, text: str, context: Context) -> None:
    first = interpreter.understand(text, context)
    assert first.intent in INTENTS
    assert interpreter.understand(text, context) == first


def test_decomposed_and_composed_text_are_one(interpreter: InProcessInterpreter) -> None:
    import unicodedata

    text = "cống tắc nước tràn vào nhà ở thôn Đông"
    heard = interpreter.understand(text)
    assert interpreter.understand(unicodedata.normalize("NFD", text)) == heard
    assert interpreter.understand(strip_marks(text)).intent == heard.intent


def test_a_missing_or_foreign_model_is_said_clearly(tmp_path: Path, danger: DangerWords) -> None:
    with pytest.raises(ModelMissing, match="no trained model"):
        load(tmp_path / "none.npz", danger, "HT")
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"PK nothing")
    with pytest.raises(ModelMissing, match="cannot be read"):
        load(broken, danger, "HT")


def test_a_model_of_other_data_is_refused(
    tmp_path: Path, danger: DangerWords, interpreter: InProcessInterpreter
) -> None:
    (tmp_path / "greet.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - chào\n', encoding="utf-8"
    )
    with pytest.raises(ModelMissing, match="other training data"):
        load(MODEL, danger, "HT", data_dir=tmp_path)


def test_the_running_program_needs_no_scikit_learn() -> None:
    code = "import nlu.interpreter, sys; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("ổ gà trước cổng ủy ban xã Toàn Lưu", "duong_cau"),
        ("mất nước ở trường tiểu học xã Gia Hanh", "nuoc_sach"),
    ],
)
def test_a_place_in_passing_does_not_decide_the_category(
    interpreter: InProcessInterpreter, text: str, category: str
) -> None:
    assert interpreter.understand(text, Context.IDLE).category == category
