from __future__ import annotations

from pathlib import Path

import pytest

from core.places.places import Places

FOLDER = Path(__file__).parents[3] / "province" / "ha_tinh" / "places"


@pytest.fixture(scope="session")
def places() -> Places:
    return Places.load(FOLDER, "42")
