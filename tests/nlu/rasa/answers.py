"""Answers as Rasa 3.6.21 gives them to `POST /model/parse`, recorded and shortened."""

from __future__ import annotations

from typing import Any

from nlu.rasa.marker import marker_length


def recorded(text: str, context: str = "idle") -> dict[str, Any]:
    """The answer to "đống rác to ở xã Cẩm Bình" said in a state; the entity's offsets count the marker."""
    shift = marker_length(context)
    start = shift + text.index("xã Cẩm Bình")
    return {
        "text": f"⟦{context}⟧ {text}",
        "intent": {"name": "report", "confidence": 0.93},
        "entities": [
            {
                "entity": "place", "start": start, "end": start + 11, "confidence_entity": 0.97,
                "value": "xã Cẩm Bình", "extractor": "CRFEntityExtractor",
            }
        ],
        "text_tokens": [[0, 6], [7, 11]],
        "intent_ranking": [
            {"name": "report", "confidence": 0.93},
            {"name": "confirm", "confidence": 0.04},
            {"name": "emergency", "confidence": 0.02},
            {"name": "greet", "confidence": 0.01},
        ],
        "category_ranking": [
            {"name": "rac_thai", "confidence": 0.7},
            {"name": "o_nhiem", "confidence": 0.2},
            {"name": "none", "confidence": 0.1},
        ],
        "danger_ranking": [
            {"name": "calm", "confidence": 0.999},
            {"name": "danger", "confidence": 0.001},
        ],
    }  # fmt: skip
