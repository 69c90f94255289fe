"""The page of the simulator's telephone; its line is the hotline's business."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from web.pages import page


def phone_page(pack: object) -> Route:
    """A microphone or a file in, prompts out, twelve keys."""

    async def show(_request: Request) -> Response:
        return page("phone.html", pack=pack)

    endpoint: Callable[[Request], Awaitable[Response]] = show
    return Route("/simulator/phone", endpoint)
