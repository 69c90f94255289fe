"""Composition root and command line: the only place that knows every room."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core.channel import Channel, ChannelError
from core.clock import Clock, WallClock
from core.codec import encode
from core.danger import BadDangerWords, DangerWords
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet, end_leases
from core.logging import set_up_logging
from core.media.store import FolderMediaStore, MediaStoreError
from core.message import Inbound, Outbound, Receipt
from core.pack import Pack, PackError, load_pack
from core.phrases import PhraseError, Phrases, load_phrases
from core.plain import PlainInterpreter
from core.reports.erasing import ERASED_KEY
from core.reports.records import insert_new
from core.settings import Settings, SettingsError, read_settings, settings_table
from core.storage import Store, StoreError, open_store
from core.storage.schema import handoffs, inbox, outbox
from core.trace import TurnTrace
from core.understanding import Interpreter
from core.wake import open_wake
from core.worker import Worker
from speech.opening import SpeechUnusable, check_recognizer, check_voice, open_recognizer

if TYPE_CHECKING:
    from bots.staff.wording import StaffWords
    from nlu.interpreter import InProcessInterpreter
    from nlu.rasa.client import RasaInterpreter
    from web.simulator.simulator import Simulator

log = structlog.get_logger(__name__)


class StartError(Exception):
    """The program cannot start; the text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class Province:
    """The data pack with its wording and words of danger."""

    pack: Pack
    phrases: Phrases
    danger: DangerWords
    plain: PlainInterpreter


def load_province(folder: Path) -> Province:
    """All data of a province. Raises StartError with every problem found."""
    try:
        pack = load_pack(folder)
        phrases = load_phrases(folder, pack.timezone)
        danger = DangerWords.load(folder / "danger.yml")
    except (PackError, PhraseError, BadDangerWords, OSError) as error:
        raise StartError(f"the province pack {folder} is not usable: {error}") from error
    return Province(pack, phrases, danger, PlainInterpreter(danger, phrases, pack.code_prefix))


def load_interpreter(settings: Settings, province: Province) -> InProcessInterpreter:
    """The trained interpreter. Raises StartError when there is none."""
    from nlu.interpreter import ModelMissing, load

    try:
        return load(settings.model, province.danger, province.pack.code_prefix)
    except ModelMissing as error:
        raise StartError(f"{error}; `make model` trains it") from error


@dataclass(slots=True)
class Program:
    """One running instance: what was assembled, and what runs in it."""

    settings: Settings
    province: Province
    store: Store
    worker: Worker
    delivery: Delivery
    channels: dict[str, Channel]
    app: Any = None
    simulator: Simulator | None = None
    starting: list[Callable[[], Any]] = field(default_factory=list)
    running: list[Callable[[], Any]] = field(default_factory=list)
    closing: list[Callable[[], Any]] = field(default_factory=list)
    facts: dict[str, Callable[[], Awaitable[dict[str, Any]]]] = field(default_factory=dict)
    """What each channel adds to the health page."""

    async def close(self) -> None:
        for close in reversed(self.closing):
            await close()
        await self.store.close()


async def assemble(settings: Settings, *, web: bool = True) -> Program:
    """Put the rooms together. Raises StartError, StoreError."""
    province = load_province(settings.province)
    clock = WallClock()
    try:
        media = FolderMediaStore(settings.media_dir)
    except MediaStoreError as error:
        raise StartError(f"{error}; set KENHDAN_MEDIA_DIR to a folder that can be written") from error
    stand_in = _interpreter_or_rules(settings, province)
    rasa = _rasa_before(settings, province, stand_in)
    interpreter = rasa or stand_in
    store = await open_store(settings.database_url)
    if settings.database_url.startswith("sqlite"):
        await store.write(end_leases)  # nobody else has this database: what a killed run held goes on at once
    channels: dict[str, Channel] = {}
    recognizer = open_recognizer(settings, province.pack)
    hearing = Hearing(
        store, channels, interpreter, province.plain, province.pack, province.phrases, media, recognizer
    )
    inbox_wake = open_wake(settings.redis_url, "inbox")
    outbox_wake = open_wake(settings.redis_url, "outbox")
    observers: list[Callable[[TurnTrace], None]] = []
    worker = Worker(
        store, hearing, clock, quiet_of(settings), inbox_wake, outbox_wake, settings.workers,
    )  # fmt: skip
    delivery = Delivery(store, channels, clock, outbox_wake, settings.workers)
    program = Program(settings, province, store, worker, delivery, channels)
    program.closing += [inbox_wake.close, outbox_wake.close]
    if rasa is not None:
        program.closing.append(rasa.close)
        program.facts["rasa"] = rasa.facts
    if recognizer is not None:
        program.closing.append(recognizer.close)
    program.running += [worker.run, delivery.run]
    routes = [*_add_telegram(program, media), *_add_zalo(program, media), *_add_recordings(program)]
    routes += _add_hotline(program)
    _add_retention(program)
    _add_staff(program, clock)
    if web:
        _add_web(program, media, observers, routes)
    if observers:  # a trace is made only where somebody watches
        worker.observe = lambda trace: _tell_all(observers, trace)
    return program


def _tell_all(observers: list[Callable[[TurnTrace], None]], trace: TurnTrace) -> None:
    for observe in observers:
        observe(trace)


def quiet_of(settings: Settings) -> Quiet:
    return Quiet(
        timedelta(seconds=settings.quiet_text_seconds),
        timedelta(seconds=settings.quiet_seconds),
        timedelta(seconds=settings.quiet_max_seconds),
        live=frozenset({"hotline"}),
    )


def _interpreter_or_rules(settings: Settings, province: Province) -> Interpreter:
    """A missing model does not stop the service: the rules find danger, and people look at the rest."""
    try:
        return load_interpreter(settings, province)
    except StartError as error:
        log.warning("no_model", detail=str(error))
        return province.plain


def _rasa_before(settings: Settings, province: Province, interpreter: Interpreter) -> RasaInterpreter | None:
    """The client of a Rasa server, when one is set; `interpreter` stands in for it."""
    if not settings.rasa_url:
        return None
    from nlu.rasa.client import RasaInterpreter

    return RasaInterpreter(
        settings.rasa_url,
        settings.rasa_token,
        province.danger,
        province.pack.code_prefix,
        interpreter,
        time_limit=settings.rasa_seconds,
    )


def _add_telegram(program: Program, media: FolderMediaStore) -> list[Any]:
    """The citizens' bot, when it has a token; the webhook's routes."""
    settings = program.settings
    if not settings.telegram_token:
        return []
    from bots.citizen.channel import TelegramChannel
    from bots.citizen.polling import Poller
    from bots.citizen.settings import TelegramSettings
    from bots.citizen.webhook import webhook_route

    phrases = program.province.phrases
    mode: Any = settings.telegram_mode
    telegram = TelegramChannel(
        TelegramSettings(
            token=settings.telegram_token,
            api_base=settings.telegram_api_base,
            file_base=settings.telegram_file_base,
            mode=mode,
            public_url=settings.public_url,
            webhook_secret=settings.webhook_secret if mode == "webhook" else "",
        ),
        media,
        phrases.table("labels"),
        commands=phrases.table("commands"),
        menu=phrases.table("menu"),
    )

    async def keep(events: list[Inbound]) -> None:
        await program.worker.accept(events)

    program.channels[telegram.name] = telegram
    program.starting.append(telegram.start)
    program.closing.append(telegram.close)
    if mode == "webhook":
        return [webhook_route(telegram, keep, settings.webhook_secret)]
    program.running.append(Poller(telegram, keep).run)
    return []


def _add_zalo(program: Program, media: FolderMediaStore) -> list[Any]:
    """The Official Account and the bot of the Bot platform, each when it is set up; their routes."""
    from connectors.zalo.setting_up import zalo_rooms

    routes: list[Any] = []
    for room in zalo_rooms(program.settings, program.worker, media, program.province.phrases.table("labels")):
        program.channels.update(room.channels)
        program.starting.append(room.start)
        program.running += room.running
        program.closing.append(room.close)
        program.facts[room.name] = room.facts
        routes += room.routes
    return routes


def _add_hotline(program: Program) -> list[Any]:
    """Live calls, when they are switched on, and the simulator's telephone; its routes."""
    settings, worker = program.settings, program.worker
    if not (settings.hotline or settings.simulator):
        return []
    from connectors.hotline.browser import phone_route
    from connectors.hotline.opening import open_live
    from connectors.hotline.wording import WordingError

    try:
        live = open_live(settings, worker.hearing, worker, _phone_letters(program))
    except WordingError as error:
        raise StartError(f"the province pack {settings.province} is not usable: {error}") from error
    live.listens = settings.hotline
    program.channels[live.channel.name] = live.channel
    worker.hearing.recognizer = live.words
    worker.concurrent += settings.hotline_calls
    program.delivery.concurrent += settings.hotline_calls
    program.starting.append(live.start)
    program.closing.append(live.close)
    if live.watchdog is not None and settings.hotline:
        program.running.append(live.watchdog.run)
    program.facts["hotline"] = live.facts
    if not settings.simulator:
        return []
    from web.simulator.phone import phone_page

    return [phone_page(program.province.pack), phone_route(live)]


@dataclass(frozen=True, slots=True)
class PhoneLetters:
    """Words to a phone number as letters of `channel`, so that they are durable and tried again; fills
    `connectors.hotline.channel.PhoneText`."""

    program: Program
    channel: str

    async def send(self, phone: str, words: str, code: str) -> Receipt:
        """The same words to the same number leave once a day. Raises ChannelError when they are not kept."""
        now = self.program.worker.clock.now()
        mark = hashlib.sha256(f"{self.channel} {phone} {now:%Y%m%d} {words}".encode()).hexdigest()[:40]
        # The code of a receipt was told on the phone: one that cannot arrive is no work for an officer, and
        # nothing of it is kept once it left, as with the last words to a citizen who had everything erased.
        key = f"{ERASED_KEY if code else 'phone'}:{mark}"
        row = {
            "key": key, "channel": self.channel, "user": phone, "payload": encode(Outbound(words)),
            "state": "waiting", "attempts": 0, "next_at": now, "created_at": now,
        }  # fmt: skip
        try:
            await self.program.store.write(
                lambda conn: conn.execute(insert_new(conn, outbox, "key"), row) and None
            )
        except StoreError as error:
            raise ChannelError(f"the letter was not kept: {error}") from error
        self.program.delivery.wake.notify()
        return Receipt((key,))


def _phone_letters(program: Program) -> PhoneLetters | None:
    """How callers are written to: Zalo's template messages by phone number, where they are set up."""
    return PhoneLetters(program, "zalo_phone") if "zalo_phone" in program.channels else None


def _add_retention(program: Program) -> None:
    from connectors.hotline.opening import open_retention
    from connectors.hotline.wording import WordingError

    try:
        retention = open_retention(program.worker.hearing, program.worker)
    except WordingError as error:
        raise StartError(f"the province pack {program.settings.province} is not usable: {error}") from error
    program.running.append(retention.run)


def _add_recordings(program: Program) -> list[Any]:
    """Finished recordings of calls, when a provider or a folder is set; the webhook's routes."""
    settings, worker = program.settings, program.worker
    if not settings.recordings_secrets and settings.recordings_dir is None:
        return []
    from connectors.hotline.opening import open_recordings
    from connectors.hotline.recordings.providers import ProviderError

    try:
        recordings = open_recordings(settings, worker.hearing, worker, _phone_letters(program))
    except ProviderError as error:
        raise StartError(str(error)) from error
    if recordings is None:
        return []
    program.channels[recordings.channel.name] = recordings.channel
    program.running.append(recordings.intake.run)
    program.closing.append(recordings.client.aclose)
    return list(recordings.routes)


def _add_staff(program: Program, clock: Clock) -> None:
    """The duty officers' bot, when it has a token and a group. Raises StartError."""
    settings = program.settings
    if not settings.telegram_staff_token or settings.telegram_staff_chat is None:
        return
    from bots.staff.bot import StaffBot
    from bots.staff.settings import StaffSettings

    phrases = program.province.phrases

    def can_write(channel: str) -> bool:
        return channel in program.channels and not phrases.manner(channel).spoken

    def woken() -> None:
        program.worker.inbox_wake.notify()
        program.delivery.wake.notify()

    staff = StaffBot(
        StaffSettings(
            token=settings.telegram_staff_token,
            chat=settings.telegram_staff_chat,
            api_base=settings.telegram_api_base,
            file_base=settings.telegram_file_base,
        ),
        program.store,
        program.province.pack,
        _staff_words(settings),
        clock,
        can_write=can_write,
        woken=woken,
    )
    program.running.append(staff.run)
    program.closing.append(staff.close)


def _staff_words(settings: Settings) -> StaffWords:
    from bots.staff.wording import load_staff_words

    try:
        return load_staff_words(settings.province)
    except PhraseError as error:
        raise StartError(f"the province pack {settings.province} is not usable: {error}") from error


def _add_web(
    program: Program, media: FolderMediaStore, observers: list[Callable[[TurnTrace], None]], routes: list[Any]
) -> None:
    from web.app import build_app
    from web.services import Services
    from web.simulator.simulator import open_simulator

    simulator = None
    code = program.settings.zalo_verification_code
    if program.settings.simulator:
        simulator = open_simulator(program.settings.media_dir / "simulator")
        program.channels.update(simulator.channels)
        observers.append(simulator.observe)
        program.simulator = simulator
    program.app = build_app(
        Services(
            accept=program.worker.accept,
            store=program.store,
            media=media,
            pack=program.province.pack,
            health=lambda: health(program),
            routes=routes,
            simulator=simulator,
            say_status=program.province.phrases.status,
            proofs={"zalo-platform-site-verification": code} if code else {},
        )
    )


async def health(program: Program) -> dict[str, Any]:
    """What `/health` shows: numbers, no words of anybody."""

    def count(conn: sa.Connection) -> dict[str, Any]:
        by_state = sa.select(outbox.c.state, sa.func.count()).group_by(outbox.c.state)
        letters = {row[0]: row[1] for row in conn.execute(by_state)}
        waiting = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "waiting")
        failed = sa.select(sa.func.count()).select_from(inbox).where(inbox.c.state == "failed")
        people = sa.select(sa.func.count()).select_from(handoffs).where(handoffs.c.taken_at.is_(None))
        return {
            "inbox_waiting": conn.execute(waiting).scalar_one(),
            "inbox_failed": conn.execute(failed).scalar_one(),
            "outbox_waiting": letters.get("waiting", 0),
            "outbox_dead": letters.get("dead", 0),
            "handoffs_open": conn.execute(people).scalar_one(),
        }

    try:
        numbers = await program.store.read(count)
        facts = {name: await tell() for name, tell in program.facts.items()}
    except StoreError as error:
        return {"database": False, "detail": str(error), "channels": sorted(program.channels)}
    return {"database": True, **numbers, "channels": sorted(program.channels), **facts}


# -- running -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[list[asyncio.Task[Any]]]:
    """The program at work: workers, delivery and channels; ended in order on the way out."""
    tasks: list[asyncio.Task[Any]] = []
    try:
        for start in program.starting:
            await start()
        tasks += [asyncio.create_task(run()) for run in program.running]
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await program.close()


async def serve(settings: Settings) -> None:
    """`kenhdan run`: the web server with everything else in one process, until SIGTERM or SIGINT.

    Raises StartError when one of its workers ended: a program that only seems to work is restarted instead.
    """
    import uvicorn

    class Server(uvicorn.Server):
        def capture_signals(self) -> Any:
            return nullcontext()  # they are ours: uvicorn would raise them again before we have closed

    program = await assemble(settings)
    config = uvicorn.Config(
        program.app, host=settings.host, port=settings.port, log_config=None, access_log=False,
        timeout_graceful_shutdown=2, server_header=False, lifespan="off",
    )  # fmt: skip
    server = Server(config)
    failures: list[str] = []

    def stop() -> None:
        if program.simulator is not None:
            program.simulator.close()  # open event streams would hold the server back
        server.force_exit = server.should_exit
        server.should_exit = True

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and not server.should_exit:
            log.error("worker_ended", exc_info=task.exception())
            failures.append(f"{task.get_coro()!r} ended: {task.exception()!r}")
            stop()

    async with running(program) as tasks:
        for task in tasks:
            task.add_done_callback(ended)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop)
        print("\n".join(what_is_on(program)), flush=True)
        await server.serve()
    if failures:
        raise StartError("; ".join(failures))


def what_is_on(program: Program) -> list[str]:
    """What a newcomer wants to know at start: what is on, what is off, and which setting turns it on."""
    settings = program.settings
    at = f"http://{settings.host}:{settings.port}"
    rows = [
        ("simulator", settings.simulator, f"{at}/simulator", "KENHDAN_SIMULATOR=1"),
        (
            "telegram",
            bool(settings.telegram_token),
            f"citizens' bot, {settings.telegram_mode}",
            "KENHDAN_TELEGRAM_TOKEN",
        ),
        (
            "zalo",
            bool(settings.zalo_app_id),
            f"Official Account {settings.zalo_oa_id}",
            "KENHDAN_ZALO_APP_ID",
        ),
        (
            "zalo bot",
            bool(settings.zalo_bot_token),
            f"Bot platform, {settings.zalo_bot_mode}",
            "KENHDAN_ZALO_BOT_TOKEN (optional)",
        ),
        (
            "staff alerts",
            bool(settings.telegram_staff_token),
            "duty officers' group on Telegram",
            "KENHDAN_TELEGRAM_STAFF_TOKEN and KENHDAN_TELEGRAM_STAFF_CHAT: until then NOBODY IS ALERTED,"
            " neither to emergencies nor to citizens who ask for a person",
        ),
        (
            "understanding",
            program.worker.hearing.interpreter is not program.province.plain,
            str(settings.model),
            "make model",
        ),
        ("speech", settings.speech != "off", settings.speech, "KENHDAN_SPEECH=embedded"),
        (
            "rasa",
            bool(settings.rasa_url),
            f"asked first, at {settings.rasa_url}",
            "make rasa, and KENHDAN_RASA_URL (optional)",
        ),
        (
            "hotline",
            settings.hotline,
            f"FastAGI {settings.hotline_host}:{settings.hotline_agi_port}, {settings.hotline_calls} lines",
            "KENHDAN_HOTLINE=1",
        ),
        ("database", True, settings.database_url.partition(":")[0], ""),
        ("redis", bool(settings.redis_url), "wakes workers", "KENHDAN_REDIS_URL (optional)"),
    ]
    lines = [f"Kênh Dân {program.province.pack.name} — {at}"]
    for name, on, what, setting in rows:
        lines.append(f"  {'on ' if on else 'off'}  {name:<14} {what if on else 'turn on with ' + setting}")
    return lines


# -- command line --------------------------------------------------------------------------------------------


def json_lines(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """Objects of a JSON-lines stream; a line that is none becomes an object with an `error`."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            yield {"error": f"line {number} is not JSON: {error}"}
            continue
        yield value if isinstance(value, dict) else {"error": f"line {number} is not a JSON object"}


def answer_lines(answer: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> int:
    """Read JSON lines, answer each, write JSON lines."""
    for value in json_lines(sys.stdin):
        result = {"id": None, **value} if "error" in value and len(value) == 1 else answer(value)
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return 0


def command_understand(settings: Settings) -> int:
    from nlu.command import understand_line

    interpreter = load_interpreter(settings, load_province(settings.province))
    return answer_lines(lambda value: understand_line(interpreter, value))


def command_locate(settings: Settings) -> int:
    from core.places.command import locate_line

    pack = load_province(settings.province).pack
    return answer_lines(lambda value: locate_line(pack, value))


def command_route(settings: Settings) -> int:
    from core.routing_command import route_line

    pack = load_province(settings.province).pack
    return answer_lines(lambda value: route_line(pack, value, WallClock().now()))


def command_converse(settings: Settings) -> int:
    from core.rehearsal import BadTalk, Rehearsal

    province = load_province(settings.province)
    interpreter = load_interpreter(settings, province)
    rehearsal = Rehearsal(province.pack, province.phrases, interpreter, province.plain)

    async def play(value: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return await rehearsal.play(value)
        except BadTalk as error:
            return {"id": value.get("id"), "error": str(error)}

    with asyncio.Runner() as runner:
        return answer_lines(lambda value: runner.run(play(value)))


def command_run(settings: Settings) -> int:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))
    return 0


def command_migrate(settings: Settings) -> int:
    async def migrate() -> None:
        store = await open_store(settings.database_url)
        await store.close()

    asyncio.run(migrate())
    print(f"database: up to date ({settings.database_url.partition(':')[0]})")
    return 0


def command_nlu(settings: Settings, arguments: list[str]) -> int:
    """`kenhdan nlu compare SET` and `kenhdan nlu corrections`."""
    from nlu.rasa.command import run_command

    province = load_province(settings.province)

    def engines() -> list[Interpreter]:
        here = load_interpreter(settings, province)
        return [here, *filter(None, [_rasa_before(settings, province, here)])]

    def store() -> Awaitable[Store]:
        return open_store(settings.database_url, exclusive=False)

    return run_command(arguments, engines, store, province.pack.code_prefix)


def command_check(settings: Settings) -> int:
    """Each part is tried; what is wrong is said with how to mend it."""
    problems = 0
    for name, look in _CHECKS.items():
        try:
            print(f"ok    {name}: {look(settings)}")
        except (StartError, StoreError, OSError) as error:
            problems += 1
            print(f"WRONG {name}: {error}")
    return 1 if problems else 0


def _check_pack(settings: Settings) -> str:
    province = load_province(settings.province)
    pack = province.pack
    return f"{pack.name}: {len(pack.places.communes)} communes, {len(pack.categories)} categories"


def _check_model(settings: Settings) -> str:
    load_interpreter(settings, load_province(settings.province))
    return str(settings.model)


def _check_rasa(settings: Settings) -> str:
    province = load_province(settings.province)
    rasa = _rasa_before(settings, province, province.plain)
    if rasa is None:
        return "off: the interpreter of this process understands (KENHDAN_RASA_URL asks Rasa first)"
    from nlu.rasa.client import RasaError

    async def look() -> str:
        try:
            return f"{settings.rasa_url} has the model {await rasa.model_file()}"
        finally:
            await rasa.close()

    try:
        return asyncio.run(look())
    except RasaError as error:
        raise StartError(
            f"{settings.rasa_url} {error}; until then the interpreter of this process stands in"
        ) from error


def _check_database(settings: Settings) -> str:
    async def look() -> str:
        store = await open_store(settings.database_url, exclusive=False)
        try:
            people = sa.select(sa.func.count()).select_from(handoffs).where(handoffs.c.taken_at.is_(None))
            open_handoffs = await store.read(lambda conn: conn.execute(people).scalar_one())
        finally:
            await store.close()
        return f"reachable and up to date; {open_handoffs} citizens wait for a person"

    return asyncio.run(look())


def _check_media(settings: Settings) -> str:
    try:
        FolderMediaStore(settings.media_dir)
    except MediaStoreError as error:
        raise StartError(f"{error}; set KENHDAN_MEDIA_DIR to a folder that can be written") from error
    return str(settings.media_dir)


def _check_telegram(settings: Settings) -> str:
    if not settings.telegram_token:
        return "off (KENHDAN_TELEGRAM_TOKEN turns it on)"
    return f"{settings.telegram_mode} at {settings.telegram_api_base}"


def _check_zalo(settings: Settings) -> str:
    from connectors.zalo.command import check

    try:
        return check(settings)
    except ValueError as error:
        raise StartError(str(error)) from error


def _check_staff(settings: Settings) -> str:
    _staff_words(settings)
    if not settings.telegram_staff_token:
        return (
            "off: NOBODY IS ALERTED to emergencies (KENHDAN_TELEGRAM_STAFF_TOKEN and"
            " KENHDAN_TELEGRAM_STAFF_CHAT turn it on)"
        )
    return f"duty officers' group, polling at {settings.telegram_api_base}"


def _check_recognizer(settings: Settings) -> str:
    try:
        return check_recognizer(settings)
    except SpeechUnusable as error:
        raise StartError(str(error)) from error


def _check_voice(settings: Settings) -> str:
    try:
        return check_voice(settings)
    except SpeechUnusable as error:
        raise StartError(str(error)) from error


_CHECKS: dict[str, Callable[[Settings], str]] = {
    "province pack": _check_pack,
    "understanding": _check_model,
    "rasa": _check_rasa,
    "database": _check_database,
    "media": _check_media,
    "speech": _check_recognizer,
    "voice": _check_voice,
    "telegram": _check_telegram,
    "zalo": _check_zalo,
    "staff alerts": _check_staff,
}

_COMMANDS: dict[str, tuple[Callable[[Settings], int], str]] = {
    "run": (command_run, "run everything in one process"),
    "migrate": (command_migrate, "bring the database to this version"),
    "check": (command_check, "say what is wrong with settings, pack, model, database, and how to mend it"),
    "understand": (command_understand, "JSON lines: text → intent, category, spans"),
    "locate": (command_locate, "JSON lines: text or point → commune"),
    "route": (command_route, "JSON lines: category and commune → agency, deadline, rule"),
    "converse": (command_converse, "JSON lines: scripted talks → what was said and filed"),
}

_SPEECH_COMMANDS = {
    "transcribe": "what is said in recordings",
    "speech": "eval: word errors on recordings; say: what the voice makes of a text",
}


def main(argv: list[str] | None = None) -> int:
    """The command `kenhdan`."""
    parser = argparse.ArgumentParser("kenhdan", description="Kênh Dân: field reports over chat and phone")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, words) in _COMMANDS.items():
        commands.add_parser(name, help=words)
    commands.add_parser("settings", help="the table of all settings")
    zalo = commands.add_parser("zalo", help="log in, send, explain a captured event, show the windows")
    zalo.add_argument("arguments", nargs=argparse.REMAINDER)
    nlu = commands.add_parser("nlu", help="compare the engines, export corrections for review")
    nlu.add_argument("arguments", nargs=argparse.REMAINDER)
    for name, words in _SPEECH_COMMANDS.items():
        commands.add_parser(name, help=words, add_help=False)
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.command not in _SPEECH_COMMANDS:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if arguments.command == "settings":
        print(settings_table())
        return 0
    try:
        settings = read_settings(os.environ)
        set_up_logging(settings.log_level, json=settings.log_json)
        if arguments.command == "zalo":
            from connectors.zalo.command import run_command

            return run_command(settings, arguments.arguments)
        if arguments.command == "nlu":
            return command_nlu(settings, arguments.arguments)
        if arguments.command in _SPEECH_COMMANDS:
            from speech.command import run_speech, run_transcribe

            run = run_transcribe if arguments.command == "transcribe" else run_speech
            return run(settings, load_province(settings.province).pack, rest)
        return _COMMANDS[arguments.command][0](settings)
    except (SettingsError, StartError, StoreError) as error:
        print(f"kenhdan: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
