"""`kenhdan run`: the program behind its web server, from the start to the signal that ends it."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import nullcontext
from typing import Any

import structlog

from app import Program, StartError, assemble, running
from core.settings import Settings

log = structlog.get_logger(__name__)


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
        # models and tables live as long as the process: to look through them for garbage would hold every
        # talk and every call for some 70 ms
        gc.collect()
        gc.freeze()
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
