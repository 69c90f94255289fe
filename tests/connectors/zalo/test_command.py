"""`kenhdan zalo …` and the row of `kenhdan check`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from connectors.zalo.command import check, run_command
from core.settings import Settings
from tests.connectors.zalo.conftest import PERSON, until
from tests.zalo_server import APP_SECRET, OA_ID, StandInZalo, User, sign


def captured(zalo: StandInZalo, folder: Path, form: str, **signing: str) -> str:
    """A captured event in a file, as JSON or as a raw dump."""
    event = zalo.text(PERSON, "đường hỏng")
    body = json.dumps(event)
    mac = sign(body.encode(), event["timestamp"], **signing)
    path = folder / "captured"
    if form == "json":
        path.write_text(json.dumps({"headers": {"X-ZEvent-Signature": mac}, "body": body}), encoding="utf-8")
    else:
        path.write_bytes(f"Host: x\r\nX-ZEvent-Signature: {mac}\r\n\r\n{body}".encode())
    return str(path)


@pytest.mark.parametrize("form", ["json", "dump"])
def test_a_captured_event_is_explained(
    settings: Settings, zalo: StandInZalo, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    assert run_command(settings, ["explain-event", captured(zalo, tmp_path, form)]) == 0
    said = capsys.readouterr().out
    assert "app id + body + body timestamp + OA secret key)  <- the right one" in said
    assert "becomes:    message" in said


@pytest.mark.parametrize(
    ("signing", "named"),
    [
        ({"app_id": OA_ID}, "sha256(oa id + body + body timestamp + OA secret key)"),
        ({"secret": APP_SECRET}, "KENHDAN_ZALO_OA_WEBHOOK_SECRET must be what signs"),
        ({"secret": "nobody's"}, "no form that is known"),
    ],
)
def test_a_wrong_form_is_named(
    settings: Settings, zalo: StandInZalo, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    signing: dict[str, str], named: str,
) -> None:  # fmt: skip
    assert run_command(settings, ["explain-event", captured(zalo, tmp_path, "json", **signing)]) == 1
    assert named in capsys.readouterr().out


def test_what_an_editor_put_at_the_end_is_no_other_body(
    settings: Settings, zalo: StandInZalo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = captured(zalo, tmp_path, "dump")
    Path(path).write_bytes(Path(path).read_bytes() + b"\n")
    assert run_command(settings, ["explain-event", path]) == 0
    assert capsys.readouterr().out.count("matches:") == 1


def test_a_file_that_is_not_there_is_said_in_a_sentence(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(settings, ["explain-event", str(tmp_path / "nowhere")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_what_the_webhook_would_refuse_is_said(
    settings: Settings, zalo: StandInZalo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = captured(zalo, tmp_path, "json")
    run_command(replace(settings, zalo_oa_id="111"), ["explain-event", path])
    assert "another account" in capsys.readouterr().out


def test_no_secret_is_ever_printed(
    settings: Settings, zalo: StandInZalo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(settings, ["explain-event", captured(zalo, tmp_path, "json")])
    said = capsys.readouterr().out
    assert settings.zalo_oa_webhook_secret not in said
    assert settings.zalo_app_secret not in said


async def run(settings: Settings, *words: str) -> int:
    """The command in a thread of its own, as it runs a loop of its own."""
    return await asyncio.to_thread(run_command, settings, list(words))


async def test_send(settings: Settings, zalo: StandInZalo, capsys: pytest.CaptureFixture[str]) -> None:
    zalo.users[PERSON] = User(PERSON, last_at=2**45)
    assert await run(settings, "send", PERSON, "Dạ, em chào bác") == 0
    assert zalo.texts() == ["Dạ, em chào bác"]
    assert capsys.readouterr().out.split()[-1] == zalo.sent[0].message_id
    assert await run(settings, "send", "1", "x") == 1
    assert "-201" in capsys.readouterr().err


async def test_send_to_a_phone(settings: Settings, zalo: StandInZalo) -> None:
    zalo.templates["5"] = {"noi_dung", "ma_phan_anh"}
    with_template = replace(settings, zalo_phone_template="5")
    assert await run(with_template, "send", "--phone", "0900000123", "Dạ") == 0
    assert zalo.sent[0].user == "84900000123"


async def test_windows(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(settings, "windows") == 0
    assert json.loads(capsys.readouterr().out) == {"free": 0, "billed": 0, "closed": 0}
    assert await run(settings, "windows", PERSON) == 0
    assert json.loads(capsys.readouterr().out) == {"window": "unknown", "last_heard": None}


async def test_quarantine(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert await run(settings, "quarantine") == 0
    assert "0 events taken in, 0 left" in capsys.readouterr().out


async def test_login_prints_the_address_and_waits_for_the_callback(
    settings: Settings, zalo: StandInZalo, capsys: pytest.CaptureFixture[str], unused_port: int
) -> None:
    callback = f"http://127.0.0.1:{unused_port}/zalo/callback"
    bare = replace(settings, zalo_access_token="", zalo_refresh_token="", zalo_redirect_url=callback)
    command = asyncio.create_task(run(bare, "login", "--wait", "20", "--listen", str(unused_port)))
    said = ""

    def address() -> str:
        nonlocal said
        said += capsys.readouterr().out
        return next((line for line in said.splitlines() if line.startswith("http")), "")

    consent = await until(address)
    async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:

        async def consented() -> bool:
            try:
                return (await browser.get(consent)).status_code == 200
            except httpx.ConnectError:  # the page is not up yet
                return False

        await until(consented)
    assert await command == 0
    assert "connected" in said + capsys.readouterr().out
    assert "connected" in await asyncio.to_thread(check, bare)


async def test_login_that_nobody_follows_ends(settings: Settings) -> None:
    assert await run(settings, "login", "--wait", "0") == 1


async def test_the_row_of_the_check(settings: Settings, zalo: StandInZalo) -> None:
    assert check(Settings()).startswith("off")
    with pytest.raises(ValueError, match="kenhdan zalo login"):
        await asyncio.to_thread(check, replace(settings, zalo_access_token="", zalo_refresh_token=""))
    spent = replace(settings, zalo_refresh_token="spent", zalo_access_token="")
    assert await run(spent, "send", PERSON, "x") == 1
    with pytest.raises(ValueError, match="needs_reauth"):
        await asyncio.to_thread(check, spent)


def test_without_an_account_the_command_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(Settings(), ["windows"]) == 1
    assert "KENHDAN_ZALO_APP_ID" in capsys.readouterr().err
