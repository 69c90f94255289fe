"""Fetching what citizens sent: from Zalo's own hosts only, over https, never from inside our own network.

A link's address comes from outside, so the name is looked up first, every address it has must be public, and
the connection goes to the very address that was looked at. Redirects are followed within the same rules.
Plain http, and this machine's own addresses, are for a stand-in that the settings name.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from core.channel import MediaLost, RetryLater
from core.settings import is_loopback

CONNECT_S = 5.0
READ_S = 30.0
_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({400, 401, 403, 404, 410, 451})


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The hosts that media may come from: `name`, `*.name` for all below it, `name:port` for one port."""

    hosts: tuple[str, ...]

    def secure(self, address: str) -> str:
        """The address as it may be fetched: http of an allowed host becomes https. Raises MediaLost."""
        try:
            parts = urlsplit(address)
            host, port = (parts.hostname or "").lower().rstrip("."), parts.port
        except ValueError:
            raise MediaLost("not an address") from None
        if parts.username is not None or parts.scheme not in ("http", "https"):
            raise MediaLost("not an address to fetch from")
        if not self._has(host, port):
            raise MediaLost("not one of the channel's hosts")
        scheme = parts.scheme
        if scheme == "http" and not is_loopback(host):
            if port is not None:
                raise MediaLost("plain http")
            scheme = "https"
        return urlunsplit((scheme, parts.netloc, parts.path, parts.query, ""))

    def _has(self, host: str, port: int | None) -> bool:
        for allowed in self.hosts:
            name, colon, wanted = allowed.partition(":")
            fits = host.endswith(name[1:]) and host != name[2:] if name.startswith("*.") else host == name
            if fits and (int(wanted) == port if colon else port in (None, 443) or is_loopback(host)):
                return True
        return False


class MediaDoor:
    """Fetches media. `fetch` raises MediaLost or RetryLater."""

    def __init__(self, hosts: tuple[str, ...], http: httpx.AsyncClient) -> None:
        self._allowed = AllowedHosts(hosts)
        self._http = http

    async def fetch(self, address: str, limit: int) -> bytes:
        """The bytes, at most `limit` of them and at least one: an empty 200 is tried again later."""
        for _ in range(_REDIRECTS + 1):
            address = self._allowed.secure(address)
            found = await self._get(address, limit)
            if isinstance(found, bytes):
                return found
            address = urljoin(address, found)
        raise MediaLost("redirected too often")

    async def _get(self, address: str, limit: int) -> bytes | str:
        """The bytes, or where they are said to be instead."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        ip = await _public_address(host)
        shown = f"[{ip}]" if ":" in ip else ip
        netloc = f"{shown}:{parts.port}" if parts.port else shown
        pinned = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
        request = self._http.build_request(
            "GET", pinned, headers={"host": parts.netloc, "accept-encoding": "identity"},
            timeout=httpx.Timeout(READ_S, connect=CONNECT_S), extensions={"sni_hostname": host},
        )  # fmt: skip
        try:
            async with asyncio.timeout(READ_S * 2):
                response = await self._http.send(request, stream=True, follow_redirects=False)
                try:
                    return await _read(response, limit)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, TimeoutError) as error:
            raise RetryLater(f"a medium could not be fetched: {type(error).__name__}") from None


async def _read(response: httpx.Response, limit: int) -> bytes | str:
    status = response.status_code
    if status in _MOVED and "location" in response.headers:
        return str(response.headers["location"])
    if status in _GONE:
        raise MediaLost(f"gone: HTTP {status}")
    if status != 200:
        raise RetryLater(f"HTTP {status}")
    announced = response.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise MediaLost(f"too large: {announced} bytes, at most {limit}")
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > limit:
            raise MediaLost(f"too large: more than {limit} bytes")
    if not data:
        raise RetryLater("an empty answer")
    return bytes(data)


async def _public_address(host: str) -> str:
    """The address to connect to. Raises MediaLost when one of the name's addresses is not public (loopback
    names, which only settings allow, are left alone), RetryLater when it cannot be looked up."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise RetryLater("the host's name cannot be looked up") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise RetryLater("the host's name has no address")
    if not is_loopback(host):
        for address in addresses:
            if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                raise MediaLost("a private address")
    return addresses[0]
