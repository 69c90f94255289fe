"""The traps of Asterisk's AudioSocket, one by one, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import struct
from pathlib import Path

import pytest

from connectors.hotline.frames import encode_frame
from connectors.hotline.sound import SILENCE, SLOT_S, loudness
from core.storage import Store
from core.storage.schema import inbox
from tests.connectors.hotline.emulator import SLIN, AudioSocketApp, Caller, Line
from tests.connectors.hotline.script import (
    MATTER,
    ends,
    hangs_up,
    hears,
    hears_to_the_end,
    play,
    presses,
    says,
    waits,
)
from tests.connectors.hotline.stage import HotlineStage, tone


@pytest.fixture
def stage(sqlite_store: Store, tmp_path: Path) -> HotlineStage:
    return HotlineStage(sqlite_store, tmp_path)


HEARS_IT_BACK = (
    hears("Bác cứ nói"), hears_to_the_end(), says(MATTER), hears("Đúng thì bác bấm một", 12)
)  # fmt: skip
CONFIRMS = (*HEARS_IT_BACK, presses("1"), ends("done"))


@pytest.mark.parametrize(
    "line",
    [
        Line(pieces=(320, 230, 90)),
        Line(pieces=(160,)),
        Line(dtx=True),
        Line(alaw=True),
        Line(kind=0x10, pieces=(640,)),
    ],
    ids=["odd_frames", "ten_ms", "dtx", "alaw_as_slin", "forty_ms"],
)
async def test_what_is_said_is_heard(stage: HotlineStage, line: Line) -> None:
    await stage.call(*CONFIRMS, line=line)
    (report,) = await stage.reports()
    assert report["transcript"] == MATTER


async def test_dtx_ends_an_utterance_by_the_wall_clock(stage: HotlineStage) -> None:
    """On a silent DTX line not one frame comes, yet the end of speech and the silence are noticed."""
    await stage.call(
        hears("Bác cứ nói"),
        hears("có nghe máy"),
        hears("bấm phím một"),
        ends("operator"),
        line=Line(dtx=True),
    )


async def test_a_silent_line_is_kept_open_by_paced_silence(stage: HotlineStage) -> None:
    """Neither side sending for two seconds would end the call; ours always sends."""
    caller = await stage.call(
        hears("Bác cứ nói"), hears_to_the_end(), waits(0.5), hangs_up(), line=Line(dtx=True)
    )
    assert caller.app is not None
    times = [at for at, _ in caller.app.arrived]
    assert caller.app.error == ""
    assert max(b - a for a, b in itertools.pairwise(times)) < 0.5


async def test_every_frame_leaves_whole_and_in_time(stage: HotlineStage) -> None:
    caller = await stage.call(hears("Bác cứ nói"), waits(1.0), hangs_up())
    assert caller.app is not None
    assert caller.app.error == ""
    assert not caller.app.noise
    assert {len(pcm) for _, pcm in caller.app.arrived} == {320}
    spent = caller.app.arrived[-1][0] - caller.app.arrived[0][0]
    assert abs(len(caller.app.arrived) * SLOT_S - spent) < 0.2, "as many slots as time"


async def test_a_key_makes_a_hole_and_is_taken_once(stage: HotlineStage) -> None:
    await stage.call(*CONFIRMS)
    assert len(await stage.reports()) == 1
    choices = [row["payload"].get("choice") for row in await stage.rows(inbox)]
    assert choices.count("confirm") == 1


async def test_a_reset_keeps_what_was_told(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await play(stage, caller, *HEARS_IT_BACK)
        assert caller.app is not None
        caller.app.reset()
        await caller.ended()
        await stage.settled()
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"


async def test_a_half_open_line_ends_at_a_person(stage: HotlineStage) -> None:
    async with stage.open():
        caller = await stage.ring()
        await stage.prompt("Bác cứ nói")
        assert caller.app is not None
        caller.app.vanish()
        assert await caller.ended() == "operator"


async def test_an_id_that_was_not_announced_is_not_taken(stage: HotlineStage) -> None:
    async with stage.open():
        app = AudioSocketApp(bytes(16), "127.0.0.1", stage.hotline.bridge.audio_port, Line())
        assert await app.run() == 0
        assert app.arrived == []
    assert await stage.count(inbox) == 0


@pytest.mark.parametrize("hello", [b"", b"GET / HTTP/1.1\r\n\r\n", encode_frame(SLIN, SILENCE)])
async def test_what_is_no_audiosocket_is_closed(stage: HotlineStage, hello: bytes) -> None:
    async with stage.open():
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.hotline.bridge.audio_port)
        writer.write(hello)
        writer.write_eof()
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
        writer.close()


async def test_one_line_more_than_there_are_goes_to_the_operator(sqlite_store: Store, tmp_path: Path) -> None:
    stage = HotlineStage(sqlite_store, tmp_path, most_calls=1)
    async with stage.open():
        first = await stage.ring()
        second = await stage.ring(number="0900000125")
        assert await second.ended() == "operator"
        assert second.app is None
        assert stage.hotline.bridge.refused == 1
        first.hang_up()
        await first.ended()
        third = await stage.ring(number="0900000126")
        await stage.prompt("Bác cứ nói")
        third.hang_up()
        await third.ended()


async def test_a_bridge_that_is_down_means_the_operator() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    caller = Caller(port)
    await caller.ring()
    assert await caller.ended() == "operator"
    assert caller.variables["AGISTATUS"] == "FAILURE"


async def test_a_call_that_breaks_inside_goes_to_the_operator(stage: HotlineStage) -> None:
    async with stage.open():
        stage.hotline.bridge.open_call = _broken
        caller = await stage.ring()
        assert await caller.ended() == "operator"


def _broken(*_: object) -> None:
    raise RuntimeError("a bug")


async def test_the_first_command_gives_the_call_its_time(stage: HotlineStage) -> None:
    caller = await stage.call(hears("Bác cứ nói"), hangs_up())
    assert caller.commands[0] == 'SET VARIABLE TIMEOUT(absolute) "600"'


class TestTheEmulatorItself:
    """It is as strict as the real one."""

    @pytest.mark.parametrize(
        ("frame", "error"),
        [
            (struct.pack(">BH", SLIN, 0), "audio without samples"),
            (struct.pack(">BH", 0x03, 1) + b"1", "frame of kind 0x3"),
            (struct.pack(">BH", 0x55, 2) + b"ab", "frame of kind 0x55"),
            (encode_frame(SLIN, bytes(60_000)), "Out of buffer space"),
            (encode_frame(SLIN, SILENCE)[:50], "Poll timed out while waiting for data"),
        ],
    )
    async def test_a_wrong_frame_ends_the_call(self, frame: bytes, error: str) -> None:
        app = await run_against([frame], hold=1.0)
        assert app.error == error

    async def test_two_seconds_of_nothing_end_the_call(self) -> None:
        app = await run_against([], hold=4.0, line=Line(dtx=True))
        assert app.error == "Reached timeout after 2000 ms"

    async def test_a_prompt_sent_at_once_is_mostly_lost(self) -> None:
        sound = tone(400, 2.0)
        frames = [encode_frame(SLIN, sound[at : at + 320]) for at in range(0, len(sound), 320)]
        frames += [encode_frame(SLIN, SILENCE)]
        app = await run_against(frames, hold=0.6, last=encode_frame(SLIN, SILENCE))
        assert loudness(app.heard().pcm) > 0
        heard = sum(loudness(app.heard().pcm[at : at + 320]) > 300 for at in range(0, 200 * 320, 320))
        assert heard * SLOT_S < 0.5

    async def test_odd_frames_are_noise(self) -> None:
        app = await run_against([encode_frame(SLIN, bytes(322))], hold=0.2)
        assert app.noise


async def run_against(
    frames: list[bytes], *, hold: float, line: Line | None = None, last: bytes = b""
) -> AudioSocketApp:
    """The emulator against a bridge that sends these frames at once and then holds the line."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for frame in frames:
            writer.write(frame)
        await asyncio.sleep(hold)
        writer.write(last)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    app = AudioSocketApp(bytes(16), "127.0.0.1", server.sockets[0].getsockname()[1], line or Line())
    async with asyncio.timeout(10):
        await app.run()
    server.close()
    return app
