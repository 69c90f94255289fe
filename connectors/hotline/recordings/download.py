"""Fetching a recording: from the provider's hosts only, never from inside the house, within limits."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urljoin, urlsplit

import httpx

from core.channel import MediaLost, RetryLater

LIMIT = 20 * 1024 * 1024
REDIRECTS = 3
GONE = frozenset({400, 405, 406, 410, 414, 451})
"""Answers that will not change; all others (the link is often ready only minutes later) are tried again."""

Resolve = Callable[[str, int], Awaitable[list[str]]]


async def resolve_host(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_allowed(host: str, port: int | None, hosts: tuple[str, ...]) -> bool:
    """Whether a host is on the list: by name, below `*.name`, or with its port."""
    names = {host.lower(), f"{host.lower()}:{port}"}
    return any(
        host.lower().endswith(allowed[1:]) if allowed.startswith("*.") else allowed in names
        for allowed in hosts
    )


class Downloader:
    """Fetches over https; plain http and private addresses only from hosts that are listed with their port
    (an exchange on the premises)."""

    def __init__(self, client: httpx.AsyncClient, resolve: Resolve = resolve_host) -> None:
        self._client = client
        self._resolve = resolve

    async def fetch(
        self, url: str, hosts: tuple[str, ...], headers: Mapping[str, str], limit: int = LIMIT
    ) -> bytes:
        """The bytes. Raises MediaLost (never again) or RetryLater."""
        for _ in range(REDIRECTS + 1):
            answer = await self._ask(url, hosts, headers, limit)
            if isinstance(answer, bytes):
                return answer
            url = urljoin(url, answer)
            headers = {}  # a token is for the provider alone
        raise MediaLost("too many redirects")

    async def _ask(
        self, url: str, hosts: tuple[str, ...], headers: Mapping[str, str], limit: int
    ) -> bytes | str:
        """The bytes, or where they are."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        named = f"{host}:{parts.port}".lower() in hosts
        if parts.scheme != "https" and not (parts.scheme == "http" and named):
            raise MediaLost("only https is fetched")
        if not is_allowed(host, parts.port, hosts):
            raise MediaLost(f"{host} is not one of the provider's hosts")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._address(host, port, private=named)
        literal = f"[{address}]" if ":" in address else address
        pinned = parts._replace(netloc=f"{literal}:{port}").geturl()
        try:
            async with self._client.stream(
                "GET", pinned, headers={**headers, "Host": parts.netloc.rpartition("@")[2]},
                extensions={"sni_hostname": host}, follow_redirects=False,
            ) as response:  # fmt: skip
                return await _read(response, limit)
        except httpx.HTTPError as error:
            raise RetryLater(f"{type(error).__name__} at {host}") from error

    async def _address(self, host: str, port: int, *, private: bool) -> str:
        """The address to connect to, looked at before: a name may lead anywhere."""
        try:
            found = await self._resolve(host, port)
        except OSError as error:
            raise RetryLater(f"{host} is not found") from error
        if not found:
            raise RetryLater(f"{host} is not found")
        if not private and not all(ipaddress.ip_address(address).is_global for address in found):
            raise MediaLost(f"{host} leads to an address that is not public")
        return found[0]


async def _read(response: httpx.Response, limit: int) -> bytes | str:
    if response.is_redirect and "location" in response.headers:
        return response.headers["location"]
    if response.status_code in GONE:
        raise MediaLost(f"the provider answers {response.status_code}")
    if response.status_code != 200:
        raise RetryLater(f"the provider answers {response.status_code}")
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > limit:
            raise MediaLost(f"more than {limit} bytes")
    return bytes(data)
