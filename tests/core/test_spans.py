import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spans import MASK, find_on_behalf, find_phones, find_ticket_codes, is_complaint, masked


def phones(text: str) -> list[str]:
    return [one.value for one in find_phones(text)]


def codes(text: str) -> list[str]:
    return [one.value for one in find_ticket_codes(text, "HT")]


@pytest.mark.parametrize(
    "written",
    [
        "0900000123",
        "0900 000 123",
        "0900.000.123",
        "0900-000-123",
        "09 0000 0123",
        "+84900000123",
        "+84 900 000 123",
        "84900000123",
        "(+84) 900 000 123",
        "+84 (0) 900 000 123",
        "0084900000123"[2:],
        "0 9 0 0 0 0 0 1 2 3",
    ],
)
@pytest.mark.parametrize("around", ["{}", "gọi em số {} nhé", "sđt:{}", "tui là Hoa{}", "({})", "{}, cảm ơn"])
def test_mobile_numbers_in_all_writings(written: str, around: str) -> None:
    assert phones(around.format(written)) == ["0900000123"]


def test_fixed_lines() -> None:
    assert phones("0239 3000 123 hoặc 02393.000.124") == ["02393000123", "02393000124"]


@pytest.mark.parametrize(
    "text",
    [
        "HT-2611-00042",
        "giá 350.000.000 đồng",
        "0900000123456",
        "công tơ số 0900000123",
        "cccd 042090000123",
        "tiền điện 0912345678 đồng",
        "stk 0900000123 ngân hàng",
        "19009038",
        "km 1234567890123",
        "24/11/2026 17:30",
        "mã khách hàng 0900000123",
    ],
)
def test_other_numbers_are_not_phones(text: str) -> None:
    assert phones(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "HT-2611-00042",
        "ht-2611-00042",
        "ht 2611 42",
        "HT2611-00042",
        "ma ht261100042",
        "HT 2611-42",
        "H T 2611 00042",
        "ht_2611_00042",
        "HT–2611–00042",
        "2611-00042",
    ],
)
def test_sloppy_ticket_codes(written: str) -> None:
    assert codes(f"cho hỏi {written} tới đâu rồi") == ["HT-2611-00042"]


@pytest.mark.parametrize(
    "text", ["đt 0900 000 123", "ht 2699 00042", "thạch 2611", "2611", "24-11-2026", "qht 2611 42"]
)
def test_not_ticket_codes(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize(
    "written",
    [
        "HT—2611—00042",
        "Ht‑2611‑00042",
        "HT-2611-OOO42",
        "HT-26ll-00042",
        "hát tê hai sáu một một không không không bốn hai",
        "hat te 2611 42",
        "hờ tờ 2611 42",
        "#HT-2611-00042",
        "HT/2611/00042",
    ],
)
def test_codes_with_slips_and_as_they_are_said(written: str) -> None:
    assert codes(f"cho hỏi {written} tới đâu rồi") == ["HT-2611-00042"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0084900000123", ["0900000123"]),
        ("0084 900 000 123", ["0900000123"]),
        ("0084 239 3000123", ["02393000123"]),
        ("o900000123", ["0900000123"]),
        ("0840000123", ["0840000123"]),
        ("0084840000123", ["0840000123"]),
        ("không tám bốn không không không không một hai ba", ["0840000123"]),
        ("0900/000/123", ["0900000123"]),
        ("0900000123/0900000124", ["0900000123", "0900000124"]),
        ("0900000123-0900000124", ["0900000123", "0900000124"]),
        ("sđt: 900000123", ["0900000123"]),
        ("đt 900 000 123", ["0900000123"]),
        ("số tôi là không chín không không không không không một hai ba ạ", ["0900000123"]),
        ("khong chin khong, khong khong khong, khong mot hai ba", ["0900000123"]),
        ("cộng tám tư chín không không không không không một hai ba", ["0900000123"]),
        ("không hai ba chín ba không không không một hai ba", ["02393000123"]),
        ("không tám tám, lăm lăm lăm, mốt hai ba bốn", ["0885551234"]),
        ("hai ba bốn ngày nay mất nước không ai sửa", []),
        ("một hai ba bốn năm sáu bảy tám chín mười", []),
        ("số ba bốn năm đường Trần Phú", []),
        ("không không không một hai ba bốn năm sáu bảy tám chín", []),
        ("24/11/0900000123", []),
    ],
)
def test_phones_of_other_writings(text: str, found: list[str]) -> None:
    assert phones(text) == found


def test_a_spoken_phone_is_masked_too() -> None:
    shown = masked("gọi không chín không không không không không một hai ba nhé")
    assert shown == f"gọi {MASK} nhé"


@given(st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), st.sampled_from([" ", ", "]))
def test_any_phone_can_be_said(phone: str, between: str) -> None:
    words = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
    assert phones(between.join(words[int(digit)] for digit in phone)) == [phone]


@pytest.mark.parametrize(
    "text",
    [
        "mã hai sáu một một không không không bốn hai",
        "bác hỏi cái mã hai sáu một một, không không không bốn hai",
        "hai sáu một một không không không bốn hai",
        "261100042",
        "mã số 2 6 1 1 0 0 0 4 2 tới mô rồi",
    ],
)
def test_a_code_as_the_hotline_reads_it_out(text: str) -> None:
    assert codes(text) == ["HT-2611-00042"]


@pytest.mark.parametrize(
    "text",
    [
        "mã khách hàng 261100042",
        "cmnd 261100042 bị mất",
        "giá 261100042 đồng",
        "đồng hồ số hai sáu một một không không không bốn hai",
        "hai sáu một ba không không không bốn hai",
        "số bác không chín không không không không hai sáu một một",
    ],
)
def test_other_nine_digits_are_no_code(text: str) -> None:
    assert codes(text) == []


def test_several_codes() -> None:
    assert codes("HT-2611-00042 và ht 2610 7") == ["HT-2611-00042", "HT-2610-00007"]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("em nhắn thay mệ Xuân ở thôn Đông, ngõ nhà mệ sụt một hố to", "mệ Xuân"),
        ("em nhan thay me Xuan o thon Dong", "me Xuan"),
        ("phản ánh giúp bác Hai ở xóm 3", "bác Hai"),
        ("bà hàng xóm nhờ em báo cái cống tắc", "bà hàng xóm"),
        ("báo hộ ông Tư, đường vào nhà ông ngập", "ông Tư"),
        ("tui báo giùm o Lan bên cạnh nhà", "o Lan"),
        ("em báo hộ", ""),
        ("em nhắn thay", ""),
    ],
)
def test_for_a_neighbour(text: str, whom: str) -> None:
    assert find_on_behalf(text) == whom


@pytest.mark.parametrize(
    "text",
    [
        "anh giúp em với",
        "nhờ cán bộ giúp đỡ",
        "giúp bà con với ạ",
        "báo giúp em với",
        "gửi giúp tôi",
        "đường hỏng nặng",
        "xin giúp dân chúng tôi",
        "báo giùm tui cái",
        "cháu giúp bác với",
        "hủy giúp em phản ánh",
        "",
        "anh báo giúp em lên xã nhé",
    ],
)
def test_a_plea_for_help_is_not_for_another(text: str) -> None:
    assert find_on_behalf(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "tôi muốn nộp đơn tố cáo chủ tịch xã",
        "khiếu nại quyết định thu hồi đất",
        "don to cao can bo dia chinh",
        "tôi tố cáo ông trưởng thôn ăn chặn tiền",
        "gửi đơn khiếu nại lần hai",
        "xin hỏi thủ tục khiếu nại",
        "to cao chu tich xa nhan tien",
    ],
)
def test_the_legal_procedure(text: str) -> None:
    assert is_complaint(text)


@pytest.mark.parametrize(
    "text",
    [
        "tôi khiếu nại cái đường hỏng quá",
        "khiếu nại tiền điện tháng này cao",
        "phản ánh rác",
        "tố cáo mạng yếu quá",
        "",
    ],
)
def test_the_everyday_word_is_a_report(text: str) -> None:
    assert not is_complaint(text)


def test_masking_hides_all_of_them() -> None:
    text = "gọi 0900 000 123 hoặc +84 900 000 124, cccd 042090000123, xe 38A-123.45, thư a.b@example.vn"
    text += ", HT-2611-00042"
    shown = masked(text)
    assert shown.count(MASK) == 5
    assert "HT-2611-00042" in shown
    assert "000" not in shown.replace("HT-2611-00042", "")


def test_masking_leaves_prices_and_years() -> None:
    assert (
        masked("hết 350.000 đồng từ năm 2024, hố rộng 1,5 m") == "hết 350.000 đồng từ năm 2024, hố rộng 1,5 m"
    )


@given(st.text(max_size=500), st.from_regex(r"0[35789]\d{8}", fullmatch=True), st.text(max_size=200))
def test_no_phone_is_left_after_masking(before: str, phone: str, after: str) -> None:
    assert phone not in masked(f"{before} {phone} {after}")


@given(st.text(max_size=2_000))
def test_spans_are_where_they_say(text: str) -> None:
    for one in (*find_phones(text), *find_ticket_codes(text, "HT")):
        assert 0 <= one.start < one.end <= len(text)
        assert any(ch.isdigit() for ch in text[one.start : one.end])
    find_on_behalf(text)
    is_complaint(text)


@given(st.from_regex(r"\AHT-?[012Oo6IilLİı]{4}[ -]?[0-9OoIilLİı]{4,6}\Z"))
def test_letters_that_look_like_digits_never_break_a_code(text: str) -> None:
    for found in find_ticket_codes(text, "HT"):
        assert re.fullmatch(r"HT-\d{4}-\d{5}", found.value)


def test_a_slip_in_a_code_is_read() -> None:
    assert [one.value for one in find_ticket_codes("ht-26ii-ooo42 sao rồi", "HT")] == ["HT-2611-00042"]
