"""Headers on every answer, and who may change something."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request

from tests.web.conftest import BASE, Bench
from web.security import CONTENT_SECURITY_POLICY, is_same_origin

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SOMEWHERE = [
    "/", "/simulator", "/health", "/static/kenhdan.css", "/no/such/page", "/simulator/api/communes.geojson",
]  # fmt: skip


@pytest.mark.parametrize("path", SOMEWHERE)
async def test_every_answer_has_the_headers(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.headers["content-security-policy"] == POLICY == CONTENT_SECURITY_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "microphone=(self)" in answer.headers["permissions-policy"]
    assert "geolocation=(self)" in answer.headers["permissions-policy"]


async def test_the_session_cookie_is_out_of_reach_of_scripts(bench: Bench) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bench.app), base_url=BASE) as browser:
        cookie = (await browser.get("/simulator")).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "secure" not in cookie  # plain http, on the developer's own machine
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=bench.app), base_url="https://testserver"
    ) as browser:
        assert "secure" in (await browser.get("/simulator")).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": BASE}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": BASE}, True),
        ({"origin": "http://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_same_origin(headers: dict[str, str], ours: bool) -> None:
    raw = [(name.encode(), value.encode()) for name, value in {"host": "testserver", **headers}.items()]
    assert is_same_origin(Request({"type": "http", "headers": raw})) is ours
