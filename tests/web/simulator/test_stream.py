"""The stream of a session over a real connection: it replays, follows, and goes on where it was cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.web.conftest import SAME_ORIGIN, ServerThread


def events_of(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    return (json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))


def test_a_stream_goes_on_where_it_was_cut(server: ServerThread) -> None:
    stream = "/simulator/api/stream"
    with httpx.Client(base_url=server.url, headers=SAME_ORIGIN, timeout=20) as browser:
        browser.get("/simulator")
        for client, text in (("a", "ổ gà"), ("b", "ở chợ")):
            message = {"channel": "sim_zalo", "client": client, "text": text}
            assert browser.post("/simulator/api/messages", json=message).status_code == 202
        with browser.stream("GET", stream) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = events_of(answer.iter_lines())
            first = [next(events) for _ in range(3)]
        assert [event["kind"] for event in first] == ["citizen", "citizen", "trace"]
        with browser.stream("GET", stream, headers={"Last-Event-ID": str(first[1]["seq"])}) as answer:
            events = events_of(answer.iter_lines())
            assert [next(events)["seq"] for _ in range(2)] == [3, 4]
        with browser.stream("GET", stream, headers={"Last-Event-ID": "99999"}) as answer:
            assert next(events_of(answer.iter_lines())) == first[0]  # a mark of an earlier life: all again


def test_streams_of_one_browser_are_bounded_and_need_a_session(server: ServerThread) -> None:
    with httpx.Client(base_url=server.url, timeout=20) as browser:
        assert browser.get("/simulator/api/stream").status_code == 403
        browser.get("/simulator")
        opened = [browser.stream("GET", "/simulator/api/stream") for _ in range(6)]
        lines = [one.__enter__().iter_lines() for one in opened]
        for line in lines:  # kept: an iterator that is let go closes its stream
            next(line)
        assert browser.get("/simulator/api/stream").status_code == 429
        for one in opened:
            one.__exit__(None, None, None)
