"""Scripted talks through the real path, as a stranger would hold them."""

from __future__ import annotations

from typing import Any

import pytest

from core.rehearsal import Rehearsal
from tests.core.conversation.script import all_talks, check_talk

TALKS = all_talks()
WITHOUT_A_MODEL = frozenset(
    {
        "all-at-once-zalo",
        "album-and-pin-in-one-burst",
        "photo-first",
        "photo-promised-then-comes",
        "double-confirm",
        "edit-where",
        "cancel-button-at-summary",
        "late-photo-and-pin",
        "ambiguous-by-number",
        "outside-pin-and-stop",
        "drowning-with-pin",
        "resolved-rated-by-button",
        "unsatisfied-with-photo",
        "status-by-code",
        "erase-data",
        "hotline-by-keys",
    }
)


@pytest.mark.parametrize("talk", TALKS, ids=[talk["id"] for talk in TALKS])
async def test_the_talk_goes_as_it_should(talk: dict[str, Any], rehearsal: Rehearsal) -> None:
    assert check_talk(talk, await rehearsal.play(talk)) == []


@pytest.mark.parametrize(
    "talk", [t for t in TALKS if t["id"] in WITHOUT_A_MODEL], ids=lambda talk: str(talk["id"])
)
async def test_buttons_photos_and_places_need_no_model(
    talk: dict[str, Any], plain_rehearsal: Rehearsal
) -> None:
    without_categories = [
        {name: value for name, value in report.items() if name != "category"}
        for report in talk.get("reports", ())
    ]
    talk = {**talk, "reports": without_categories} if "reports" in talk else talk
    assert check_talk(talk, await plain_rehearsal.play(talk)) == []


def test_every_talk_has_its_own_name() -> None:
    names = [talk["id"] for talk in TALKS]
    assert len(names) >= 80
    assert len(set(names)) == len(names)
    assert set(names) >= WITHOUT_A_MODEL
