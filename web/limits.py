"""Bodies are read up to a limit, whatever their Content-Length says."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import Message


class TooLarge(Exception):
    """The body is longer than the limit of this door."""


def limited(request: Request, limit: int) -> Request:
    """The same request, whose body raises TooLarge after `limit` bytes."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise TooLarge
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise TooLarge
        return message

    return Request(request.scope, receive)
