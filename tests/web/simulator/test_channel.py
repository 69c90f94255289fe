"""The simulated channel itself: parse, send, fetch, observe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.channel import Channel, MediaLost
from core.clock import ScriptedClock
from core.message import Address, Choice, InboundKind, MediaKind, MediaRef, Outbound, Point
from core.trace import TurnTrace
from web.simulator.channel import NAMES, BadMessage, SimulatorChannel
from web.simulator.sessions import MAX_EVENTS, MAX_SESSIONS, Sessions
from web.simulator.simulator import Simulator, open_simulator
from web.simulator.uploads import Refused, Uploads

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 100


@pytest.fixture
def simulator(tmp_path: Path) -> Simulator:
    return open_simulator(tmp_path, ScriptedClock(NOON))


def raw(user: str = "owner.talk", **values: Any) -> dict[str, Any]:
    return {"user": user, "client": "c1", "sent_at": NOON.isoformat(), **values}


def test_it_is_a_channel(simulator: Simulator) -> None:
    channel: Channel = simulator.channels["sim_zalo"]
    assert channel.name == "sim_zalo"
    assert tuple(simulator.channels) == NAMES
    with pytest.raises(ValueError, match="sim_zalo"):
        SimulatorChannel("zalo", simulator.sessions, simulator.uploads)


@pytest.mark.parametrize("name", NAMES)
def test_an_album_is_an_event_a_photo_tied_on_telegram_alone(simulator: Simulator, name: str) -> None:
    photos = [simulator.uploads.put("owner", MediaKind.PHOTO, JPEG)[0] for _ in range(3)]
    events = simulator.channels[name].parse(raw(photos=photos, text="ba ảnh"))
    assert [len(event.photos) for event in events] == [1, 1, 1]
    assert [event.text for event in events] == ["ba ảnh", "", ""]
    assert len({event.event_id for event in events}) == 3
    assert {event.album for event in events} == ({"c1"} if name == "sim_telegram" else {None})
    assert events[0].photos[0].size == len(JPEG)


def test_a_message_keeps_what_it_carries(simulator: Simulator) -> None:
    contact = {"phone": "0900000001"}
    (event,) = simulator.channels["sim_telegram"].parse(
        raw(point={"lat": 18.3, "lon": 105.9}, choice="confirm", choice_turn=4, contact=contact)
    )
    assert event.point == Point(18.3, 105.9)
    assert (event.choice, event.choice_turn) == ("confirm", 4)
    assert event.contact is not None
    assert event.contact.phone == "0900000001"
    assert event.sent_at == NOON


def test_a_call_begins_and_ends(simulator: Simulator) -> None:
    hotline = simulator.channels["sim_hotline"]
    kinds = [hotline.parse(raw(kind=kind))[0].kind for kind in ("start", "hung_up")]
    assert kinds == [InboundKind.START, InboundKind.HUNG_UP]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["text", "photos", "voice", "point", "contact", "choice", "choice_turn", "kind", "place_label"]


@settings(deadline=None, max_examples=300)
@given(values=st.dictionaries(st.sampled_from(KEYS), json_values, max_size=5))
def test_any_json_is_a_message_or_named_bad(
    values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    uploads = Uploads(tmp_path_factory.getbasetemp() / "any-json")
    channel = SimulatorChannel("sim_zalo", Sessions(ScriptedClock(NOON)), uploads)
    try:
        events = channel.parse(raw(**values))
    except BadMessage:
        return
    assert len(events) == 1


async def test_send_is_shown_with_its_choices(simulator: Simulator) -> None:
    session = simulator.sessions.of_owner("owner")
    address = Address("sim_telegram", session.user("sim_telegram"))
    message = Outbound("Gửi đi?", (Choice("confirm", "Gửi đi"),), photos=("a" * 64,), turn=3)
    receipt = await simulator.channels["sim_telegram"].send(address, message)
    (event,) = session.since(0)
    assert receipt.message_ids == (str(event["seq"]),)
    assert event["choices"] == [{"value": "confirm", "label": "Gửi đi"}]
    assert event["turn"] == 3
    assert event["earlier"] is False


async def test_fetch_gives_uploads_within_the_limit(simulator: Simulator) -> None:
    name, _ = simulator.uploads.put("owner", MediaKind.PHOTO, JPEG)
    channel = simulator.channels["sim_zalo"]
    ref = MediaRef(MediaKind.PHOTO, f"owner/{name}")
    assert await channel.fetch(ref, 1_000) == JPEG
    with pytest.raises(MediaLost, match="more than 50"):
        await channel.fetch(ref, 50)
    for lost in (f"other/{name}", "owner/" + "0" * 32, f"owner/../{name}", "", "owner/../../x"):
        with pytest.raises(MediaLost):
            await channel.fetch(MediaRef(MediaKind.PHOTO, lost), 1_000)


def test_observe_shows_this_talk_and_no_other(simulator: Simulator) -> None:
    session = simulator.sessions.of_owner("owner")
    user = session.user("sim_zalo")
    address = Address("sim_zalo", user)
    trace = TurnTrace(address, 1, NOON, "confirm", draft={"description": "ổ gà"}, reports=["HT-1"])
    simulator.observe(trace)
    simulator.observe(TurnTrace(Address("zalo", user), 1, NOON, "idle"))
    simulator.observe(TurnTrace(Address("sim_zalo", "owner.earlier"), 1, NOON, "idle"))
    (event,) = session.since(0)
    assert (event["kind"], event["phase"], event["reports"]) == ("trace", "confirm", ["HT-1"])
    assert event["draft"] == {"description": "ổ gà"}
    assert event["channel"] == "sim_zalo"


async def test_a_page_that_follows_sees_old_and_new_in_order(simulator: Simulator) -> None:
    session = simulator.sessions.of_owner("owner")
    session.append("sim_zalo", "citizen", client="a")
    follower = session.follow(0, quiet_seconds=0.01)
    assert await anext(follower) is None  # at once, so that the browser knows the line is open
    assert (await anext(follower) or {})["seq"] == 1
    assert await anext(follower) is None  # quiet: the line is kept open
    session.append("sim_zalo", "citizen", client="b")
    session.append("sim_zalo", "citizen", client="c")
    assert [(await anext(follower) or {})["client"] for _ in range(2)] == ["b", "c"]
    session.close()
    with pytest.raises(StopAsyncIteration):
        await anext(follower)


def test_what_is_kept_is_bounded() -> None:
    clock = ScriptedClock(NOON)
    sessions = Sessions(clock)
    first = sessions.of_owner("first")
    for _ in range(MAX_EVENTS + 50):
        first.append("sim_zalo", "citizen", client="x")
    assert len(first.since(0)) == MAX_EVENTS
    for number in range(MAX_SESSIONS):
        sessions.of_owner(f"other{number}")
    assert first.closed
    assert sessions.of_owner("first") is not first


def test_the_allowance_comes_back_with_time() -> None:
    clock = ScriptedClock(NOON)
    session = Sessions(clock).of_owner("owner")
    assert [session.may_send(most=2) for _ in range(3)] == [True, True, False]
    clock.advance(timedelta(seconds=61))
    assert session.may_send(most=2)


def test_the_upload_folder_forgets_the_oldest(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path, max_total=len(JPEG) * 3)
    names = [uploads.put("owner", MediaKind.PHOTO, JPEG)[0] for _ in range(5)]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= len(JPEG) * 3
    assert uploads.get("owner", names[-1]) == JPEG
    with pytest.raises(Refused, match="kind"):
        uploads.put("owner", MediaKind.VOICE, JPEG)
