"""The talk over Zalo, with the real program: what only shows when everything works together."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from connectors.zalo.connection import connect
from connectors.zalo.settings import zalo_settings
from core.clock import WallClock
from core.delivery import UNCERTAIN_PAUSE
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.settings import Settings
from core.storage.schema import handoffs, inbox, media, outbox, report_media, reports
from tests.connectors.zalo.conftest import OTHER, PERSON, Start, picture, until
from tests.zalo_server import OA_ID, Failure, StandInZalo

PLACE = ("18.3430", "105.9057")


async def test_a_burst_of_photos_and_a_place_is_answered_once(start: Start, zalo: StandInZalo) -> None:
    async with start() as run:
        events = [
            zalo.photo(PERSON, zalo.file(picture(n)), "rác đổ trộm" if n == 1 else None) for n in (1, 2, 3)
        ]
        events.append(zalo.location(PERSON, *PLACE, "Chợ"))
        await zalo.deliver_all(events)
        await until(zalo.texts)
        await asyncio.sleep(0.8)
        assert len(zalo.texts()) == 1
        assert all(row.state == "done" for row in await run.rows(inbox))


async def test_a_photo_that_is_lost_is_told_to_the_officer(start: Start, zalo: StandInZalo) -> None:
    """CDN links end; the thumbnail is the last resort; without it the report is filed all the same."""
    async with start() as run:
        await zalo.deliver(zalo.text(PERSON, "cống trước nhà bị sập, nguy hiểm"))
        await until(lambda: len(zalo.texts()) == 1)
        saved = zalo.photo(PERSON, f"{zalo.base}/cdn/gone.jpg")
        saved["message"]["attachments"][0]["payload"]["thumbnail"] = zalo.file(picture(2))
        await zalo.deliver_all([zalo.photo(PERSON, f"{zalo.base}/cdn/none.jpg"), saved])
        await until(lambda: len(zalo.texts()) == 2)
        await zalo.deliver(zalo.location(PERSON, *PLACE))
        await until(lambda: len(zalo.texts()) == 3)
        await zalo.deliver(zalo.text(PERSON, "gửi đi"))
        (report,) = await until(run.reports)
        assert "photo_lost" in report.needs_person
        assert len(await run.rows(report_media)) == 1


async def test_an_empty_answer_of_the_cdn_is_waited_out(start: Start, zalo: StandInZalo) -> None:
    async with start() as run:
        await zalo.deliver(zalo.photo(PERSON, zalo.file(picture(3), Failure(body=b"")), "ổ gà to"))
        await until(zalo.texts)
        (photo,) = await run.rows(media)
        assert photo.size > 0


async def test_what_failed_is_delivered_again_by_the_ladder_and_counts_once(
    start: Start, zalo: StandInZalo
) -> None:
    zalo.ladder_scale = 0.002
    event = zalo.text(PERSON, "đèn đường hỏng")
    zalo.webhook = "http://127.0.0.1:9/nobody"
    assert await zalo.deliver(event) == 0
    async with start() as run:
        await until(lambda: [one for one in zalo.deliveries if one.status == 200])
        await until(zalo.texts)
        assert zalo.deliveries[-1].retry >= 1
        assert await zalo.deliver(event, num_retry=4) == 200
        assert len(await run.rows(inbox)) == 1


async def test_an_officer_who_writes_silences_the_bot(start: Start, zalo: StandInZalo) -> None:
    async with start() as run:
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        await until(zalo.texts)
        officer = zalo.event(
            "oa_send_text", sender={"id": OA_ID, "admin_id": "77"}, recipient={"id": PERSON},
            message={"msg_id": "e1", "text": "Em là cán bộ trực, bác cần gì ạ?"},
        )  # fmt: skip
        await zalo.deliver(officer)
        await until(lambda: run.rows(handoffs))
        await zalo.deliver(zalo.text(PERSON, "hôm nay trời đẹp"))
        await until(lambda: run.rows(inbox, inbox.c.state == "done"))
        await asyncio.sleep(0.5)
        assert len(zalo.texts()) == 1


async def test_a_time_out_is_settled_by_the_echo_and_nothing_is_said_twice(
    start: Start, zalo: StandInZalo
) -> None:
    zalo.echoes, zalo.echo_delay_s = True, 0.3
    zalo.fail("message", Failure(cut=True, after=True))
    async with start() as run:
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        # long before delivery would send it again
        (letter,) = await until(lambda: run.rows(outbox, outbox.c.state == "sent"), seconds=20.0)
        assert timedelta(seconds=20) < UNCERTAIN_PAUSE
        assert letter.receipt == {"message_ids": [zalo.sent[0].message_id]}
        await zalo.deliver(zalo.text(PERSON, "đường hỏng"))  # and the next answer does not wait
        await until(lambda: len(zalo.texts()) == 2)


async def test_needs_reauth_is_on_the_health_page_and_answers_wait(
    start: Start, zalo: StandInZalo, settings: Settings
) -> None:
    zalo.expire_access()
    spent = replace(settings, zalo_refresh_token="spent", zalo_access_token="over")
    async with start(spent) as run, httpx.AsyncClient(trust_env=False) as client:
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        (letter,) = await until(lambda: run.rows(outbox, outbox.c.reason.is_not(None)))
        assert letter.state == "waiting"
        facts = (await client.get(f"{run.base}/health")).json()["zalo"]
        assert facts["token"] == "needs_reauth"
        assert facts["last_webhook_at"]
        assert facts["quarantine"] == 0


async def test_a_login_mends_it(start: Start, zalo: StandInZalo, settings: Settings) -> None:
    nothing = replace(settings, zalo_refresh_token="", zalo_access_token="")
    async with start(nothing) as run:
        callback = f"{run.base}/zalo/callback"
        account = zalo_settings(replace(nothing, zalo_redirect_url=callback))
        assert account is not None
        # the command beside the server: another connector on the same database
        command = connect(
            account, store=run.program.store, media=FolderMediaStore(nothing.media_dir), clock=WallClock(),
            quiet=Quiet(), labels={},
        )  # fmt: skip
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            page = await browser.get(await command.consent.begin())
        await command.close()
        assert page.status_code == 200
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        await until(zalo.texts)


async def test_somebody_who_blocked_us_is_left_in_peace_and_a_person_sees_it(
    start: Start, zalo: StandInZalo
) -> None:
    async with start() as run:
        zalo._user(PERSON).blocked = True
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        (letter,) = await until(lambda: run.rows(outbox, outbox.c.state == "dead"))
        assert "Blocked" in letter.reason
        assert len(await run.rows(handoffs, handoffs.c.reason == "undelivered")) == 1


async def test_two_citizens_do_not_wait_for_each_other(start: Start, zalo: StandInZalo) -> None:
    async with start() as run:
        zalo.fail("message", Failure(hang_s=3.0))
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        await until(lambda: run.rows(outbox))
        await zalo.deliver(zalo.text(OTHER, "chào em"))
        await until(lambda: zalo.texts(OTHER), seconds=2.0)
        assert zalo.texts(PERSON) == []


async def test_a_quarantined_talk_is_heard_after_a_restart_with_the_right_secret(
    start: Start, zalo: StandInZalo, settings: Settings
) -> None:
    async with start(replace(settings, zalo_oa_webhook_secret="pasted wrongly")) as run:
        await zalo.deliver(zalo.text(PERSON, "chào em"))
        assert await run.rows(inbox) == []
    async with start() as run:
        await until(zalo.texts)
        assert len(await run.rows(inbox)) == 1


@pytest.mark.parametrize("words", ["Dạ, đúng rồi", "1"])
async def test_a_withdrawing_citizen_is_erased(start: Start, zalo: StandInZalo, words: str) -> None:
    async with start() as run:
        await zalo.deliver(zalo.text(PERSON, words))
        await until(zalo.texts)
        await zalo.deliver(zalo.event("user_withdraw", user_id=PERSON, oa_id=OA_ID))
        await until(lambda: run.rows(inbox, inbox.c.user == "erased"))
        assert await run.rows(reports, reports.c.user == PERSON) == []
