"""`kenhdan zalo …`: log in, send, explain a captured event, show the windows, look through the quarantine."""

# ruff: noqa: T201  (a command speaks to whoever typed it)
from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.zalo import quarantine
from connectors.zalo.connection import ZaloConnection, connect
from connectors.zalo.envelope import BadEnvelope, open_envelope, stamp_of
from connectors.zalo.events import read_event
from connectors.zalo.keeping import why_refused
from connectors.zalo.settings import CHANNEL, PHONE_CHANNEL, ZaloSettings, zalo_settings
from connectors.zalo.signature import HEADER, matching_forms
from connectors.zalo.windows import count_windows, read_heard, window_of
from core.channel import ChannelError
from core.clock import WallClock
from core.intake import Quiet
from core.media.store import FolderMediaStore
from core.message import Address, Outbound
from core.settings import Settings
from core.storage import open_store

_LOOK_EVERY_S = 1.0
_OFF = "off (KENHDAN_ZALO_APP_ID and what belongs to it turn it on)"


def run_command(settings: Settings, words: Sequence[str]) -> int:
    """Run `kenhdan zalo <words>`; the exit code."""
    arguments = _parser().parse_args(words)
    if arguments.action == "explain-event":
        return explain_event(settings, arguments.file)
    account = zalo_settings(settings)
    if account is None:
        print(f"zalo: {_OFF}", file=sys.stderr)
        return 1
    actions: dict[str, Callable[[ZaloConnection, argparse.Namespace], Awaitable[int]]] = {
        "login": _login,
        "send": _send,
        "windows": _windows,
        "quarantine": _quarantine,
    }
    return asyncio.run(_with_connection(settings, account, actions[arguments.action], arguments))


def check(settings: Settings) -> str:
    """The row of `kenhdan check`. Raises ValueError with what is wrong and how to mend it, or StoreError."""
    account = zalo_settings(settings)
    if account is None:
        return _OFF

    async def look() -> str:
        store = await open_store(settings.database_url, exclusive=False)
        try:
            zalo = _connection(settings, account, store)
            try:
                facts = await zalo.facts()
            finally:
                await zalo.close()
        finally:
            await store.close()
        if facts["token"] == "needs_reauth":
            raise ValueError("needs_reauth: Zalo refused the refresh token; run kenhdan zalo login")
        if facts["token"] == "missing" and not account.refresh_token:
            raise ValueError("no token yet: run kenhdan zalo login, or set KENHDAN_ZALO_REFRESH_TOKEN")
        hint = ""
        if account.webhook_secret == account.app_secret:
            hint = "; the OA secret key equals the app's secret, which is seldom right"
        if facts["quarantine"]:
            hint += "; is the OA secret key right? kenhdan zalo quarantine tries it"
        expires = facts["token_expires_at"] or "at the first call"
        waiting = f"{facts['quarantine']} events in quarantine"
        return f"token {facts['token']}, renewed before {expires}; {waiting}{hint}"

    return asyncio.run(look())


def explain_event(settings: Settings, file: str) -> int:
    """Say which form of the signature fits a captured event, and what the event would become.

    The file holds {"headers": {...}, "body": "as received"} or a raw HTTP dump: headers, an empty line, body.
    """
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        print(f"zalo: {file} cannot be read: {error.strerror}", file=sys.stderr)
        return 1
    headers, body = _captured(data)
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        raw: dict[str, Any] = open_envelope(body)
    except BadEnvelope as error:
        print(f"the body is {error}; {len(body)} bytes")
        return 1
    given = lowered.get(HEADER, "")
    right = "sha256(app id + body + body timestamp + OA secret key)"
    stamps = {"body timestamp": stamp_of(raw), "header timestamp": lowered.get("x-zevent-timestamp", "")}
    apps = {"app id": settings.zalo_app_id, "oa id": settings.zalo_oa_id}
    if str(raw.get("app_id")) != settings.zalo_app_id:
        apps["body app id"] = str(raw.get("app_id"))
    secrets = {
        "OA secret key": settings.zalo_oa_webhook_secret, "app secret": settings.zalo_app_secret
    }  # fmt: skip
    found = matching_forms(given, body, stamps, apps, secrets)
    if not found:  # the line's end that an editor put behind it
        found = matching_forms(given, body.rstrip(b"\r\n"), stamps, apps, secrets)
    print(f"event:      {raw.get('event_name')}")
    print(f"app id:     {'ours' if str(raw.get('app_id')) == settings.zalo_app_id else 'ANOTHER'}")
    print(f"signature:  {'none' if not given else 'given'}")
    for form in found or ["no form that is known: was the body changed, or is a secret wrong?"]:
        print(f"matches:    {form}{'  <- the right one' if form == right else ''}")
    if right not in found and f"{right[:-14]}app secret)" in found:
        print("mend:       KENHDAN_ZALO_OA_WEBHOOK_SECRET must be what signs: here the app's secret does")
    now = WallClock().now()
    reading = read_event(raw, settings.zalo_oa_id, now)
    became = reading.inbound.kind.value if reading.inbound else "nothing for the talk"
    if refused := why_refused(raw, reading, settings.zalo_oa_id, now):
        print(f"refused:    {refused}; the webhook would not act on it now")
    print(f"becomes:    {became}{f' ({reading.odd})' if reading.odd else ''}")
    return 0 if right in found else 1


async def _login(zalo: ZaloConnection, arguments: argparse.Namespace) -> int:
    """Print where to consent and wait until the callback, wherever it is served, has stored a pair."""
    if not zalo.settings.redirect_url:
        print("zalo: set KENHDAN_PUBLIC_URL or KENHDAN_ZALO_REDIRECT_URL first", file=sys.stderr)
        return 1
    before = await zalo.tokens.state()
    print("Open as an administrator of the Official Account:", flush=True)
    print(await zalo.consent.begin(), flush=True)
    async with AsyncExitStack() as stack:
        if arguments.listen:
            await stack.enter_async_context(_serving(zalo, arguments.listen))
        until = zalo.clock.now() + timedelta(seconds=arguments.wait)
        while zalo.clock.now() < until:
            state = await zalo.tokens.state()
            if state.rotated_at != before.rotated_at and state.state == "connected":
                print("connected", flush=True)
                return 0
            await asyncio.sleep(_LOOK_EVERY_S)
    print("zalo: nobody consented in time; run it again", file=sys.stderr)
    return 1


def _serving(zalo: ZaloConnection, port: int) -> Any:
    """The callback page on a port of this machine, for when no server of ours runs."""
    from contextlib import asynccontextmanager

    import uvicorn
    from starlette.applications import Starlette

    @asynccontextmanager
    async def serving() -> Any:
        app = Starlette(routes=[*zalo.routes])
        server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
        )
        task = asyncio.create_task(server.serve())
        try:
            yield
        finally:
            server.should_exit = True
            await task

    return serving()


async def _send(zalo: ZaloConnection, arguments: argparse.Namespace) -> int:
    """Send one text to a user id, or as a template to a phone."""
    await zalo.tokens.seed()
    channel = zalo.phone_channel if arguments.phone else zalo.channel
    address = Address(PHONE_CHANNEL if arguments.phone else CHANNEL, arguments.to)
    try:
        receipt = await channel.send(address, Outbound(arguments.text))
    except ChannelError as error:
        print(f"zalo: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    print(" ".join(receipt.message_ids) or "sent")
    return 0


async def _windows(zalo: ZaloConnection, arguments: argparse.Namespace) -> int:
    """How many citizens may be written to for free, for money, by template; or one citizen's window."""
    now = zalo.clock.now()
    if arguments.user:
        address = Address(CHANNEL, arguments.user)
        heard = await zalo.store.read(lambda conn: read_heard(conn, address))
        print(json.dumps({"window": window_of(heard, now), "last_heard": str(heard.at) if heard else None}))
        return 0
    print(json.dumps(await zalo.store.read(lambda conn: count_windows(conn, CHANNEL, now))))
    return 0


async def _quarantine(zalo: ZaloConnection, arguments: argparse.Namespace) -> int:
    """Take in what is signed by the present secret after all."""
    released = await zalo.webhook.reverify()
    left = await zalo.store.read(quarantine.count_suspects)
    print(f"{released} events taken in, {left} left")
    return 0


async def _with_connection(
    settings: Settings, account: ZaloSettings,
    action: Callable[[ZaloConnection, argparse.Namespace], Awaitable[int]], arguments: argparse.Namespace,
) -> int:  # fmt: skip
    store = await open_store(settings.database_url, exclusive=False)
    try:
        zalo = _connection(settings, account, store)
        try:
            return await action(zalo, arguments)
        finally:
            await zalo.close()
    finally:
        await store.close()


def _connection(settings: Settings, account: ZaloSettings, store: Any) -> ZaloConnection:
    quiet = Quiet(
        timedelta(seconds=settings.quiet_text_seconds),
        timedelta(seconds=settings.quiet_seconds),
        timedelta(seconds=settings.quiet_max_seconds),
    )
    media = FolderMediaStore(settings.media_dir)
    return connect(account, store=store, media=media, clock=WallClock(), quiet=quiet, labels={})


def _captured(data: bytes) -> tuple[dict[str, str], bytes]:
    """Headers and body of a captured event, in either form."""
    try:
        wrapped = json.loads(data)
    except ValueError:
        wrapped = None
    if isinstance(wrapped, dict) and isinstance(wrapped.get("headers"), dict) and "body" in wrapped:
        body = wrapped["body"]
        headers = {str(name): str(value) for name, value in wrapped["headers"].items()}
        return headers, body.encode() if isinstance(body, str) else json.dumps(body).encode()
    for gap in (b"\r\n\r\n", b"\n\n"):
        head, found, body_bytes = data.partition(gap)
        if found and b":" in head and not head.lstrip().startswith(b"{"):
            lines = head.decode("latin-1").splitlines()
            pairs = (line.partition(":") for line in lines if ":" in line)
            return {name.strip(): value.strip() for name, _, value in pairs}, body_bytes
    return {}, data


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("kenhdan zalo")
    actions = parser.add_subparsers(dest="action", required=True)
    login = actions.add_parser("login", help="print the consent's address and wait for the callback")
    login.add_argument("--wait", type=float, default=600.0, help="seconds (default 600)")
    login.add_argument("--listen", type=int, default=0, metavar="PORT", help="serve the callback here too")
    send = actions.add_parser("send", help="send one text")
    send.add_argument("to", help="user id, or phone with --phone")
    send.add_argument("text")
    send.add_argument("--phone", action="store_true", help="as a template to a phone number")
    explain = actions.add_parser("explain-event", help="which form of the signature fits a captured event")
    explain.add_argument("file", nargs="?", default="-", help="default: standard input")
    windows = actions.add_parser("windows", help="who may be written to")
    windows.add_argument("user", nargs="?", default="")
    actions.add_parser("quarantine", help="take in what the present secret verifies after all")
    return parser
