"""Composition root and command line: the only place that knows every room."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from core.channel import Channel
from core.clock import WallClock
from core.danger import BadDangerWords, DangerWords
from core.delivery import Delivery
from core.hearing import Hearing
from core.intake import Quiet
from core.logging import set_up_logging
from core.media.store import FolderMediaStore, MediaStoreError
from core.pack import Pack, PackError, load_pack
from core.phrases import PhraseError, Phrases, load_phrases
from core.plain import PlainInterpreter
from core.settings import Settings, SettingsError, read_settings, settings_table
from core.storage import Store, StoreError, open_store
from core.storage.schema import handoffs, inbox, outbox
from core.trace import TurnTrace
from core.understanding import Interpreter
from core.wake import open_wake
from core.worker import Worker

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


def load_interpreter(settings: Settings, province: Province) -> Interpreter:
    """The trained interpreter. Raises StartError when there is none."""
    from nlu.interpreter import ModelError, load

    try:
        return load(settings.model, province.danger, province.pack.code_prefix)
    except ModelError as error:
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
    running: list[Callable[[], Any]] = field(default_factory=list)
    closing: list[Callable[[], Any]] = field(default_factory=list)

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
    interpreter = _interpreter_or_rules(settings, province)
    store = await open_store(settings.database_url)
    channels: dict[str, Channel] = {}
    hearing = Hearing(store, channels, interpreter, province.plain, province.pack, province.phrases, media)
    inbox_wake = open_wake(settings.redis_url, "inbox")
    outbox_wake = open_wake(settings.redis_url, "outbox")
    observers: list[Callable[[TurnTrace], None]] = []
    worker = Worker(
        store, hearing, clock, quiet_of(settings), inbox_wake, outbox_wake, settings.workers,
        observe=lambda trace: [observe(trace) for observe in observers] and None,
    )  # fmt: skip
    delivery = Delivery(store, channels, clock, outbox_wake, settings.workers)
    program = Program(settings, province, store, worker, delivery, channels)
    program.closing += [inbox_wake.close, outbox_wake.close]
    program.running += [worker.run, delivery.run]
    routes = _add_telegram(program, media)
    if web:
        _add_web(program, media, observers, routes)
    return program


def quiet_of(settings: Settings) -> Quiet:
    return Quiet(
        timedelta(seconds=settings.quiet_text_seconds),
        timedelta(seconds=settings.quiet_seconds),
        timedelta(seconds=settings.quiet_max_seconds),
    )


def _interpreter_or_rules(settings: Settings, province: Province) -> Interpreter:
    """A missing model does not stop the service: the rules find danger, and people look at the rest."""
    try:
        return load_interpreter(settings, province)
    except StartError as error:
        log.error("no_model", detail=str(error))
        return province.plain


def _add_telegram(program: Program, media: FolderMediaStore) -> list[Any]:
    settings = program.settings
    if not settings.telegram_token:
        return []
    from bots.citizen.channel import TelegramChannel
    from bots.citizen.polling import Polling
    from bots.citizen.settings import TelegramSettings
    from bots.citizen.webhook import webhook_route

    telegram = TelegramChannel(
        TelegramSettings(
            token=settings.telegram_token,
            api_base=settings.telegram_api_base,
            file_base=settings.telegram_file_base,
            mode=settings.telegram_mode,
            public_url=settings.public_url,
            webhook_secret=settings.webhook_secret(),
        ),
        media,
    )
    program.channels[telegram.name] = telegram
    program.closing.append(telegram.close)
    return []


def _add_web(program: Program, media: FolderMediaStore, observers: list[Callable[[TurnTrace], None]], routes: list[Any]) -> None:
    from web.app import build_app
    from web.services import Services
    from web.simulator.simulator import open_simulator

    simulator = None
    if program.settings.simulator:
        simulator = open_simulator(program.settings.media_dir / "simulator")
        program.channels.update(simulator.channels)
        observers.append(simulator.observe)
    program.app = build_app(
        Services(
            accept=program.worker.accept,
            store=program.store,
            media=media,
            pack=program.province.pack,
            health=lambda: health(program),
            routes=routes,
            simulator=simulator,
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
    except StoreError as error:
        return {"database": False, "detail": str(error), "channels": sorted(program.channels)}
    return {"database": True, **numbers, "channels": sorted(program.channels)}
