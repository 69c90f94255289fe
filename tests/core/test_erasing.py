"""Erasure: nothing that ties the citizen to what is stored is left in any table; the matter goes on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.channel import RetryLater
from core.codec import encode
from core.message import Address, Contact, InboundKind, MediaKind, MediaRef, Outbound
from core.reports.erasing import LONG_AGO, PHONE_KEY
from core.reports.moves import Actor, Status
from core.reports.records import Result, move_report
from core.speech import Transcript
from core.storage import Store
from core.storage.schema import handoffs, inbox, media, metadata, outbox, report_media, reports, transcripts
from tests.core.stage import MATTER, Stage

CITIZEN = Address("telegram", "738105529")
PHONE = "0900000123"
NAME = "Nguyễn Thị Kiểm Thử"
ASIDE = "tiện thể cho hỏi thời tiết hôm nay"
SECRETS = (CITIZEN.user, PHONE, NAME, ASIDE)


@pytest.fixture
def stage(store: Store, tmp_path: Path) -> Stage:
    return Stage(store, tmp_path)


async def everything(stage: Stage) -> dict[str, str]:
    """All rows of all tables as text, by table: whatever is stored shows."""
    return await stage.store.read(
        lambda conn: {
            table.name: repr([tuple(row) for row in conn.execute(sa.select(table)).all()])
            for table in metadata.sorted_tables
        }
    )


async def where(stage: Stage, *needles: str) -> set[tuple[str, str]]:
    """Which needles are found in which tables."""
    found = await everything(stage)
    return {(needle, table) for needle in needles for table, rows in found.items() if needle in rows}


async def a_whole_life(stage: Stage) -> str:
    """A report with a contact, photos, an answer that failed for good, an event set aside, a move, news."""
    await stage.say(stage.event(CITIZEN, text=MATTER, sender_name=NAME))
    await stage.say(stage.event(CITIZEN, contact=Contact(PHONE, NAME)))
    await stage.say(stage.photo(1, CITIZEN, text=""))
    await stage.say(stage.event(CITIZEN, choice="confirm"))
    code = str(await stage.value(sa.select(reports.c.code).where(reports.c.user == CITIZEN.user)))
    await stage.say(stage.event(CITIZEN, text="gặp cán bộ"))
    await stage.say(stage.event(CITIZEN, text=ASIDE))

    def move(conn: sa.Connection) -> None:
        note = Result(note=f"đã gọi {PHONE} gặp {NAME}")
        move_report(conn, code, Status.NEEDS_INFO, Actor.HANDLER, "tho", stage.clock.now(), note)

    await stage.store.write(move)
    await stage.settle()
    return code


async def erase(stage: Stage) -> list[str]:
    await stage.say(stage.event(CITIZEN, text="xóa dữ liệu của tôi"))
    return await stage.say(stage.event(CITIZEN, choice="erase:yes"))


async def test_the_life_that_is_erased_is_stored_before(stage: Stage) -> None:
    """The test below could not fail if nothing of it were stored in the first place."""
    await a_whole_life(stage)
    found = {needle for needle, _ in await where(stage, *SECRETS)}
    assert found == set(SECRETS)


async def test_nothing_of_the_citizen_is_left_in_any_table(stage: Stage) -> None:
    code = await a_whole_life(stage)
    assert len(await erase(stage)) == 1, "the citizen is told"
    assert await where(stage, *SECRETS) == set()
    row = await stage.store.read(lambda conn: conn.execute(sa.select(reports)).mappings().one())
    assert row["code"] == code and "rác" in row["description"] and row["commune"]
    assert row["status"] == Status.NEEDS_INFO and row["agency"]


async def test_the_report_goes_on_and_nobody_is_written_to(stage: Stage) -> None:
    code = await a_whole_life(stage)
    await erase(stage)
    stage.post.sent.clear()
    now = stage.clock.now()
    await stage.store.write(
        lambda conn: move_report(conn, code, Status.RESOLVED, Actor.HANDLER, "", now, Result(document=True))
    )
    await stage.settle()
    assert stage.post.sent == []


async def test_answers_on_their_way_are_forgotten_once_they_arrived(stage: Stage) -> None:
    await stage.worker.accept([stage.event(CITIZEN, text=MATTER)])
    stage.clock.advance(timedelta(seconds=20))
    await stage.worker.work_once()
    stage.post.failures.extend([RetryLater("502")] * 2)
    await erase(stage)
    stage.clock.advance(timedelta(hours=2))
    await stage.settle()
    assert await stage.count(outbox, state="waiting") == 0
    assert len(stage.post.texts(CITIZEN)) == 3
    assert await where(stage, CITIZEN.user) == set()


async def test_a_redelivery_after_the_erasure_is_still_known(stage: Stage) -> None:
    event = stage.event(CITIZEN, text=MATTER)
    await stage.say(event)
    await erase(stage)
    assert await stage.say(event) == []
    assert await where(stage, CITIZEN.user) == set()


async def test_the_citizen_may_begin_anew(stage: Stage) -> None:
    await a_whole_life(stage)
    await erase(stage)
    code = await stage.file(CITIZEN)
    assert await stage.count(reports) == 2
    assert code in stage.post.texts(CITIZEN)[-1]


async def test_a_withdrawal_told_by_the_channel_erases_without_a_word(stage: Stage) -> None:
    await a_whole_life(stage)
    assert await stage.say(stage.event(CITIZEN, kind=InboundKind.ERASURE)) == []
    assert await where(stage, *SECRETS) == set()


async def test_an_event_that_was_set_aside_is_erased_too(stage: Stage) -> None:
    await stage.say(stage.event(CITIZEN, text=ASIDE))
    await stage.store.write(
        lambda conn: conn.execute(inbox.update().values(state="failed", error=ASIDE)).rowcount
    )
    await erase(stage)
    assert await where(stage, ASIDE, CITIZEN.user) == set()


async def test_others_keep_theirs(stage: Stage) -> None:
    other = Address("telegram", "738105530")
    await stage.file(other)
    before = await where(stage, other.user)
    await a_whole_life(stage)
    await erase(stage)
    assert await where(stage, other.user) == before


SPOKEN = "cái cống ở xã Thạch Hà sập rồi"


class Heard:
    """A recognizer that hears the same in everything."""

    def __init__(self, text: str) -> None:
        self.text = text

    async def transcribe(self, audio: bytes, mime: str | None) -> Transcript:
        return Transcript(self.text, 0.9, engine="scripted")


async def speak(stage: Stage, ref: str, words: str | None, address: Address = CITIZEN) -> str:
    """A voice note, in which these words are heard or none; the id of its recording."""
    sound = b"OggS" + ref.encode() * 20
    stage.post.media[ref] = sound
    stage.worker.hearing.recognizer = Heard(words) if words is not None else None
    await stage.say(stage.event(address, voice=MediaRef(MediaKind.VOICE, ref)))
    return str(await stage.value(sa.select(media.c.id).order_by(media.c.stored_at.desc()).limit(1)))


async def voices_to_go(stage: Stage) -> set[str]:
    statement = sa.select(media.c.id).where(media.c.stored_at == LONG_AGO)
    return {str(row[0]) for row in await stage.rows(statement)}


@pytest.mark.parametrize("words", [ASIDE, SPOKEN, None], ids=["aside", "matter", "none"])
async def test_a_voice_that_is_in_no_report_is_erased(stage: Stage, words: str | None) -> None:
    """Whatever was made of it: nothing, a draft that was dropped, or a draft that is still open."""
    dropped = await speak(stage, "one", words)
    await stage.say(stage.event(CITIZEN, choice="cancel"))
    open_still = await speak(stage, "two", words)
    assert dropped != open_still
    assert await stage.count(transcripts) == (0 if words is None else 2)
    stage.worker.hearing.recognizer = None
    await erase(stage)
    assert await voices_to_go(stage) == {dropped, open_still}
    assert await stage.count(transcripts) == 0


async def test_a_voice_that_asks_for_the_erasure_is_erased(stage: Stage) -> None:
    await speak(stage, "one", "xóa dữ liệu của tôi")
    await speak(stage, "two", "xóa")
    assert await stage.count(inbox, user=CITIZEN.user) == 0, "it was heard as yes"
    assert len(await voices_to_go(stage)) == await stage.count(media) == 2


async def test_a_voice_in_somebody_elses_report_stays_there(stage: Stage) -> None:
    """The same recording, passed on from one to the other."""
    other = Address("telegram", "738105530")
    shared = await speak(stage, "one", SPOKEN, other)
    await stage.say(stage.event(other, choice="skip_photo"))
    await stage.say(stage.event(other, choice="confirm"))
    assert await stage.count(report_media, media_id=shared) == 1
    await speak(stage, "one", SPOKEN)
    stage.worker.hearing.recognizer = None
    await erase(stage)
    assert await voices_to_go(stage) == set()
    assert await stage.count(transcripts, media_id=shared) == 1


async def test_recordings_of_calls_are_found_by_their_events(stage: Stage) -> None:
    """A call's event names the recording itself, also when its turn was given up."""
    media_id = await speak(stage, "one", None)
    await stage.store.write(
        lambda conn: (
            conn.execute(
                inbox.update().values(
                    state="failed", payload={"voice": {"kind": "voice", "ref": media_id}, "text": ASIDE}
                )
            ).rowcount
        )
    )
    await stage.say(stage.event(CITIZEN, kind=InboundKind.ERASURE))
    assert media_id in await voices_to_go(stage)


CALLER = Address("telegram", f"{PHONE}/call-1")
NEWS = "Cống ở xã Thạch Hà đã làm xong."


async def put_news(stage: Stage, key: str, state: str, channel: str = "zalo_phone") -> None:
    """Words to the caller's phone by another channel, as the hotline writes them."""
    now = stage.clock.now()
    row = {
        "key": f"{PHONE_KEY}:{key}", "channel": channel, "user": PHONE, "payload": encode(Outbound(NEWS)),
        "state": state, "attempts": 0, "next_at": now, "created_at": now,
    }  # fmt: skip
    await stage.store.write(lambda conn: conn.execute(outbox.insert(), row).rowcount)


@pytest.mark.parametrize("state", ["sent", "dead"])
async def test_letters_to_a_callers_phone_are_erased_with_the_call(stage: Stage, state: str) -> None:
    await put_news(stage, "1", state)
    lost = {"channel": "zalo_phone", "user": PHONE, "reason": "undelivered", "words": NEWS}
    await stage.store.write(
        lambda conn: conn.execute(handoffs.insert(), lost | {"at": stage.clock.now()}).rowcount
    )
    await stage.say(stage.event(CALLER, kind=InboundKind.ERASURE))
    assert await where(stage, PHONE, NEWS) == set()


async def test_letters_on_their_way_to_a_callers_phone_are_forgotten_once_they_arrived(stage: Stage) -> None:
    """They are on their way through a channel of their own."""
    stage.post.failures.extend([RetryLater("502")] * 2)
    await put_news(stage, "1", "waiting", channel=stage.post.name)
    await stage.settle()
    await stage.say(stage.event(CALLER, kind=InboundKind.ERASURE))
    assert await stage.count(outbox, state="waiting") == 1
    stage.clock.advance(timedelta(hours=2))
    await stage.settle()
    assert [message.text for _, message in stage.post.sent] == [NEWS]
    assert await where(stage, PHONE, NEWS) == set()


async def test_letters_to_other_phones_stay(stage: Stage) -> None:
    await put_news(stage, "1", "sent")
    await stage.say(stage.event(Address("telegram", "0900000124"), kind=InboundKind.ERASURE))
    await stage.say(stage.event(CITIZEN, kind=InboundKind.ERASURE))
    assert await where(stage, PHONE) == {(PHONE, "outbox")}
