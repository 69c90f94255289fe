"""Recorded-shape updates of every kind, read into events."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.citizen.channel import TelegramChannel
from bots.citizen.settings import TelegramSettings
from bots.citizen.updates import Reader, pressed_query
from core.clock import ScriptedClock
from core.codec import decode, encode
from core.media.store import FolderMediaStore
from core.message import (
    Address,
    Contact,
    Inbound,
    InboundKind,
    MediaKind,
    MediaRef,
    Point,
)
from tests.bots.telegram_server import TOKEN, USERNAME

FOLDER = Path(__file__).parent / "updates"
UPDATES: dict[str, Any] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
SENT_AT = datetime.fromtimestamp(1795251600, UTC)
NOW = SENT_AT + timedelta(minutes=5, milliseconds=250)
CITIZEN = Address("telegram", "90001")
GROUP = Address("telegram", "-100500600")
COMMANDS = {"huy": "hủy", "trangthai": "trạng thái"}
READER = Reader(1000001, USERNAME, COMMANDS)


def read(name: str) -> Inbound:
    return READER.read(UPDATES[name], NOW)


@pytest.fixture
def channel(tmp_path: Path) -> TelegramChannel:
    media = FolderMediaStore(tmp_path)
    return TelegramChannel(TelegramSettings(TOKEN), media, {}, commands=COMMANDS, clock=ScriptedClock(NOW))


def message(mid: int, **content: Any) -> Inbound:
    common = {"event_id": f"msg:90001:{mid}", "sent_at": SENT_AT, "sender_name": "Lan Thử", "language": "vi"}
    return Inbound(CITIZEN, **(common | content))


def photo(suffix: str = "") -> MediaRef:
    return MediaRef(
        MediaKind.PHOTO, "AgACphoto-y" + suffix, 182345, "image/jpeg", None, "AgACphoto-x" + suffix
    )


def document(name: str, mime: str, kind: MediaKind, fallback: str | None = None) -> MediaRef:
    return MediaRef(kind, "BQACdoc-1", 345678, mime, name, fallback)


UNSUPPORTED = InboundKind.UNSUPPORTED
EXPECTED: dict[str, Inbound] = {
    "text": message(11, text="lan can cầu Rào gãy một đoạn dài, thuộc cẩm bình 🙏"),
    "photo": message(12, photos=(photo(),), text="ổ gà to trước trường"),
    "album_first": message(13, photos=(photo(),), text="rác đầy bãi", album="13900000000000001"),
    "album_second": message(14, photos=(photo("-b"),), album="13900000000000001"),
    "document_image": message(
        15, photos=(document("IMG_0042.HEIC", "image/heic", MediaKind.PHOTO, "AAMCthumb"),)
    ),
    "document_image_by_name": message(
        16, photos=(document("anh hien truong.JPG", "application/octet-stream", MediaKind.PHOTO),)
    ),
    "document_pdf": message(
        17, files=(document("don kien nghi.pdf", "application/pdf", MediaKind.FILE),), text="đơn của thôn"
    ),
    "document_audio": message(18, voice=document("ghi am.amr", "audio/amr", MediaKind.VOICE)),
    "location": message(19, point=Point(18.342811, 105.905662, 35.0)),
    "location_live": message(20, point=Point(18.342811, 105.905662, 12.0)),
    "location_live_edit": message(20, point=Point(18.3431, 105.9061, 10.0)),
    "venue": message(21, point=Point(18.3377, 105.9021), place_label="Chợ Thử, đường Hà Huy Tập"),
    "voice": message(22, voice=MediaRef(MediaKind.VOICE, "AwACvoice", 35210, "audio/ogg")),
    "audio": message(23, voice=MediaRef(MediaKind.VOICE, "CQACaudio", 512345, "audio/mp4", "Ghi am 1.m4a")),
    "video": message(
        24,
        files=(MediaRef(MediaKind.VIDEO, "BAACvideo", 7345678, "video/quicktime", "IMG_1.MOV"),),
        text="nước ngập",
    ),
    "video_note": message(25, files=(MediaRef(MediaKind.VIDEO, "DQACnote", 734567),)),
    "animation": message(26, files=(MediaRef(MediaKind.VIDEO, "CgACanim", 99000, "video/mp4", "giphy.mp4"),)),
    "contact_own": message(27, contact=Contact("0900000123", "Lan Thử")),
    "contact_other": message(28, text="Mệ Xuân 0900000456"),
    "edited_text": message(
        11,
        event_id="edit:90001:11:1795251645",
        sent_at=SENT_AT + timedelta(seconds=45),
        kind=InboundKind.EDIT,
        text="lan can cầu Rào gãy, xã Cẩm Bình",
        replaces="msg:90001:11",
    ),
    "edited_caption": message(
        12,
        event_id="edit:90001:12:1795251650",
        sent_at=SENT_AT + timedelta(seconds=50),
        kind=InboundKind.EDIT,
        text="ổ gà to trước chợ",
        replaces="msg:90001:12",
    ),
    "start": message(29, kind=InboundKind.START),
    "start_payload": message(30, kind=InboundKind.START, text="r_HT-2611-00042"),
    "command_known": message(31, text="hủy"),
    "command_with_words": message(32, text="trạng thái HT-2611-00042"),
    "command_unknown": message(33, text="gap can bo"),
    "sticker": message(34, kind=UNSUPPORTED),
    "dice": message(35, kind=UNSUPPORTED),
    "poll": message(36, kind=UNSUPPORTED),
    "story": message(37, kind=UNSUPPORTED),
    "game": message(38, kind=UNSUPPORTED),
    "nothing_known": message(39, kind=UNSUPPORTED),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_messages(name: str) -> None:
    assert read(name) == EXPECTED[name]


def test_presses() -> None:
    pressed = read("callback")
    assert (pressed.choice, pressed.choice_turn, pressed.event_id) == (
        "category:rac_thai",
        7,
        "cb:388500000000000001",
    )
    assert pressed.address == CITIZEN
    assert pressed.sent_at == NOW.replace(microsecond=0)  # Telegram dates no press
    assert pressed_query(UPDATES["callback"]) == "388500000000000001"
    old = read("callback_old_message")
    assert (old.choice, old.choice_turn, old.sent_at) == ("confirm", 2, NOW.replace(microsecond=0))
    bare = read("callback_bare")
    assert (bare.choice, bare.choice_turn) == ("confirm", None)
    assert read("callback_game").kind is UNSUPPORTED
    assert pressed_query(UPDATES["text"]) is None
    assert pressed_query("rubbish") is None


@pytest.mark.parametrize(
    "name", ["group_mention", "group_command", "group_reply_to_bot", "group_command_bare"]
)
def test_said_to_the_bot_in_a_group(name: str) -> None:
    event = read(name)
    assert (event.kind, event.address) == (InboundKind.GROUP, GROUP)


def test_the_mention_is_no_part_of_what_was_said() -> None:
    assert read("group_mention").text == "🚰🚰 nước mất cả ngày"
    caption = read("group_caption_mention")
    assert (caption.text, caption.photos) == ("đây", ())


def test_blocking() -> None:
    event = read("member_blocked")
    assert (event.kind, event.address, event.event_id) == (
        InboundKind.BLOCKED,
        CITIZEN,
        "member:90001:1795251600",
    )


IGNORED = {
    "service_pinned": "service message",
    "service_timer": "service message",
    "group_talk": "group talk",
    "group_command_other_bot": "group talk",
    "group_other_mention": "group talk",
    "member_back": "membership",
    "channel_post": "kind channel_post",
    "unknown_kind": "kind quantum_message",
    "reaction": "kind message_reaction",
}


@pytest.mark.parametrize("name", IGNORED)
def test_the_rest_is_counted(channel: TelegramChannel, name: str) -> None:
    assert channel.parse(UPDATES[name]) == []
    assert dict(channel.ignored) == {IGNORED[name]: 1}


def test_every_recorded_update_is_expected_somewhere() -> None:
    elsewhere = {
        name for name in UPDATES if name.startswith(("callback", "group_")) or name == "member_blocked"
    }
    assert set(UPDATES) == set(EXPECTED) | set(IGNORED) | elsewhere


def test_a_redelivery_is_the_same_event() -> None:
    """By webhook and by polling the update_id may differ; the event's id does not."""
    again = copy.deepcopy(UPDATES["photo"]) | {"update_id": 1}
    assert READER.read(again, NOW + timedelta(hours=1)) == read("photo")


def test_a_live_location_is_one_event() -> None:
    moved = copy.deepcopy(UPDATES["location_live_edit"])
    moved["edited_message"]["edit_date"] += 60
    moved["edited_message"]["location"]["latitude"] += 0.01
    ids = {
        read("location_live").event_id,
        read("location_live_edit").event_id,
        READER.read(moved, NOW).event_id,
    }
    assert ids == {"msg:90001:20"}


def test_a_long_text_is_left_to_the_core() -> None:
    update = copy.deepcopy(UPDATES["text"])
    update["message"]["text"] = "a" * 4096
    assert len(READER.read(update, NOW).text) == 4096


def test_control_characters_and_lone_surrogates_do_not_come_in() -> None:
    update = copy.deepcopy(UPDATES["text"])
    update["message"]["text"] = "rác\u0000 \ud83d đầy\u202e"
    update["message"]["from"]["first_name"] = "\ud83dLan\u0000"
    event = READER.read(update, NOW)
    assert event.text == "rác đầy"
    assert event.sender_name == "Lan Thử"
    json.dumps(encode(event), ensure_ascii=False).encode()


def test_other_bots_are_not_answered(channel: TelegramChannel) -> None:
    update = copy.deepcopy(UPDATES["text"])
    update["message"]["from"]["is_bot"] = True
    assert channel.parse(update) == []
    assert dict(channel.ignored) == {"not from a person": 1}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        7,
        {},
        {"update_id": 1},
        {"message": None},
        {"message": {}},
        {"message": {"from": {"id": 1}, "chat": {"id": 1, "type": "private"}}},
        {"message": UPDATES["text"]["message"] | {"date": 10**18}},
        {"message": UPDATES["text"]["message"] | {"date": "soon"}},
        {"callback_query": {"id": "1"}},
        {"callback_query": []},
        {"my_chat_member": {}},
    ],
)
def test_broken_updates_are_counted_and_never_raise(channel: TelegramChannel, raw: Any) -> None:
    assert channel.parse(raw) == []
    assert channel.ignored.total() == 1


@pytest.mark.parametrize(
    "raw",
    [
        {"message": UPDATES["text"]["message"] | {"text": 5}},
        {"message": UPDATES["photo"]["message"] | {"photo": []}},
        {"message": UPDATES["photo"]["message"] | {"photo": [{"width": 1, "height": 1}]}},
        {"message": UPDATES["location"]["message"] | {"location": {"latitude": "nan", "longitude": 1}}},
        {"message": UPDATES["location"]["message"] | {"location": {"latitude": 91, "longitude": 1}}},
    ],
)
def test_a_malformed_message_of_a_citizen_is_answered(channel: TelegramChannel, raw: Any) -> None:
    (event,) = channel.parse(raw)
    assert (event.kind, event.address) == (UNSUPPORTED, CITIZEN)


def mutated(draw: st.DrawFn, value: Any) -> Any:
    """The same value with one part replaced, removed or left."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        if draw(st.integers(0, 4)) == 0:
            del changed[key]
        else:
            changed[key] = mutated(draw, value[key])
        return changed
    if isinstance(value, list) and value and draw(st.booleans()):
        return [mutated(draw, value[0]), *value[1:]]
    return draw(
        st.none()
        | st.integers()
        | st.floats()
        | st.text(st.characters(), max_size=9)
        | st.just([])
        | st.just({})
    )


@st.composite
def odd_updates(draw: st.DrawFn) -> Any:
    update = UPDATES[draw(st.sampled_from(sorted(UPDATES)))]
    for _ in range(draw(st.integers(1, 3))):
        update = mutated(draw, update)
    return update


@given(odd_updates())
@settings(max_examples=500, deadline=None)
def test_any_update_gives_storable_events_and_no_exception(update: Any) -> None:
    channel = TelegramChannel(TelegramSettings(TOKEN), None, {}, clock=ScriptedClock(NOW))  # type: ignore[arg-type]
    for event in channel.parse(update):
        assert event.address.channel == "telegram"
        assert event.event_id
        written = json.dumps(encode(event), ensure_ascii=False)
        assert "\\u0000" not in written  # PostgreSQL's JSON knows no NUL
        stored = json.loads(written.encode())
        assert decode(Inbound, stored) == event
