"""Tests of whole calls run on the quick loop; the others, which have real processes, on the ordinary one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.connectors.hotline.quick_loop import QuickLoop

QUICK = ("test_calls", "test_traps", "test_websocket_media")


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop of each test, by its file."""
    return {"quick": QuickLoop} if item.path.stem in QUICK else {"ordinary": asyncio.new_event_loop}
