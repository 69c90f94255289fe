"""The officers' group through the whole bot: told, taken, answered, and what goes wrong in between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.message import Address, InboundKind
from core.storage.schema import conversations, handoff_posts, inbox, outbox, report_events
from tests.bots.staff.conftest import GROUP, OFFICER, SECOND, STRANGER, Duty, FakeGroup
from tests.bots.telegram_server import Failure
from tests.core.stage import CITIZEN, Stage

FIRE = "cứu với nhà tôi đang cháy, gọi tôi số 0900 000 123"


@pytest.fixture
def stage(duty: Duty, tmp_path: Path) -> Stage:
    """The citizens' side on the same store and clock."""
    return Stage(duty.store, tmp_path, duty.clock)


# -- telling -------------------------------------------------------------------------------------------------


async def test_a_call_for_help_reaches_the_group(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    assert any("báo trực ban" in text for text in await stage.say(stage.event(text=FIRE)))
    duty.advance(minutes=3)
    async with duty.at_work():
        await duty.told(1)
    (call,) = server.sent("sendMessage")
    text = call.params["text"]
    assert text.startswith("🚨🚨 NGUY HIỂM: cháy")
    assert "3 phút trước" in text
    assert "HT-2611-00001" in text
    assert "nhà tôi đang cháy" in text
    assert "0900" not in text
    assert "•••123" in text
    assert call.params["disable_notification"] == "false"
    assert [b["callback_data"] for b in call.params["reply_markup"]["inline_keyboard"][0]] == [
        "take:1",
        "phone:1",
    ]


async def test_each_is_told_once_and_marked_after(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        await asyncio.sleep(0.1)
    assert len(server.posts) == 1
    row = await duty.row(number)
    assert row["announced_at"] == duty.clock.now()
    assert row["announcements"] == 1
    (post,) = await duty.all(handoff_posts)
    assert (post["chat"], post["message"], post["handoff_id"]) == (GROUP, server.numbers()[0], number)


async def test_dangers_come_first(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over(words="một")
    await duty.hand_over(words="hai")
    await duty.hand_over("danger", "cháy nhà")
    async with duty.at_work():
        await duty.told(3)
    texts = [server.posts[number]["text"] for number in server.numbers()]
    assert "cháy nhà" in texts[0]
    assert "một" in texts[1]
    assert "hai" in texts[2]


async def test_the_way_is_kept_free_for_dangers(duty: Duty, server: FakeGroup) -> None:
    for number in range(4):
        await duty.hand_over(words=f"việc {number}")
    async with duty.at_work(calm_per_minute=3):
        await duty.told(3)
        await duty.hand_over("danger", "cháy nhà")
        await duty.told(4)
        assert "cháy nhà" in server.texts[3]
        duty.advance(seconds=61)
        await duty.told(5)


async def test_at_night_only_dangers_sound(duty: Duty, server: FakeGroup) -> None:
    duty.advance(hours=15)  # midnight in the province
    await duty.hand_over()
    await duty.hand_over("danger", "cháy nhà")
    async with duty.at_work():
        await duty.told(2)
    assert [call.params["disable_notification"] for call in server.sent("sendMessage")] == ["false", "true"]


async def test_officers_own_words_are_not_told(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over("officer", "chào bác")
    await duty.hand_over(words="cho gặp cán bộ")
    async with duty.at_work():
        await duty.told(1)
        await asyncio.sleep(0.05)
    assert len(server.posts) == 1
    assert "chào bác" not in server.texts[0]


async def test_a_danger_is_repeated_until_it_is_taken(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over("danger", "cháy nhà")
    async with duty.at_work():
        for minutes, posts in ((0, 1), (1.9, 1), (0.1, 2), (3, 3), (5, 4), (29, 4), (1, 5)):
            duty.advance(minutes=minutes)
            await duty.until(lambda posts=posts: len(server.posts) >= posts)  # type: ignore[misc]
            await asyncio.sleep(0.05)
            assert len(server.posts) == posts
        assert "nhắc lần 1" in server.texts[1]
        assert server.sent("sendMessage")[1].params["reply_parameters"]["message_id"] == server.numbers()[0]
        server.press(server.numbers()[-1], "take")
        await duty.settled()
        duty.advance(hours=5)
        await asyncio.sleep(0.05)
    assert len(server.posts) == 5
    assert (await duty.row(number))["announcements"] == 5
    assert all("đã nhận" in post["text"] for post in server.posts.values())


async def test_what_came_due_while_the_bot_was_away_is_repeated_once(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over("danger", "cháy nhà")
    async with duty.at_work():
        await duty.told(1)
        await asyncio.sleep(0.03)
    duty.advance(minutes=11)
    async with duty.at_work():
        await duty.told(2)
        await asyncio.sleep(0.1)
    assert len(server.posts) == 2


async def test_what_the_citizen_adds_to_a_danger_follows(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    await stage.say(stage.event(text="cứu với nhà tôi đang cháy"))
    async with duty.at_work():
        await duty.told(1)
        told = await stage.say(stage.event(text="ở thôn 3 xã Thạch Hà"))
        assert any("trực ban" in text for text in told)
        await duty.told(2)
        await asyncio.sleep(0.05)
    assert len(server.posts) == 2
    assert "Người dân báo thêm (HT-2611-00001)" in server.texts[1]
    assert "xã Thạch Hà" in server.texts[1]


# -- taking --------------------------------------------------------------------------------------------------


async def test_taking_shows_who_has_it(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        server.press(post, "take")
        await duty.settled()
        assert "Cán bộ 501 đã nhận lúc 09:00 23/11" in server.posts[post]["text"]
        assert "tg:" not in server.posts[post]["text"]
        buttons = server.posts[post]["markup"]["inline_keyboard"][0]
        assert [button["callback_data"] for button in buttons] == [f"done:{number}", f"phone:{number}"]
        server.push_press(post, f"take:{number}", SECOND)
        server.push_press(post, f"take:{number}", OFFICER)
        await duty.settled()
    first, second, again = server.alerts()
    assert first == "Đã ghi anh/chị nhận việc này."
    assert second == "Cán bộ 501 đã nhận lúc 09:00 23/11."
    assert again == "Anh/chị đã nhận việc này rồi."
    assert (await duty.row(number))["taken_by"] == "Cán bộ 501 (tg:501)"


async def test_done_closes_it(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        server.press(post, "take")
        await duty.settled()
        server.press(post, "done")
        await duty.settled()
        server.push_press(post, f"take:{number}", SECOND)
        await duty.settled()
    assert "✅ Xong lúc" in server.posts[post]["text"]
    assert server.posts[post]["markup"] is None
    assert server.alerts()[-1] == "Việc này đã xong."
    assert (await duty.row(number))["closed_at"] == duty.clock.now()


async def test_the_phone_is_for_who_asks_and_the_view_is_kept(
    duty: Duty, server: FakeGroup, stage: Stage
) -> None:
    await stage.say(stage.event(text=FIRE))
    async with duty.at_work():
        await duty.told(1)
        server.press(server.numbers()[0], "phone", SECOND)
        await duty.settled()
    assert "0900000123" in server.alerts()[0]
    assert server.sent("answerCallbackQuery")[0].params["show_alert"] == "true"
    assert not any("0900000123" in post["text"] for post in server.posts.values())
    views = [event for event in await duty.all(report_events) if event["kind"] == "contact_seen"]
    assert [view["actor"] for view in views] == ["coordinator:Cán bộ 502 (tg:502)"]


async def test_no_phone_is_said(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        server.press(server.numbers()[0], "phone")
        await duty.settled()
    assert server.alerts() == ["Chưa có số điện thoại của người dân."]


async def test_elsewhere_and_strangers_can_do_nothing(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over(words="gọi tôi 0900 000 123")
    server.members[777] = "left"
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        server.press(post, "take", chat=-100999)
        server.press(post, "phone", chat=OFFICER)
        server.reply(post, "chào bác", chat=-100999)
        server.press(post, "phone", STRANGER)
        server.press(post, "take", 777)
        server.reply(post, "chào bác", STRANGER)
        server.push_press(post, "take:abc")
        server.push_press(post, "nonsense")
        server.push_press(post, "take:12345")
        await duty.settled()
    refusal = "Chỉ thành viên của nhóm này bấm được."
    assert server.alerts() == [refusal, refusal, "Không còn việc này."]
    assert server.texts[1:] == [refusal]
    assert (await duty.row(number))["taken_at"] is None
    assert await duty.all(outbox) == []


# -- answering -----------------------------------------------------------------------------------------------


async def test_a_reply_reaches_the_citizen_once(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        (post, *_) = server.numbers()
        message = server.reply(post, "Chào bác, 15 phút nữa có người đến.")
        await duty.settled()
        server.reply(post, "Chào bác, 15 phút nữa có người đến.", number=message)  # redelivered
        await duty.settled()
    assert await stage.say() == ["👤 Cán bộ trực: Chào bác, 15 phút nữa có người đến."]
    assert [letter["key"] for letter in await duty.all(outbox)] == [f"staff:{GROUP}:{message}"]
    echoes = [event for event in await duty.all(inbox) if event["payload"].get("kind")]
    assert [echo["payload"]["kind"] for echo in echoes] == [InboundKind.STAFF_ECHO]
    row = await duty.row(number)
    assert row["taken_by"] == "Cán bộ 501 (tg:501)"
    assert row["answered_at"] == row["taken_at"]
    assert "Đã nhắn cho người dân" in server.posts[post]["text"]
    assert duty.woken >= 1


async def test_the_talk_knows_that_an_officer_has_it(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    await stage.say(stage.event(text="gặp cán bộ"))
    async with duty.at_work():
        await duty.told(1)
        server.reply(server.numbers()[0], "Chào anh.")
        await duty.settled()
        assert await stage.say() == ["👤 Cán bộ trực: Chào anh."]
        await asyncio.sleep(0.05)
    assert len([text for text in server.texts if text.startswith(("🔔", "🚨"))]) == 1
    state = (await stage.rows(sa.select(conversations.c.state)))[0][0]
    assert "quiet_until" in state


async def test_replies_that_go_nowhere_say_so(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        server.reply(post, None, photo=[])
        server.reply(post, "sửa lại", kind="edited_message", edit_date=1795251700)
        server.reply(4242, "chào bác")
        other = {"id": SECOND, "is_bot": False, "first_name": "B"}
        server.reply(77, "hỏi nhau thôi", reply_to_message={
            "message_id": 77, "date": 1795251600, "from": other, "chat": {"id": GROUP, "type": "supergroup"},
        })  # fmt: skip
        await duty.settled()
    told = server.texts[1:]
    assert [text[:18] for text in told] == ["Chỉ chuyển được ch", "Tin đã chuyển thì ", "Tin này không gắn "]
    assert await duty.all(outbox) == []


async def test_a_caller_is_called_not_written_to(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over(address=Address("hotline", "0900000777"))
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        server.press(post, "take")
        server.reply(post, "chào bác")
        server.press(post, "phone")
        await duty.settled()
    assert "bấm “Xem số” để gọi lại" in server.posts[post]["text"]
    assert "tổng đài" in server.texts[1]
    assert "0900000777" in server.alerts()[1]
    assert await duty.all(outbox) == []
    assert (await duty.row(number))["answered_at"] is None


# -- what goes wrong -----------------------------------------------------------------------------------------


async def test_the_api_is_down_and_comes_back(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over("danger", "cháy nhà")
    server.fail("getMe", *[Failure(502)] * 2)
    server.fail("sendMessage", Failure(500), Failure(cut=True), Failure(429, parameters={"retry_after": 0}))
    async with duty.at_work():
        await duty.told(1)
        await asyncio.sleep(0.05)
    assert len(server.posts) == 1
    assert (await duty.row(number))["announcements"] == 1


async def test_a_post_whose_answer_was_lost_is_repeated(duty: Duty, server: FakeGroup) -> None:
    """At least once: better twice than not at all."""
    number = await duty.hand_over("danger", "cháy nhà")
    server.fail("sendMessage", Failure(502, after=True))
    async with duty.at_work():
        await duty.until(lambda: len(server.posts) == 2)
        await duty.told(1)
        await asyncio.sleep(0.05)
    assert len(server.posts) == 2
    assert (await duty.row(number))["announcements"] == 1


async def test_a_crash_between_post_and_mark_repeats_the_post(
    duty: Duty, server: FakeGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await duty.hand_over("danger", "cháy nhà")
    bot = duty.bot()

    async def crash(work: object) -> None:
        raise KeyboardInterrupt

    await bot._begin()
    with monkeypatch.context() as patch:
        patch.setattr(duty.store, "write", crash)
        with pytest.raises(KeyboardInterrupt):
            await bot.announcer.tell_next()
    await bot.close()
    assert len(server.posts) == 1
    assert (await duty.row(number))["announced_at"] is None
    async with duty.at_work():
        await duty.told(1)
    assert len(server.posts) == 2
    assert (await duty.row(number))["announced_at"] is not None


async def test_a_press_survives_a_restart(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        await asyncio.sleep(0.03)
    (post,) = server.numbers()
    server.press(post, "take")  # nobody is listening
    async with duty.at_work():
        await duty.settled()
    assert (await duty.row(number))["taken_at"] is not None
    assert len(server.posts) == 1


async def test_words_survive_a_failure_halfway(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        server.fail("getChatMember", *[Failure(502)] * 6)
        server.fail("editMessageText", Failure(502), Failure(502))
        server.reply(server.numbers()[0], "Chào bác.")
        await duty.settled()
    assert await stage.say() == ["👤 Cán bộ trực: Chào bác."]
    assert "Đã nhắn" in server.posts[server.numbers()[0]]["text"]


async def test_who_cannot_be_checked_may_not(duty: Duty, server: FakeGroup) -> None:
    number = await duty.hand_over()
    async with duty.at_work():
        await duty.told(1)
        server.fail("getChatMember", Failure(400, "Bad Request: CHAT_ADMIN_REQUIRED"))
        server.press(server.numbers()[0], "take")
        await duty.settled()
    assert "quản trị viên" in server.alerts()[0]
    assert (await duty.row(number))["taken_at"] is None


async def test_a_bug_does_not_stop_the_next_ones(
    duty: Duty, server: FakeGroup, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await duty.hand_over()

    def broken(*args: object, **kwargs: object) -> bool:
        raise LookupError("ours")

    monkeypatch.setattr("core.reports.handoffs.answer", broken)
    async with duty.at_work():
        await duty.told(1)
        server.reply(server.numbers()[0], "Chào bác.")
        server.press(server.numbers()[0], "take")
        await duty.settled()
    assert server.texts[1].startswith("Chưa chuyển được tin này do lỗi hệ thống")
    assert (await duty.row(first))["taken_at"] is not None


async def test_a_text_that_telegram_refuses_is_told_barely(duty: Duty, server: FakeGroup) -> None:
    await duty.hand_over("danger", "cháy nhà")
    await duty.hand_over(words="sau đó")
    server.fail("sendMessage", Failure(400, "Bad Request: can't parse entities"))
    async with duty.at_work():
        await duty.told(2)
    assert server.posts[server.numbers()[0]]["text"].startswith("Có người dân cần cán bộ (số 1")
    assert "sau đó" in server.posts[server.numbers()[1]]["text"]


async def test_longest_words_fit_a_post(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    await stage.say(stage.event(text="cứu với nhà tôi đang cháy " + "😭" * 3_900))
    async with duty.at_work():
        await duty.told(1)
        for number in range(12):
            await stage.say(stage.event(text=f"cứu với cháy to lần {number} " + "😭" * 1_900))
        await duty.until(lambda: any("lần 11" in text for text in server.texts))
        await asyncio.sleep(0.1)
    assert not any("Không hiện được" in text for text in server.texts)
    assert not any(len(text.encode("utf-16-le")) > 8192 for text in server.texts)


async def test_the_group_becomes_a_supergroup(duty: Duty, server: FakeGroup) -> None:
    server.moved_to = -100777
    number = await duty.hand_over("danger", "cháy nhà")
    async with duty.at_work():
        await duty.told(1)
        server.press(server.numbers()[0], "take", chat=-100777)
        await duty.settled()
    assert (await duty.row(number))["taken_at"] is not None


async def test_an_erased_citizen_leaves_the_group_too(duty: Duty, server: FakeGroup, stage: Stage) -> None:
    from core.reports.erasing import erase_citizen

    await stage.say(stage.event(text="cứu với nhà tôi đang cháy"))
    async with duty.at_work():
        await duty.told(1)
        (post,) = server.numbers()
        now = duty.clock.now()
        await duty.store.write(lambda conn: erase_citizen(conn, CITIZEN, now))
        server.press(post, "phone")
        server.reply(post, "chào bác")
        await duty.settled()
        duty.advance(seconds=61)
        await duty.until(lambda: "xóa dữ liệu" in server.posts[post]["text"])
        await asyncio.sleep(0.05)
    assert server.posts[post]["markup"] is None
    assert server.alerts() == ["Chưa có số điện thoại của người dân."]
    assert await duty.all(handoff_posts) == []
    assert not any(letter["key"].startswith("staff:") for letter in await duty.all(outbox))


def test_telegram_is_imported_only_by_the_bot() -> None:
    program = (
        "import sys, app, bots.staff, bots.staff.settings, bots.staff.wording\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'telegram'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
