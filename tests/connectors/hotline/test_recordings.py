"""Finished recordings: announced, fetched, filed as unconfirmed; once, from allowed hosts only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from starlette.applications import Starlette

from connectors.hotline.recordings.channel import RecordingChannel
from connectors.hotline.recordings.download import Downloader
from connectors.hotline.recordings.intake import RecordingIntake, callers_side
from connectors.hotline.recordings.proof import download_headers
from connectors.hotline.recordings.providers import (
    NotARecording,
    ProviderError,
    Providers,
    load_providers,
    read_call,
)
from connectors.hotline.recordings.webhook import recording_routes
from connectors.hotline.sound import as_wav
from core.channel import MediaLost, RetryLater
from core.speech import Transcript
from core.storage import Store
from core.storage.schema import handoffs, media, recordings, report_media, reports
from tests.connectors.hotline.stage import MATTER, pitch_of, tone
from tests.core.stage import PROVINCE, Stage

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SECRETS = {"stringee": "s3cret", "omicall": "tok3n", "voicecloud": "w0rd", "threecx": "b3arer"}
LINK = "https://files.stringee.com/r/1.wav"
STRINGEE = {
    "call_status": "ended", "call_id": "call-vn-1-ABC", "from": {"number": "84900000123"},
    "to": {"number": "8419009038"}, "timestamp_ms": 1_795_400_000_000, "recording_url": LINK,
}  # fmt: skip


@pytest.fixture(scope="module")
def providers() -> Providers:
    return load_providers(PROVINCE)


class Words:
    """A recognizer that hears the same in everything."""

    def __init__(self, text: str = MATTER) -> None:
        self.text = text

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        return Transcript(self.text, 0.9, engine="scripted")


class Room:
    """The intake and its webhook on a stage; `answers` are what the provider's host gives, in turn."""

    def __init__(self, store: Store, folder: Path, providers: Providers, words: str = MATTER) -> None:
        self.stage = Stage(store, folder)
        hearing = self.stage.worker.hearing
        hearing.recognizer = Words(words)
        self.channel = RecordingChannel(hearing.media)
        hearing.channels = {"recording": self.channel}
        self.stage.delivery.channels = {"recording": self.channel}
        self.answers: list[httpx.Response] = []
        self.asked: list[httpx.Request] = []
        self.addresses = ["8.8.8.8"]
        (folder / "in").mkdir()
        client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.downloader = Downloader(client, self._resolve)
        self.intake = RecordingIntake(
            store, self.stage.worker.accept, hearing.media, self.stage.clock, providers, self.downloader,
            SECRETS, folder / "in",
        )  # fmt: skip
        routes = recording_routes(providers, SECRETS, store, self.stage.clock, ZONE)
        self.door = httpx.AsyncClient(
            transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="https://kenhdan.example"
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.answers.pop(0)

    async def _resolve(self, host: str, port: int) -> list[str]:
        return self.addresses

    async def tell(self, event: dict[str, Any], secret: str = "s3cret") -> httpx.Response:
        body = json.dumps(event).encode()
        mark = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()
        headers = {"X-STRINGEE-SIGNATURE": mark, "content-type": "application/json"}
        return await self.door.post("/hotline/recordings/stringee", content=body, headers=headers)

    async def work(self) -> list[Any]:
        await self.intake.work_once()
        await self.stage.settle()
        return await self.stage.store.read(lambda conn: list(conn.execute(reports.select()).mappings().all()))


@pytest.fixture
def room(sqlite_store: Store, tmp_path: Path, providers: Providers) -> Room:
    return Room(sqlite_store, tmp_path, providers)


WAV = as_wav(tone(400, 1.0))


async def test_a_recording_becomes_one_unconfirmed_report(room: Room) -> None:
    assert (await room.tell(STRINGEE)).status_code == 200
    assert (await room.tell(STRINGEE)).status_code == 200
    room.answers = [httpx.Response(200, content=WAV)]
    (report,) = await room.work()
    assert (report["status"], report["transcript"]) == ("unconfirmed", MATTER)
    assert (report["user"], report["contact_phone"]) == ("0900000123", "0900000123")
    assert await room.stage.count(report_media, purpose="voice") == 1
    assert await room.stage.count(handoffs, reason="call_back") == 1
    row = (await room.stage.rows(recordings.select()))[0]
    assert (row.state, row.caller, row.url) == ("taken", "", "")


async def test_a_recording_in_which_no_matter_is_found_is_filed_too(
    sqlite_store: Store, tmp_path: Path, providers: Providers
) -> None:
    room = Room(sqlite_store, tmp_path, providers, words="xin chào")
    await room.tell(STRINGEE)
    room.answers = [httpx.Response(200, content=WAV)]
    (report,) = await room.work()
    assert report["status"] == "unconfirmed"
    assert "voice" in report["needs_person"].split(",")


async def test_a_link_that_is_not_ready_is_tried_again(room: Room) -> None:
    await room.tell(STRINGEE)
    room.answers = [httpx.Response(404), httpx.Response(503), httpx.Response(200, content=WAV)]
    assert await room.work() == []
    assert await room.intake.work_once() == 0, "not before its time"
    for minutes in (2, 10):
        room.stage.clock.advance(timedelta(minutes=minutes))
        found = await room.work()
    assert len(found) == 1


async def test_a_recording_that_never_comes_is_shown_to_a_person(room: Room) -> None:
    await room.tell(STRINGEE)
    room.answers = [httpx.Response(410)]
    assert await room.work() == []
    assert await room.stage.count(handoffs, reason="failed", user="0900000123") == 1
    assert await room.stage.count(recordings, state="dead") == 1


async def test_what_is_no_sound_is_refused(room: Room) -> None:
    await room.tell(STRINGEE)
    room.answers = [httpx.Response(200, content=b"<html>log in</html>")]
    assert await room.work() == []
    assert await room.stage.count(recordings, state="dead") == 1
    assert await room.stage.count(media) == 0


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://files.stringee.com/r.wav", ["10.0.0.7"]),
        ("https://files.stringee.com/r.wav", ["127.0.0.1"]),
        ("https://files.stringee.com/r.wav", ["8.8.8.8", "169.254.169.254"]),
        ("https://files.stringee.com/r.wav", ["::1"]),
        ("https://files.stringee.com/r.wav", ["fd00::1"]),
        ("https://evil.example/r.wav", ["8.8.8.8"]),
        ("https://stringee.com.evil.example/r.wav", ["8.8.8.8"]),
        ("https://user@evil.example/files.stringee.com", ["8.8.8.8"]),
        ("http://files.stringee.com/r.wav", ["8.8.8.8"]),
        ("https://169.254.169.254/latest", ["169.254.169.254"]),
    ],
)
async def test_nothing_is_fetched_from_elsewhere(room: Room, url: str, addresses: list[str]) -> None:
    room.addresses = addresses
    with pytest.raises(MediaLost):
        await room.downloader.fetch(url, ("*.stringee.com",), {})
    assert room.asked == []


async def test_a_redirect_is_looked_at_anew_and_gets_no_token(room: Room) -> None:
    room.answers = [httpx.Response(302, headers={"location": "https://cdn.stringee.com/2.wav"}),
                    httpx.Response(200, content=b"x")]  # fmt: skip
    assert await room.downloader.fetch(LINK, ("*.stringee.com",), {"X-STRINGEE-AUTH": "t"}) == b"x"
    assert "x-stringee-auth" not in room.asked[1].headers
    room.answers = [httpx.Response(302, headers={"location": "http://127.0.0.1:9000/"})]
    with pytest.raises(MediaLost):
        await room.downloader.fetch(LINK, ("*.stringee.com",), {})


async def test_the_connection_goes_to_the_address_that_was_looked_at(room: Room) -> None:
    room.answers = [httpx.Response(200, content=b"x")]
    await room.downloader.fetch(LINK, ("*.stringee.com",), {})
    assert room.asked[0].url.host == "8.8.8.8"
    assert room.asked[0].headers["host"] == "files.stringee.com"
    assert room.asked[0].extensions["sni_hostname"] == "files.stringee.com"


async def test_a_huge_recording_is_not_read_to_its_end(room: Room) -> None:
    room.answers = [httpx.Response(200, content=bytes(5000))]
    with pytest.raises(MediaLost, match="more than"):
        await room.downloader.fetch(LINK, ("*.stringee.com",), {}, limit=1000)


async def test_an_exchange_on_the_premises_is_reached_when_it_is_listed_with_its_port(room: Room) -> None:
    room.addresses = ["192.168.1.5"]
    room.answers = [httpx.Response(200, content=b"x")]
    assert await room.downloader.fetch("http://pbx:5000/1.mp3", ("pbx:5000",), {}) == b"x"
    with pytest.raises(RetryLater):
        room.addresses = []
        await room.downloader.fetch("http://pbx:5000/1.mp3", ("pbx:5000",), {})


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/omicall/tok3n?direction=inbound&transaction_id=1&source_number=0900000123"
                "&recording_file_url=https://a.omicall.com/1.mp3", {}, 200),
        ("GET", "/omicall/wrong?transaction_id=1", {}, 403),
        ("GET", "/omicall", {}, 403),
        ("GET", "/nobody", {}, 404),
        ("POST", "/threecx", {"authorization": "Bearer b3arer"}, 200),
        ("POST", "/threecx", {"authorization": "Bearer other"}, 403),
        ("POST", "/stringee", {"x-stringee-signature": "x"}, 403),
    ],
)  # fmt: skip
async def test_who_is_let_in(
    room: Room, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    content = (
        b'{"Event": "recording", "FileUrls": ["https://p/1.mp3"], "Id": "7"}' if method == "POST" else b""
    )
    answer = await room.door.request(method, f"/hotline/recordings{path}", headers=headers, content=content)
    assert answer.status_code == status
    assert await room.stage.count(recordings) == (1 if status == 200 else 0)


async def test_a_broken_body_is_told_so(room: Room) -> None:
    headers = {"authorization": "Bearer b3arer", "content-type": "application/json"}
    answer = await room.door.post("/hotline/recordings/threecx", headers=headers, content=b"{")
    assert answer.status_code == 400


def test_local_times_epochs_and_lists(providers: Providers) -> None:
    event = {
        "callid": "9", "phone": "0900000123", "calldate": "2026-11-23-09:00:00",
        "recordingfile": "https://a.voicecloud.vn/9.wav",
    }  # fmt: skip
    call = read_call(providers.by_name["voicecloud"], event, ZONE)
    assert call.started_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    call = read_call(providers.by_name["stringee"], STRINGEE, ZONE)
    assert call.started_at == datetime.fromtimestamp(1_795_400_000, UTC)
    event = {"Event": "recording", "FileUrls": ["https://p/1.mp3"], "Id": 12, "Callerid": "anonymous"}
    assert read_call(providers.by_name["threecx"], event, ZONE).caller == ""


@pytest.mark.parametrize(
    "change", [{"call_status": "ringing"}, {"call_id": ""}, {"recording_url": "file:///etc"}]
)
def test_what_is_no_finished_recording(providers: Providers, change: dict[str, Any]) -> None:
    with pytest.raises(NotARecording):
        read_call(providers.by_name["stringee"], STRINGEE | change, ZONE)


def test_all_that_is_wrong_with_the_map_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "call_providers.yml").write_text(
        "providers: {a: {fields: {id: x}, proof: {kind: trust}, caller_side: up}}\nfolder: {names: ['(']}"
    )
    with pytest.raises(ProviderError) as error:
        load_providers(tmp_path)
    for words in ("wants 'url'", "proof.kind", "caller_side", "no pattern"):
        assert words in str(error.value)


def test_the_token_for_a_download_is_signed(providers: Providers) -> None:
    secrets = {"stringee.sid": "SK1", "stringee.key": "k3y"}
    headers = download_headers(providers.by_name["stringee"].download, secrets, 1_795_400_000, "c1")
    head, claims, mark = headers["X-STRINGEE-AUTH"].split(".")
    signed = hmac.new(b"k3y", f"{head}.{claims}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(mark + "==") == signed
    told = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert (told["iss"], told["exp"], told["rest_api"]) == ("SK1", 1_795_400_600, True)
    assert download_headers(providers.by_name["omicall"].download, secrets, 0, "c1") == {}


def test_of_two_channels_the_callers_is_kept() -> None:
    import wave
    from io import BytesIO

    left, right = (np.frombuffer(tone(hz, 1.0), "<i2") for hz in (400, 900))
    file = BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(np.column_stack([left, right]).astype("<i2").tobytes())
    for side, hertz in (("left", 400), ("right", 900)):
        sound, suffix = callers_side(file.getvalue(), side)  # type: ignore[arg-type]
        assert suffix == ".wav"
        assert abs(pitch_of(sound[44:]) - hertz) < 5


async def test_a_file_in_the_folder_is_taken_when_it_has_stopped_growing(room: Room) -> None:
    path = room.stage.folder / "in" / "0900000123_20261123_091500.wav"
    path.write_bytes(WAV)
    now = room.stage.clock.now().timestamp()
    os.utime(path, (now, now))
    assert await room.work() == []
    room.stage.clock.advance(timedelta(seconds=30))
    (report,) = await room.work()
    assert report["contact_phone"] == "0900000123"
    assert not path.exists()
    assert (path.parent / "taken" / path.name).exists()


async def test_a_file_that_is_no_recording_is_put_aside(room: Room) -> None:
    path = room.stage.folder / "in" / "1795000000.12-in.wav"
    path.write_bytes(b"not a sound")
    os.utime(path, (0, 0))
    assert await room.work() == []
    assert (path.parent / "refused" / path.name).exists()


async def test_a_recording_has_no_answer_to_play(room: Room) -> None:
    room.intake.providers = replace(room.intake.providers)
    await room.tell(STRINGEE)
    room.answers = [httpx.Response(200, content=WAV)]
    await room.work()
    assert "waiting" not in await room.stage.letters()
