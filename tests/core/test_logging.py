"""Nothing of a citizen and no secret reaches a log, whichever way it takes."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core.logging import HIDDEN, hide, mask, pseudonym, set_up_logging
from core.message import Address

TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"
PRIVATE = [
    ("gọi 0900 000 123 nhé", "0900 000 123"),
    ("gọi 0900000123", "0900000123"),
    ("gọi +84900000123!", "84900000123"),
    ("gọi 0900.000.123, hoặc", "0900.000.123"),
    ("gọi 090-000-0123", "090-000-0123"),
    ("CCCD 042099000123", "042099000123"),
    ("chat 5000000001 blocked", "5000000001"),
    ("chat -1001234567890", "1001234567890"),
    ("zalo user 2512523625412515", "2512523625412515"),
    (f"POST https://api.telegram.org/bot{TOKEN}/sendMessage 401", TOKEN),
    ("postgresql://kd:geheim@db/kd", "geheim"),
    ("GET /x?access_token=abcDEF.123&y=1", "abcDEF.123"),
    ('{"refresh_token": "r-e-f"}', "r-e-f"),
    ("Authorization: Bearer abcdefghij", "abcdefghij"),
    ("jwt eyJhbGciOi.eyJzdWIi.c2ln", "eyJzdWIi"),
    ("mail a.b@example.org", "a.b@example.org"),
]
HARMLESS = [
    "2026-11-21T22:13:37.123456Z", "report HT-2611-00042 filed", "took 12.345678901 ms", "127.0.0.1:8000",
    "inbox 12345678 done", "lat/lon outside", "commune 18463", "5 of 64 units in 93 commits", "HTTP 503",
    "0.123456789012",
]  # fmt: skip


@pytest.fixture
def capture(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield capsys
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize(("text", "private"), PRIVATE)
def test_private_words_are_masked(text: str, private: str) -> None:
    assert private not in mask(text)
    assert HIDDEN in mask(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_stay(text: str) -> None:
    assert mask(text) == text


@given(st.integers(0, 999_999_999), st.sampled_from(["0{:09}", "+84{:09}", "0{:09} ", "({:010})", "u{:012}"]))
def test_no_number_as_long_as_a_phone_passes(number: int, form: str) -> None:
    written = form.format(number)
    digits = written.strip("+() u")
    if not written.startswith("u"):
        assert digits not in mask(f"cuộc gọi {written}.")
    else:
        assert digits not in mask(f"cuộc gọi {digits} xong")


def test_telling_keys_are_hidden_and_people_become_pseudonyms() -> None:
    event = hide(
        None,
        "info",
        {
            "event": "filed", "text": "lời dân", "name": "Tên", "phone": "x", "zalo_app_secret": "s",
            "code": "HT-1", "to": Address("zalo", "42"), "user": 42, "n": 3,
            "nested": {"phone": "y", "kind": "a"}, "list": [Address("zalo", "42"), "0900000123"],
            "chat_id": None, "id": 5000000001,
        },
    )  # fmt: skip
    assert event == {
        "event": "filed", "text": HIDDEN, "name": HIDDEN, "phone": HIDDEN, "zalo_app_secret": HIDDEN,
        "code": "HT-1", "to": pseudonym(Address("zalo", "42")), "user": event["user"], "n": 3,
        "nested": {"phone": HIDDEN, "kind": "a"}, "list": [pseudonym(Address("zalo", "42")), HIDDEN],
        "chat_id": None, "id": HIDDEN,
    }  # fmt: skip
    assert "42" not in (event["user"], event["to"])


def test_pseudonyms_tell_people_apart() -> None:
    people = [Address("zalo", str(number)) for number in range(200)]
    assert len({pseudonym(person) for person in people}) == 200
    assert pseudonym(people[0]) == pseudonym(Address("zalo", "0"))
    assert pseudonym(Address("telegram", "0")) != pseudonym(people[0])


def test_structlog_lines_are_json_and_clean(capture: Any) -> None:
    set_up_logging("INFO", json=True)
    log = structlog.get_logger("core.intake")
    log.info("turn taken", who=Address("zalo", "42"), text="lời dân", turn=3)
    log.debug("not shown")
    lines = capture.readouterr().err.splitlines()
    assert len(lines) == 1
    line = json.loads(lines[0])
    assert (line["event"], line["turn"], line["text"], line["level"]) == ("turn taken", 3, HIDDEN, "info")
    assert line["who"].startswith("zalo:")


@pytest.mark.parametrize("as_json", [True, False])
def test_the_librarys_loggers_and_tracebacks_are_clean_too(capture: Any, as_json: bool) -> None:
    set_up_logging("INFO", json=as_json)
    logging.getLogger("some.library").warning("call of %s failed", "0900000123")
    try:
        raise ValueError(f"bot{TOKEN} and 0900 000 123")
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
        structlog.get_logger("ours").exception("it failed here", phone="0900 000 123")
    written = capture.readouterr().err
    assert "call of [hidden] failed" in written
    assert written.count("ValueError") >= 2
    assert not re.search(r"0?900\D?000\D?123", written)
    assert TOKEN not in written


def test_chatty_libraries_are_quiet_and_keep_their_warnings(capture: Any) -> None:
    set_up_logging("INFO")
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot1:x/getMe")
    logging.getLogger("httpx").warning("a warning")
    written = capture.readouterr().err
    assert "HTTP Request" not in written
    assert "a warning" in written
