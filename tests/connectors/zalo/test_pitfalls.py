"""Every pitfall of Zalo's that is known, one test each, named after it.

They run the connector over HTTP against the stand-in, on a real database. What belongs to reading one event
alone is in `test_events.py`, to the talk as a whole in `test_done_when.py` and `test_talk.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from connectors.zalo import oauth, tokens
from connectors.zalo.bot.events import read_bot_event
from connectors.zalo.errors import Host, TokenRefused, error_of
from connectors.zalo.media import AllowedHosts
from connectors.zalo.oauth import read_pair
from connectors.zalo.odd_events import count_odd_events
from connectors.zalo.rendering import MOST_TEXT
from connectors.zalo.settings import ZaloSettings
from core.channel import (
    Blocked,
    CredentialsRefused,
    MediaLost,
    RateLimited,
    Rejected,
    RetryLater,
    Uncertain,
    WindowClosed,
)
from core.clock import ScriptedClock
from core.codec import encode
from core.logging import mask
from core.message import Address, Ask, Choice, InboundKind, MediaKind, MediaRef, Outbound
from core.settings import SettingsError, read_settings
from core.storage import Store
from core.storage.schema import credential_changes, credentials, last_heard, odd_events, outbox, quarantine
from core.text import split_text, utf16_length
from tests.connectors.zalo.conftest import OTHER, PERSON, Link, link_to, picture, until
from tests.zalo_server import (
    APP_ID,
    APP_SECRET,
    OA_ID,
    WEBHOOK_SECRET,
    Failure,
    StandInZalo,
    sign,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


# -- the signature -------------------------------------------------------------------------------------------


async def test_the_signature_is_plain_sha256_and_no_hmac(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    body = json.dumps(event).encode()
    for wrong in (
        hmac.new(WEBHOOK_SECRET.encode(), body, "sha256").hexdigest(),
        hmac.new(WEBHOOK_SECRET.encode(), APP_ID.encode() + body, "sha256").hexdigest(),
        hashlib.sha256(
            OA_ID.encode() + body + event["timestamp"].encode() + WEBHOOK_SECRET.encode()
        ).hexdigest(),
    ):
        assert await link.post_raw(body, {"x-zevent-signature": f"mac={wrong}"}) == 200
    assert await link.inbox() == []
    right = hashlib.sha256(
        APP_ID.encode() + body + event["timestamp"].encode() + WEBHOOK_SECRET.encode()
    ).hexdigest()
    await link.post_raw(body, {"x-zevent-signature": f"mac={right}"})
    assert [one.text for one in await link.inbox()] == ["alo"]


async def test_the_signature_is_of_the_raw_bytes_not_of_json_written_again(link: Link) -> None:
    stamp = link.zalo.event("")["timestamp"]
    body = (
        f'{{ "event_name" : "user_send_text",\n "app_id":"{APP_ID}","sender":{{"id":"{PERSON}"}},'
        f'"recipient":{{"id":"{OA_ID}"}}, "timestamp":"{stamp}","message":'
        '{"text":"\\u0111\\u01b0\\u1eddng h\\u1ecfng 1.0","msg_id":"m-1"}}'
    )
    assert await link.post_raw(body.encode(), {"x-zevent-signature": sign(body.encode(), stamp)}) == 200
    assert [one.text for one in await link.inbox()] == ["đường hỏng 1.0"]


@pytest.mark.parametrize("form", ["mac={}", "{}", "MAC= {}", " mac={} "])
async def test_the_prefix_spaces_and_case_of_a_signature_do_not_matter(link: Link, form: str) -> None:
    event = link.zalo.text(PERSON, "alo")
    body = json.dumps(event).encode()
    mac = sign(body, event["timestamp"]).removeprefix("mac=")
    await link.post_raw(body, {"x-zevent-signature": form.format(mac.upper())})
    assert len(await link.inbox()) == 1


async def test_the_timestamp_is_that_of_the_body_not_of_a_header(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    body = json.dumps(event).encode()
    headers = {"x-zevent-signature": sign(body, "1700000000000"), "x-zevent-timestamp": "1700000000000"}
    await link.post_raw(body, headers)
    assert await link.inbox() == []


async def test_a_timestamp_that_is_a_number_is_read_as_text(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    event["timestamp"] = int(event["timestamp"])
    await link.post(event)
    (one,) = await link.inbox()
    assert int(one.sent_at.timestamp() * 1000) == event["timestamp"]


async def test_a_missing_signature_is_a_wrong_one(link: Link) -> None:
    body = json.dumps(link.zalo.text(PERSON, "alo")).encode()
    assert await link.post_raw(body, {}) == 200
    assert await link.inbox() == []
    assert len(await link.rows(quarantine)) == 1
    assert link.connection.webhook.failures == 1


async def test_another_apps_event_is_not_ours_even_when_it_is_signed(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo") | {"app_id": "999"}
    await link.post(event)
    assert await link.inbox() == []


async def test_verification_cannot_be_switched_off() -> None:
    """“Off for now” stayed off elsewhere: here there is no such switch, and no secret means no connector."""
    with pytest.raises(SettingsError, match="go together"):
        read_settings({"KENHDAN_ZALO_APP_ID": "1", "KENHDAN_ZALO_APP_SECRET": "s", "KENHDAN_ZALO_OA_ID": "2"})


async def test_the_apps_secret_pasted_as_the_oa_secret_is_named(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, replace(account, webhook_secret=APP_SECRET), sqlite_store, tmp_path / "p")
    await link.post(zalo.text(PERSON, "alo"))
    facts = await link.connection.facts()
    assert "app's secret" in facts["signature_hint"]
    assert (facts["signature_failures"], facts["quarantine"]) == (1, 1)
    assert await link.inbox() == []  # and never silently tried


async def test_events_signed_with_the_apps_secret_are_named_too(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, account, sqlite_store, tmp_path / "p")
    event = zalo.text(PERSON, "alo")
    body = json.dumps(event).encode()
    await link.post_raw(body, {"x-zevent-signature": sign(body, event["timestamp"], secret=APP_SECRET)})
    assert "signed with the app's secret" in (await link.connection.facts())["signature_hint"]


async def test_a_wrong_secret_loses_nothing_once_it_is_mended(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    wrong = link_to(zalo, replace(account, webhook_secret="wrong"), sqlite_store, tmp_path / "p")
    for words in ("một", "hai"):
        assert await wrong.post(zalo.text(PERSON, words)) == 200
    strange = b'{"event_name":"user_send_text"}'
    await wrong.post_raw(strange, {"x-zevent-signature": "mac=00"})
    mended = link_to(zalo, account, sqlite_store, tmp_path / "p")
    await mended.connection.start()
    assert [one.text for one in await mended.inbox()] == ["một", "hai"]
    (left,) = await mended.rows(quarantine)
    assert left.body == strange
    assert await mended.connection.webhook.reverify() == 0


async def test_the_quarantine_is_capped_and_strangers_cannot_push_ours_out(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.zalo.webhook._QUARANTINED_A_SECOND", 10_000)
    monkeypatch.setattr("connectors.zalo.quarantine.MOST_STRANGE", 5)
    monkeypatch.setattr("connectors.zalo.quarantine.MOST_PLAUSIBLE", 8)
    ours = json.dumps(link.zalo.text(PERSON, "alo")).encode()
    await link.post_raw(ours, {})
    for number in range(12):
        await link.post_raw(b'{"n": %d}' % number, {})
    rows = await link.rows(quarantine)
    assert [row.body for row in rows if row.plausible] == [ours]
    assert [row.body for row in rows if not row.plausible] == [b'{"n": %d}' % n for n in range(7, 12)]
    for _ in range(3):
        await link.post_raw(ours, {})
    assert len(await link.rows(quarantine)) == 6


async def test_a_flood_of_wrong_signatures_does_not_keep_the_database_busy(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.zalo.webhook._QUARANTINED_A_SECOND", 3)
    monkeypatch.setattr("connectors.zalo.webhook.time.monotonic", lambda: 1.0)
    for number in range(9):
        assert await link.post_raw(b'{"n": %d}' % number, {}) == 200
    assert len(await link.rows(quarantine)) == 3
    assert link.connection.webhook.failures == 9


@pytest.mark.parametrize("body", [b"[" * 300_000, b'{"a":' * 100_000, b"\xff\xfe", b"null", b"[]", b"{"])
async def test_a_hostile_body_is_never_parsed_deep(link: Link, body: bytes) -> None:
    assert await link.post_raw(body, {"x-zevent-signature": "mac=00"}) == 200
    assert await link.inbox() == []


async def test_a_body_above_a_megabyte_is_not_read(link: Link) -> None:
    assert await link.post_raw(b'{"a":"' + b"x" * 1024 * 1024 + b'"}', {}) == 413
    assert await link.rows(quarantine) == []


# -- the console's probes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"", b"  \n"])
async def test_the_consoles_empty_unsigned_probe_is_answered_200(link: Link, body: bytes) -> None:
    assert await link.post_raw(body, {}) == 200
    assert await link.rows(quarantine) == []
    assert link.connection.webhook.probes == 1


async def test_the_consoles_sample_event_with_a_bad_signature_is_answered_200(link: Link) -> None:
    body = json.dumps(link.zalo.text(PERSON, "This is testing message")).encode()
    assert await link.post_raw(body, {"x-zevent-signature": "mac=0123"}) == 200
    assert await link.inbox() == []


async def test_the_domain_is_verified_by_file_and_meta_tag(link: Link) -> None:
    answer = await link.client.get("/zalo_verifierVcode123.html")
    assert answer.status_code == 200
    assert '<meta name="zalo-platform-site-verification" content="Vcode123">' in answer.text
    assert (await link.client.get("/zalo_verifierOther.html")).status_code == 404


# -- delivery of events --------------------------------------------------------------------------------------


async def test_an_event_is_on_the_disk_before_200(link: Link) -> None:
    status = await link.post(link.zalo.text(PERSON, "alo"))
    assert (status, len(await link.inbox())) == (200, 1)


async def test_when_nothing_could_be_kept_zalo_is_asked_to_come_again(link: Link) -> None:
    await link.store.close()
    assert await link.post(link.zalo.text(PERSON, "alo")) == 503


async def test_redeliveries_are_one_event_whatever_their_bytes_and_timestamp(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    for later in range(4):
        again = event | {"timestamp": str(int(event["timestamp"]) + later * 1000)}
        assert await link.post(dict(sorted(again.items())), num_retry=str(later)) == 200
    assert len(await link.inbox()) == 1


async def test_an_event_redelivered_after_an_hour_is_not_thrown_away_as_stale(link: Link) -> None:
    """A five-minute window of freshness drops Zalo's last three redeliveries."""
    event = link.zalo.text(PERSON, "alo")
    for minutes in (5, 60, 23 * 60):
        old = event | {"timestamp": str(int(event["timestamp"]) - minutes * 60_000)}
        old["message"] = event["message"] | {"msg_id": f"m{minutes}"}
        await link.post(old)
    assert len(await link.inbox()) == 3


async def test_a_replay_of_yesterday_is_refused(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    event["timestamp"] = str(int(event["timestamp"]) - 25 * 3_600_000)
    assert await link.post(event) == 200
    assert await link.inbox() == []
    assert link.connection.keeper.refused["too old"] == 1
    assert await link.store.read(count_odd_events) == {"user_send_text: too old": 1}  # and can be looked at


async def test_a_timestamp_in_seconds_is_no_replay(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    event["timestamp"] = event["timestamp"][:10]
    await link.post(event)
    assert [one.text for one in await link.inbox()] == ["alo"]


@pytest.mark.parametrize("recipient", [None, {}, {"id": None}])
async def test_an_event_that_names_no_account_is_taken_for_ours(link: Link, recipient: Any) -> None:
    await link.post(link.zalo.text(PERSON, "alo") | {"recipient": recipient})
    assert [one.text for one in await link.inbox()] == ["alo"]


async def test_two_messages_without_an_id_in_one_millisecond_are_two(link: Link) -> None:
    event = link.zalo.text(PERSON, "ổ gà xã Cẩm Bình")
    for words in ("ổ gà xã Cẩm Bình", "to bằng cái mâm", "to bằng cái mâm"):
        await link.post(event | {"message": {"text": words}})
    assert [one.text for one in await link.inbox()] == ["ổ gà xã Cẩm Bình", "to bằng cái mâm"]


async def test_brackets_in_words_are_no_depth(link: Link) -> None:
    await link.post(link.zalo.text(PERSON, "[" * 6_000))
    assert len(await link.inbox()) == 1


async def test_an_event_of_an_unknown_account_is_answered_200_and_not_acted_on(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo") | {"recipient": {"id": "111"}}
    assert await link.post(event) == 200
    assert await link.inbox() == []
    assert link.connection.keeper.refused["another account"] == 1


async def test_a_reactions_msg_id_is_that_of_another_message(link: Link) -> None:
    event = link.zalo.text(PERSON, "alo")
    reaction = link.zalo.event(
        "user_reacted_message", sender={"id": PERSON}, recipient={"id": OA_ID},
        message={"msg_id": event["message"]["msg_id"], "react_icon": "/-heart"},
    )  # fmt: skip
    await link.post(reaction)
    await link.post(event)
    assert [one.text for one in await link.inbox()] == ["alo"]


async def test_an_unknown_event_is_stored_and_counted(link: Link) -> None:
    event = link.zalo.event("user_click_button", sender={"id": PERSON}, recipient={"id": OA_ID})
    for _ in range(2):
        await link.post(event)
    await link.post(link.zalo.event("add_user_to_tag", oa_id=OA_ID, user_id=PERSON))
    assert (await link.connection.facts())["odd_events"] == {
        "user_click_button: unknown": 1, "add_user_to_tag: stored": 1,
    }  # fmt: skip
    assert (await link.rows(odd_events))[0].payload == event


async def test_events_come_in_any_order_and_are_answered_in_the_order_they_happened(link: Link) -> None:
    events = [link.zalo.text(PERSON, words) for words in ("một", "hai", "ba")]
    for number, event in enumerate(events):
        event["timestamp"] = str(int(event["timestamp"]) + number)
    for event in reversed(events):
        await link.post(event)
    ordered = sorted(await link.inbox(), key=lambda one: one.sent_at)
    assert [one.text for one in ordered] == ["một", "hai", "ba"]


# -- what is answered and what is not ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sticker", "link", "reel"])
async def test_stickers_links_and_what_is_new_are_answered_not_met_with_silence(
    link: Link, kind: str
) -> None:
    payload = {"id": "1", "url": "https://example.org/a"}
    await link.post(link.zalo.user_event(PERSON, kind, None, {"type": kind, "payload": payload}))
    (one,) = await link.inbox()
    assert one.kind is InboundKind.UNSUPPORTED


async def test_an_officers_own_words_join_the_case_and_silence_the_bot(link: Link) -> None:
    echo = link.zalo.event(
        "oa_send_text", sender={"id": OA_ID, "admin_id": "77"}, recipient={"id": PERSON},
        message={"msg_id": "e1", "text": "Chào bác, em là cán bộ trực."},
    )  # fmt: skip
    await link.post(echo)
    (one,) = await link.inbox()
    assert (one.kind, one.text) == (InboundKind.STAFF_ECHO, "Chào bác, em là cán bộ trực.")
    assert one.address == Address("zalo", PERSON)


async def test_our_own_echo_is_not_an_officers(link: Link) -> None:
    echo = link.zalo.event(
        "oa_send_text", sender={"id": OA_ID}, recipient={"id": PERSON},
        message={"msg_id": "e1", "text": "Dạ"},
    )  # fmt: skip
    await link.post(echo)
    assert await link.inbox() == []


async def test_a_citizen_who_withdraws_is_erased(link: Link) -> None:
    await link.post(link.zalo.text(PERSON, "alo"))
    assert len(await link.rows(last_heard)) == 1
    await link.post(link.zalo.event("user_withdraw", user_id=PERSON, oa_id=OA_ID))
    assert (await link.inbox())[-1].kind is InboundKind.ERASURE
    assert await link.rows(last_heard) == []


async def test_two_products_have_two_names(link: Link) -> None:
    """The Official Account and the Bot platform were mixed up elsewhere; neither door takes the other's."""
    bot_event = {"event_name": "message.text.received", "message": {"message_id": "b1", "text": "alo"}}
    await link.post_raw(json.dumps(bot_event).encode(), {"x-bot-api-secret-token": "stand-in-bot-secret"})
    assert await link.inbox() == []
    assert read_bot_event(link.zalo.text(PERSON, "alo"), NOW) is None


# -- tokens --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b'{"error_name":"Invalid refresh token","error_reason":"spent","error":-14014}',
        b'{"access_token":"","refresh_token":""}', b'{"access_token":"a"}',
        b'{"access_token":"a","refresh_token":null}', b'{"access_token":1,"refresh_token":2}', b"{}",
    ],
)  # fmt: skip
async def test_an_error_body_with_http_200_never_overwrites_a_pair(link: Link, body: bytes) -> None:
    (before,) = await link.rows(credentials)
    link.zalo.fail("token", *[Failure(body=body)] * 2)
    with pytest.raises(CredentialsRefused):
        await link.connection.tokens.renew(link.zalo.access)
    (after,) = await link.rows(credentials)
    assert (after.access, after.refresh) == (before.access, before.refresh)
    assert after.state == "needs_reauth"
    assert (await link.connection.facts())["token"] == "needs_reauth"


async def test_the_lock_outlives_the_http_timeout() -> None:
    assert timedelta(seconds=2 * (oauth.CONNECT_S + oauth.READ_S)) < tokens.LOCK


async def test_several_processes_spend_one_refresh_token_and_all_get_the_new_one(
    zalo: StandInZalo, account: ZaloSettings, store: Store, tmp_path: Path
) -> None:
    links = [link_to(zalo, account, store, tmp_path / "p") for _ in range(4)]
    await links[0].connection.tokens.seed()
    spent = zalo.access
    got = await asyncio.gather(*(one.connection.tokens.renew(spent) for one in links for _ in range(3)))
    assert (set(got), zalo.refreshes) == ({zalo.access}, 1)
    for one in links:
        await one.connection.close()


async def test_tokens_are_renewed_hours_before_they_end(link: Link) -> None:
    """A daily job leaves no margin against 25 hours."""
    assert tokens.SWEEP_S <= 30 * 60
    await link.connection.tokens.refresh_soon()  # the seed's age is not known
    assert link.zalo.refreshes == 1
    await link.connection.tokens.refresh_soon()
    assert link.zalo.refreshes == 1
    (row,) = await link.rows(credentials)
    late = row.expires_at - tokens.RENEW_BEFORE + timedelta(minutes=1)
    link.connection.tokens._clock = ScriptedClock(late)
    await link.connection.tokens.refresh_soon()
    assert link.zalo.refreshes == 2


async def test_an_expired_token_is_renewed_in_the_middle_of_a_send(link: Link) -> None:
    await link.heard()
    link.zalo.expire_access()
    await link.send("Dạ")
    assert (link.zalo.texts(), link.zalo.refreshes) == (["Dạ"], 1)


@pytest.mark.parametrize("code", [-216, -220, -124])
async def test_a_call_is_tried_again_once_only_after_a_fresh_token(link: Link, code: int) -> None:
    await link.heard()
    link.zalo.fail("message", *[Failure(error=code, message="Access token is invalid")] * 3)
    with pytest.raises(CredentialsRefused):
        await link.send("Dạ")
    assert link.zalo.refreshes == 1
    assert link.zalo.texts() == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [('"90000"', 90_000), ("7200", 7_200), ('"x"', 3_600), ("null", 3_600), ('"0"', 3_600)],
)
def test_expires_in_is_a_number_in_a_string(text: str, seconds: int) -> None:
    body = f'{{"access_token":"a","refresh_token":"r","expires_in":{text},"expire_in":"1"}}'
    assert read_pair(200, body.encode()).life == timedelta(seconds=seconds)


async def test_a_lost_refresh_response_is_tried_once_more_and_then_needs_a_person(link: Link) -> None:
    link.zalo.fail("token", Failure(cut=True, after=True))  # spent, and the answer lost
    with pytest.raises(CredentialsRefused):
        await link.connection.tokens.renew(link.zalo.access)
    assert (await link.connection.facts())["token"] == "needs_reauth"


async def test_a_refresh_that_did_not_arrive_is_tried_once_more(link: Link) -> None:
    spent = link.zalo.access
    link.zalo.fail("token", Failure(cut=True))
    assert await link.connection.tokens.renew(spent) == link.zalo.access
    assert link.zalo.refreshes == 1


async def test_a_busy_token_server_does_not_cost_the_grant(link: Link) -> None:
    link.zalo.fail("token", Failure(status=503), Failure(error=-32, message="limit"))
    for _ in range(2):
        with pytest.raises(RetryLater):
            await link.connection.tokens.renew(link.zalo.access)
    assert (await link.connection.facts())["token"] == "connected"


async def test_needs_reauth_goes_on_receiving(link: Link) -> None:
    link.zalo.fail("token", Failure(error=-14020, message="expired"))
    with pytest.raises(CredentialsRefused):
        await link.connection.tokens.renew(link.zalo.access)
    with pytest.raises(CredentialsRefused):
        await link.send()
    assert await link.post(link.zalo.text(PERSON, "alo")) == 200
    assert len(await link.inbox()) == 1


async def test_tokens_are_sealed_and_only_their_hashes_are_kept_as_a_trail(link: Link) -> None:
    await link.connection.tokens.renew(link.zalo.access)
    (row,) = await link.rows(credentials)
    changes = await link.rows(credential_changes)
    for secret in (link.zalo.access, link.zalo.refresh_token):
        assert secret not in str(row)
        assert secret not in str(changes)
    assert [change.kind for change in changes] == ["seeded", "refreshed"]
    assert changes[-1].refresh_hash == hashlib.sha256(link.zalo.refresh_token.encode()).hexdigest()


async def test_a_pair_sealed_with_another_secret_asks_for_a_login(
    zalo: StandInZalo, account: ZaloSettings, link: Link, tmp_path: Path
) -> None:
    changed = link_to(zalo, replace(account, app_secret="changed"), link.store, tmp_path / "p")
    with pytest.raises(CredentialsRefused, match="login"):
        await changed.connection.tokens.access()


async def test_a_seed_that_was_spent_is_not_taken_again(link: Link) -> None:
    await link.connection.tokens.renew(link.zalo.access)
    await link.connection.tokens.seed()  # a restart with the same settings
    assert await link.connection.tokens.access() == link.zalo.access


async def test_tokens_are_headers_that_no_log_shows(
    link: Link, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    await link.heard()
    link.zalo.fail("message", Failure(error=-216, message="Access token is invalid"))
    secrets = {link.zalo.access, link.zalo.refresh_token, APP_SECRET}
    await link.send("Dạ")
    secrets |= {link.zalo.access, link.zalo.refresh_token}
    said = caplog.text + "".join(capsys.readouterr())
    assert "zalo.token_refreshed" in said
    assert not [secret for secret in secrets if secret in mask(said)]


async def test_the_console_may_fix_the_verifier_or_not(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    """Both ways: a fresh verifier under `state`, and a fixed one when no known state comes back."""
    fresh = link_to(
        zalo, replace(account, redirect_url="http://testserver/zalo/callback"), sqlite_store, tmp_path
    )
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = (await browser.get(await fresh.connection.consent.begin())).headers["location"]
    assert (await fresh.client.get(back)).status_code == 200
    assert await fresh.connection.tokens.access() == zalo.access
    assert (await fresh.client.get(back)).status_code == 400  # a state is good once
    fixed = link_to(zalo, replace(fresh.connection.settings, fixed_verifier="v" * 43), sqlite_store, tmp_path)
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = (await browser.get(await fixed.connection.consent.begin())).headers["location"]
    without_state = httpx.URL(back).copy_remove_param("state")
    assert (await fixed.client.get(str(without_state))).status_code == 200
    assert await fixed.connection.tokens.access() == zalo.access


async def test_consent_for_another_account_is_refused(link: Link) -> None:
    answer = await link.client.get("/zalo/callback?code=x&oa_id=1&state=<script>")
    assert answer.status_code == 400
    assert "another Official Account" in answer.text
    assert "<script>" not in answer.text


# -- calling -------------------------------------------------------------------------------------------------


async def test_the_token_is_a_header_of_its_own_never_a_bearer(link: Link) -> None:
    headers = link.connection.api._headers("T")
    assert headers == {"access_token": "T"}


async def test_a_proof_of_the_apps_secret_is_a_switch(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, replace(account, appsecret_proof=True), sqlite_store, tmp_path)
    expected = hmac.new(APP_SECRET.encode(), b"T", "sha256").hexdigest()
    assert link.connection.api._headers("T")["appsecret_proof"] == expected


async def test_errors_come_with_http_200(link: Link) -> None:
    await link.heard()
    link.zalo.fail("message", Failure(error=-210, message="too long"))
    with pytest.raises(Rejected, match="-210"):
        await link.send()


async def test_messages_use_version_3_for_version_2_is_closed(link: Link) -> None:
    await link.heard()
    await link.send()
    assert [kind for kind, _ in link.zalo.calls] == ["message"]  # /v3.0/oa/message/cs
    assert isinstance(error_of(Host.OA, -240, "closed", NOW), Rejected)


async def test_get_parameters_travel_as_json_in_one(link: Link) -> None:
    await link.heard()
    assert (await link.connection.api.user(PERSON))["user_id"] == PERSON


@pytest.mark.parametrize(
    ("host", "code", "said", "kind"),
    [
        (Host.OA, -216, "Access token is invalid", TokenRefused),
        (Host.BUSINESS, -216, "User blocked OA", Blocked),
        (Host.BUSINESS, -124, "invalid", TokenRefused),
        (Host.OA, -201, "Access token has expired", TokenRefused),  # the old table
        (Host.OA, -201, "user_id is invalid", Rejected),
        (Host.OA, -230, "", WindowClosed), (Host.OA, -231, "", WindowClosed),
        (Host.OA, -232, "", WindowClosed),
        (Host.OA, -213, "", Blocked), (Host.OA, -32, "", RateLimited), (Host.OA, -200, "", RetryLater),
        (Host.OA, -224, "", CredentialsRefused), (Host.OA, -321, "", RateLimited),
        (Host.OA, -987, "new", RetryLater), (Host.BUSINESS, -108, "", Rejected),
    ],
)  # fmt: skip
def test_a_code_means_what_its_host_means_by_it(
    host: Host, code: int, said: str, kind: type[Exception]
) -> None:
    found = error_of(host, code, said, NOW)
    assert isinstance(found, kind)
    assert str(code) in str(found)


def test_at_night_a_message_waits_until_six_in_vietnam() -> None:
    night = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)  # 23:30 in Vietnam
    found = error_of(Host.OA, -234, "", night)
    assert isinstance(found, RateLimited)
    assert found.until == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    after_midnight = error_of(Host.BUSINESS, -133, "", datetime(2026, 11, 22, 18, 0, tzinfo=UTC))
    assert isinstance(after_midnight, RateLimited)
    assert after_midnight.until == datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


async def test_after_a_rate_limit_nobody_calls_for_a_moment(link: Link) -> None:
    await link.heard()
    link.zalo.rate_limit = 0
    with pytest.raises(RateLimited):
        await link.send()
    link.zalo.rate_limit = 100
    with pytest.raises(RateLimited):
        await link.send()
    assert link.zalo.texts() == []


async def test_http_429_is_a_rate_limit_whatever_its_body(link: Link) -> None:
    await link.heard()
    link.zalo.fail("message", Failure(status=429, body=b"<html>slow down</html>"))
    with pytest.raises(RateLimited):
        await link.send()


# -- sending -------------------------------------------------------------------------------------------------


async def test_a_long_text_is_split_at_2000_utf16_units(link: Link) -> None:
    await link.heard()
    words = " ".join(["đường 🛣️ hỏng"] * 400)
    await link.send(words)
    assert len(link.zalo.texts()) > 1
    assert all(utf16_length(text) <= 2_000 for text in link.zalo.texts())
    assert " ".join(link.zalo.texts()) == words


async def test_only_the_first_part_quotes(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, replace(account, quote=True), sqlite_store, tmp_path)
    await link.connection.start()
    event = zalo.text(PERSON, "alo")
    await link.post(event)
    zalo._note_interaction(event)
    await link.send("chữ " * 900)
    bodies = [body["message"] for _, body in zalo.calls]
    assert len(bodies) == 2
    assert bodies[0]["quote_message_id"] == event["message"]["msg_id"]
    assert "quote_message_id" not in bodies[1]


async def test_choices_are_a_numbered_list_by_default(link: Link) -> None:
    await link.heard()
    await link.send("Gửi nhé?", choices=(Choice("confirm", "Gửi đi"), Choice("edit", "Sửa")))
    assert link.zalo.texts() == ["Gửi nhé?\n1. Gửi đi\n2. Sửa"]


async def test_buttons_come_back_as_the_choice_they_bear(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, replace(account, buttons=True), sqlite_store, tmp_path)
    await link.connection.start()
    await link.heard()
    choices = (Choice("confirm", "Gửi đi"), Choice("category:rac_thai", "Rác thải"))
    await link.send("Gửi nhé?", choices=choices, turn=7)
    (sent,) = zalo.sent
    buttons = sent.body["attachment"]["payload"]["buttons"]
    assert (sent.text, [button["title"] for button in buttons]) == ("Gửi nhé?", ["Gửi đi", "Rác thải"])
    assert {button["type"] for button in buttons} == {"oa.query.hide"}
    await link.post(zalo.text(PERSON, buttons[1]["payload"]))
    (pressed,) = await link.inbox()
    assert (pressed.choice, pressed.choice_turn, pressed.text) == ("category:rac_thai", 7, "")


@pytest.mark.parametrize(
    "choices", [[("a", "x" * 21)], [(str(n), f"nút {n}") for n in range(6)]], ids=["long", "many"]
)
async def test_buttons_that_do_not_fit_become_a_list(
    zalo: StandInZalo,
    account: ZaloSettings,
    sqlite_store: Store,
    tmp_path: Path,
    choices: list[tuple[str, str]],
) -> None:
    link = link_to(zalo, replace(account, buttons=True), sqlite_store, tmp_path)
    await link.connection.start()
    await link.heard()
    await link.send("?", choices=tuple(Choice(*choice) for choice in choices))
    assert zalo.texts()[0].startswith("?\n1. ")


async def test_buttons_that_zalo_refuses_are_sent_as_a_list(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(zalo, replace(account, buttons=True), sqlite_store, tmp_path)
    await link.connection.start()
    await link.heard()
    zalo.fail("message", Failure(error=-233, message="not supported"))
    await link.send("Gửi nhé?", choices=(Choice("confirm", "Gửi đi"),))
    assert zalo.texts() == ["Gửi nhé?\n1. Gửi đi"]


async def test_asking_for_the_phone_uses_zalos_own_card(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    link = link_to(
        zalo, replace(account, info_image="https://kenhdan.example.org/a.png"), sqlite_store, tmp_path
    )
    await link.connection.start()
    await link.heard()
    await link.send("Cho em xin số", ask=Ask.PHONE)
    zalo.fail("message", Failure(error=-233, message="not supported"))
    await link.send("Cho em xin số nhé", ask=Ask.PHONE)
    assert zalo.sent[0].body["attachment"]["payload"]["template_type"] == "request_user_info"
    assert zalo.sent[1].text == "Cho em xin số nhé"


async def test_photos_are_uploaded_below_a_megabyte_and_once_for_several_citizens(link: Link) -> None:
    noise = Image.frombytes("RGB", (1_200, 1_200), os.urandom(1_200 * 1_200 * 3))
    data = BytesIO()
    noise.save(data, "JPEG", quality=95)
    assert len(data.getvalue()) > 1_000_000
    media_id = link.connection.channel._media.put(data.getvalue(), ".jpg")
    for user in (PERSON, OTHER):
        await link.heard(user)
        await link.send("Đã sửa xong", user=user, photos=(media_id,))
    assert [sent.kind for sent in link.zalo.sent] == ["image", "text"] * 2
    (upload,) = link.zalo.uploads.values()
    assert len(upload) <= 1_000_000


async def test_an_upload_that_expired_is_uploaded_anew_once(link: Link) -> None:
    media_id = link.connection.channel._media.put(picture(1), ".jpg")
    await link.heard()
    await link.send("một", photos=(media_id,))
    link.zalo.expire_assets()
    await link.send("hai", photos=(media_id,))
    assert len(link.zalo.uploads) == 2
    assert [sent.kind for sent in link.zalo.sent] == ["image", "text", "image", "text"]


async def test_a_photo_that_zalo_refuses_does_not_stop_the_words(link: Link) -> None:
    media_id = link.connection.channel._media.put(picture(1), ".jpg")
    await link.heard()
    link.zalo.fail("upload", Failure(error=-201, message="file type is invalid"))
    await link.send("Đã sửa xong", photos=(media_id, "0" * 64))
    assert link.zalo.texts() == ["Đã sửa xong"]


# -- windows and templates -----------------------------------------------------------------------------------


async def test_receipts_do_not_open_the_window(link: Link) -> None:
    for name, message in (
        ("user_seen_message", {"msg_ids": ["a", "b"]}),
        ("user_received_message", {"msg_id": "a"}),
    ):
        await link.post(
            link.zalo.event(name, sender={"id": OA_ID}, recipient={"id": PERSON}, message=message)
        )
    assert await link.rows(last_heard) == []
    assert await link.inbox() == []
    await link.post(link.zalo.text(PERSON, "alo"))
    assert [row.user for row in await link.rows(last_heard)] == [PERSON]


async def test_between_48_hours_and_seven_days_money_is_needed(link: Link) -> None:
    await link.heard(ago=timedelta(hours=50))
    await link.send("một")
    link.zalo.money = False
    with pytest.raises(RateLimited):
        await link.send("hai")
    assert link.zalo.texts() == ["một"]


async def test_after_seven_days_nothing_is_even_tried_without_a_template(link: Link) -> None:
    await link.heard(ago=timedelta(days=7, minutes=1))
    with pytest.raises(WindowClosed):
        await link.send()
    assert link.zalo.calls == []


async def test_after_seven_days_the_template_is_sent(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    zalo.templates["321"] = {"noi_dung", "ma_phan_anh"}
    link = link_to(zalo, replace(account, template="321"), sqlite_store, tmp_path)
    await link.connection.start()
    await link.heard(ago=timedelta(days=8))
    await link.send("Phản ánh HT-2611-00042 đã xử lý xong.")
    (sent,) = zalo.sent
    assert sent.body["template_data"] == {
        "noi_dung": "Phản ánh HT-2611-00042 đã xử lý xong.", "ma_phan_anh": "HT-2611-00042",
    }  # fmt: skip
    assert "tracking_id" not in sent.body


async def test_a_window_that_only_zalo_knows_to_be_closed_ends_in_the_template_too(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    """Whether following opens the window is not known: -230 tells."""
    zalo.templates["321"] = {"noi_dung", "ma_phan_anh"}
    link = link_to(zalo, replace(account, template="321"), sqlite_store, tmp_path)
    await link.connection.start()
    await link.post(zalo.event("follow", oa_id=OA_ID, follower={"id": PERSON}))
    zalo._user(PERSON).last_at = 0
    await link.send("Chào")
    assert [sent.kind for sent in zalo.sent] == ["zbs"]


async def test_a_hotline_callers_receipt_goes_to_the_phone_as_a_template(
    zalo: StandInZalo, account: ZaloSettings, sqlite_store: Store, tmp_path: Path
) -> None:
    zalo.templates["9"] = {"noi_dung", "ma_phan_anh"}
    link = link_to(zalo, replace(account, phone_template="9"), sqlite_store, tmp_path)
    await link.connection.start()
    phone = link.connection.phone_channel
    await phone.send(Address("zalo_phone", "0900 000 123"), Outbound("Mã của bác: HT-2611-00042"))
    (sent,) = zalo.sent
    assert (sent.user, len(sent.body["tracking_id"]) <= 48) == ("84900000123", True)
    with pytest.raises(Rejected):
        await phone.send(Address("zalo_phone", "+1 555"), Outbound("x"))


# -- uncertain sends and echoes ------------------------------------------------------------------------------


async def put_letter(
    link: Link, words: str, reason: str, *, user: str = PERSON, state: str = "waiting"
) -> int:
    """A letter as delivery leaves it."""
    now = link.connection.clock.now()

    def write(conn: object) -> int:
        row = outbox.insert().values(
            key=f"k{words}{user}{state}", channel="zalo", user=user, payload=encode(Outbound(words)),
            state=state, attempts=1, reason=reason, next_at=now + timedelta(minutes=1),
            created_at=now - timedelta(seconds=2),
        )  # fmt: skip
        return int(conn.execute(row.returning(outbox.c.id)).scalar_one())  # type: ignore[attr-defined]

    return await link.store.write(write)


def echo_of(link: Link, words: str, message_id: str = "e1", user: str = PERSON) -> dict[str, object]:
    return link.zalo.event(
        "oa_send_text", sender={"id": OA_ID}, recipient={"id": user},
        message={"msg_id": message_id, "text": words},
    )  # fmt: skip


async def test_a_timed_out_send_is_uncertain_and_not_sent_again_at_once(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    await link.heard()
    link.zalo.fail("message", Failure(cut=True, after=True))
    with pytest.raises(Uncertain):
        await link.send("Dạ")
    assert link.zalo.texts() == ["Dạ"]


async def test_a_body_that_is_empty_leaves_the_send_uncertain(link: Link) -> None:
    await link.heard()
    link.zalo.fail("message", Failure(body=b"", after=True), Failure(status=502, body=b"<html>"))
    for _ in range(2):
        with pytest.raises(Uncertain):
            await link.send("Dạ")


async def test_an_echo_settles_the_uncertain_letter(link: Link) -> None:
    await put_letter(link, "Dạ, em ghi rồi.", "Uncertain: Zalo openapi did not answer")
    await link.post(echo_of(link, "Dạ,  em ghi rồi. "))
    (row,) = await link.rows(outbox)
    assert (row.state, row.receipt) == ("sent", {"message_ids": ["e1"]})


@pytest.mark.parametrize(
    ("words", "reason", "user"),
    [
        ("Khác hẳn", "Uncertain: no answer", PERSON),
        ("Dạ", "RetryLater: not reached", PERSON),
        ("Dạ", "Uncertain: no answer", OTHER),
    ],
)
async def test_an_echo_settles_nothing_else(link: Link, words: str, reason: str, user: str) -> None:
    await put_letter(link, words, reason, user=user)
    await link.post(echo_of(link, "Dạ"))
    (row,) = await link.rows(outbox)
    assert row.state == "waiting"


async def test_one_echo_settles_one_letter_however_often_it_comes(link: Link) -> None:
    first = await put_letter(link, "Dạ", "Uncertain: no answer")
    await link.post(echo_of(link, "Dạ"))
    assert (await link.rows(outbox))[0].id == first
    await link.store.write(
        lambda conn: conn.execute(outbox.update().where(outbox.c.id == first).values(key="moved"))
    )
    second = await put_letter(link, "Dạ", "Uncertain: no answer")
    await link.post(echo_of(link, "Dạ"))
    states = {row.id: row.state for row in await link.rows(outbox)}
    assert states == {first: "sent", second: "waiting"}


async def test_an_echo_that_came_before_the_time_out_settles_the_send(link: Link) -> None:
    """The usual order: Zalo took the message, its echo came, and only then our call gave up."""
    await link.heard()
    link.zalo.fail("message", Failure(cut=True, after=True, hang_s=0.5))
    sending = asyncio.create_task(link.send("Dạ"))
    await until(lambda: link.zalo.sent)
    await link.post(echo_of(link, "Dạ", link.zalo.sent[0].message_id))
    receipt = await sending
    assert receipt.message_ids == (link.zalo.sent[0].message_id,)
    assert link.zalo.texts() == ["Dạ"]


async def test_a_long_message_goes_on_behind_the_part_whose_echo_came(link: Link) -> None:
    await link.heard()
    words = "chữ " * 900
    link.zalo.fail("message", Failure(cut=True, after=True))
    with pytest.raises(Uncertain):
        await link.send(words)
    await link.post(echo_of(link, link.zalo.texts()[0]))
    receipt = await link.send(words)
    assert link.zalo.texts() == split_text(words, MOST_TEXT)
    assert receipt.message_ids[0] == "e1"


async def test_without_an_echo_the_message_is_sent_again_once(link: Link) -> None:
    await link.heard()
    link.zalo.fail("message", Failure(cut=True))
    with pytest.raises(Uncertain):
        await link.send("Dạ")
    await link.send("Dạ")
    assert link.zalo.texts() == ["Dạ"]


async def test_an_echo_of_a_message_that_was_surely_sent_settles_no_other(link: Link) -> None:
    """Two letters with the same words: the late echo of the first is not the second's."""
    first = await put_letter(link, "Dạ", "", state="sent")
    await link.store.write(
        lambda conn: conn.execute(
            outbox.update().where(outbox.c.id == first).values(receipt={"message_ids": ["e1"]})
        )
    )
    await put_letter(link, "Dạ", "Uncertain: no answer")
    await link.post(echo_of(link, "Dạ", "e1"))
    assert [row.state for row in await link.rows(outbox)] == ["sent", "waiting"]


# -- media ---------------------------------------------------------------------------------------------------


def photo_ref(address: str, **fields: object) -> MediaRef:
    return MediaRef(MediaKind.PHOTO, address, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/a.jpg", "https://zdn.vn.example.org/a.jpg", "https://evilzdn.vn/a.jpg",
        "https://photo-stal-1.zdn.vn:8443/a.jpg", "http://photo-stal-1.zdn.vn:80/a.jpg",
        "https://user@photo-stal-1.zdn.vn/a.jpg", "ftp://photo-stal-1.zdn.vn/a.jpg",
        "file:///etc/passwd", "https://[::1]/a.jpg", "http://127.0.0.1/a.jpg", "http://localhost:9/a.jpg",
        "https://169.254.169.254/latest", "https://zdn.vn/a.jpg", "https://a.zdn.vn\\@127.0.0.1/", "//x",
    ],
)  # fmt: skip
async def test_media_come_from_zalos_hosts_only(link: Link, address: str) -> None:
    with pytest.raises(MediaLost):
        await link.connection.channel.fetch(photo_ref(address), 1000)


def test_http_of_zalos_hosts_becomes_https() -> None:
    allowed = AllowedHosts(("*.zdn.vn",))
    assert allowed.secure("http://f1-zpc.zdn.vn/a?b=1#c") == "https://f1-zpc.zdn.vn/a?b=1"


@pytest.mark.parametrize("private", ["10.0.0.5", "127.0.0.1", "169.254.1.1", "::1", "fd00::1", "100.64.0.1"])
async def test_a_name_that_leads_into_our_own_network_is_refused(
    link: Link, monkeypatch: pytest.MonkeyPatch, private: str
) -> None:
    async def look_up(*_: object, **__: object) -> list[object]:
        return [(0, 0, 0, "", ("8.8.8.8", 0)), (0, 0, 0, "", (private, 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", look_up, raising=False)
    with pytest.raises(MediaLost, match="private"):
        await link.connection.channel.fetch(photo_ref("https://photo-stal-1.zdn.vn/a.jpg"), 1000)


async def test_a_redirect_out_of_zalos_hosts_is_not_followed(link: Link) -> None:
    for elsewhere in ("https://example.org/a.jpg", "http://127.0.0.1:1/a.jpg", "file:///etc/passwd"):
        address = link.zalo.file(b"x", Failure(message=elsewhere))
        with pytest.raises(MediaLost):
            await link.connection.channel.fetch(photo_ref(address), 1000)
    inside = link.zalo.file(b"inside", name="inside.jpg")
    address = link.zalo.file(b"x", Failure(message=inside))
    assert await link.connection.channel.fetch(photo_ref(address), 1000) == b"inside"
    circle = link.zalo.file(b"x", *[Failure(message="/cdn/circle.jpg")] * 9, name="circle.jpg")
    with pytest.raises(MediaLost, match="too often"):
        await link.connection.channel.fetch(photo_ref(circle), 1000)


async def test_an_empty_200_of_the_cdn_is_tried_again_and_never_kept(link: Link) -> None:
    address = link.zalo.file(b"photo", Failure(body=b""))
    with pytest.raises(RetryLater):
        await link.connection.channel.fetch(photo_ref(address), 1000)
    assert await link.connection.channel.fetch(photo_ref(address), 1000) == b"photo"


async def test_a_size_that_is_not_announced_is_limited_while_streaming(link: Link) -> None:
    address = link.zalo.file(b"x" * 5_000)
    with pytest.raises(MediaLost, match="large"):
        await link.connection.channel.fetch(photo_ref(address), 4_999)
    with pytest.raises(MediaLost, match="large"):
        await link.connection.channel.fetch(photo_ref(address, size=10_000), 4_999)
    assert len(await link.connection.channel.fetch(photo_ref(address), 5_000)) == 5_000


async def test_media_that_are_gone_are_lost_and_a_busy_cdn_is_not(link: Link) -> None:
    with pytest.raises(MediaLost):
        await link.connection.channel.fetch(photo_ref(f"{link.zalo.base}/cdn/none.jpg"), 1000)
    for failure in (Failure(status=503), Failure(cut=True)):
        with pytest.raises(RetryLater):
            await link.connection.channel.fetch(photo_ref(link.zalo.file(b"x", failure)), 1000)
