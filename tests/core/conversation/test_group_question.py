"""“Ko” to “which group?”, or the question passed over: the best guess stays when it leads clearly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.conversation.draft import Draft
from core.conversation.summary import leads_clearly, settled_category

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


@pytest.mark.parametrize(
    ("ranked", "filed"),
    [
        ((("thoat_nuoc", 0.42), ("hanh_chinh", 0.12)), "thoat_nuoc"),
        ((("duong_cau", 0.97), ("chieu_sang", 0.01)), "duong_cau"),
        ((("an_sinh", 0.23), ("thoat_nuoc", 0.19)), "khac"),
        ((("duong_cau", 0.45), ("chieu_sang", 0.40)), "khac"),
    ],
)
@pytest.mark.parametrize("asked", [True, False])
def test_a_poor_guess_is_not_filed(ranked: tuple[tuple[str, float], ...], filed: str, asked: bool) -> None:
    draft = Draft(
        id="d", started_at=NOW, touched_at=NOW, ranked=ranked, category=ranked[0][0], category_asked=asked
    )
    assert settled_category(draft) == filed


def test_a_poor_guess_of_the_citizen_is_filed() -> None:
    draft = Draft(
        id="d", started_at=NOW, touched_at=NOW, ranked=(("an_sinh", 0.2),), category="an_sinh",
        category_by_citizen=True,
    )  # fmt: skip
    assert settled_category(draft) == "an_sinh"
