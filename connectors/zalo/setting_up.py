"""Zalo's doors as the composition root wants them: one value for each that is set up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute

from connectors.zalo.bot.settings import BotSettings, bot_settings
from connectors.zalo.settings import zalo_settings
from core.channel import Channel
from core.media.store import MediaStore
from core.settings import Settings
from core.worker import Worker


@dataclass(frozen=True, slots=True)
class Room:
    """What one door adds to the program. `start` comes before `running`, which end by being cancelled."""

    name: str
    channels: Mapping[str, Channel]
    routes: list[BaseRoute]
    start: Callable[[], Awaitable[None]]
    running: Sequence[Callable[[], Awaitable[None]]]
    close: Callable[[], Awaitable[None]]
    facts: Callable[[], Awaitable[dict[str, Any]]] = field(repr=False)


def zalo_rooms(
    settings: Settings, worker: Worker, media: MediaStore, labels: Mapping[str, str]
) -> list[Room]:
    """The Official Account and the Bot platform, each when its settings are there."""
    rooms = []
    account = zalo_settings(settings)
    if account is not None:
        from connectors.zalo.connection import connect

        zalo = connect(
            account, store=worker.store, media=media, clock=worker.clock, quiet=worker.quiet,
            labels=labels, inbox_wake=worker.inbox_wake, outbox_wake=worker.outbox_wake,
        )  # fmt: skip
        channels: dict[str, Channel] = {zalo.channel.name: zalo.channel}
        if account.phone_template:
            channels[zalo.phone_channel.name] = zalo.phone_channel
        running = [zalo.tokens.sweep, zalo.upkeep]
        rooms.append(Room("zalo", channels, [*zalo.routes], zalo.start, running, zalo.close, zalo.facts))
    bot = bot_settings(settings)
    if bot is not None:
        rooms.append(_bot_room(bot, worker, media))
    return rooms


def _bot_room(bot: BotSettings, worker: Worker, media: MediaStore) -> Room:
    from connectors.zalo.bot.api import BotApi
    from connectors.zalo.bot.channel import ZaloBotChannel
    from connectors.zalo.bot.incoming import BotPoller, bot_webhook, register
    from connectors.zalo.bot.photos import photo_route
    from connectors.zalo.connection import http_client
    from connectors.zalo.media import MediaDoor

    http = http_client(bot.base)
    api = BotApi(bot, http, worker.clock)
    channel = ZaloBotChannel(bot, api, MediaDoor(bot.media_hosts, http), worker.clock)
    routes: list[BaseRoute] = [photo_route(bot, media, worker.clock)]
    running: list[Callable[[], Awaitable[None]]] = [lambda: register(bot, api)]
    if bot.mode == "polling":
        running.append(BotPoller(api, channel, worker.accept).run)
    else:
        routes.append(bot_webhook(bot, channel, worker.accept))

    async def start() -> None:
        return

    async def facts() -> dict[str, Any]:
        return {"mode": bot.mode}

    return Room("zalo_bot", {channel.name: channel}, routes, start, running, http.aclose, facts)
