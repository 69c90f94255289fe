"""Every event of Zalo's list, read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zalo.events import Reading, read_event
from core.codec import decode, encode
from core.message import Address, Contact, Inbound, InboundKind, MediaKind, Point
from tests.zalo_server import APP_ID, OA_ID

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STAMP = "1763712000000"
PERSON = "2512523625412515"
CITIZEN = Address("zalo", PERSON)
OURS = {"id": OA_ID}


def event(name: str, **fields: Any) -> dict[str, Any]:
    return {"app_id": APP_ID, "event_name": name, "timestamp": STAMP, **fields}


def message(kind: str, *attachments: Any, **fields: Any) -> dict[str, Any]:
    """A message of a citizen."""
    content: dict[str, Any] = {"msg_id": "m1", **fields}
    if attachments:
        content["attachments"] = list(attachments)
    return event(
        f"user_send_{kind}",
        sender={"id": PERSON},
        recipient={"id": OA_ID},
        user_id_by_app="9",
        message=content,
    )


def attachment(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


def read(raw: dict[str, Any]) -> Reading:
    return read_event(raw, OA_ID, NOW)


def heard(raw: dict[str, Any]) -> Inbound:
    reading = read(raw)
    assert reading.inbound is not None
    return reading.inbound


def test_text() -> None:
    one = heard(message("text", text="đường hỏng  ở\u0000 thôn Đông"))
    assert (one.address, one.kind, one.text) == (CITIZEN, InboundKind.MESSAGE, "đường hỏng ở thôn Đông")
    assert (one.event_id, one.sent_at.timestamp()) == (f"oa:{OA_ID}:m1", 1763712000)


def test_ids_of_nineteen_digits_stay_text() -> None:
    raw = message("text", text="a")
    raw["sender"]["id"] = 4318657068771012646
    assert heard(raw).address.user == "4318657068771012646"


def test_decomposed_letters_are_composed() -> None:
    assert heard(message("text", text="đươ\u0300ng")).text == "đường"


def test_a_menu_tap_is_text() -> None:
    assert heard(message("text", text="#gapcanbo")).text == "#gapcanbo"


@pytest.mark.parametrize(
    "text", ["#choice:", "#choice:x:confirm", "#choice:1:", "#choice:-1:a", "#choice:١:a"]
)
def test_what_is_no_press_of_ours_is_text(text: str) -> None:
    one = heard(message("text", text=text))
    assert (one.choice, one.text) == (None, text)


@pytest.mark.parametrize("kind", ["image", "photo"])
def test_image_whichever_way_its_type_is_called(kind: str) -> None:
    one = heard(message("image", attachment(kind, url="https://a.zdn.vn/1", thumbnail="https://a.zdn.vn/t")))
    (photo,) = one.photos
    assert (photo.kind, photo.ref, photo.fallback) == (
        MediaKind.PHOTO,
        "https://a.zdn.vn/1",
        "https://a.zdn.vn/t",
    )
    assert one.text == ""


def test_several_images_in_one_event_with_a_caption() -> None:
    urls = [f"https://a.zdn.vn/{n}" for n in range(3)]
    one = heard(message("image", *[attachment("image", url=url) for url in urls], text="ổ gà"))
    assert ([photo.ref for photo in one.photos], one.text) == (urls, "ổ gà")


def test_gif() -> None:
    assert heard(message("gif", attachment("gif", url="https://zalo-gif.zdn.vn/1"))).photos


def test_location_in_the_shape_of_the_real_log() -> None:
    """Coordinates are strings; elsewhere `payload.latitude` was read, and every real place was dropped."""
    coordinates = {"latitude": "18.343", "longitude": "105.905"}
    one = heard(message("location", attachment("location", coordinates=coordinates), text="Chợ Hà Tĩnh"))
    assert one.point == Point(18.343, 105.905)
    assert (one.text, one.place_label) == ("", "Chợ Hà Tĩnh")


def test_location_with_numbers_and_without_a_label() -> None:
    coordinates = {"latitude": 18.343, "longitude": 105.905}
    one = heard(message("location", attachment("location", coordinates=coordinates)))
    assert (one.point, one.place_label) == (Point(18.343, 105.905), "")


@pytest.mark.parametrize(
    "coordinates",
    [
        {"latitude": "0", "longitude": "0.0"}, {"latitude": "91", "longitude": "105"},
        {"latitude": "nan", "longitude": "1"}, {"latitude": True, "longitude": 1}, {"latitude": "18"}, {},
        None, "x",
    ],
)  # fmt: skip
def test_a_location_that_is_none_is_answered_all_the_same(coordinates: Any) -> None:
    reading = read(message("location", attachment("location", coordinates=coordinates), text="Chợ"))
    assert reading.inbound is not None
    assert (reading.inbound.kind, reading.inbound.point) == (InboundKind.UNSUPPORTED, None)
    assert reading.odd.startswith("broken")


def test_audio_is_a_voice_whatever_its_name_says() -> None:
    one = heard(message("audio", attachment("audio", url="https://x-voice-aac-dl.zdn.vn/a.amr")))
    assert one.voice is not None
    assert (one.voice.kind, one.voice.mime) == (MediaKind.VOICE, None)


def test_video() -> None:
    payload = {"url": "https://video-stal-1.zdn.vn/a", "thumbnail": "https://a.zdn.vn/t", "description": ""}
    assert heard(message("video", attachment("video", **payload))).files[0].kind is MediaKind.VIDEO


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("a.PDF", "files"),
        ("anh.JPG", "photos"),
        ("x.heic", "photos"),
        ("ghi.m4a", "voice"),
        ("phim.mp4", "files"),
    ],
)
def test_a_file_is_what_its_name_says(name: str, field: str) -> None:
    payload = {
        "url": "https://file-stal-1.zdn.vn/a",
        "name": name,
        "size": "12345",
        "checksum": "0",
        "type": "x",
    }
    one = heard(message("file", attachment("file", **payload)))
    found = getattr(one, field)
    ref = found if field == "voice" else found[0]
    assert (ref.name, ref.size) == (name, 12345)


@pytest.mark.parametrize("size", ["", "many", "-1", None, "9" * 40])
def test_a_size_that_is_none_is_not_said(size: Any) -> None:
    payload = {"url": "https://file-stal-1.zdn.vn/a", "name": "a.pdf", "size": size}
    assert heard(message("file", attachment("file", **payload))).files[0].size is None


def test_a_sticker_is_answered() -> None:
    one = heard(message("sticker", attachment("sticker", id="1", url="https://a.zdn.vn/s")))
    assert one.kind is InboundKind.UNSUPPORTED


def test_a_link_is_never_fetched_but_words_around_it_count() -> None:
    link = attachment("link", url="https://example.org", thumbnail="https://a.zdn.vn/t", description="x")
    assert heard(message("link", link, text="https://example.org/bai")).kind is InboundKind.UNSUPPORTED
    one = heard(message("link", link, text="đường hỏng như bài này https://example.org"))
    assert (one.kind, one.photos, one.files) == (InboundKind.MESSAGE, (), ())


@pytest.mark.parametrize("kind", ["business_card", "link"])
def test_a_business_card_reads_like_words(kind: str) -> None:
    card = json.dumps({"phone": "84900000123", "qrCodeUrl": "https://qr.zdn.vn"})
    one = heard(message(kind, attachment("link", description=card), text="Bà con thôn Đông"))
    assert one.text == "Bà con thôn Đông 0900000123"


@pytest.mark.parametrize(
    "info",
    [
        {
            "name": "Người Dân", "phone": "84900000123", "user_dob": "", "gender": 1,
            "full_address": {"user_city": "Hà Tĩnh", "user_ward": "x", "user_address": "y"},
        },
        {"name": "Người Dân", "phone": 84900000123, "address": "y", "ward": "x", "city": "w"},
    ],
    ids=["new", "old"],
)  # fmt: skip
def test_submitted_info_in_both_forms(info: dict[str, Any]) -> None:
    one = heard(event("user_submit_info", sender={"id": PERSON}, recipient={"id": OA_ID}, info=info))
    assert one.contact == Contact("0900000123", "Người Dân")
    assert (one.point, one.place_label, one.text) == (
        None,
        "",
        "",
    )  # where they live is not where it happened


def test_follow_and_unfollow() -> None:
    common = {"oa_id": OA_ID, "follower": {"id": PERSON}, "user_id_by_app": "9", "source": "oa_profile"}
    followed, left = read(event("follow", **common)), read(event("unfollow", **common))
    assert followed.inbound is not None
    assert left.inbound is not None
    assert (followed.inbound.kind, followed.inbound.address) == (InboundKind.START, CITIZEN)
    assert (left.inbound.kind, left.heard) == (InboundKind.BLOCKED, None)
    assert followed.key == f"oa:{OA_ID}:follow:{PERSON}:{STAMP}"


def test_the_first_click_on_chat_opens_the_window() -> None:
    reading = read(event("user_click_chatnow", user_id=PERSON, oa_id=OA_ID))
    assert reading.inbound is not None
    assert (reading.inbound.kind, reading.heard) == (InboundKind.START, CITIZEN)


def test_withdrawing_is_erasure() -> None:
    assert heard(event("user_withdraw", user_id=PERSON, oa_id=OA_ID)).kind is InboundKind.ERASURE


@pytest.mark.parametrize(
    "raw",
    [
        event("user_seen_message", sender=OURS, recipient={"id": PERSON}, message={"msg_ids": ["a"]}),
        event("user_received_message", sender=OURS, recipient={"id": PERSON}, message={"msg_id": "a"}),
        event("user_received_message", recipient={"id": "84900000123"}, message={"tracking_id": "t"}),
        event(
            "user_reacted_message", sender={"id": PERSON}, recipient={"id": OA_ID},
            message={"msg_id": "a", "react_icon": "/-heart"},
        ),
        event("oa_reacted_message", sender={"id": OA_ID}, recipient={"id": PERSON}, message={"msg_id": "a"}),
    ],
    ids=lambda raw: raw["event_name"],
)  # fmt: skip
def test_receipts_and_reactions_are_known_and_do_nothing(raw: dict[str, Any]) -> None:
    reading = read(raw)
    assert (reading.inbound, reading.heard, reading.odd) == (None, None, "")


def test_two_reactions_to_one_message_are_two_events() -> None:
    def reaction(stamp: str) -> dict[str, Any]:
        raw = event(
            "user_reacted_message", sender={"id": PERSON}, message={"msg_id": "m1", "react_icon": ":>"}
        )
        return raw | {"timestamp": stamp}

    assert len({read(reaction("1")).key, read(reaction("2")).key, read(message("text", text="a")).key}) == 3


@pytest.mark.parametrize(
    "name",
    [
        "add_user_to_tag", "remove_tag", "update_user_info", "user_send_group_text", "create_group",
        "change_template_status", "change_oa_daily_quota", "user_feedback", "user_click_button", "",
    ],
)  # fmt: skip
def test_what_means_nothing_to_the_talk_is_stored(name: str) -> None:
    reading = read(event(name, oa_id=OA_ID, user_id=PERSON))
    assert reading.inbound is None
    assert reading.odd


def test_anonymous_people_are_addressed_with_their_conversation() -> None:
    raw = event(
        "anonymous_send_text", sender={"id": "a-1"}, recipient={"id": OA_ID},
        message={"msg_id": "m1", "text": "đường hỏng", "conversation_id": "c-9"},
    )  # fmt: skip
    one = heard(raw)
    assert (one.address.user, one.text) == ("anon:a-1:c-9", "đường hỏng")


@pytest.mark.parametrize(("kind", "text"), [("text", "Chào bác"), ("image", "")])
def test_an_officer_who_writes_is_told_from_our_own_echo(kind: str, text: str) -> None:
    raw = event(
        f"oa_send_{kind}", sender={"id": OA_ID, "admin_id": "7"}, recipient={"id": PERSON},
        message={"msg_id": "e1", "text": text},
    )  # fmt: skip
    one = heard(raw)
    assert (one.kind, one.address, one.text) == (InboundKind.STAFF_ECHO, CITIZEN, text or "[image]")
    raw["sender"] = {"id": OA_ID}
    reading = read(raw)
    assert reading.inbound is None
    assert reading.echo is not None
    assert (reading.echo.officer, reading.echo.message_id, reading.heard) == (False, "e1", None)


def test_an_officers_words_are_kept_without_a_message_id_too() -> None:
    raw = event(
        "oa_send_text",
        sender={"id": OA_ID, "admin_id": "7"},
        recipient={"id": PERSON},
        message={"text": "Dạ"},
    )
    assert heard(raw).text == "Dạ"


@pytest.mark.parametrize("stamp", [int(STAMP), STAMP])
def test_the_timestamp_may_be_a_number(stamp: Any) -> None:
    assert heard(message("text", text="a") | {"timestamp": stamp}).sent_at.timestamp() == 1763712000


@pytest.mark.parametrize("stamp", ["", "soon", None, True, [], "9" * 30, "-5", 1.5])
def test_without_a_timestamp_it_happened_now(stamp: Any) -> None:
    assert heard(message("text", text="a") | {"timestamp": stamp}).sent_at == NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "user_send_text", "user_send_image", "user_send_location", "user_send_audio", "user_send_file",
        "user_send_link", "user_send_business_card", "user_submit_info", "follow", "unfollow",
        "user_withdraw", "oa_send_text", "anonymous_send_text", "user_seen_message", "nonsense",
    ]
)  # fmt: skip
KEYS = (
    "sender", "recipient", "message", "follower", "info", "user_id", "oa_id", "timestamp", "app_id",
)  # fmt: skip
PERSONS = st.fixed_dictionaries({}, optional={"id": JSON, "admin_id": JSON})
MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "msg_id": JSON, "text": JSON,
        "attachments": JSON | st.lists(st.fixed_dictionaries({}, optional={"type": JSON, "payload": JSON})),
    },
)  # fmt: skip


@given(
    NAMES,
    st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)),
    st.fixed_dictionaries({}, optional={"sender": PERSONS, "recipient": PERSONS, "message": MESSAGES}),
)
def test_any_event_is_read_without_an_error(
    name: str, fields: dict[str, Any], shaped: dict[str, Any]
) -> None:
    reading = read_event({"event_name": name, **fields, **shaped}, OA_ID, NOW)
    assert len(reading.key) <= 200
    if reading.inbound is not None:
        assert decode(Inbound, encode(reading.inbound)) == reading.inbound
        assert reading.inbound.sent_at.tzinfo is not None
        assert len(reading.inbound.address.user) <= 200
