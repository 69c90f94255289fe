"""Who calls, and AGI as Asterisk speaks it."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.hotline.agi import Agi, AgiError
from connectors.hotline.caller import normalise_number, read_caller


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("0900000123", "0900000123"),
        ("84900000123", "0900000123"),
        ("+84900000123", "0900000123"),
        ("0084900000123", "0900000123"),
        ("900000123", "0900000123"),
        ("090-000 0123", "0900000123"),
        ("02393855000", "02393855000"),
        ("842393855000", "02393855000"),
        ("anonymous", ""),
        ("unavailable", ""),
        ("19009038", ""),
        ("", ""),
        ("sip:x@y", ""),
    ],
)
def test_numbers_have_one_form(raw: str, number: str) -> None:
    assert normalise_number(raw) == number


@given(st.text(max_size=30))
def test_any_caller_id_is_a_number_or_none(raw: str) -> None:
    number = normalise_number(raw)
    assert number == "" or (number.startswith("0") and number.isdigit() and 10 <= len(number) <= 11)


@pytest.mark.parametrize("presentation", ["32", "33", "34", "35", "67"])
def test_a_suppressed_number_is_not_used(presentation: str) -> None:
    assert read_caller({"callerid": "0900000123", "callingpres": presentation}).number == ""


def test_anonymous_with_presentation_allowed_is_anonymous_too() -> None:
    assert (
        read_caller({"callerid": "anonymous", "callingpres": "0", "dnid": "19009038"}).dialled == "19009038"
    )
    assert read_caller({"callerid": "anonymous", "callingpres": "0"}).number == ""


class Pipe:
    """A writer that keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, data: bytes) -> None:
        self.lines.append(data.decode())

    async def drain(self) -> None:
        return


def session(*lines: str) -> tuple[Agi, Pipe]:
    reader, pipe = asyncio.StreamReader(), Pipe()
    reader.feed_data("".join(f"{line}\n" for line in lines).encode())
    reader.feed_eof()
    return Agi(reader, pipe), pipe  # type: ignore[arg-type]


async def test_variables_are_read_to_the_empty_line() -> None:
    agi, _ = session("agi_network: yes", "agi_callerid: 0900000123", "")
    assert await agi.read_variables() == {"network": "yes", "callerid": "0900000123"}


async def test_a_hang_up_in_between_and_a_usage_text_are_passed_over() -> None:
    agi, pipe = session("HANGUP", "520-Invalid command syntax.  Proper usage follows:", " Usage", "520 End.")
    answer = await agi.execute("AudioSocket", 'x"\n,127.0.0.1:9092')
    assert (answer.code, answer.result, agi.hung_up) == (520, None, True)
    assert pipe.lines == ['EXEC AudioSocket "x,127.0.0.1:9092"\n']


async def test_the_result_of_a_command() -> None:
    agi, _ = session("200 result=-1")
    assert (await agi.set_variable("BRIDGE_NEXT", "done")).result == -1


@pytest.mark.parametrize("lines", [(), ("GET / HTTP/1.1", ""), ("agi_network: yes",)])
async def test_what_is_no_agi_is_refused(lines: tuple[str, ...]) -> None:
    agi, _ = session(*lines)
    with pytest.raises(AgiError):
        await agi.read_variables()
