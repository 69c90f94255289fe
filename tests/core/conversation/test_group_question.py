"""“Ko” to “which group?”: the best guess stays when it leads clearly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.conversation.draft import Draft
from core.conversation.summary import leads_clearly

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ranked", "leads"),
    [
        ((("thoat_nuoc", 0.42), ("hanh_chinh", 0.12)), True),
        ((("thoat_nuoc", 0.42),), True),
        ((("duong_cau", 0.29), ("chieu_sang", 0.25)), False),
        ((("duong_cau", 0.45), ("chieu_sang", 0.40)), False),
        ((("khac", 0.0),), False),
        ((), False),
    ],
)
def test_a_guess_leads_by_twice_the_next(ranked: tuple[tuple[str, float], ...], leads: bool) -> None:
    draft = Draft(id="d", started_at=NOW, touched_at=NOW, ranked=ranked)
    assert leads_clearly(draft) is leads
