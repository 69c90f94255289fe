"""Calls whose sound comes over chan_websocket: the same talks, and what is particular to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import websockets

from connectors.hotline.media import Listener
from connectors.hotline.sound import SLOT_S, loudness
from connectors.hotline.websocket_media import WebSocketMedia
from core.storage import Store
from tests.connectors.hotline.script import (
    CONFIRMS,
    HEARS_IT_BACK,
    MATTER,
    ends,
    hangs_up,
    hears,
    hears_to_the_end,
    is_being_told,
    presses,
    says,
    waits,
    waits_for_report,
)
from tests.connectors.hotline.stage import HotlineStage
from tests.connectors.hotline.websocket_emulator import WebSocketChannel


@pytest.fixture
def stage(sqlite_store: Store, tmp_path: Path) -> HotlineStage:
    return HotlineStage(sqlite_store, tmp_path, websocket=True)


def asterisk(stage: HotlineStage, **values: Any) -> dict[str, Any]:
    """An Asterisk with chan_websocket, for `stage.call`."""
    return {"dials": lambda query: WebSocketChannel(stage.hotline.bridge.websocket_port, query, **values)}


async def test_an_open_sentence_and_key_1_end_in_one_report(stage: HotlineStage) -> None:
    caller = await stage.call(*CONFIRMS, **asterisk(stage))
    (report,) = await stage.reports()
    assert (report["status"], report["transcript"]) == ("received", MATTER)
    assert report["contact_phone"] == "0900000123"
    channel = caller.app
    assert isinstance(channel, WebSocketChannel)
    assert channel.error == ""
    assert channel.commands[0] == "START_MEDIA_BUFFERING"
    assert channel.commands[-1] == "HANGUP"


async def test_confirmed_by_voice_and_hung_up(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, says("dạ đúng", 0.4), hears("Mã của bác"), hangs_up(), **asterisk(stage))
    assert len(await stage.reports()) == 1


async def test_hung_up_after_telling_is_filed_as_unconfirmed(stage: HotlineStage) -> None:
    await stage.call(*HEARS_IT_BACK, hangs_up(), waits_for_report(), **asterisk(stage))
    (report,) = await stage.reports()
    assert report["status"] == "unconfirmed"


async def test_key_0_goes_to_the_operator(stage: HotlineStage) -> None:
    await stage.call(hears("Tổng đài"), presses("0"), ends("operator"), **asterisk(stage))


async def test_a_key_silences_a_prompt_at_once(stage: HotlineStage) -> None:
    stage.speaker.seconds = 3.0
    caller = await stage.call(
        hears("Tổng đài"), waits(0.5), is_being_told(), presses("0"), hears("nối máy"),
        ends("operator"), **asterisk(stage),
    )  # fmt: skip
    assert isinstance(caller.app, WebSocketChannel)
    assert "FLUSH_MEDIA" in caller.app.commands
    loud = sum(loudness(pcm) > 300 for _, pcm in caller.app.arrived) * SLOT_S
    assert loud < 8, "the greeting was cut off"


async def test_a_prompt_is_interrupted_by_a_voice_but_not_by_a_cough(stage: HotlineStage) -> None:
    stage.speaker.seconds = 1.0
    await stage.call(
        hears("Bác cứ nói"), hears_to_the_end(15), says(MATTER), hears("Em đọc lại"), waits(0.3),
        says("dạ", 0.12), waits(0.4), is_being_told(), says("đúng rồi", 0.6), hears("Mã của bác", 4),
        hangs_up(), **asterisk(stage),
    )  # fmt: skip
    assert len(await stage.reports()) == 1


async def test_a_prompt_is_heard_whole(stage: HotlineStage) -> None:
    stage.speaker.seconds = 1.53
    caller = await stage.call(hears("Bác cứ nói"), hears_to_the_end(60), hangs_up(), **asterisk(stage))
    channel = caller.app
    assert isinstance(channel, WebSocketChannel)
    assert channel.error == ""
    told = sum(loudness(pcm) > 300 for _, pcm in channel.arrived) * SLOT_S
    assert told == pytest.approx(1.53 * stage.speaker.sentences, abs=0.2)


class Socket:
    """A connection to nobody, which keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.coming: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def send(self, message: str | bytes) -> None:
        self.sent.append(message)

    def __aiter__(self) -> Socket:
        return self

    async def __anext__(self) -> str | bytes:
        return await self.coming.get()

    def seconds(self) -> float:
        return sum(len(message) for message in self.sent if isinstance(message, bytes)) / 16_000


async def test_sound_goes_ahead_of_its_time_but_not_far_and_stops_when_told() -> None:
    socket = Socket()
    media = WebSocketMedia(socket)  # type: ignore[arg-type]
    running = asyncio.create_task(media.run(Listener(lambda _: None, lambda _: None, lambda _: None)))
    playback = media.play()
    playback.add(bytes(16_000 * 60))
    await asyncio.sleep(0.5)
    ahead = socket.seconds()
    assert 10 < ahead < 15
    assert all(len(message) <= 65_500 for message in socket.sent)
    assert 0.2 < playback.played_s < 1.5, "what was sent is not what was heard"

    media.stop()
    assert playback.done.result() is False
    socket.sent.clear()
    second = media.play()
    socket.coming.put_nowait('{"event": "MEDIA_XOFF"}')
    await asyncio.sleep(0.1)
    second.add(bytes(1600))
    second.close()
    await asyncio.sleep(0.3)
    assert socket.sent == ['{"command": "FLUSH_MEDIA"}']
    socket.coming.put_nowait('{"event": "MEDIA_XON"}')
    await asyncio.sleep(0.2)
    mark = json.loads(socket.sent[-1])
    assert mark["command"] == "MARK_MEDIA"
    assert not second.done.done(), "sent is not heard"
    socket.coming.put_nowait('{"event": "MEDIA_MARK_PROCESSED", "correlation_id": "prompt-1"}')
    await asyncio.sleep(0.1)
    assert not second.done.done(), "that was the mark of another prompt"
    mark = {"event": "MEDIA_MARK_PROCESSED", "correlation_id": mark["correlation_id"]}
    socket.coming.put_nowait(json.dumps(mark))
    assert await asyncio.wait_for(second.done, 2) is True
    running.cancel()


async def test_marks_that_never_come_do_not_hold_the_call(stage: HotlineStage) -> None:
    await stage.call(
        hears("Bác cứ nói"), waits(4), says(MATTER), hears("Đúng thì bác bấm một"), hangs_up(),
        **asterisk(stage, marks=False),
    )  # fmt: skip
    assert len(await stage.reports()) == 1


@pytest.mark.parametrize("sound", ["ulaw", "slin16"])
async def test_another_kind_of_sound_means_the_operator(stage: HotlineStage, sound: str) -> None:
    await stage.call(ends("operator"), **asterisk(stage, sound=sound))
    assert await stage.reports() == []


async def test_an_asterisk_without_chan_websocket_means_the_operator(stage: HotlineStage) -> None:
    await stage.call(ends("operator"))


async def test_an_id_that_was_not_announced_is_not_taken(stage: HotlineStage) -> None:
    async with stage.open():
        channel = WebSocketChannel(
            stage.hotline.bridge.websocket_port, "uuid=00000000-0000-0000-0000-000000000000"
        )
        async with asyncio.timeout(5):
            assert await channel.run() == 0
        assert all(loudness(pcm) == 0 for _, pcm in channel.arrived)


@pytest.mark.parametrize("first", ["MEDIA_START connection_id:1", "[]", b"\0\0"])
async def test_what_is_no_chan_websocket_is_closed(stage: HotlineStage, first: str | bytes) -> None:
    async with stage.open():
        url = f"ws://127.0.0.1:{stage.hotline.bridge.websocket_port}/media?uuid=1"
        async with websockets.connect(url, subprotocols=[websockets.Subprotocol("media")]) as line:
            await line.send(first)
            with contextlib.suppress(websockets.ConnectionClosed):
                async with asyncio.timeout(5):
                    assert await line.recv() == ""
        assert line.close_code is not None
