"""What the connector must be able to do, over HTTP, with the real program."""

from __future__ import annotations

import asyncio
import random

import sqlalchemy as sa

from core.storage.schema import inbox, outbox, report_media
from tests.connectors.zalo.conftest import PERSON, Start, picture, until
from tests.zalo_server import StandInZalo

PLACE = ("18.3430", "105.9057")  # in the province, far from its borders


async def test_a_text_is_answered(start: Start, zalo: StandInZalo) -> None:
    async with start():
        assert await zalo.deliver(zalo.text(PERSON, "chào em")) == 200
        await until(lambda: zalo.texts(PERSON))
    assert [sent.user for sent in zalo.sent] == [PERSON]


async def test_one_report_from_a_scrambled_talk(start: Start, zalo: StandInZalo) -> None:
    """Text, three photos in random order within 200 ms, a place and a confirmation; one event comes five
    times, and the token is over in the middle."""
    zalo.echoes = True
    chance = random.Random(4)
    async with start() as run:
        await zalo.deliver(zalo.text(PERSON, "đường trước chợ bị hỏng, ổ gà rất sâu"))
        await until(lambda: len(zalo.texts(PERSON)) == 1)
        await until(lambda: zalo.refreshes == 1)  # a seed's age is not known: it is renewed at once

        photos = [zalo.photo(PERSON, zalo.file(picture(number))) for number in (1, 2, 3)]
        burst = [*photos, *[photos[1]] * 4]
        chance.shuffle(burst)
        zalo.expire_access()

        async def soon(event: dict[str, object]) -> int:
            await asyncio.sleep(chance.uniform(0, 0.2))
            return await zalo.deliver(event)

        assert set(await asyncio.gather(*(soon(event) for event in burst))) == {200}
        await until(lambda: len(zalo.texts(PERSON)) == 2)
        assert zalo.refreshes == 2

        await zalo.deliver(zalo.location(PERSON, *PLACE, "Chợ Hà Tĩnh"))
        await until(lambda: len(zalo.texts(PERSON)) == 3)
        confirm = zalo.text(PERSON, "1")
        for retry in range(5):
            await zalo.deliver(confirm, num_retry=retry)
        (report,) = await until(run.reports)
        await until(lambda: len(zalo.texts(PERSON)) == 4)
        await asyncio.sleep(1.0)  # time for anything that should not come

        assert [text.count(report.code) for text in zalo.texts(PERSON)] == [0, 0, 0, 1]
        kept = await run.rows(report_media, report_media.c.report_id == report.id)
        assert len(kept) == 3
        assert report.commune is not None
        assert await run.rows(inbox, inbox.c.state != "done") == []
        assert await run.rows(outbox, outbox.c.state != "sent") == []
        count = await run.program.store.read(
            lambda conn: conn.execute(sa.select(sa.func.count()).select_from(inbox)).scalar_one()
        )
        assert count == 6  # text, three photos, place, confirmation
