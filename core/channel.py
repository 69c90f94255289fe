"""What a channel is, and the few ways in which one fails.

    ChannelError
    ├── RetryLater            the network, a 5xx, a time-out before anything was sent
    ├── RateLimited           .until says when to go on
    ├── Uncertain             sent, but no answer came: it may have arrived
    ├── WindowClosed          the channel allows no more free messages to this citizen
    ├── Blocked               the citizen blocked or left us
    ├── CredentialsRefused    our token or secret; nobody can be reached until it is mended
    └── Rejected              our bug: the channel will never take this message

Delivery decides from the class alone; the text is for the operator's eyes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from core.message import Address, Inbound, MediaRef, Outbound, Receipt


class ChannelError(Exception):
    """The root of all channel errors."""


class RetryLater(ChannelError):
    """Nothing was sent; the same call may go through later."""


class RateLimited(ChannelError):
    """The channel asks us to wait. `until` is aware UTC."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Uncertain(ChannelError):
    """The request left, no answer came back: the message may or may not have arrived."""


class WindowClosed(ChannelError):
    """The channel's window for free messages to this citizen is over."""


class Blocked(ChannelError):
    """The citizen blocked or left us."""


class CredentialsRefused(ChannelError):
    """Our token, key or secret is refused."""


class Rejected(ChannelError):
    """The channel refuses this message as it is; sending it again is useless."""


class MediaLost(ChannelError):
    """The medium cannot be fetched: gone, empty, too large or not allowed. The text says which."""


class Channel(Protocol):
    """A door. Everything else a channel needs (polling, webhooks, tokens) is its own business."""

    name: str

    def parse(self, raw: Any) -> list[Inbound]:
        """The events in one raw delivery, verified already; unknown ones come as UNSUPPORTED or not."""
        ...

    async def send(self, address: Address, message: Outbound) -> Receipt:
        """Send one message. Raises a ChannelError."""
        ...

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of a medium, at most `limit` of them. Raises MediaLost or RetryLater."""
        ...
