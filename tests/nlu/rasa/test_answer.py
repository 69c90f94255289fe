"""Reading Rasa's answers, whole and broken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.understanding import INTENTS, Context
from nlu.rasa.answer import BadAnswer, read_answer
from tests.nlu.rasa.answers import recorded

TEXT = "đống rác to ở xã Cẩm Bình"


def test_offsets_are_those_of_the_citizens_text() -> None:
    answer = read_answer(recorded(TEXT), TEXT, Context.IDLE)
    assert [TEXT[start:end] for start, end in answer.places] == ["xã Cẩm Bình"]


def test_beliefs_are_read() -> None:
    belief = read_answer(recorded(TEXT, "confirm_draft"), TEXT, Context.CONFIRM_DRAFT).belief
    assert belief.intents["report"] == pytest.approx(0.9953)
    assert belief.intents["confirm"] == pytest.approx(0.0001)
    shown = recorded(TEXT, "confirm_draft")
    for name, read in (("category_ranking", belief.categories), ("plight_ranking", belief.plights)):
        assert read == {one["name"]: pytest.approx(one["confidence"]) for one in shown[name]}
    assert belief.peril == pytest.approx(shown["danger"])
    assert belief.untold == pytest.approx(shown["untold"])


def test_nothing_is_confirmed_where_nothing_was_asked() -> None:
    belief = read_answer(recorded(TEXT), TEXT, Context.IDLE).belief
    assert "confirm" not in belief.intents
    assert belief.intents["report"] == pytest.approx(0.9953 / (1 - 0.0001))


def test_assent_to_nothing_tells_nothing() -> None:
    content = recorded(TEXT)
    content["intent_ranking"] = [
        {"name": "confirm", "confidence": 0.8},
        {"name": "report", "confidence": 0.2},
    ]
    assert read_answer(content, TEXT, Context.IDLE).belief.untold == pytest.approx(0.8)
    assert read_answer(content, TEXT, Context.CONFIRM_DRAFT).belief.untold == content["untold"]


def test_fallback_is_the_top_of_the_ranking() -> None:
    content = recorded(TEXT)
    content["intent"] = {"name": "nlu_fallback", "confidence": 0.7}
    content["intent_ranking"] = [
        {"name": "nlu_fallback", "confidence": 0.7},
        {"name": "help", "confidence": 0.25},
        {"name": "greet", "confidence": 0.2},
    ]
    belief = read_answer(content, TEXT, Context.IDLE).belief
    assert max(belief.intents, key=lambda name: belief.intents[name]) == "help"


def test_retrieval_intents_count_for_their_intent() -> None:
    content = recorded(TEXT)
    content["intent_ranking"] = [
        {"name": "report/rac_thai", "confidence": 0.4},
        {"name": "report/dien", "confidence": 0.3},
        {"name": "greet", "confidence": 0.3},
    ]
    assert read_answer(content, TEXT, Context.IDLE).belief.intents["report"] == pytest.approx(0.7)


def test_a_stock_pipeline_has_no_categories_and_danger_from_its_intent() -> None:
    content = recorded(TEXT)
    for name in ("category_ranking", "plight_ranking", "danger", "untold"):
        del content[name]
    content["intent_ranking"] = [
        {"name": "report", "confidence": 0.9},
        {"name": "emergency", "confidence": 0.02},
    ]
    belief = read_answer(content, TEXT, Context.CONFIRM_DRAFT).belief
    assert (belief.categories, belief.plights, belief.untold) == ({"none": 1.0}, {}, None)
    assert belief.peril == pytest.approx(0.02)


def test_entities_of_two_extractors_are_merged() -> None:
    content = recorded(TEXT)
    first = content["entities"][0]
    content["entities"] = [
        {**first, "extractor": "DIETClassifier", "end": first["end"] - 5},
        first,
        {**first, "entity": "person", "start": 8, "end": 12},
        {**first, "start": first["end"] + 500, "end": first["end"] + 900},
        {**first, "start": 0, "end": 6},  # within the marker
    ]
    answer = read_answer(content, TEXT, Context.IDLE)
    assert [TEXT[start:end] for start, end in answer.places] == ["xã Cẩm Bình"]


@pytest.mark.parametrize(
    "change",
    [
        {"intent_ranking": "report"},
        {"intent_ranking": [], "intent": None},
        {"intent_ranking": [{"name": "order_pizza", "confidence": 1.0}]},
        {"intent_ranking": [{"name": "report", "confidence": "1"}]},
        {"intent_ranking": [{"name": "report", "confidence": float("nan")}]},
        {"intent_ranking": [{"name": "report", "confidence": 7}]},
        {"intent_ranking": [{"confidence": 0.5}]},
        {"entities": {"place": "x"}},
        {"entities": [{"entity": "place", "start": "0", "end": 3}]},
        {"intent_ranking": [{"name": "report"}]},
        {"category_ranking": [["rac_thai", 0.4]]},
        {"plight_ranking": "dien"},
        {"danger": True},
        {"danger": 1.5},
        {"untold": "0.1"},
    ],
)
def test_nonsense_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BadAnswer):
        read_answer({**recorded(TEXT), **change}, TEXT, Context.IDLE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("name", "confidence", "entity", "start", "end", "report", "place")), inner
        )
    ),
    max_leaves=12,
)


@given(
    content=JSON
    | st.dictionaries(
        st.sampled_from(
            ("intent", "intent_ranking", "entities", "category_ranking", "plight_ranking", "danger", "untold")
        ),
        JSON,
    )
)
def test_any_json_is_read_or_refused(content: Any) -> None:
    try:
        answer = read_answer(content, TEXT, Context.IDLE)
    except BadAnswer:
        return
    assert set(answer.belief.intents) <= set(INTENTS)
    assert all(0 <= start < end <= len(TEXT) for start, end in answer.places)
