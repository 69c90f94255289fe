"""Bad input by the real path: each gets a clear answer, and nothing is lost."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.applications import Starlette

from bots.citizen.channel import TelegramChannel
from bots.citizen.settings import TelegramSettings
from bots.citizen.webhook import webhook_route
from core.media.store import FolderMediaStore
from core.message import Inbound, MediaKind, MediaRef, Point
from core.storage import Store, StoreError, open_store
from core.storage.schema import conversations, handoffs, inbox, media, report_media, reports
from core.storage.sqlite import SqliteStore
from core.text import MAX_TEXT
from tests.core.stage import MATTER, Stage, picture, province

SECRET = "secret-of-bad-input"


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


def bomb() -> bytes:
    """A few kilobytes that unpack to 900 megapixels."""
    file = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    return file.getvalue()


def broken() -> bytes:
    return picture(1)[:200]


async def send_photo(stage: Stage, data: bytes, size: int | None = None) -> list[str]:
    """A photo in a talk that is under way."""
    await stage.say(stage.event(text=MATTER))
    stage.post.media["bad"] = data
    return await stage.say(stage.event(photos=(MediaRef(MediaKind.PHOTO, "bad", size=size),)))


@pytest.mark.parametrize(
    ("data", "size", "reason"),
    [
        pytest.param(b"", 60 * 1024 * 1024, "too_big", id="60 MB as announced"),
        pytest.param(b"\xff\xd8" + bytes(60 * 1024 * 1024), None, "unreachable", id="60 MB unannounced"),
        pytest.param(bomb(), None, "too_many_pixels", id="a decompression bomb"),
        pytest.param(broken(), None, "broken", id="a broken JPEG"),
        pytest.param(b"", None, "empty", id="no bytes"),
        pytest.param(b"<html>not found</html>", None, "not_a_picture", id="a page instead of a photo"),
    ],
)
async def test_a_photo_that_is_none_is_said_to_be_so_and_the_report_goes_on(
    stage: Stage, data: bytes, size: int | None, reason: str
) -> None:
    answer = (await send_photo(stage, data, size))[0]
    _, phrases, _ = province()
    manner = phrases.manner("telegram")
    assert phrases.say(f"photo_lost_{reason}", manner) in answer, "the citizen is told why"
    assert await stage.count(media) == 0
    await stage.say(stage.event(choice="skip_photo"))
    await stage.say(stage.event(choice="confirm"))
    assert await stage.count(reports) == 1 and await stage.count(report_media) == 0
    assert "photo_lost" in await stage.value(sa.select(reports.c.needs_person)), (
        "a person sees that one is missing"
    )


async def test_good_photos_beside_a_bad_one_are_kept(stage: Stage) -> None:
    await stage.say(stage.event(text=MATTER))
    stage.post.media["bad"] = broken()
    bad = stage.event(photos=(MediaRef(MediaKind.PHOTO, "bad"),), album="a")
    await stage.say(stage.photo(1, album="a"), bad, stage.photo(2, album="a"))
    await stage.say(stage.event(choice="confirm"))
    assert await stage.count(report_media) == 2


async def test_a_hundred_thousand_characters(stage: Stage) -> None:
    answers = await stage.say(stage.event(text=MATTER + " rất hôi" * 15_000))
    _, phrases, _ = province()
    assert phrases.say("text_cut", phrases.manner("telegram")) in answers[0]
    await stage.say(stage.event(choice="skip_photo"))
    await stage.say(stage.event(choice="confirm"))
    description = await stage.value(sa.select(reports.c.description))
    assert description.startswith("đống rác") and len(description) <= MAX_TEXT
    assert all(len(text) < 4_096 for text in stage.post.texts())


@pytest.mark.parametrize(
    "text",
    [
        "\x00đống\x07 rác\u202e\u200b to ở xã Thạch Hà\x1b[2J",
        "đống rác to \ud800 ở xã Thạch Hà",
        "đống rác\r\nở xã Thạch Hà",
    ],
    ids=["control", "half a surrogate", "line ends"],
)
async def test_characters_that_no_table_takes(stage: Stage, text: str) -> None:
    await stage.say(stage.event(text=text))
    await stage.say(stage.event(choice="skip_photo"))
    await stage.say(stage.event(choice="confirm"))
    description = await stage.value(sa.select(reports.c.description))
    assert description is not None and "rác" in description
    assert all(letter.isprintable() or letter == "\n" for letter in description)


@pytest.mark.parametrize("text", ["", " ", "\u200b\u200b", "\x00", "🙂🙂🙂", "." * 3000])
async def test_a_message_without_words_is_answered(stage: Stage, text: str) -> None:
    assert len(await stage.say(stage.event(text=text))) == 1


@pytest.mark.parametrize(
    "point",
    [Point(0.0, 0.0), Point(105.9057, 18.3428), Point(21.03, 105.85), Point(89.9, -179.9)],
    ids=["null island", "swapped", "Hà Nội", "the pole"],
)
async def test_a_pin_elsewhere_is_said_and_asked_anew(stage: Stage, point: Point) -> None:
    await stage.say(stage.event(text="đống rác to bốc mùi"))
    answers = await stage.say(stage.event(point=point))
    assert len(answers) == 1
    await stage.say(stage.event(text="ở xã Thạch Hà"))
    await stage.say(stage.event(choice="skip_photo"))
    await stage.say(stage.event(choice="confirm"))
    assert await stage.count(reports) == 1
    commune = await stage.value(sa.select(reports.c.commune))
    assert province()[0].places.communes[commune].name == "Thạch Hà"


async def test_a_voice_of_no_bytes_is_answered(stage: Stage) -> None:
    stage.post.media["silence"] = b""
    answers = await stage.say(stage.event(voice=MediaRef(MediaKind.VOICE, "silence", size=0)))
    assert len(answers) == 1 and await stage.states() == {"done": 1}


async def test_a_voice_that_is_gone_is_answered(stage: Stage) -> None:
    assert len(await stage.say(stage.event(voice=MediaRef(MediaKind.VOICE, "gone")))) == 1


# -- the disk and other instances ---------------------------------------------------------------------------


def room_again(conn: sa.Connection) -> None:
    conn.exec_driver_sql("PRAGMA max_page_count = 1000000")


async def small_disk(stage: Stage, room: int = 0) -> None:
    """From here on the database can grow by `room` pages only."""
    pages = room + await stage.store.read(lambda conn: conn.exec_driver_sql("PRAGMA page_count").scalar_one())
    await stage.store.write(
        lambda conn: conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar_one()
    )


async def fill(stage: Stage) -> list[Inbound]:
    """Accept events until the disk is full; those that were accepted."""
    kept = []
    for number in range(10_000):
        event = stage.event(text=f"{MATTER} {number}" + " rất hôi" * 300)
        try:
            await stage.worker.accept([event])
        except StoreError:
            return kept
        kept.append(event)
    raise AssertionError("the disk never was full")


async def test_a_full_disk_during_accept_loses_nothing(sqlite_store: Store, tmp_path: Path) -> None:
    """What was accepted is there; what was refused comes again once there is room, and is answered."""
    stage = Stage(sqlite_store, tmp_path)
    await small_disk(stage, room=20)
    kept = await fill(stage)
    assert kept and await stage.count(inbox) == len(kept)
    await sqlite_store.write(room_again)
    refused = stage.event(text=MATTER)
    await stage.say(refused)
    assert await stage.states() == {"done": len(kept) + 1}
    assert stage.post.sent


async def test_a_full_disk_during_the_turn_is_tried_again(sqlite_store: Store, tmp_path: Path) -> None:
    stage = Stage(sqlite_store, tmp_path)
    await stage.worker.accept([stage.event(text=MATTER)])
    await small_disk(stage)
    await fill(stage)
    for _ in range(10):  # an hour of a full disk: the event is not to blame
        stage.clock.advance(timedelta(minutes=6))
        await stage.worker.work_once()
    assert (await stage.states()).get("failed") is None
    await sqlite_store.write(room_again)
    stage.clock.advance(timedelta(minutes=6))
    await stage.settle()
    assert set(await stage.states()) == {"done"}
    assert stage.post.sent and await stage.count(handoffs) == 0
    assert await stage.value(sa.select(conversations.c.lease)) is None


async def test_the_webhook_answers_503_when_nothing_could_be_kept(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """So that Telegram delivers again; once there is room, the same update is taken."""
    stage = Stage(sqlite_store, tmp_path)
    channel = TelegramChannel(
        TelegramSettings("1000001:TEST-token", mode="webhook", webhook_secret=SECRET),
        FolderMediaStore(tmp_path / "media"),
        {},
    )

    async def keep(events: list[Inbound]) -> None:
        await stage.worker.accept(events)

    app = Starlette(routes=[webhook_route(channel, keep, SECRET)])
    person = {"id": 7, "is_bot": False, "first_name": "Thử"}
    message = {"message_id": 1, "date": 1_795_251_600, "from": person, "chat": {"id": 7, "type": "private"}}
    update = {"update_id": 1, "message": message | {"text": MATTER + " rất hôi" * 300}}
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://t", headers=headers
    ) as client:
        await small_disk(stage)
        await fill(stage)
        before = await stage.count(inbox)
        assert (await client.post("/channels/telegram", json=update)).status_code == 503
        assert await stage.count(inbox) == before
        await sqlite_store.write(room_again)
        assert (await client.post("/channels/telegram", json=update)).status_code == 200
        assert await stage.count(inbox, user="7") == 1


async def test_unknown_updates_are_taken_without_an_event(tmp_path: Path) -> None:
    channel = TelegramChannel(TelegramSettings("1000001:TEST-token"), FolderMediaStore(tmp_path), {})
    for update in (
        {"update_id": 1, "hologram": {"x": 1}},
        {"update_id": 2},
        {},
        [],
        None,
        5,
        {"message": None},
    ):
        assert channel.parse(update) == []
    assert sum(channel.ignored.values()) == 7


async def test_a_second_instance_on_one_database_is_told_so(sqlite_url: str, sqlite_store: Store) -> None:
    assert isinstance(sqlite_store, SqliteStore)
    with pytest.raises(StoreError, match="in use by another instance"):
        await open_store(sqlite_url)
