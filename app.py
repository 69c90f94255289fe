"""Composition root: the one place that knows every room, and puts them together into a program."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog

from core.channel import Channel
from core.clock import Clock, WallClock
from core.danger import BadDangerWords, DangerWords
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet, end_leases
from core.media.store import FolderMediaStore, MediaStoreError
from core.message import Inbound
from core.pack import Pack, PackError, load_pack
from core.phrases import PhraseError, Phrases, load_phrases
from core.plain import PlainInterpreter
from core.settings import Settings
from core.storage import Store, StoreError, open_store
from core.storage.schema import handoffs, inbox, outbox
from core.trace import TurnTrace
from core.understanding import Interpreter
from core.wake import open_wake
from core.worker import Worker
from speech.opening import open_recognizer

if TYPE_CHECKING:
    from bots.staff.wording import StaffWords
    from connectors.hotline.letters import PhoneLetters
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
    rasa = open_rasa(settings, province, stand_in)
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


def open_rasa(settings: Settings, province: Province, interpreter: Interpreter) -> RasaInterpreter | None:
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


def _phone_letters(program: Program) -> PhoneLetters | None:
    """How callers are written to: Zalo's template messages by phone number, where they are set up."""
    if "zalo_phone" not in program.channels:
        return None
    from connectors.hotline.letters import PhoneLetters

    return PhoneLetters(program.store, program.worker.clock, program.delivery.wake, "zalo_phone")


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
        read_staff_words(settings),
        clock,
        can_write=can_write,
        woken=woken,
    )
    program.running.append(staff.run)
    program.closing.append(staff.close)


def read_staff_words(settings: Settings) -> StaffWords:
    """What the staff bot says. Raises StartError."""
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
