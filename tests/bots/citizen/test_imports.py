"""aiogram takes seconds to import: only the first use of the API may pay for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_room_is_entered_without_aiogram() -> None:
    rooms = "bots.citizen.channel, bots.citizen.polling, bots.citizen.webhook"
    code = f"import sys, {rooms}; print('aiogram' in sys.modules, 'aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
